"""STEP: attempts until one succeeds, or until the handler gives up.

`Attempt` counts the attempts that ended. Its results and errors are kept when the next
attempt starts: a poll (wait-for-condition) reads its last state from them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ...models.enums import OperationAction, OperationStatus
from ...models.history import (
    RetryDetails,
    StepFailedDetails,
    StepStartedDetails,
    StepSucceededDetails,
)
from ...models.operation import Operation, StepDetails
from ...models.update import OperationUpdate
from ..execution import Execution
from ..history import error_of, result_of
from ..ledger import Record
from ..setting import Setting
from ..timers import TimerKind
from .rules import ABSENT, ActionRule, OperationRules, anything, closing_members, created, due_after


def _start(execution: Execution, update: OperationUpdate, now: float) -> None:
    record = execution.ledger.get(update.id)
    if record is None:
        operation = replace(
            created(update, OperationStatus.STARTED, now), step_details=StepDetails()
        )
        execution.ledger.add(operation)
    else:
        operation = replace(record.operation, status=OperationStatus.STARTED)
        execution.ledger.replace(record, operation)
    execution.history.record(now, StepStartedDetails(), operation)


def _end_attempt(
    execution: Execution,
    update: OperationUpdate,
    now: float,
    status: OperationStatus,
    delay: int | None,
) -> Operation:
    record = execution.ledger.get(update.id)
    attempt = 1
    if record is not None and record.operation.step_details is not None:
        attempt += record.operation.step_details.attempt
    operation = replace(
        created(update, status, now) if record is None else record.operation,
        status=status,
        end_timestamp=now if delay is None else None,
        step_details=StepDetails(
            attempt, None if delay is None else due_after(now, delay), update.payload, update.error
        ),
    )
    if record is None:
        execution.ledger.add(operation)
    else:
        execution.ledger.replace(record, operation)
    retry = RetryDetails(attempt, delay)
    if update.error is not None or update.action is OperationAction.FAIL:
        execution.history.record(now, StepFailedDetails(error_of(update.error), retry), operation)
    else:
        details = StepSucceededDetails(result_of(update.payload), retry)
        execution.history.record(now, details, operation)
    return operation


def _succeed(execution: Execution, update: OperationUpdate, now: float) -> None:
    _end_attempt(execution, update, now, OperationStatus.SUCCEEDED, None)


def _fail(execution: Execution, update: OperationUpdate, now: float) -> None:
    _end_attempt(execution, update, now, OperationStatus.FAILED, None)


def _delay(update: OperationUpdate) -> int | None:
    options = update.step_options
    return None if options is None else options.next_attempt_delay_seconds


def _retry(execution: Execution, update: OperationUpdate, now: float) -> None:
    delay = _delay(update)
    assert delay is not None  # `_retry_members` saw to it
    _end_attempt(execution, update, now, OperationStatus.PENDING, delay)
    execution.timers.arm((update.id, TimerKind.STEP_RETRY), due_after(now, delay))


def _retry_members(update: OperationUpdate, setting: Setting) -> str | None:
    if _delay(update) is None:
        return "Invalid StepOptions for the given action."
    if update.error is not None and update.payload is not None:
        return "Cannot provide both error and payload to RETRY a STEP."
    return None


def _ready(execution: Execution, record: Record, now: float) -> None:
    details = record.operation.step_details
    assert details is not None  # only `_retry` arms a timer
    operation = replace(
        record.operation,
        status=OperationStatus.READY,
        step_details=replace(details, next_attempt_timestamp=None),
    )
    execution.ledger.replace(record, operation, outside=True)


_RUNNING: Final = frozenset({ABSENT, OperationStatus.STARTED, OperationStatus.READY})

STEP: Final = OperationRules(
    {
        OperationAction.START: ActionRule(
            frozenset({ABSENT, OperationStatus.READY}),
            "Invalid current STEP state to start.",
            _start,
            anything,
        ),
        OperationAction.SUCCEED: ActionRule(
            _RUNNING, "Invalid current STEP state to close.", _succeed, closing_members
        ),
        OperationAction.FAIL: ActionRule(
            _RUNNING, "Invalid current STEP state to close.", _fail, closing_members
        ),
        OperationAction.RETRY: ActionRule(
            _RUNNING, "Invalid current STEP state to re-attempt.", _retry, _retry_members
        ),
    },
    {TimerKind.STEP_RETRY: _ready},
)
