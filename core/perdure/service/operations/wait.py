"""WAIT: over at a time that is known when it starts."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ...models.enums import OperationAction, OperationStatus
from ...models.history import WaitCancelledDetails, WaitStartedDetails, WaitSucceededDetails
from ...models.operation import WaitDetails
from ...models.update import OperationUpdate, WaitOptions
from ..execution import Execution
from ..history import error_of
from ..ledger import Record
from ..setting import Setting
from ..timers import TimerKind
from .rules import ABSENT, ActionRule, OperationRules, anything, created, due_after


def _seconds(options: object) -> int | None:
    return options.wait_seconds if isinstance(options, WaitOptions) else None


def _start_members(update: OperationUpdate, setting: Setting) -> str | None:
    if _seconds(update.wait_options) is None:
        return "Invalid WaitOptions for the given action."
    return None


def _start(execution: Execution, update: OperationUpdate, now: float) -> None:
    seconds = _seconds(update.wait_options)
    assert seconds is not None  # `_start_members` saw to it
    due = due_after(now, seconds)
    operation = replace(
        created(update, OperationStatus.STARTED, now), wait_details=WaitDetails(due)
    )
    execution.ledger.add(operation, update.wait_options)
    execution.timers.arm((update.id, TimerKind.WAIT_END), due)
    execution.history.record(now, WaitStartedDetails(seconds, due), operation)


def _cancel(execution: Execution, update: OperationUpdate, now: float) -> None:
    record = execution.ledger.get(update.id)
    assert record is not None  # it is legal from STARTED only
    operation = replace(record.operation, status=OperationStatus.CANCELLED, end_timestamp=now)
    execution.timers.disarm((update.id, TimerKind.WAIT_END))
    execution.ledger.replace(record, operation)
    error = None if update.error is None else error_of(update.error)
    execution.history.record(now, WaitCancelledDetails(error), operation)


def _end(execution: Execution, record: Record, now: float) -> None:
    operation = replace(record.operation, status=OperationStatus.SUCCEEDED, end_timestamp=now)
    execution.ledger.replace(record, operation, outside=True)
    execution.history.record(now, WaitSucceededDetails(_seconds(record.options)), operation)


WAIT: Final = OperationRules(
    {
        OperationAction.START: ActionRule(
            frozenset({ABSENT}), "Cannot start a WAIT that already exist.", _start, _start_members
        ),
        OperationAction.CANCEL: ActionRule(
            frozenset({OperationStatus.STARTED}),
            "Cannot cancel a WAIT that does not exist or has already completed.",
            _cancel,
            anything,
        ),
    },
    {TimerKind.WAIT_END: _end},
)
