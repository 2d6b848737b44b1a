"""Seconds, as people say them."""

from __future__ import annotations

from typing import Final

_UNITS: Final = ((86_400, "day", "days"), (3_600, "h", "h"), (60, "min", "min"), (1, "s", "s"))


def spoken(seconds: float) -> str:
    """A length of time in its largest unit and the next: ``0.25 s``, ``12 s``, ``1 min 30 s``."""
    if seconds < 0.995:
        return f"{max(0.0, seconds):.2f} s"
    if seconds < 9.95:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    left = round(seconds)
    largest = next(place for place, (size, _, _) in enumerate(_UNITS) if size <= left)
    words: list[str] = []
    for size, one, many in _UNITS[largest : largest + 2]:
        count, left = divmod(left, size)
        if count:
            words.append(f"{count} {one if count == 1 else many}")
    return " ".join(words)
