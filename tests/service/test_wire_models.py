"""The wire shapes of histories and of the control plane against AWS's own model."""

from __future__ import annotations

from dataclasses import MISSING, fields, is_dataclass
from typing import Any, Final, get_args

import pytest

from perdure.errors import ValidationError
from perdure.models import executions, history
from perdure.models.encode import compact, to_wire
from perdure.models.enums import EventType
from perdure.models.fields import wire_name
from perdure.models.history import Details, Event, StepFailedDetails
from perdure.models.validate import json_schema, validate_json
from service.lambda_model import structure

SHAPES: Final[dict[type[Any], str]] = {
    **{kind: kind.__name__ for kind in get_args(Details)},
    history.Event: "Event",
    history.EventInput: "EventInput",
    history.EventResult: "EventResult",
    history.EventError: "EventError",
    history.EventReason: "EventPauseReason",
    history.RetryDetails: "RetryDetails",
    executions.TraceHeader: "TraceHeader",
    executions.DurableConfig: "DurableConfig",
    executions.PauseDetails: "PauseDetails",
    executions.GetExecutionRequest: "GetDurableExecutionRequest",
    executions.ExecutionDescription: "GetDurableExecutionResponse",
    executions.HistoryRequest: "GetDurableExecutionHistoryRequest",
    executions.HistoryPage: "GetDurableExecutionHistoryResponse",
    executions.ListExecutionsRequest: "ListDurableExecutionsByFunctionRequest",
    executions.ExecutionItem: "Execution",
    executions.ExecutionList: "ListDurableExecutionsByFunctionResponse",
    executions.StopRequest: "StopDurableExecutionRequest",
    executions.StopResponse: "StopDurableExecutionResponse",
    executions.PauseRequest: "PauseDurableExecutionRequest",
    executions.ResumeRequest: "ResumeDurableExecutionRequest",
    executions.DeleteRequest: "DeleteDurableExecutionRequest",
    executions.DeleteResponse: "DeleteDurableExecutionResponse",
    executions.CallbackSuccessRequest: "SendDurableExecutionCallbackSuccessRequest",
    executions.CallbackFailureRequest: "SendDurableExecutionCallbackFailureRequest",
    executions.CallbackHeartbeatRequest: "SendDurableExecutionCallbackHeartbeatRequest",
}


@pytest.mark.parametrize("model", SHAPES, ids=lambda model: model.__name__)
def test_members(model: type[Any]) -> None:
    shape = structure(SHAPES[model])
    assert {wire_name(field.name) for field in fields(model)} == set(shape.members)


@pytest.mark.parametrize("model", SHAPES, ids=lambda model: model.__name__)
def test_what_the_model_requires_is_required_here(model: type[Any]) -> None:
    shape = structure(SHAPES[model])
    required = {wire_name(f.name) for f in fields(model) if f.default is MISSING}
    always_written = {
        wire_name(f.name)
        for f in fields(model)
        if f.default is not None and f.default is not MISSING
    }
    assert set(shape.required_members) <= required | always_written


def test_every_model_of_these_modules_is_compared_or_has_no_shape() -> None:
    here = {
        model
        for module in (history, executions)
        for model in vars(module).values()
        if is_dataclass(model) and isinstance(model, type) and model.__module__ == module.__name__
    }
    assert here - set(SHAPES) == {
        executions.InvokeRequest,
        executions.ListAllExecutionsRequest,
        executions.ErrorBody,
    }


@pytest.mark.parametrize("model", SHAPES, ids=lambda model: model.__name__)
def test_every_model_has_a_schema(model: type[Any]) -> None:
    names = {wire_name(field.name) for field in fields(model)}
    assert set(json_schema(model).get("properties", {})) == names


def test_there_is_a_details_member_for_each_event_type() -> None:
    names = {kind.__name__ for kind in get_args(Details)}
    assert names == {f"{kind.value}Details" for kind in EventType}
    assert names == {wire_name(f.name) for f in fields(Event)} & names


def test_an_event_is_read_back_as_it_was_written() -> None:
    event = Event(
        EventType.STEP_FAILED,
        7,
        1_700_000_000.25,
        id="s",
        step_failed_details=StepFailedDetails(
            history.EventError(None, True), history.RetryDetails(2, 5)
        ),
    )
    assert validate_json(Event, compact(to_wire(event))) == event


@pytest.mark.parametrize(
    ("model", "text", "where"),
    [
        (Event, '{"EventType":"Odd","EventId":1,"EventTimestamp":1}', "EventType"),
        (Event, '{"EventType":"StepStarted","EventId":0,"EventTimestamp":1}', "EventId"),
        (history.WaitStartedDetails, '{"Duration":-1,"ScheduledEndTimestamp":1}', "Duration"),
        (executions.StopRequest, '{"DurableExecutionArn":"x"}', "DurableExecutionArn"),
        (executions.DurableConfig, '{"RetentionPeriodInDays":91}', "RetentionPeriodInDays"),
    ],
)
def test_limits_hold(model: type[Any], text: str, where: str) -> None:
    with pytest.raises(ValidationError, match=where):
        validate_json(model, text)


def test_a_repr_shows_no_payload() -> None:
    shown = repr(history.EventResult("secret", False))
    assert shown == "EventResult(truncated=False)"
    assert "secret" not in repr(executions.StopRequest("arn", None))
