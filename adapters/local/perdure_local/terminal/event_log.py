"""What ``perdure dev`` prints while it serves: news of many executions, a line each."""

from __future__ import annotations

import json
from typing import Final, Protocol, TextIO

from perdure.arn import parse_execution_arn
from perdure.models.encode import to_wire
from perdure.models.enums import EventType
from perdure.models.history import Event

from .printable import printable
from .progress import TERMINAL, Happening, Progress


class EventLog(Protocol):
    """Whoever tells of what the service does."""

    def receive_event(self, arn: str, event: Event) -> None:
        """Tell of the next event of an execution."""
        ...

    def recall(self, arn: str, event: Event) -> None:
        """Take note of an event of before, in the life of another process, to tell of others."""
        ...

    def say(self, what: str, text: str) -> None:
        """Tell of something else: what it is, in a word, and a line about it."""
        ...


class PlainLog:
    """Lines for people: ``function name: operation: what became of it``.

    Args:
        out: where they go.
    """

    def __init__(self, out: TextIO) -> None:
        self._out: Final = out
        self.open: Final[dict[str, Progress]] = {}
        """The executions that have not ended, by ARN."""

    def receive_event(self, arn: str, event: Event) -> None:
        """Print the line of an event, if it is news."""
        parsed = parse_execution_arn(arn)
        title = f"{parsed.function} {parsed.name[:8]}"
        news = self._follow(arn, event)
        if news is not None:
            text = news.text if news.text != f"started as {event.name}" else f"started: {arn}"
            _write(f"{title}  {'  ' * news.depth}{news.label}: {text}", self._out)

    def recall(self, arn: str, event: Event) -> None:
        """Take note of it, for how long things took."""
        self._follow(arn, event)

    def say(self, what: str, text: str) -> None:
        """Print a line."""
        _write(f"{what}: {printable(text)}", self._out)

    def _follow(self, arn: str, event: Event) -> Happening | None:
        progress = self.open.get(arn) or Progress("execution")
        # Only that: the last invocation may be over after the execution is.
        if event.event_type is EventType.EXECUTION_STARTED:
            self.open[arn] = progress
        news = progress.receive_event(event)
        if event.event_type in TERMINAL:
            self.open.pop(arn, None)
        return news


class JsonLog:
    """Lines for programs, each a JSON object: ``{"arn", "event"}``, or a message.

    Args:
        out: where they go.
    """

    def __init__(self, out: TextIO) -> None:
        self._out: Final = out

    def receive_event(self, arn: str, event: Event) -> None:
        """Print an event, as it is on the wire."""
        self._write({"arn": arn, "event": to_wire(event)})

    def recall(self, arn: str, event: Event) -> None:
        """Nothing: it was printed when it happened."""

    def say(self, what: str, text: str) -> None:
        """Print a message."""
        self._write({what: text})

    def _write(self, value: object) -> None:
        _write(json.dumps(value, ensure_ascii=False), self._out)


def _write(line: str, out: TextIO) -> None:
    out.write(line + "\n")
    out.flush()
