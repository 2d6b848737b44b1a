"""The web page: files as they lie in ``page/``, and the headers that keep it to itself."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

from ..embedded import EmbeddedService
from .exchange import Call, Reply, refusal

PAGE_PREFIX: Final = "/perdure/page/"

_START: Final = "index.html"
_TYPES: Final = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}

# Scripts and styles come from here alone, nothing may frame the page, and no text can be
# made into HTML by assigning it: Chromium throws where code tries (Trusted Types).
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
_HEADERS: Final = (
    ("content-security-policy", _POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
)


def is_page_path(path: str) -> bool:
    """Whether a path is the page's own: what lies there is the same for everybody."""
    return path == "/" or path.startswith(PAGE_PREFIX)


def page_file(embedded: EmbeddedService, call: Call) -> Reply:
    """One file of the page; without a name the one that it starts with."""
    del embedded
    name = call.parameters.get("file", _START)
    content = _files().get(name)
    if content is None:
        return refusal(404, "ResourceNotFoundException", f"The page has no file {name}")
    kind = ("content-type", _TYPES[name.rpartition(".")[2]])
    return Reply(200, content, (kind, *_HEADERS))


@cache
def _files() -> dict[str, bytes]:
    """All files of the page. They are few and small, and nothing else can be asked for."""
    return {
        file.name: file.read_bytes()
        for file in (files("perdure_local") / "page").iterdir()
        if file.name.rpartition(".")[2] in _TYPES
    }
