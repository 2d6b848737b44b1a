"""CALLBACK: answered from outside, or never, then one of its two timeouts ends it.

Completing one and its timeouts are one thing: whatever comes first wins, and both timers
are gone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ...models.enums import OperationAction, OperationStatus
from ...models.history import (
    CallbackFailedDetails,
    CallbackStartedDetails,
    CallbackSucceededDetails,
    CallbackTimedOutDetails,
    Details,
)
from ...models.operation import CallbackDetails, ErrorObject
from ...models.update import CallbackOptions, OperationUpdate
from ..execution import Execution
from ..history import error_of, result_of
from ..identity import callback_id
from ..ledger import Record
from ..timers import TimerKind
from .rules import ABSENT, ActionRule, OperationRules, anything, created, due_after

_TOO_LATE: Final = ErrorObject("Callback timed out", "Callback.Timeout")
_NO_HEARTBEAT: Final = ErrorObject("Callback timed out on heartbeat", "Callback.Heartbeat")


def _start(execution: Execution, update: OperationUpdate, now: float) -> None:
    options = update.callback_options or CallbackOptions()
    given = callback_id(execution.origin.arn, update.id)
    operation = replace(
        created(update, OperationStatus.STARTED, now), callback_details=CallbackDetails(given)
    )
    execution.ledger.add(operation, options)
    if options.timeout_seconds:
        due = due_after(now, options.timeout_seconds)
        execution.timers.arm((update.id, TimerKind.CALLBACK_TIMEOUT), due)
    _arm_heartbeat(execution, update.id, options, now)
    details = CallbackStartedDetails(
        given, options.heartbeat_timeout_seconds or None, options.timeout_seconds or None
    )
    execution.history.record(now, details, operation)


def _arm_heartbeat(
    execution: Execution, operation_id: str, options: CallbackOptions, now: float
) -> None:
    if options.heartbeat_timeout_seconds:
        due = due_after(now, options.heartbeat_timeout_seconds)
        execution.timers.arm((operation_id, TimerKind.CALLBACK_HEARTBEAT), due)


def heartbeat(execution: Execution, record: Record, now: float) -> None:
    """Somebody still works on it: its heartbeat timeout begins anew, its timeout does not."""
    options = record.options
    assert isinstance(options, CallbackOptions)  # `_start` put them there
    _arm_heartbeat(execution, record.operation.id, options, now)


def answer(execution: Execution, record: Record, result: str | None, now: float) -> None:
    """It succeeded, with this result."""
    details = CallbackSucceededDetails(result_of(result))
    _end(execution, record, OperationStatus.SUCCEEDED, details, now, result=result)


def fail(execution: Execution, record: Record, error: ErrorObject, now: float) -> None:
    """It failed, with this error."""
    details = CallbackFailedDetails(error_of(error))
    _end(execution, record, OperationStatus.FAILED, details, now, error=error)


def _time_out(execution: Execution, record: Record, now: float) -> None:
    _end_late(execution, record, _TOO_LATE, now)


def _miss_heartbeat(execution: Execution, record: Record, now: float) -> None:
    _end_late(execution, record, _NO_HEARTBEAT, now)


def _end_late(execution: Execution, record: Record, error: ErrorObject, now: float) -> None:
    details = CallbackTimedOutDetails(error_of(error))
    _end(execution, record, OperationStatus.TIMED_OUT, details, now, error=error)


def _end(
    execution: Execution,
    record: Record,
    status: OperationStatus,
    event: Details,
    now: float,
    *,
    result: str | None = None,
    error: ErrorObject | None = None,
) -> None:
    before = record.operation
    assert before.callback_details is not None  # `_start` put them there
    for kind in (TimerKind.CALLBACK_TIMEOUT, TimerKind.CALLBACK_HEARTBEAT):
        execution.timers.disarm((before.id, kind))
    operation = replace(
        before,
        status=status,
        end_timestamp=now,
        callback_details=replace(before.callback_details, result=result, error=error),
    )
    execution.ledger.replace(record, operation, outside=True)
    execution.history.record(now, event, operation)
    execution.wake()


CALLBACK: Final = OperationRules(
    {
        OperationAction.START: ActionRule(
            frozenset({ABSENT}), "Cannot start a CALLBACK that already exist.", _start, anything
        )
    },
    {
        TimerKind.CALLBACK_TIMEOUT: _time_out,
        TimerKind.CALLBACK_HEARTBEAT: _miss_heartbeat,
    },
)
