"""Who may talk to the embedded service: programs of this machine, and no web page but its own.

Listening on 127.0.0.1 does not keep a browser out: a page can send requests there, and
a name of the page's own can be made to resolve to it. Such requests carry a foreign Origin,
or the foreign name as their Host; and browsers say of every request which site made it.

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


def refuse(
    headers: Mapping[str, str], token: str | None = None, *, public: bool = False
) -> Reply | None:
    """Look at the headers of a request, before its body is read.

    Args:
        headers: by lower-case name.
        token: what the request must show; None serves this machine only.
        public: the answer tells nothing of the service, so nobody needs the token for it.

    Returns:
        The refusal to send, or None when the request may go on.
    """
    refused = None
    if token is None:
        refused = _refuse_host(headers)
    elif not public:
        refused = _refuse_token(headers, token)
    refused = refused or _refuse_foreign_page(headers)
    if refused is not None:
        return refused
    length = headers.get("content-length", "0")
    # Whatever parsed the head has checked that it is a number, and bounded its length.
    if int(length) > MAX_BODY_BYTES:
        return too_large()
    return None


def _refuse_host(headers: Mapping[str, str]) -> Reply | None:
    host, _, port = headers.get("host", "").partition(":")
    if host.lower() in _HOSTS and (not port or port.isdecimal()):
        return None
    return refusal(403, "AccessDeniedException", "the Host header must name 127.0.0.1 or localhost")


def _refuse_foreign_page(headers: Mapping[str, str]) -> Reply | None:
    """Whatever another site's page sends, but for a link to here that somebody follows."""
    own = tuple(f"{scheme}://{headers.get('host', '')}".lower() for scheme in ("http", "https"))
    foreign = headers.get("origin", own[0]).lower() not in own
    site, mode = headers.get("sec-fetch-site", "none"), headers.get("sec-fetch-mode")
    if not foreign and (site in ("same-origin", "none") or mode == "navigate"):
        return None
    return refusal(
        403, "AccessDeniedException", "requests of web pages other than its own are refused"
    )


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
