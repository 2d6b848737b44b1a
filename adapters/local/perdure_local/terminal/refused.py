"""The one way in which the command line says no."""

from __future__ import annotations


class Refused(Exception):
    """What was asked for cannot be done. The message is one line, for the person who asked."""


def one_line(error: BaseException) -> str:
    """An exception as one line: its type, and the first line of what it says."""
    # As text, a SyntaxError names its place too, which whoever reports it tells already.
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    said = text.strip().splitlines()
    return f"{type(error).__name__}: {said[0]}" if said else type(error).__name__
