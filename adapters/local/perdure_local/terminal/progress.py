"""What a history tells a person who watches: one happening for an event, and what is open.

Pure: events in, happenings out. Writing them is for `perdure_local.terminal.plain` and
`perdure_local.terminal.live`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from perdure.models import ErrorObject, EventType
from perdure.models.history import Event, EventError, RetryDetails

from .durations import spoken
from .printable import printable


class Mark(Enum):
    """What kind of news a happening is."""

    BEGAN = "began"
    DONE = "done"
    FAILED = "failed"
    AGAIN = "again"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of news.

    Args:
        mark: its kind.
        label: the operation, by its name or its subtype; or what is run.
        text: what became of it.
        depth: how many contexts it is inside of.
    """

    mark: Mark
    label: str
    text: str
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Open:
    """An operation that has not ended.

    Args:
        label: as in `Happening`.
        depth: as in `Happening`.
        began: when its first attempt began, UNIX seconds of the service.
        doing: what it is at.
        since: when that began.
        until: when it goes on by itself; None where it does not wait for a time.
    """

    label: str
    depth: int
    began: float
    doing: str
    since: float
    until: float | None


TERMINAL: Final = frozenset(
    {
        EventType.EXECUTION_SUCCEEDED,
        EventType.EXECUTION_FAILED,
        EventType.EXECUTION_TIMED_OUT,
        EventType.EXECUTION_STOPPED,
    }
)
"""The events that end an execution."""

_ENDINGS: Final = {
    EventType.EXECUTION_SUCCEEDED: (Mark.DONE, "succeeded"),
    EventType.EXECUTION_FAILED: (Mark.FAILED, "failed"),
    EventType.EXECUTION_TIMED_OUT: (Mark.FAILED, "timed out"),
    EventType.EXECUTION_STOPPED: (Mark.FAILED, "was stopped"),
}

_CLOSINGS: Final = {
    EventType.STEP_SUCCEEDED: (Mark.DONE, "done"),
    EventType.STEP_FAILED: (Mark.FAILED, "failed"),
    EventType.CONTEXT_SUCCEEDED: (Mark.DONE, "done"),
    EventType.CONTEXT_FAILED: (Mark.FAILED, "failed"),
    EventType.WAIT_SUCCEEDED: (Mark.DONE, "over"),
    EventType.WAIT_CANCELLED: (Mark.DONE, "cancelled"),
    EventType.CALLBACK_SUCCEEDED: (Mark.DONE, "answered"),
    EventType.CALLBACK_FAILED: (Mark.FAILED, "failed"),
    EventType.CALLBACK_TIMED_OUT: (Mark.FAILED, "timed out"),
    EventType.CHAINED_INVOKE_SUCCEEDED: (Mark.DONE, "done"),
    EventType.CHAINED_INVOKE_FAILED: (Mark.FAILED, "failed"),
    EventType.CHAINED_INVOKE_TIMED_OUT: (Mark.FAILED, "timed out"),
    EventType.CHAINED_INVOKE_STOPPED: (Mark.FAILED, "was stopped"),
}


def _runs(event: Event) -> tuple[str, float | None]:
    return "running", None


def _waits(event: Event) -> tuple[str, float | None]:
    details = event.wait_started_details
    if details is None:
        return "waiting", None
    return f"waiting {spoken(details.duration)}", details.scheduled_end_timestamp


def _waits_for_answer(event: Event) -> tuple[str, float | None]:
    details = event.callback_started_details
    if details is None:
        return "waiting for an answer", None
    until = event.event_timestamp + details.timeout if details.timeout else None
    return "waiting for an answer", until


def _invokes(event: Event) -> tuple[str, float | None]:
    details = event.chained_invoke_started_details
    return f"invoking {'' if details is None else details.function_name}".strip(), None


# What an operation is at once it has begun, and until when.
_OPENINGS: Final[dict[EventType, Callable[[Event], tuple[str, float | None]]]] = {
    EventType.STEP_STARTED: _runs,
    EventType.CONTEXT_STARTED: _runs,
    EventType.WAIT_STARTED: _waits,
    EventType.CALLBACK_STARTED: _waits_for_answer,
    EventType.CHAINED_INVOKE_STARTED: _invokes,
}


class Progress:
    """Follows one execution.

    Args:
        title: what is run, for its own first and last line.
    """

    def __init__(self, title: str) -> None:
        self.open: Final[dict[str, Open]] = {}
        """What is under way by operation id, in the order it began."""
        self._title: Final = title
        self._depths: Final[dict[str, int]] = {}
        self._started_at = 0.0
        self._invocations = 0

    def receive_event(self, event: Event) -> Happening | None:
        """Take the next event of the history; None where it is no news to a person."""
        kind = event.event_type
        if kind in _OPENINGS:
            return self._opened(event)
        if kind in _CLOSINGS:
            return self._closed(event)
        if kind in _ENDINGS:
            return self._ended(event)
        match kind:
            case EventType.EXECUTION_STARTED:
                self._started_at = event.event_timestamp
                return Happening(Mark.NOTE, self._title, f"started as {event.name}")
            case EventType.INVOCATION_COMPLETED:
                return self._invocation_completed(event)
            case EventType.EXECUTION_PAUSED:
                return Happening(Mark.NOTE, self._title, "paused")
            case EventType.EXECUTION_RESUMED:
                return Happening(Mark.NOTE, self._title, "resumed")
            case _:
                return None

    def _opened(self, event: Event) -> Happening:
        doing, until = _OPENINGS[event.event_type](event)
        at, key = event.event_timestamp, event.id or ""
        depth = self._depths.get(event.parent_id or "", -1) + 1
        self._depths[key] = depth
        label = printable(event.name or event.sub_type or event.event_type)
        before = self.open.get(key)
        began = at if before is None else before.began
        self.open[key] = Open(label, depth, began, doing, at, until)
        callback = event.callback_started_details
        if callback is not None:
            # Somebody has to answer by this id, so it must not vanish.
            return Happening(Mark.NOTE, label, f"{doing} to {callback.callback_id}", depth)
        return Happening(Mark.BEGAN, label, doing if before is None else "running again", depth)

    def _closed(self, event: Event) -> Happening:
        mark, word = _CLOSINGS[event.event_type]
        at, key = event.event_timestamp, event.id or ""
        label = printable(event.name or event.sub_type or event.event_type)
        opened = self.open.pop(key, None) or Open(label, 0, at, "", at, None)
        retry, error = _retry(event), _error(event)
        attempt = retry.current_attempt or 1
        said = word if mark is Mark.DONE else f"{word}: {error_text(error)}"
        delay = retry.next_attempt_delay_seconds
        if delay:
            doing = f"attempt {attempt + 1}"
            self.open[key] = Open(label, opened.depth, opened.began, doing, at, at + delay)
            said = f"attempt {attempt} {'not yet' if mark is Mark.DONE else said}"
            mark = Mark.NOTE if mark is Mark.DONE else Mark.AGAIN
            return Happening(mark, label, f"{said}; again in {spoken(delay)}", opened.depth)
        took = spoken(at - opened.began)
        if attempt > 1:
            took = f"attempt {attempt}, {took} in all"
        return Happening(mark, label, f"{said} ({took})", opened.depth)

    def _ended(self, event: Event) -> Happening:
        self.open.clear()
        mark, word = _ENDINGS[event.event_type]
        took = spoken(event.event_timestamp - self._started_at)
        count = f"{self._invocations} invocation{'' if self._invocations == 1 else 's'}"
        return Happening(mark, self._title, f"{word} after {took}, {count}")

    def _invocation_completed(self, event: Event) -> Happening | None:
        self._invocations += 1
        details = event.invocation_completed_details
        if details is None or details.error is None:
            return None
        said = error_text(details.error.payload)
        return Happening(Mark.AGAIN, f"invocation {self._invocations}", f"failed: {said}")


def _retry(event: Event) -> RetryDetails:
    details = event.step_succeeded_details or event.step_failed_details
    return RetryDetails() if details is None else details.retry_details


def _error(event: Event) -> ErrorObject | None:
    for details in (
        event.step_failed_details,
        event.context_failed_details,
        event.callback_failed_details,
        event.callback_timed_out_details,
        event.chained_invoke_failed_details,
        event.chained_invoke_timed_out_details,
        event.chained_invoke_stopped_details,
    ):
        if details is not None:
            error: EventError = details.error
            return error.payload
    return None


def error_text(error: ErrorObject | None) -> str:
    """An error as one printable line: ``type: message``."""
    if error is None:
        return "no error was given"
    parts = (part for part in (error.error_type, error.error_message) if part)
    return printable(": ".join(parts) or "no error was given")
