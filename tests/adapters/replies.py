"""What a scripted service can do to one request, as data. The good answer is one of many."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Normal:
    """Answer as the service does."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Answer with this, whatever the service would say; it never sees the request."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Cut:
    """Close the connection instead of answering in full.

    Args:
        sent: how many bytes of the answer still leave; below zero counts from its end.
        taken: whether the service took the request before: an answer lost, or a request.
        reset: by a reset (RST), not by an orderly end of the stream.
    """

    sent: int = 0
    taken: bool = True
    reset: bool = False


@dataclass(frozen=True, slots=True)
class CloseAfter:
    """Answer in full and close, without having said so: an idle connection that dies."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Take the request and never answer; the connection stays open."""


@dataclass(frozen=True, slots=True)
class Drip:
    """Answer as the service does, a few bytes at a time.

    Args:
        pieces: in how many.
        pause: seconds before each.
    """

    pieces: int
    pause: float


@dataclass(frozen=True, slots=True)
class Held:
    """Answer as the service does once the gate opens."""

    gate: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, slots=True)
class Raw:
    """Send these bytes, which need not be HTTP, and close."""

    data: bytes


Reply = Normal | Answer | Cut | CloseAfter | Silence | Drip | Held | Raw

NORMAL = Normal()


def refusal(status: int, code: str, message: str, **headers: str) -> Answer:
    """An error as the service reports it. Headers: ``retry_after="1"``."""
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    body = json.dumps({"Type": code, "message": message}).encode()
    return Answer(status, body, (("x-amzn-errortype", code), *named))


THROTTLED = refusal(429, "TooManyRequestsException", "Rate exceeded", retry_after="0.3")
FAULT = refusal(500, "ServiceException", "internal failure")
STALE = refusal(400, "InvalidParameterValueException", "Invalid checkpoint token")
REFUSED = refusal(400, "ValidationException", "1 validation error detected")
KEY_GONE = refusal(502, "KMSDisabledException", "the key is disabled")
