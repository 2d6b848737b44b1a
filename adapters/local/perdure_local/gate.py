"""Who may talk to the embedded service: programs of this machine, and no web page.

Listening on 127.0.0.1 does not keep a browser out: a page can send requests there, and
a name of the page's own can be made to resolve to it. Such requests carry an Origin, or
the foreign name as their Host.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .exchange import Reply, refusal

MAX_BODY_BYTES: Final = 6 * 1024 * 1024 + 64 * 1024
"""The largest request: Lambda's 6 MiB of payload, and room for what surrounds it."""

_HOSTS: Final = frozenset({"127.0.0.1", "localhost"})


def refuse(headers: Mapping[str, str]) -> Reply | None:
    """Look at the headers of a request, before its body is read.

    Args:
        headers: by lower-case name.

    Returns:
        The refusal to send, or None when the request may go on.
    """
    host, _, port = headers.get("host", "").partition(":")
    if host.lower() not in _HOSTS or (port and not port.isdecimal()):
        return refusal(
            403,
            "AccessDeniedException",
            "the Host header must name 127.0.0.1 or localhost",
        )
    if "origin" in headers:
        return refusal(
            403, "AccessDeniedException", "requests of web pages (with an Origin) are refused"
        )
    length = headers.get("content-length", "0")
    # h11 has checked that it is a number; its length is bounded by the bounded head.
    if int(length) > MAX_BODY_BYTES:
        return too_large()
    return None


def too_large() -> Reply:
    """The refusal of a body above the limit."""
    return refusal(
        413,
        "RequestTooLargeException",
        f"Request must be smaller than {MAX_BODY_BYTES} bytes",
    )
