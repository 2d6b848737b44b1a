"""EXECUTION: the handler ends the whole execution by a checkpoint.

The Id of such an update is arbitrary: it is about the execution itself and never creates
an operation.
"""

from __future__ import annotations

from typing import Final

from ...models.enums import ExecutionStatus, OperationAction, OperationStatus
from ...models.update import OperationUpdate
from ..execution import Execution
from .rules import ABSENT, ActionRule, OperationRules, closing_members


def _succeed(execution: Execution, update: OperationUpdate, now: float) -> None:
    execution.succeed(update.payload, now)


def _fail(execution: Execution, update: OperationUpdate, now: float) -> None:
    execution.finish(ExecutionStatus.FAILED, now, error=update.error)


# A token is valid only while the execution runs, so every status that can be met is legal.
_OPEN: Final = frozenset({ABSENT, OperationStatus.STARTED})
_REFUSAL: Final = "Cannot close an EXECUTION that has already completed."

EXECUTION: Final = OperationRules(
    {
        OperationAction.SUCCEED: ActionRule(_OPEN, _REFUSAL, _succeed, closing_members),
        OperationAction.FAIL: ActionRule(_OPEN, _REFUSAL, _fail, closing_members),
    }
)
