"""CONTEXT: a child context, the parent of other operations."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from ...models.enums import OperationAction, OperationStatus
from ...models.history import ContextFailedDetails, ContextStartedDetails, ContextSucceededDetails
from ...models.operation import ContextDetails
from ...models.update import ContextOptions, OperationUpdate
from ..execution import Execution
from ..history import error_of, result_of
from .rules import ABSENT, ActionRule, OperationRules, anything, closing_members, created


def _start(execution: Execution, update: OperationUpdate, now: float) -> None:
    operation = replace(
        created(update, OperationStatus.STARTED, now), context_details=ContextDetails()
    )
    execution.ledger.add(operation, update.context_options)
    execution.history.record(now, ContextStartedDetails(), operation)


def _close(execution: Execution, update: OperationUpdate, now: float) -> None:
    record = execution.ledger.get(update.id)
    failed = update.action is OperationAction.FAIL
    status = OperationStatus.FAILED if failed else OperationStatus.SUCCEEDED
    # The closing update decides over the children; else what START said; else they go.
    keep_children = False
    for options in (None if record is None else record.options, update.context_options):
        if isinstance(options, ContextOptions) and options.replay_children is not None:
            keep_children = options.replay_children
    operation = replace(
        created(update, status, now) if record is None else record.operation,
        status=status,
        end_timestamp=now,
        context_details=ContextDetails(keep_children, update.payload, update.error),
    )
    if record is None:
        execution.ledger.add(operation)
    else:
        execution.ledger.replace(record, operation)
    if failed:
        execution.history.record(now, ContextFailedDetails(error_of(update.error)), operation)
    else:
        execution.history.record(now, ContextSucceededDetails(result_of(update.payload)), operation)


_CLOSE: Final = ActionRule(
    frozenset({ABSENT, OperationStatus.STARTED}),
    "Invalid current CONTEXT state to close.",
    _close,
    closing_members,
)

CONTEXT: Final = OperationRules(
    {
        OperationAction.START: ActionRule(
            frozenset({ABSENT}), "Cannot start a CONTEXT that already exist.", _start, anything
        ),
        OperationAction.SUCCEED: _CLOSE,
        OperationAction.FAIL: _CLOSE,
    }
)
