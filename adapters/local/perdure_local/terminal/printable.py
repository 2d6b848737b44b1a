"""Foreign text on a terminal: as one line, and never as a command to the terminal."""

from __future__ import annotations


def printable(text: str) -> str:
    """The text with everything that is not printable written as an escape (``\\n``, ``\\x1b``)."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text
    )
