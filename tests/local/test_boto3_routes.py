"""boto3 makes every call of the API against ``perdure dev``, and provokes every error.

AWS's own model, which boto3 carries, says what there is: a call, or an error of a call,
that no test here makes fails one, and so does a route of ours that nobody takes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local import boto3_functions
from local.boto3_functions import boto3
from local.test_dev import dev
from perdure_local.server.endpoints import ROUTES
from perdure_local.server.routing import Found, Router

DEAD: Final = "arn:aws:lambda:us-west-2:123456789012:function:ask:$LATEST/durable-execution/no/no"
UNKNOWN_CALLBACK: Final = "WyJub3doZXJlIiwiMSJd"


class World:
    """A client, executions in the states that calls need, and the routes that were taken."""

    def __init__(self, port: int) -> None:
        self.client: Any = boto3.client(
            "lambda",
            region_name="us-west-2",
            endpoint_url=f"http://127.0.0.1:{port}",
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries={"total_max_attempts": 1}),
        )
        self.taken: set[Callable[..., object]] = set()
        self.client.meta.events.register("before-send.lambda", self._note)
        self._router: Final = Router(ROUTES)

    def _note(self, request: Any, **_: object) -> None:
        found = self._router.find(request.method, urlsplit(str(request.url)).path)
        assert isinstance(found, Found), request.url
        self.taken.add(found.endpoint)

    def __call__(self, call: str, **arguments: Any) -> dict[str, Any]:
        """Make a call; its answer."""
        answer: dict[str, Any] = getattr(self.client, _snake(call))(**arguments)
        return answer

    def asking(self, **options: Any) -> tuple[str, str]:
        """An execution that waits for its callback: its ARN, and the callback's id."""
        started = self("Invoke", FunctionName="ask", InvocationType="Event", **options)
        arn = started["DurableExecutionArn"]
        for _ in range(500):
            events = self("GetDurableExecutionHistory", DurableExecutionArn=arn)["Events"]
            if events[-1]["EventType"] == "InvocationCompleted":
                return arn, events[1]["CallbackStartedDetails"]["CallbackId"]
            time.sleep(0.02)
        raise AssertionError("it does not ask")

    def stopped(self) -> tuple[str, str]:
        """One that was stopped."""
        arn, callback = self.asking()
        self("StopDurableExecution", DurableExecutionArn=arn)
        return arn, callback

    def paused(self) -> str:
        """One that is paused."""
        arn, _ = self.asking()
        self("PauseDurableExecution", DurableExecutionArn=arn)
        return arn


def _snake(call: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in call)[1:]


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with dev(str(boto3_functions.__file__), AWS_REGION="us-west-2") as running:
        yield World(running.port)


def _status(answer: dict[str, Any]) -> int:
    status: int = answer["ResponseMetadata"]["HTTPStatusCode"]
    return status


CALLS: Final[dict[str, Callable[[World], dict[str, Any]]]] = {
    "Invoke": lambda w: w("Invoke", FunctionName="plain", Payload=b"1"),
    "ListFunctions": lambda w: w("ListFunctions"),
    "GetDurableExecution": lambda w: w("GetDurableExecution", DurableExecutionArn=w.asking()[0]),
    "GetDurableExecutionHistory": lambda w: w(
        "GetDurableExecutionHistory", DurableExecutionArn=w.asking()[0], ReverseOrder=True
    ),
    "ListDurableExecutionsByFunction": lambda w: w(
        "ListDurableExecutionsByFunction", FunctionName="ask", Statuses=["RUNNING", "STOPPED"]
    ),
    "StopDurableExecution": lambda w: w("StopDurableExecution", DurableExecutionArn=w.asking()[0]),
    "PauseDurableExecution": lambda w: w(
        "PauseDurableExecution", DurableExecutionArn=w.asking()[0], Reason="night"
    ),
    "ResumeDurableExecution": lambda w: w("ResumeDurableExecution", DurableExecutionArn=w.paused()),
    "DeleteDurableExecution": lambda w: w(
        "DeleteDurableExecution", DurableExecutionArn=w.stopped()[0]
    ),
    "SendDurableExecutionCallbackSuccess": lambda w: w(
        "SendDurableExecutionCallbackSuccess", CallbackId=w.asking()[1], Result=b"1"
    ),
    "SendDurableExecutionCallbackFailure": lambda w: w(
        "SendDurableExecutionCallbackFailure", CallbackId=w.asking()[1], Error={"ErrorType": "No"}
    ),
    "SendDurableExecutionCallbackHeartbeat": lambda w: w(
        "SendDurableExecutionCallbackHeartbeat", CallbackId=w.asking()[1]
    ),
}
"""A call that works. Those that need a token are made by the function `ask`."""

BY_HANDLER: Final = {"CheckpointDurableExecution", "GetDurableExecutionState"}


@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_works(world: World, call: str) -> None:
    answer = CALLS[call](world)
    expected = world.client.meta.service_model.operation_model(call).http["responseCode"]
    assert _status(answer) == expected
    assert len(answer) > 1 or expected == 202 or "Callback" in call


def test_the_handlers_calls_work(world: World) -> None:
    arn, callback = world.asking()
    world("SendDurableExecutionCallbackSuccess", CallbackId=callback, Result=b'"yes"')
    found: dict[str, Any] = {}
    for _ in range(500):
        found = world("GetDurableExecution", DurableExecutionArn=arn)
        if "EndTimestamp" in found:
            break
        time.sleep(0.02)
    assert (found["Status"], found["Result"]) == ("SUCCEEDED", '"yes"')


def test_every_call_of_the_api_is_made(world: World) -> None:
    model = world.client.meta.service_model
    named = {each for each in model.operation_names if "DurableExecution" in each}
    assert set(CALLS) | BY_HANDLER == named | {"Invoke", "ListFunctions"}


_BY_ARN: Final = tuple(
    f"{verb}DurableExecution" for verb in ("Stop", "Pause", "Resume", "Delete", "Get")
)
_DEAD: Final[dict[str, str]] = {"DurableExecutionArn": DEAD}
_DEAD_TOKEN: Final = {**_DEAD, "CheckpointToken": "YQ=="}
_CALLBACKS: Final = tuple(
    f"SendDurableExecutionCallback{each}" for each in ("Success", "Failure", "Heartbeat")
)
Arguments = Callable[[World], dict[str, Any]]


def _named_twice(world: World) -> dict[str, Any]:
    world.asking(DurableExecutionName="one", Payload=b"1")
    return {"FunctionName": "ask", "DurableExecutionName": "one", "Payload": b"2"}


ERRORS: Final[dict[tuple[str, str], Arguments]] = {
    ("CheckpointDurableExecution", "InvalidParameterValueException"): lambda w: _DEAD_TOKEN,
    ("GetDurableExecutionState", "InvalidParameterValueException"): lambda w: _DEAD_TOKEN,
    **{
        (call, "ResourceNotFoundException"): lambda w: _DEAD
        for call in (*_BY_ARN, "GetDurableExecutionHistory")
    },
    ("GetDurableExecutionHistory", "InvalidParameterValueException"): lambda w: {
        "DurableExecutionArn": w.asking()[0],
        "Marker": "never given",
    },
    ("ListDurableExecutionsByFunction", "InvalidParameterValueException"): lambda w: {
        "FunctionName": "ask",
        "Marker": "never given",
    },
    ("PauseDurableExecution", "ResourceConflictException"): lambda w: {
        "DurableExecutionArn": w.paused()
    },
    ("ResumeDurableExecution", "ResourceConflictException"): lambda w: {
        "DurableExecutionArn": w.asking()[0]
    },
    ("DeleteDurableExecution", "ResourceConflictException"): lambda w: {
        "DurableExecutionArn": w.asking()[0]
    },
    **{
        (call, "InvalidParameterValueException"): lambda w: {"CallbackId": "AAAA"}
        for call in _CALLBACKS
    },
    **{
        (call, "ResourceNotFoundException"): lambda w: {"CallbackId": UNKNOWN_CALLBACK}
        for call in _CALLBACKS
    },
    **{
        (call, "CallbackTimeoutException"): lambda w: {"CallbackId": w.stopped()[1]}
        for call in _CALLBACKS
    },
    ("Invoke", "ResourceNotFoundException"): lambda w: {"FunctionName": "nothing"},
    ("Invoke", "InvalidParameterValueException"): lambda w: {
        "FunctionName": "ask:1",
        "Qualifier": "2",
    },
    ("Invoke", "InvalidRequestContentException"): lambda w: {
        "FunctionName": "ask",
        "Payload": b"{",
    },
    ("Invoke", "RequestTooLargeException"): lambda w: {
        "FunctionName": "ask",
        "InvocationType": "Event",
        "Payload": json.dumps("x" * 1_100_000).encode(),
    },
    ("Invoke", "DurableExecutionAlreadyStartedException"): _named_twice,
}
"""(call, error): the arguments that provoke it."""

ELSEWHERE: Final = {"ServiceException", "TooManyRequestsException"}
"""What this service has no reason to say. Nor is there a key that KMS could refuse."""

NEVER: Final = {
    # Whatever could be wrong with their arguments is a ValidationException already.
    *[(call, "InvalidParameterValueException") for call in _BY_ARN],
    # A function without executions has an empty list, known or not.
    ("ListDurableExecutionsByFunction", "ResourceNotFoundException"),
}


@pytest.mark.parametrize(("call", "code"), ERRORS)
def test_an_error(world: World, call: str, code: str) -> None:
    arguments = ERRORS[call, code](world)
    with pytest.raises(getattr(world.client.exceptions, code)) as raised:
        world(call, **arguments)
    error: Any = raised.value
    answer: dict[str, Any] = error.response
    shapes = world.client.meta.service_model.operation_model(call).error_shapes
    (shape,) = [each for each in shapes if each.name == code]
    assert _status(answer) == shape.metadata["error"]["httpStatusCode"]
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-errortype"] == code
    assert answer["Error"]["Code"] == code
    assert answer["Error"]["Message"]
    assert answer["Type"] == code


def test_every_error_that_the_api_declares_is_provoked(world: World) -> None:
    model = world.client.meta.service_model
    declared = {
        (call, shape.name)
        for call in set(CALLS) | BY_HANDLER
        for shape in model.operation_model(call).error_shapes
    }
    assert set(ERRORS) <= declared
    # Of Invoke the model declares what may be wrong with a function's network and its image.
    durable = {(call, code) for call, code in declared if "DurableExecution" in call}
    left = {
        (call, code)
        for call, code in durable - set(ERRORS)
        if code not in ELSEWHERE and not code.startswith("KMS")
    }
    assert left == NEVER


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("GetDurableExecution", {"DurableExecutionArn": "no arn"}),
        ("StopDurableExecution", {"DurableExecutionArn": "no arn"}),
        ("PauseDurableExecution", {"DurableExecutionArn": DEAD, "ClientToken": "a b"}),
        ("ListDurableExecutionsByFunction", {"FunctionName": "ask", "MaxItems": 1001}),
        ("SendDurableExecutionCallbackSuccess", {"CallbackId": "x y"}),
    ],
)
def test_what_breaks_the_model_is_refused_by_the_front(
    world: World, call: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(ClientError) as raised:
        world(call, **arguments)
    error: Any = raised.value
    assert error.response["Error"]["Code"] == "ValidationException"
    assert _status(error.response) == 400
    assert "1 validation error detected" in error.response["Error"]["Message"]


@pytest.mark.parametrize(
    ("function", "kind", "status", "members"),
    [
        ("ask", "Event", 202, {"DurableExecutionArn"}),
        ("ask", "DryRun", 204, set[str]()),
        ("plain", "RequestResponse", 200, {"ExecutedVersion"}),
        ("plain", "Event", 202, set[str]()),
        ("plain", "DryRun", 204, set[str]()),
        ("broken", "RequestResponse", 200, {"ExecutedVersion", "FunctionError"}),
    ],
)
def test_invoke_in_every_way(
    world: World, function: str, kind: str, status: int, members: set[str]
) -> None:
    answer = world("Invoke", FunctionName=function, InvocationType=kind, Payload=b"7")
    assert answer["StatusCode"] == status
    shown = {"DurableExecutionArn", "ExecutedVersion", "FunctionError"}
    assert set(answer) & shown == members
    body = answer["Payload"].read()
    assert bool(body) == (kind == "RequestResponse")
    if function == "broken":
        assert json.loads(body)["errorType"] == "LookupError"


def test_pages(world: World) -> None:
    arns = {world.asking()[0] for _ in range(3)}
    client = world.client
    pages = client.get_paginator("list_durable_executions_by_function").paginate(
        FunctionName="ask", PaginationConfig={"PageSize": 2}
    )
    found = [page["DurableExecutions"] for page in pages]
    assert all(len(page) <= 2 for page in found)
    assert arns <= {each["DurableExecutionArn"] for page in found for each in page}
    history = client.get_paginator("get_durable_execution_history").paginate(
        DurableExecutionArn=arns.pop(), PaginationConfig={"PageSize": 1}
    )
    assert [event["EventId"] for page in history for event in page["Events"]] == [1, 2, 3]


def test_every_route_is_taken(world: World) -> None:
    for make in CALLS.values():
        make(world)
    for call in BY_HANDLER:
        with pytest.raises(ClientError):
            world(call, **_DEAD_TOKEN)
    api = {route.endpoint for route in ROUTES if route.pattern.startswith("/20")}
    assert world.taken == api
