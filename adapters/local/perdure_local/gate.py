"""Who may talk to the embedded service: programs of this machine, and no web page.

Listening on 127.0.0.1 does not keep a browser out: a page can send requests there, and
a name of the page's own can be made to resolve to it. Such requests carry an Origin, or
the foreign name as their Host.

A service that is exposed to other machines has a token instead, which every request must
show. AWS SDKs cannot send one, but they name their access key in every signature: so the
token is also taken as the access key id.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from typing import Final

from .exchange import Reply, refusal

MAX_BODY_BYTES: Final = 6 * 1024 * 1024 + 64 * 1024
"""The largest request: Lambda's 6 MiB of payload, and room for what surrounds it."""

_HOSTS: Final = frozenset({"127.0.0.1", "localhost"})
_SHOWN: Final = re.compile(r"Bearer +(\S+)|AWS4-HMAC-SHA256 +Credential=([^/\s]+)/", re.I)


def refuse(headers: Mapping[str, str], token: str | None = None) -> Reply | None:
    """Look at the headers of a request, before its body is read.

    Args:
        headers: by lower-case name.
        token: what the request must show; None serves this machine only.

    Returns:
        The refusal to send, or None when the request may go on.
    """
    refused = _refuse_host(headers) if token is None else _refuse_token(headers, token)
    if refused is not None:
        return refused
    if "origin" in headers:
        return refusal(
            403, "AccessDeniedException", "requests of web pages (with an Origin) are refused"
        )
    length = headers.get("content-length", "0")
    # h11 has checked that it is a number; its length is bounded by the bounded head.
    if int(length) > MAX_BODY_BYTES:
        return too_large()
    return None


def _refuse_host(headers: Mapping[str, str]) -> Reply | None:
    host, _, port = headers.get("host", "").partition(":")
    if host.lower() in _HOSTS and (not port or port.isdecimal()):
        return None
    return refusal(403, "AccessDeniedException", "the Host header must name 127.0.0.1 or localhost")


def _refuse_token(headers: Mapping[str, str], token: str) -> Reply | None:
    shown = _SHOWN.match(headers.get("authorization", ""))
    given = "" if shown is None else shown[1] or shown[2]
    if hmac.compare_digest(given.encode(), token.encode()):
        return None
    return refusal(
        403,
        "UnrecognizedClientException",
        "show the token, as 'Authorization: Bearer TOKEN' or as the access key id",
    )


def too_large() -> Reply:
    """The refusal of a body above the limit."""
    return refusal(
        413,
        "RequestTooLargeException",
        f"Request must be smaller than {MAX_BODY_BYTES} bytes",
    )
