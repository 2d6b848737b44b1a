"""Pages: their size when the client does not say, and the numbers in markers."""

from __future__ import annotations

from typing import Final

from .faults import invalid_marker

DEFAULT_PAGE: Final = 100
"""How many items a page has when the client does not say; 0 says it neither."""


def read_number(text: str, below: int) -> int:
    """The number in a marker, which has to be under `below`.

    Raises:
        ServiceFault: it is no such number.
    """
    if not (text.isascii() and text.isdecimal() and len(text) < 16) or int(text) >= below:
        raise invalid_marker()
    return int(text)
