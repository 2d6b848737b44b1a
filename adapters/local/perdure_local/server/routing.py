"""Which endpoint a request line means: a table, matched on the raw path.

An execution's ARN is one path segment that holds ``/`` and ``:`` percent-encoded. So the
path is split on its raw ``/`` first, and each segment is decoded afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Generic, TypeVar
from urllib.parse import unquote_to_bytes

Endpoint = TypeVar("Endpoint")

_BROKEN_ESCAPE: Final = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class Route(Generic[Endpoint]):
    """One line of the table.

    Args:
        method: the HTTP method, upper case.
        pattern: a path; a segment in braces, such as ``{arn}``, matches any non-empty one.
        endpoint: what it leads to.
    """

    method: str
    pattern: str
    endpoint: Endpoint


@dataclass(frozen=True, slots=True)
class Found(Generic[Endpoint]):
    """A route matches. `parameters` holds the decoded segments by their names."""

    endpoint: Endpoint
    parameters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WrongMethod:
    """The path exists, but not with this method; `allowed` are those it takes."""

    allowed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoRoute:
    """Nothing answers at this path."""


class Router(Generic[Endpoint]):
    """A table of routes, tried from top to bottom.

    Args:
        routes: the table.
    """

    def __init__(self, routes: Sequence[Route[Endpoint]]) -> None:
        self._routes: Final = tuple((route, route.pattern.split("/")) for route in routes)

    def find(self, method: str, raw_path: str) -> Found[Endpoint] | WrongMethod | NoRoute:
        """Find the endpoint of a request line.

        Args:
            method: as it was sent.
            raw_path: still percent-encoded, without the query.

        Returns:
            The endpoint with its parameters, or why there is none.
        """
        segments = raw_path.split("/")
        allowed: list[str] = []
        for route, pattern in self._routes:
            parameters = _parameters(pattern, segments)
            if parameters is None:
                continue
            if route.method == method:
                return Found(route.endpoint, parameters)
            allowed.append(route.method)
        return WrongMethod(tuple(allowed)) if allowed else NoRoute()


def _parameters(pattern: Sequence[str], segments: Sequence[str]) -> dict[str, str] | None:
    if len(pattern) != len(segments):
        return None
    parameters: dict[str, str] = {}
    for expected, raw in zip(pattern, segments, strict=True):
        if not expected.startswith("{"):
            if expected != raw:
                return None
            continue
        value = decode_segment(raw)
        if not value:
            return None
        parameters[expected[1:-1]] = value
    return parameters


@lru_cache(256)  # most segments are ARNs that come again
def decode_segment(raw: str) -> str | None:
    """Percent-decode one segment; None if its escapes are broken or are not UTF-8."""
    if _BROKEN_ESCAPE.search(raw):
        return None
    try:
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return None
