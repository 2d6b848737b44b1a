"""One HTTP call as data: what came, and what to answer."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from perdure.models.encode import compact

from ..functions.invocations import Outcome

JSON: Final = ("content-type", "application/json")


@dataclass(frozen=True, slots=True, repr=False)
class Call:
    """A request that found its endpoint.

    Args:
        parameters: the decoded segments of the path, by name.
        query: the decoded query, each name with all its values.
        headers: by lower-case name; of a repeated one the last.
        body: all of it.
        now: when it was read, UNIX seconds of the service's clock.
    """

    parameters: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: bytes
    now: float


@dataclass(frozen=True, slots=True, repr=False)
class Reply:
    """What to send back. No body and status 204 means that none is sent at all."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyAtEnd:
    """The answer is the outcome of an execution, which has not ended yet."""

    arn: str


@dataclass(frozen=True, slots=True)
class ReplyOfFunction:
    """The answer is what a plain function returns, which still works."""

    outcome: asyncio.Future[Outcome]


@dataclass(frozen=True, slots=True)
class ReplyLater:
    """The answer takes a while; awaiting `reply` gives it."""

    reply: Coroutine[None, None, Reply]


Answer = Reply | ReplyAtEnd | ReplyOfFunction | ReplyLater


def json_reply(status: int, value: object, *headers: tuple[str, str]) -> Reply:
    """A reply whose body is JSON."""
    return Reply(status, compact(value).encode(errors="replace"), (JSON, *headers))


def refusal(status: int, code: str, message: str, *headers: tuple[str, str]) -> Reply:
    """An error of the HTTP front itself, in the shape that AWS clients read.

    Args:
        status: of HTTP.
        code: the error code; clients find it in the header ``x-amzn-errortype``.
        message: for people.
        headers: further ones.
    """
    body = {"Type": code, "message": message}
    return json_reply(status, body, ("x-amzn-errortype", code), *headers)
