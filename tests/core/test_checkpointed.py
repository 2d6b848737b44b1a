"""What may be asked of one recorded operation."""

from __future__ import annotations

from typing import Final

import pytest

from core.samples import operation
from perdure.checkpointed import CheckpointedResult
from perdure.models import (
    CallbackDetails,
    ChainedInvokeDetails,
    ContextDetails,
    ErrorObject,
    Operation,
    OperationStatus,
    StepDetails,
)

PREDICATES: Final = {
    "STARTED": "is_started",
    "PENDING": "is_pending",
    "READY": "is_ready",
    "SUCCEEDED": "is_succeeded",
    "FAILED": "is_failed",
    "CANCELLED": "is_cancelled",
    "TIMED_OUT": "is_timed_out",
    "STOPPED": "is_stopped",
}
TERMINAL: Final = {"SUCCEEDED", "FAILED", "CANCELLED", "TIMED_OUT", "STOPPED"}


@pytest.mark.parametrize("status", OperationStatus)
def test_exactly_one_status_holds(status: OperationStatus) -> None:
    result = CheckpointedResult(operation("s1", status=status))
    true = {name for name in PREDICATES.values() if getattr(result, name)}
    assert true == {PREDICATES[status]}
    assert result.is_terminal == (status in TERMINAL)
    assert result.is_existent
    assert (result.status, result.operation_type) == (status, "STEP")


def test_nothing_is_true_of_nothing() -> None:
    nothing = CheckpointedResult(None)
    assert not any(getattr(nothing, name) for name in PREDICATES.values())
    assert not nothing.is_existent
    assert not nothing.is_terminal
    assert (nothing.status, nothing.operation_type, nothing.callback_id) == (None, None, None)
    assert (nothing.result, nothing.error, nothing.retry_payload) == (None, None, None)
    assert nothing.attempt == 0
    assert repr(nothing) == "CheckpointedResult(None)"


ERROR: Final = ErrorObject("no", "ValueError")


@pytest.mark.parametrize(
    "recorded",
    [
        operation("x", "STEP", "FAILED", step_details=StepDetails(2, None, "1", ERROR)),
        operation("x", "CONTEXT", "FAILED", context_details=ContextDetails(None, "1", ERROR)),
        operation("x", "CALLBACK", "FAILED", callback_details=CallbackDetails("Q0I=", "1", ERROR)),
        operation(
            "x", "CHAINED_INVOKE", "FAILED", chained_invoke_details=ChainedInvokeDetails("1", ERROR)
        ),
    ],
    ids=lambda recorded: recorded.type,
)
def test_result_and_error_of_each_type(recorded: Operation) -> None:
    result = CheckpointedResult(recorded)
    assert (result.result, result.error) == ("1", ERROR)
    assert result.attempt == (2 if recorded.type == "STEP" else 0)
    assert result.callback_id == ("Q0I=" if recorded.type == "CALLBACK" else None)
    assert result.retry_payload is None


@pytest.mark.parametrize("kind", ["WAIT", "EXECUTION", "STEP"])
def test_without_details_there_is_no_result(kind: str) -> None:
    result = CheckpointedResult(operation("x", kind, "SUCCEEDED"))
    assert (result.result, result.error) == (None, None)


@pytest.mark.parametrize(
    ("status", "expected"),
    [("PENDING", "5"), ("READY", "5"), ("STARTED", "5"), ("SUCCEEDED", None), ("FAILED", None)],
)
def test_the_state_of_a_polled_condition(status: str, expected: str | None) -> None:
    recorded = operation("x", status=status, step_details=StepDetails(1, None, "5"))
    assert CheckpointedResult(recorded).retry_payload == expected
