"""Small operations, updates and states that the tests of the core begin with."""

from __future__ import annotations

from typing import Any, Final

from perdure.batching import Batcher
from perdure.delivery import RequestRetries
from perdure.models import (
    ChainedInvokeOptions,
    CheckpointResponse,
    ErrorObject,
    Operation,
    OperationAction,
    OperationStatus,
    OperationType,
    OperationUpdate,
    StatePage,
    StepOptions,
    WaitOptions,
)
from perdure.modes import CheckpointingMode
from perdure.state import ExecutionState

ARN: Final = "arn:aws:lambda:eu-west-1:123456789012:function:orders:7/durable-execution/order-1/e1"


def operation(
    key: str,
    kind: str = "STEP",
    status: str = "STARTED",
    parent: str | None = None,
    **details: Any,
) -> Operation:
    """A recorded operation."""
    return Operation(
        key,
        OperationType(kind),
        OperationStatus(status),
        start_timestamp=900.0,
        parent_id=parent,
        **details,
    )


EXECUTION: Final = operation("e1", "EXECUTION")


def update(
    key: str, kind: str = "STEP", action: str = "START", parent: str | None = None, **more: Any
) -> OperationUpdate:
    """An update that is whole: the members that its action needs are there."""
    match kind, action:
        case "STEP", "RETRY":
            more.setdefault("step_options", StepOptions(1))
        case "WAIT", "START":
            more.setdefault("wait_options", WaitOptions(1))
        case "CHAINED_INVOKE", "START":
            more.setdefault("chained_invoke_options", ChainedInvokeOptions("pay"))
        case _, "FAIL":
            more.setdefault("error", ErrorObject("no"))
        case _:
            pass
    return OperationUpdate(
        key, OperationType(kind), OperationAction(action), parent_id=parent, **more
    )


def state(
    *operations: Operation,
    mode: CheckpointingMode = CheckpointingMode.BATCHED,
    batcher: Batcher | None = None,
    retries: RequestRetries | None = None,
    marker: str | None = None,
    arn: str = ARN,
) -> ExecutionState:
    """The state of an invocation that found these operations recorded."""
    page = StatePage((EXECUTION, *operations), marker)
    return ExecutionState(arn, "T0", page, mode=mode, batcher=batcher, retries=retries)


def response(token: str | None, *operations: Operation) -> CheckpointResponse:
    """An answer to a checkpoint."""
    return CheckpointResponse(StatePage(operations), token)
