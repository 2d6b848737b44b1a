"""How a recorded execution ended, and whether its function says the same today."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..models.enums import EventType, ExecutionStatus
from ..models.operation import ErrorObject

if TYPE_CHECKING:
    from ..models.history import Event

Ending = dict[str, str | None]

_ENDS: Final = {
    EventType.EXECUTION_SUCCEEDED: ExecutionStatus.SUCCEEDED,
    EventType.EXECUTION_FAILED: ExecutionStatus.FAILED,
    EventType.EXECUTION_TIMED_OUT: ExecutionStatus.TIMED_OUT,
    EventType.EXECUTION_STOPPED: ExecutionStatus.STOPPED,
}


@dataclass(frozen=True, slots=True, repr=False)
class RecordedEnd:
    """How an execution ended.

    Args:
        status: SUCCEEDED, FAILED, TIMED_OUT or STOPPED.
        by_function: the function came to its own end; else it was ended from outside, or
            its invocations failed, and it could have gone on.
        result: of the function.
        error: likewise.
    """

    status: ExecutionStatus
    by_function: bool
    result: str | None = None
    error: ErrorObject | None = None


def end_of(events: Sequence[Event]) -> RecordedEnd | None:
    """How an execution with these events ended; None while it runs."""
    before: Event | None = None
    for event in events:
        status = _ENDS.get(event.event_type)
        if status is not None:
            return _read(event, status, before)
        before = event
    return None


def _read(event: Event, status: ExecutionStatus, before: Event | None) -> RecordedEnd:
    good, bad = event.execution_succeeded_details, event.execution_failed_details
    if good is not None:
        return RecordedEnd(status, True, good.result.payload)
    error = None if bad is None else bad.error.payload
    # The invocations failed until nobody tried again: the function itself was cut off.
    completed = None if before is None else before.invocation_completed_details
    cut_off = completed is not None and completed.error is not None
    return RecordedEnd(status, bad is not None and not cut_off, None, error)


def succeeded(result: str | None) -> Ending:
    """An end with a result, as a `ReplayError` shows it."""
    return {"status": "SUCCEEDED", "result": result, "error": None}


def failed(error: ErrorObject | None) -> Ending:
    """An end with an error; None is one of which nothing is known."""
    return {"status": "FAILED", "result": None, "error": None if error is None else said(error)}


def said(error: ErrorObject) -> str:
    """The type and the message of an error."""
    return ": ".join(part for part in (error.error_type, error.error_message) if part)


def same_ending(recorded: Ending, attempted: Ending) -> bool:
    """Whether two endings are equal: results as JSON values, errors by type and message.

    Where the record says nothing of it, anything will do.
    """
    if recorded["status"] != attempted["status"]:
        return False
    if recorded["error"] is not None:
        return recorded["error"] == attempted["error"]
    return recorded["result"] is None or _value(recorded["result"]) == _value(attempted["result"])


def _value(text: str | None) -> object:
    try:
        value: object = json.loads(text or "null")
    except (ValueError, RecursionError):
        return text
    return value
