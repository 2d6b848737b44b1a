"""Where the command line writes: results, errors, histories."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from .refused import Refused


def survive_any_text() -> None:
    """Let no character that the terminal cannot show end the program."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def on_terminal() -> bool:
    """Whether standard output is a terminal that can move its cursor."""
    return sys.stdout.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


@contextmanager
def prints_to_stderr() -> Generator[TextIO]:
    """Send whatever is printed meanwhile to standard error, child processes included.

    Yields:
        The true standard output, for the one who may write to it.
    """
    sys.stdout.flush()
    with os.fdopen(os.dup(1), "w", encoding="utf-8", errors="backslashreplace") as true:
        os.dup2(2, 1)
        try:
            yield true
        finally:
            sys.stdout.flush()
            os.dup2(true.fileno(), 1)


def writable(path: str) -> Path:
    """Check that a file can be written, before any work is done for it.

    Raises:
        Refused: it cannot; the message says why.
    """
    found = Path(path)
    new = not found.exists()
    try:
        with found.open("a", encoding="utf-8"):
            pass
        if new:
            found.unlink()
        return found
    except OSError as error:
        raise Refused(f"cannot write the history to {path}: {error.strerror}") from None


def write_history(path: Path, events: list[dict[str, Any]]) -> None:
    """Write events as a JSON list, one event a line, UTF-8.

    Raises:
        Refused: the file cannot be written.
    """
    lines = ",\n".join(json.dumps(event, ensure_ascii=False) for event in events)
    try:
        path.write_text(f"[\n{lines}\n]\n", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise Refused(f"cannot write the history to {path}: {error.strerror}") from None


def decoded(payload: str | None) -> Any:
    """A payload as the value it encodes; as the text itself if it is no JSON."""
    if not payload:
        return None
    try:
        return json.loads(payload)
    except ValueError:
        return payload
