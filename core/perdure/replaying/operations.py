"""Operations made again of the events that tell of them.

What a history does not tell is not made up: whether an ended context keeps its children
for a replay is known only of batches, whose record is then a short one of its own kind.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Final

from ..models.enums import EventType as E
from ..models.enums import OperationStatus as S
from ..models.enums import OperationType as T
from ..models.history import (
    Event,
    EventError,
    EventResult,
    RetryDetails,
)
from ..models.operation import (
    CallbackDetails,
    ChainedInvokeDetails,
    ContextDetails,
    ErrorObject,
    ExecutionDetails,
    Operation,
    StepDetails,
    WaitDetails,
)
from ..service.operations.rules import due_after

Apply = Callable[[Operation, Event], Operation]

_BATCHES: Final = {"MapResult", "ParallelResult"}


def operations_of(events: Iterable[Event], now: float) -> tuple[Operation, ...]:
    """The operations that these events leave behind, in the order of creation.

    Args:
        events: of one execution, from the first on.
        now: UNIX seconds: a retry that is due by then is READY.

    Returns:
        All of them, the EXECUTION and those below ended contexts included.
    """
    found: dict[str, Operation] = {}
    for event in events:
        row = _ROWS.get(event.event_type)
        if row is None or event.id is None:
            continue
        kind, status, apply = row
        # What is never started is created by its end.
        before = found.get(event.id) or Operation(
            event.id,
            kind,
            status,
            event.event_timestamp,
            parent_id=event.parent_id,
            name=event.name,
            sub_type=event.sub_type,
        )
        is_over = status is not S.STARTED
        if kind is T.EXECUTION and is_over:
            # From then on nothing falls due any more.
            now = min(now, event.event_timestamp)
        ended = replace(
            before, status=status, end_timestamp=event.event_timestamp if is_over else None
        )
        found[event.id] = apply(ended, event)
    return tuple(_ready(operation, now) for operation in found.values())


def _ready(operation: Operation, now: float) -> Operation:
    """No event tells that the pause before the next attempt is over."""
    details = operation.step_details
    due = None if details is None else details.next_attempt_timestamp
    if details is None or due is None or due > now:
        return operation
    return replace(
        operation,
        status=S.READY,
        step_details=replace(details, next_attempt_timestamp=None),
    )


def _execution_started(operation: Operation, event: Event) -> Operation:
    details = event.execution_started_details
    payload = None if details is None else details.input.payload
    return replace(operation, execution_details=ExecutionDetails(payload))


def _unchanged(operation: Operation, event: Event) -> Operation:
    return operation


def _context(operation: Operation, event: Event) -> Operation:
    ended = event.context_succeeded_details or event.context_failed_details
    result, error = _result(ended), _error(ended)
    keeps = _is_short_record(result) or None
    return replace(operation, context_details=ContextDetails(keeps, result, error))


def _is_short_record(result: str | None) -> bool:
    """Whether this is what is recorded of a batch whose own result is too large."""
    try:
        record = json.loads(result or "null")
    except (ValueError, RecursionError):
        return False
    return isinstance(record, dict) and record.get("type") in _BATCHES and "totalCount" in record  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType]  # JSON


def _step_started(operation: Operation, event: Event) -> Operation:
    details = operation.step_details or StepDetails()
    return replace(operation, step_details=replace(details, next_attempt_timestamp=None))


def _attempt_ended(operation: Operation, event: Event) -> Operation:
    ended = event.step_succeeded_details or event.step_failed_details
    retry = RetryDetails() if ended is None else ended.retry_details
    details = StepDetails(retry.current_attempt or 1, None, _result(ended), _error(ended))
    delay = retry.next_attempt_delay_seconds
    if not delay:
        return replace(operation, step_details=details)
    due = due_after(event.event_timestamp, delay)
    return replace(
        operation,
        status=S.PENDING,
        end_timestamp=None,
        step_details=replace(details, next_attempt_timestamp=due),
    )


def _wait_started(operation: Operation, event: Event) -> Operation:
    details = event.wait_started_details
    until = None if details is None else details.scheduled_end_timestamp
    return replace(operation, wait_details=WaitDetails(until))


def _callback_started(operation: Operation, event: Event) -> Operation:
    details = event.callback_started_details
    given = None if details is None else details.callback_id
    return replace(operation, callback_details=CallbackDetails(given))


def _callback_ended(operation: Operation, event: Event) -> Operation:
    ended = (
        event.callback_succeeded_details
        or event.callback_failed_details
        or event.callback_timed_out_details
    )
    before = operation.callback_details or CallbackDetails()
    after = replace(before, result=_result(ended), error=_error(ended))
    return replace(operation, callback_details=after)


def _invoke(operation: Operation, event: Event) -> Operation:
    ended = (
        event.chained_invoke_succeeded_details
        or event.chained_invoke_failed_details
        or event.chained_invoke_timed_out_details
        or event.chained_invoke_stopped_details
    )
    details = ChainedInvokeDetails(_result(ended), _error(ended))
    return replace(operation, chained_invoke_details=details)


# The details of whatever ended: each class has a `result` or an `error`.
def _result(details: Any) -> str | None:
    wrapper: EventResult | None = getattr(details, "result", None)
    return None if wrapper is None else wrapper.payload


def _error(details: Any) -> ErrorObject | None:
    wrapper: EventError | None = getattr(details, "error", None)
    return None if wrapper is None else wrapper.payload


_ROWS: Final[dict[E, tuple[T, S, Apply]]] = {
    E.EXECUTION_STARTED: (T.EXECUTION, S.STARTED, _execution_started),
    E.EXECUTION_SUCCEEDED: (T.EXECUTION, S.SUCCEEDED, _unchanged),
    E.EXECUTION_FAILED: (T.EXECUTION, S.FAILED, _unchanged),
    E.EXECUTION_TIMED_OUT: (T.EXECUTION, S.TIMED_OUT, _unchanged),
    E.EXECUTION_STOPPED: (T.EXECUTION, S.STOPPED, _unchanged),
    E.CONTEXT_STARTED: (T.CONTEXT, S.STARTED, _context),
    E.CONTEXT_SUCCEEDED: (T.CONTEXT, S.SUCCEEDED, _context),
    E.CONTEXT_FAILED: (T.CONTEXT, S.FAILED, _context),
    E.STEP_STARTED: (T.STEP, S.STARTED, _step_started),
    E.STEP_SUCCEEDED: (T.STEP, S.SUCCEEDED, _attempt_ended),
    E.STEP_FAILED: (T.STEP, S.FAILED, _attempt_ended),
    E.WAIT_STARTED: (T.WAIT, S.STARTED, _wait_started),
    E.WAIT_SUCCEEDED: (T.WAIT, S.SUCCEEDED, _unchanged),
    E.WAIT_CANCELLED: (T.WAIT, S.CANCELLED, _unchanged),
    E.CALLBACK_STARTED: (T.CALLBACK, S.STARTED, _callback_started),
    E.CALLBACK_SUCCEEDED: (T.CALLBACK, S.SUCCEEDED, _callback_ended),
    E.CALLBACK_FAILED: (T.CALLBACK, S.FAILED, _callback_ended),
    E.CALLBACK_TIMED_OUT: (T.CALLBACK, S.TIMED_OUT, _callback_ended),
    E.CHAINED_INVOKE_STARTED: (T.CHAINED_INVOKE, S.STARTED, _invoke),
    E.CHAINED_INVOKE_SUCCEEDED: (T.CHAINED_INVOKE, S.SUCCEEDED, _invoke),
    E.CHAINED_INVOKE_FAILED: (T.CHAINED_INVOKE, S.FAILED, _invoke),
    E.CHAINED_INVOKE_TIMED_OUT: (T.CHAINED_INVOKE, S.TIMED_OUT, _invoke),
    E.CHAINED_INVOKE_STOPPED: (T.CHAINED_INVOKE, S.STOPPED, _invoke),
}
"""Of each event about an operation: its type, its status from then on, and its details."""
