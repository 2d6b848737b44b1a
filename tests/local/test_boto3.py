"""boto3, which knows the API from AWS's own model, uses every route of the served service."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.boto3_functions import Asking, boto3
from local.serving import Program, serving
from perdure_local.clock import SkippingClock

DEAD: Final = "arn:aws:lambda:us-east-1:123456789012:function:nap:$LATEST/durable-execution/no/no"


def _client(port: int) -> Any:
    return boto3.client(
        "lambda",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{port}",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    """A client of a service that skips waits."""
    program = Program()
    with serving({"nap": program}, clock=SkippingClock()) as peer:
        program.port = peer.port
        client = _client(peer.port)
        yield client
        client.close()


@pytest.fixture(scope="module")
def asking() -> Iterator[Any]:
    """A client of a service in real time, whose function ``ask`` waits for a callback."""
    function = Asking()

    def plain(event: object, context: object) -> object:
        return {"got": event}

    with serving({"ask": function, "plain": plain}, plain=["plain"]) as peer:
        function.client = client = _client(peer.port)
        yield client
        client.close()


def _asked(client: Any) -> tuple[str, str]:
    """Start the function that asks: its execution, and the id of its callback."""
    arn = client.invoke(FunctionName="ask", InvocationType="Event")["DurableExecutionArn"]
    for _ in range(500):
        events = client.get_durable_execution_history(DurableExecutionArn=arn)["Events"]
        if events[-1]["EventType"] == "InvocationCompleted":
            return arn, events[1]["CallbackStartedDetails"]["CallbackId"]
        time.sleep(0.01)
    raise AssertionError("it does not ask")


def _ended(client: Any, arn: str) -> dict[str, Any]:
    for _ in range(500):
        found: dict[str, Any] = client.get_durable_execution(DurableExecutionArn=arn)
        if "EndTimestamp" in found:
            return found
        time.sleep(0.01)
    raise AssertionError("it does not end")


def _code(call: Any, **arguments: Any) -> tuple[int, str]:
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    error: Any = raised.value
    return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]


def test_a_callback_that_succeeds(asking: Any) -> None:
    arn, callback = _asked(asking)
    beat = asking.send_durable_execution_callback_heartbeat(CallbackId=callback)
    assert beat["ResponseMetadata"]["HTTPStatusCode"] == 200
    done = asking.send_durable_execution_callback_success(
        CallbackId=callback, Result=b'"y\xc3\xa9s"'
    )
    assert done["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert _ended(asking, arn)["Result"] == '"yés"'
    for call in (
        asking.send_durable_execution_callback_success,
        asking.send_durable_execution_callback_failure,
        asking.send_durable_execution_callback_heartbeat,
    ):
        assert _code(call, CallbackId=callback) == (400, "CallbackTimeoutException")


def test_a_callback_that_fails(asking: Any) -> None:
    arn, callback = _asked(asking)
    error = {"ErrorType": "Denied", "ErrorMessage": "no", "StackTrace": ["a"]}
    answer = asking.send_durable_execution_callback_failure(CallbackId=callback, Error=error)
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    found = _ended(asking, arn)
    assert (found["Status"], found["Error"]) == ("FAILED", error)


def test_callbacks_that_do_not_exist(asking: Any) -> None:
    _, callback = _asked(asking)
    call = asking.send_durable_execution_callback_success
    assert _code(call, CallbackId="AAAA") == (400, "InvalidParameterValueException")
    assert _code(call, CallbackId="x y") == (400, "ValidationException")
    unknown = "WyJub3doZXJlIiwiMSJd"
    assert _code(call, CallbackId=unknown) == (404, "ResourceNotFoundException")
    asking.send_durable_execution_callback_success(CallbackId=callback)


def test_pause_resume_stop_delete(asking: Any) -> None:
    arn, callback = _asked(asking)
    paused = asking.pause_durable_execution(
        DurableExecutionArn=arn, Reason="night", ExecutionTimeoutPaused=False, ClientToken="once"
    )
    assert paused["ResponseMetadata"]["HTTPStatusCode"] == 202
    asking.pause_durable_execution(
        DurableExecutionArn=arn, Reason="night", ExecutionTimeoutPaused=False, ClientToken="once"
    )
    found = asking.get_durable_execution(DurableExecutionArn=arn)
    assert (found["Status"], found["PauseDetails"]["Reason"]) == ("PAUSED", "night")
    assert _code(asking.pause_durable_execution, DurableExecutionArn=arn) == (
        409,
        "ResourceConflictException",
    )
    assert _code(asking.delete_durable_execution, DurableExecutionArn=arn) == (
        409,
        "ResourceConflictException",
    )
    asking.send_durable_execution_callback_success(CallbackId=callback, Result=b"1")
    assert "EndTimestamp" not in asking.get_durable_execution(DurableExecutionArn=arn)
    resumed = asking.resume_durable_execution(DurableExecutionArn=arn, Reason="day")
    assert resumed["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert _ended(asking, arn)["Result"] == "1"
    events = asking.get_durable_execution_history(DurableExecutionArn=arn)["Events"]
    assert [event["EventType"] for event in events[3:6]] == [
        "ExecutionPaused",
        "CallbackSucceeded",
        "ExecutionResumed",
    ]
    assert events[5]["ExecutionResumedDetails"]["Reason"]["Payload"] == "day"
    deleted = asking.delete_durable_execution(DurableExecutionArn=arn)
    assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert isinstance(deleted["DeletionRequestTimestamp"], datetime)
    assert asking.get_durable_execution(DurableExecutionArn=arn)["Status"] == "DELETING"
    time.sleep(1.1)
    assert _code(asking.get_durable_execution, DurableExecutionArn=arn) == (
        404,
        "ResourceNotFoundException",
    )


def test_stop_in_the_middle(asking: Any) -> None:
    arn, callback = _asked(asking)
    error = {"ErrorType": "Cancelled", "ErrorMessage": "by hand"}
    stopped = asking.stop_durable_execution(DurableExecutionArn=arn, Error=error)
    found = _ended(asking, arn)
    assert (found["Status"], found["Error"]) == ("STOPPED", error)
    assert found["EndTimestamp"] == stopped["StopTimestamp"]
    call = asking.send_durable_execution_callback_success
    assert _code(call, CallbackId=callback) == (400, "CallbackTimeoutException")


def test_an_execution_from_start_to_history(client: Any) -> None:
    answer = client.invoke(
        FunctionName="nap", Payload=b'{"seconds": 60}', DurableExecutionName="first"
    )
    assert answer["StatusCode"] == 200
    assert json.loads(answer["Payload"].read()) == {"waited": {"seconds": 60}}
    arn = answer["DurableExecutionArn"]

    found = client.get_durable_execution(DurableExecutionArn=arn)
    assert found["Status"] == "SUCCEEDED"
    assert isinstance(found["StartTimestamp"], datetime)

    pages = client.get_paginator("get_durable_execution_history").paginate(
        DurableExecutionArn=arn, IncludeExecutionData=True, PaginationConfig={"PageSize": 2}
    )
    events = [event for page in pages for event in page["Events"]]
    assert [event["EventId"] for event in events] == [1, 2, 3, 4, 5, 6]
    assert events[1]["WaitStartedDetails"]["Duration"] == 60

    listed = client.list_durable_executions_by_function(
        FunctionName="nap",
        Statuses=["SUCCEEDED", "FAILED"],
        StartedAfter=datetime(2020, 1, 1, tzinfo=UTC),
    )
    assert arn in [each["DurableExecutionArn"] for each in listed["DurableExecutions"]]

    stopped = client.stop_durable_execution(
        DurableExecutionArn=arn, Error={"ErrorType": "T", "ErrorMessage": "m"}
    )
    assert stopped["StopTimestamp"] == found["EndTimestamp"]


def test_an_event_invoke(client: Any) -> None:
    answer = client.invoke(FunctionName="nap", InvocationType="Event", Payload=b'{"seconds": 1}')
    assert answer["StatusCode"] == 202
    assert "/durable-execution/" in answer["DurableExecutionArn"]


def test_a_dry_run(client: Any) -> None:
    assert client.invoke(FunctionName="nap", InvocationType="DryRun")["StatusCode"] == 204


def test_a_plain_function(asking: Any) -> None:
    answer = asking.invoke(FunctionName="plain", Payload=b'{"a": 1}')
    assert json.loads(answer["Payload"].read()) == {"got": {"a": 1}}
    assert "DurableExecutionArn" not in answer
    event = asking.invoke(FunctionName="plain", InvocationType="Event", Payload=b"1")
    assert event["StatusCode"] == 202


@pytest.mark.parametrize(
    ("call", "arguments", "status", "code", "message"),
    [
        (
            "checkpoint_durable_execution",
            {"DurableExecutionArn": DEAD, "CheckpointToken": "YQ=="},
            400,
            "InvalidParameterValueException",
            "Invalid checkpoint token",
        ),
        (
            "get_durable_execution_state",
            {"DurableExecutionArn": DEAD, "CheckpointToken": "YQ=="},
            400,
            "InvalidParameterValueException",
            "Invalid checkpoint token",
        ),
        (
            "get_durable_execution",
            {"DurableExecutionArn": DEAD},
            404,
            "ResourceNotFoundException",
            "Durable Execution does not exist",
        ),
        (
            "invoke",
            {"FunctionName": "nothing"},
            404,
            "ResourceNotFoundException",
            "Function not found: nothing",
        ),
    ],
)
def test_errors_are_read_by_code_and_message(
    client: Any, call: str, arguments: dict[str, str], status: int, code: str, message: str
) -> None:
    with pytest.raises(ClientError) as raised:
        getattr(client, call)(**arguments)
    error: Any = raised.value
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert error.response["Error"] == {"Code": code, "Message": message}


def test_functions_are_listed(client: Any) -> None:
    (found,) = client.list_functions()["Functions"]
    assert found["FunctionName"] == "nap"
    assert found["FunctionArn"] == "arn:aws:lambda:us-east-1:123456789012:function:nap"
