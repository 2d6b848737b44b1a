"""botocore, which knows the API from AWS's own model, talks to the served service unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.session import Session

from local.serving import Program, serving
from perdure_local.clock import SkippingClock

DEAD = "arn:aws:lambda:us-east-1:123456789012:function:nap:$LATEST/durable-execution/no/no"


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    program = Program()
    with serving({"nap": program}, clock=SkippingClock()) as peer:
        program.port = peer.port
        client = Session().create_client(
            "lambda",
            region_name="us-east-1",
            endpoint_url=f"http://127.0.0.1:{peer.port}",
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries={"total_max_attempts": 1}),
        )
        yield client
        client.close()


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
