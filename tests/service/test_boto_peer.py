"""boto3 as the peer: what it sends is read here, and what is answered here is read by it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from perdure.models.encode import compact, to_wire
from perdure.models.enums import ExecutionStatus
from perdure.models.executions import HistoryRequest, ListExecutionsRequest
from perdure.models.operation import ErrorObject
from perdure.models.update import ContextOptions, StepOptions
from perdure.service import parsing
from service.lambda_model import read_as_boto, sent_by_boto
from service.world import BEGINNING, World, context, step, wait

ARN: Final = World().start(name="n")


def _sent(operation: str, **params: Any) -> tuple[str, dict[str, list[str]], bytes]:
    """What boto3 sends about the execution; its ARN is one segment of the path."""
    segments, query, body = sent_by_boto(operation, DurableExecutionArn=ARN, **params)
    assert segments[:2] == ["2025-12-01", "durable-executions"]
    assert segments[2] == ARN
    return segments[2], query, body


def test_a_checkpoint_request() -> None:
    update = {
        "Id": "s",
        "Type": "STEP",
        "Action": "RETRY",
        "Error": {"ErrorMessage": "é", "StackTrace": ["a"]},
        "StepOptions": {"NextAttemptDelaySeconds": 5},
        "ContextOptions": {"ReplayChildren": True},
    }
    arn, _, body = _sent(
        "CheckpointDurableExecution", CheckpointToken="AAAA", ClientToken="c", Updates=[update]
    )
    request = parsing.parse_checkpoint_request(arn, body)
    assert request.client_token == "c"
    assert request.updates[0].error == ErrorObject("é", stack_trace=("a",))
    assert request.updates[0].step_options == StepOptions(5)
    assert request.updates[0].context_options == ContextOptions(True)
    assert to_wire(request.updates[0]) == update


def test_a_state_request() -> None:
    arn, query, _ = _sent(
        "GetDurableExecutionState", CheckpointToken="A+/=", Marker="1:2", MaxItems=1000
    )
    request = parsing.parse_state_request(arn, query)
    assert (request.checkpoint_token, request.marker, request.max_items) == ("A+/=", "1:2", 1000)


def test_history_and_list_requests() -> None:
    arn, query, _ = _sent(
        "GetDurableExecutionHistory", IncludeExecutionData=False, MaxItems=5, ReverseOrder=True
    )
    assert parsing.parse_history_request(arn, query) == HistoryRequest(arn, False, 5, None, True)
    segments, query, _ = sent_by_boto(
        "ListDurableExecutionsByFunction",
        FunctionName="arn:aws:lambda:us-east-1:123456789012:function:f:7",
        Statuses=["RUNNING", "STOPPED"],
        StartedAfter=datetime.fromtimestamp(BEGINNING, UTC),
    )
    assert parsing.parse_list_request(segments[2], query) == ListExecutionsRequest(
        "arn:aws:lambda:us-east-1:123456789012:function:f:7",
        statuses=(ExecutionStatus.RUNNING, ExecutionStatus.STOPPED),
        started_after=BEGINNING,
    )


def test_stop_and_pause_requests() -> None:
    arn, _, body = _sent("StopDurableExecution", Error={"ErrorMessage": "m"})
    assert parsing.parse_stop_request(arn, body).error == ErrorObject("m")
    arn, _, body = _sent("StopDurableExecution")
    assert parsing.parse_stop_request(arn, body).error in (None, ErrorObject())
    arn, _, body = _sent("PauseDurableExecution", Reason="r", ExecutionTimeoutPaused=False)
    pause = parsing.parse_pause_request(arn, body)
    assert (pause.reason, pause.execution_timeout_paused) == ("r", False)
    arn, _, body = _sent("ResumeDurableExecution", ClientToken="c")
    assert parsing.parse_resume_request(arn, body).client_token == "c"


def test_callback_requests() -> None:
    callback = "ab+/AA=="
    segments, _, body = sent_by_boto(
        "SendDurableExecutionCallbackSuccess", CallbackId=callback, Result=b'"x"'
    )
    request = parsing.parse_callback_success(segments[2], body)
    assert (request.callback_id, request.result) == (callback, '"x"')
    segments, _, body = sent_by_boto(
        "SendDurableExecutionCallbackFailure", CallbackId=callback, Error={"ErrorType": "T"}
    )
    assert parsing.parse_callback_failure(segments[2], body).error == ErrorObject(None, "T")
    segments, _, body = sent_by_boto("SendDurableExecutionCallbackHeartbeat", CallbackId=callback)
    assert parsing.parse_callback_heartbeat(segments[2]).callback_id == callback


def test_answers_to_a_handler() -> None:
    world = World()
    handler = world.begun()
    response = handler.checkpoint(wait(5), step("RETRY", delay=3, payload="1"), context("SUCCEED"))
    read = read_as_boto("CheckpointDurableExecution", compact(to_wire(response)).encode())
    assert read["CheckpointToken"] == handler.token
    waited, stepped, closed = read["NewExecutionState"]["Operations"]
    assert waited["WaitDetails"]["ScheduledEndTimestamp"].timestamp() == BEGINNING + 5
    assert stepped["StepDetails"]["NextAttemptTimestamp"].timestamp() == BEGINNING + 3
    assert closed["ContextDetails"] == {"ReplayChildren": False}
    page = read_as_boto("GetDurableExecutionState", compact(to_wire(handler.page())).encode())
    assert [operation["Id"] for operation in page["Operations"]] == ["id-1", "w", "s", "c"]
    empty = read_as_boto(
        "CheckpointDurableExecution", compact(to_wire(handler.checkpoint())).encode()
    )
    assert empty["NewExecutionState"] == {"Operations": []}


def test_answers_to_an_operator() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(5))
    page = world.service.get_history(HistoryRequest(world.arn, max_items=2))
    read = read_as_boto("GetDurableExecutionHistory", compact(to_wire(page)).encode())
    assert [event["EventType"] for event in read["Events"]] == ["ExecutionStarted", "WaitStarted"]
    assert read["Events"][1]["EventTimestamp"].timestamp() == BEGINNING
    assert read["Events"][1]["WaitStartedDetails"]["Duration"] == 5
    stopped = world.service.stop(parsing.parse_stop_request(world.arn, b""), world.now)
    answer = read_as_boto("StopDurableExecution", compact(to_wire(stopped)).encode())
    assert answer["StopTimestamp"].timestamp() == BEGINNING
