"""Progress for a log or a pipe: one line per happening, without escape codes."""

from __future__ import annotations

import sys
from typing import Final

from perdure.models.history import Event

from .progress import Progress


class PlainProgress:
    """Writes to standard output.

    Args:
        title: what is run.
    """

    def __init__(self, title: str) -> None:
        self._progress: Final = Progress(title)

    def receive_event(self, event: Event) -> None:
        """Write the line of an event, if it is news."""
        news = self._progress.receive_event(event)
        if news is not None:
            sys.stdout.write(f"{'  ' * news.depth}{news.label}: {news.text}\n")
            sys.stdout.flush()
