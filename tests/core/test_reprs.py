"""Nothing secret in any repr: no token, no payload, no error, at any depth."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

import pytest

from core.samples import ARN, operation, state, update
from perdure.batching import Batch, build_request, serialise
from perdure.checkpointed import CheckpointedResult
from perdure.models import (
    CallbackDetails,
    ChainedInvokeDetails,
    CheckpointResponse,
    ContextDetails,
    ErrorObject,
    ExecutionDetails,
    InvocationInput,
    InvocationOutput,
    InvocationStatus,
    StatePage,
    StateRequest,
    StepDetails,
)
from perdure.models.enums import EventType
from perdure.models.executions import (
    CallbackFailureRequest,
    CallbackHeartbeatRequest,
    CallbackSuccessRequest,
    ErrorBody,
    InvokeRequest,
    StopRequest,
)
from perdure.models.fields import WireModel
from perdure.models.history import (
    Event,
    EventError,
    EventInput,
    EventResult,
    ExecutionStartedDetails,
)
from perdure.outcome import Failed, Succeeded

SECRET = "s3cret"
ERROR = ErrorObject(SECRET, SECRET, SECRET, (SECRET,))
RECORDED = operation(
    "s1",
    name="charge",
    step_details=StepDetails(1, None, SECRET, ERROR),
    context_details=ContextDetails(None, SECRET, ERROR),
    callback_details=CallbackDetails(SECRET, SECRET, ERROR),
    chained_invoke_details=ChainedInvokeDetails(SECRET, ERROR),
    execution_details=ExecutionDetails(SECRET),
)
UPDATE = update("s1", action="FAIL", payload=SECRET, error=ERROR)
BATCH = Batch([UPDATE], [serialise(UPDATE)])
PAGE = StatePage((RECORDED,), SECRET)

SECRET_MEMBERS = {
    *("callback_id", "checkpoint_token", "client_token", "error", "error_data", "error_message"),
    *("error_type", "input", "input_payload", "operations", "payload", "result", "stack_trace"),
    *("tenant_id", "updates"),
}

VALUES: list[object] = [
    ERROR,
    RECORDED,
    RECORDED.step_details,
    RECORDED.context_details,
    RECORDED.callback_details,
    RECORDED.chained_invoke_details,
    RECORDED.execution_details,
    CheckpointedResult(RECORDED),
    UPDATE,
    BATCH,
    build_request(ARN, SECRET, BATCH),
    StateRequest(ARN, SECRET, "m1"),
    PAGE,
    CheckpointResponse(PAGE, SECRET),
    InvocationInput(ARN, SECRET, PAGE),
    InvocationOutput(InvocationStatus.FAILED, SECRET, ERROR),
    Succeeded(SECRET),
    Failed(ERROR),
    EventInput(SECRET),
    EventResult(SECRET),
    EventError(ERROR),
    Event(
        EventType.STEP_FAILED,
        1,
        900.0,
        execution_started_details=ExecutionStartedDetails(EventInput(SECRET), 5),
    ),
    InvokeRequest("pay", payload=SECRET, tenant_id=SECRET),
    StopRequest(ARN, ERROR),
    CallbackSuccessRequest(SECRET, SECRET),
    CallbackFailureRequest(SECRET, ERROR),
    CallbackHeartbeatRequest(SECRET),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_repr_shows_no_secret(value: object) -> None:
    assert SECRET not in repr(value)
    assert SECRET not in str(value)
    assert SECRET not in repr([value, {"inside": value}])
    assert SECRET not in "".join(traceback.format_exception(ValueError(value)))


def wire_models(base: type[WireModel] = WireModel) -> Iterator[type[WireModel]]:
    """Every wire shape there is."""
    for model in base.__subclasses__():
        yield from (model, *wire_models(model))


@pytest.mark.parametrize("model", sorted(wire_models(), key=str), ids=lambda model: model.__name__)
def test_no_model_shows_a_secret_member(model: type[WireModel]) -> None:
    assert set(model.SHOWN) & SECRET_MEMBERS == set()
    assert model.__repr__ is WireModel.__repr__


def test_a_repr_says_what_it_is() -> None:
    assert repr(RECORDED) == "Operation(id=s1, type=STEP, name=charge, status=STARTED)"
    assert repr(UPDATE) == "OperationUpdate(id=s1, type=STEP, action=FAIL)"
    assert repr(ErrorBody(message="no", lower_message=None)) == "ErrorBody(message=no)"


def test_a_state_shows_neither_tokens_nor_payloads() -> None:
    one = state(RECORDED)
    one.set_checkpoint_token(SECRET)
    one.checkpoint(update("s2", action="SUCCEED", payload=SECRET))
    assert repr(one) == (f"<ExecutionState {ARN} REPLAYING operations=2 queued=1 in_flight=False>")
    one.request_to_send(1000.0)
    assert repr(one).endswith("queued=0 in_flight=True>")
