"""Progress on a terminal: what is over scrolls by, what is open stays below and moves."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Final

from rich.console import Console, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from perdure.models.history import Event

from .durations import spoken
from .progress import Happening, Mark, Open, Progress

MOST_ROWS: Final = 15
"""How many operations are shown as under way; a map can have thousands."""

_LOOKS: Final = {
    Mark.BEGAN: ("·", "dim"),
    Mark.DONE: ("✓", "green"),
    Mark.FAILED: ("✗", "bold red"),
    Mark.AGAIN: ("↻", "yellow"),
    Mark.NOTE: ("·", "cyan"),
}


class LiveProgress:
    """A context manager that draws on standard output until it is left.

    What else is printed meanwhile appears above the moving part.

    Args:
        title: what is run.
        now: the service's clock, for durations and for the time left.
    """

    def __init__(self, title: str, now: Callable[[], float]) -> None:
        self._now: Final = now
        self._progress: Final = Progress(title)
        self._spinner: Final = Spinner("dots", style="cyan")
        self._shown: tuple[Open, ...] = ()
        self._live: Final = Live(
            console=Console(highlight=False, soft_wrap=True),
            get_renderable=self._draw,
            refresh_per_second=10,
            transient=True,
        )

    def __enter__(self) -> LiveProgress:
        self._live.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._shown = ()
        self._live.stop()

    def receive_event(self, event: Event) -> None:
        """Draw what an event changes."""
        news = self._progress.receive_event(event)
        self._shown = tuple(self._progress.open.values())
        # What begins is seen in the moving part; only what became of it scrolls by.
        if news is not None and news.mark is not Mark.BEGAN:
            self._live.console.print(_line(news))

    def _draw(self) -> RenderableType:
        now = self._now()
        table = Table.grid(padding=(0, 1))
        for one in self._shown[:MOST_ROWS]:
            table.add_row(self._spinner, _open_line(one, now))
        more = len(self._shown) - MOST_ROWS
        if more > 0:
            table.add_row("", Text(f"and {more} more", "dim"))
        return table


def _line(news: Happening) -> Text:
    sign, style = _LOOKS[news.mark]
    said = (news.text, "dim" if news.mark is Mark.DONE else style)
    return Text.assemble("  " * news.depth, (sign, style), " ", (news.label, "bold"), "  ", said)


def _open_line(one: Open, now: float) -> Text:
    if one.until is None:
        time = spoken(now - one.since)
    else:
        left = one.until - now
        time = f"{spoken(left)} left" if left > 0 else "due"
    return Text.assemble(
        "  " * one.depth, (one.label, "bold"), "  ", (one.doing, "cyan"), "  ", (time, "dim")
    )
