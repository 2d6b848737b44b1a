"""Raw requests: what a client sends becomes a model, or a refusal that the client can read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import pytest

from perdure.models.enums import ExecutionStatus, OperationAction, OperationType
from perdure.models.executions import (
    CallbackFailureRequest,
    CallbackHeartbeatRequest,
    CallbackSuccessRequest,
    DeleteRequest,
    GetExecutionRequest,
    HistoryRequest,
    InvokeRequest,
    ListAllExecutionsRequest,
    ListExecutionsRequest,
    PauseRequest,
    ResumeRequest,
    StopRequest,
)
from perdure.models.operation import ErrorObject
from perdure.service import ServiceFault, parsing
from service.world import World

ARN: Final = World().start()
LONG_ARN: Final = ARN.replace(":f:", ":" + "f" * 1024 + ":")


def test_a_checkpoint() -> None:
    body = {
        "CheckpointToken": "AAAA",
        "ClientToken": "c",
        "Updates": [
            {
                "Id": "s",
                "Type": "STEP",
                "Action": "RETRY",
                "ParentId": "c",
                "Name": "näme".replace("ä", "a"),
                "SubType": "Step",
                "Payload": "",
                "Error": {"ErrorMessage": "m", "StackTrace": ["a", "b"]},
                "StepOptions": {"NextAttemptDelaySeconds": 5},
                "Unknown": {"x": 1},
            }
        ],
    }
    request = parsing.parse_checkpoint_request(ARN, json.dumps(body).encode())
    assert (request.durable_execution_arn, request.checkpoint_token) == (ARN, "AAAA")
    assert request.client_token == "c"
    (update,) = request.updates
    assert (update.type, update.action) == (OperationType.STEP, OperationAction.RETRY)
    assert type(update.type) is OperationType
    assert update.payload == ""
    assert update.error == ErrorObject("m", stack_trace=("a", "b"))
    assert update.step_options is not None
    assert update.step_options.next_attempt_delay_seconds == 5
    assert update.wait_options is None


@pytest.mark.parametrize("updates", [{}, {"Updates": None}, {"Updates": []}])
def test_a_poll(updates: dict[str, Any]) -> None:
    body = json.dumps({"CheckpointToken": "AAAA", **updates}).encode()
    request = parsing.parse_checkpoint_request(ARN, body)
    assert (request.updates, request.client_token) == ((), None)


def test_null_members_are_absent() -> None:
    body = (
        b'{"CheckpointToken":"AAAA","ClientToken":null,"Updates":[{"Id":"s","Type":"CALLBACK",'
        b'"Action":"START","Name":null,"CallbackOptions":{"TimeoutSeconds":null}}]}'
    )
    (update,) = parsing.parse_checkpoint_request(ARN, body).updates
    assert update.callback_options is not None
    assert update.callback_options.timeout_seconds == 0


QUERY: Final[list[tuple[Callable[[], object], object]]] = [
    (
        lambda: parsing.parse_get_request(ARN, {}),
        GetExecutionRequest(ARN, include_execution_data=True),
    ),
    (
        lambda: parsing.parse_get_request(ARN, {"IncludeExecutionData": ["false"]}),
        GetExecutionRequest(ARN, include_execution_data=False),
    ),
    (lambda: parsing.parse_history_request(ARN, {}), HistoryRequest(ARN)),
    (
        lambda: parsing.parse_history_request(
            ARN,
            {
                "IncludeExecutionData": ["true"],
                "MaxItems": ["1000"],
                "Marker": ["12"],
                "ReverseOrder": ["true"],
            },
        ),
        HistoryRequest(ARN, True, 1000, "12", True),
    ),
    (lambda: parsing.parse_list_request("f", {}), ListExecutionsRequest("f")),
    (
        lambda: parsing.parse_list_request(
            "f",
            {
                "Qualifier": ["$LATEST"],
                "DurableExecutionName": ["n"],
                "Statuses": ["RUNNING", "FAILED"],
                "StartedAfter": ["2023-11-14T22:13:20Z"],
                "StartedBefore": ["2023-11-14T22:13:21.5Z"],
                "ReverseOrder": ["false"],
                "Marker": ["3"],
                "MaxItems": ["7"],
            },
        ),
        ListExecutionsRequest(
            "f",
            "$LATEST",
            "n",
            (ExecutionStatus.RUNNING, ExecutionStatus.FAILED),
            1_700_000_000.0,
            1_700_000_001.5,
            False,
            "3",
            7,
        ),
    ),
    (lambda: parsing.parse_list_all_request({}), ListAllExecutionsRequest()),
    (
        lambda: parsing.parse_list_all_request(
            {
                "FunctionName": ["f"],
                "NameContains": ["n"],
                "Statuses": ["RUNNING", "FAILED"],
                "Marker": ["3"],
                "MaxItems": ["7"],
            },
        ),
        ListAllExecutionsRequest(
            "f", "n", (ExecutionStatus.RUNNING, ExecutionStatus.FAILED), "3", 7
        ),
    ),
    (lambda: parsing.parse_stop_request(ARN, b""), StopRequest(ARN)),
    (lambda: parsing.parse_stop_request(ARN, b"{}"), StopRequest(ARN, ErrorObject())),
    (
        lambda: parsing.parse_stop_request(ARN, b'{"ErrorMessage":"m"}'),
        StopRequest(ARN, ErrorObject("m")),
    ),
    (lambda: parsing.parse_pause_request(ARN, b""), PauseRequest(ARN)),
    (
        lambda: parsing.parse_pause_request(
            ARN, b'{"ClientToken":"c","Reason":"r","ExecutionTimeoutPaused":false}'
        ),
        PauseRequest(ARN, "c", "r", False),
    ),
    (lambda: parsing.parse_resume_request(ARN, b'{"Reason":"r"}'), ResumeRequest(ARN, None, "r")),
    (lambda: parsing.parse_delete_request(ARN), DeleteRequest(ARN)),
    (
        lambda: parsing.parse_callback_success("AAAA", b""),
        CallbackSuccessRequest("AAAA", None),
    ),
    (
        lambda: parsing.parse_callback_success("A+/=", '"é"'.encode()),
        CallbackSuccessRequest("A+/=", '"é"'),
    ),
    (
        lambda: parsing.parse_callback_failure("AAAA", b'{"ErrorType":"T"}'),
        CallbackFailureRequest("AAAA", ErrorObject(None, "T")),
    ),
    (
        lambda: parsing.parse_callback_failure("AAAA", b" "),
        CallbackFailureRequest("AAAA", None),
    ),
    (lambda: parsing.parse_callback_heartbeat("AAAA"), CallbackHeartbeatRequest("AAAA")),
    (lambda: parsing.parse_invoke_request("f", {}, {}, b""), InvokeRequest("f")),
    (
        lambda: parsing.parse_invoke_request(
            "f",
            {"Qualifier": ["7"]},
            {
                "x-amz-invocation-type": "Event",
                "x-amz-durable-execution-name": "n",
                "x-amz-tenant-id": "t",
                "x-amzn-trace-id": "Root=1",
                "host": "h",
            },
            b'{"x": 1}',
        ),
        InvokeRequest("f", "7", "Event", "n", "t", "Root=1", '{"x": 1}'),
    ),
]


@pytest.mark.parametrize(("parse", "request_model"), QUERY)
def test_requests(parse: Callable[[], object], request_model: object) -> None:
    assert parse() == request_model


def test_the_page_size_of_a_state_request_is_the_services_own() -> None:
    bare = parsing.parse_state_request(ARN, {"CheckpointToken": ["AAAA"]})
    assert (bare.marker, bare.max_items) == (None, 0)
    full = parsing.parse_state_request(
        ARN, {"CheckpointToken": ["AAAA"], "Marker": ["0:1"], "MaxItems": ["1000"]}
    )
    assert (full.checkpoint_token, full.marker, full.max_items) == ("AAAA", "0:1", 1000)


BAD: Final[list[tuple[Callable[[], object], str, str]]] = [
    (
        lambda: parsing.parse_checkpoint_request("", b"{}"),
        "ValidationException",
        "at 'durableExecutionArn'",
    ),
    (
        lambda: parsing.parse_stop_request(LONG_ARN, b""),
        "ValidationException",
        "length less than or equal to 1024",
    ),
    (
        lambda: parsing.parse_get_request("uuid/uuid", {}),
        "ValidationException",
        "at 'durableExecutionArn'",
    ),
    (
        lambda: parsing.parse_state_request(ARN, {}),
        "ValidationException",
        "Value null at 'checkpointToken'",
    ),
    (
        lambda: parsing.parse_history_request(ARN, {"MaxItems": ["1001"]}),
        "ValidationException",
        "Value '1001' at 'maxItems'",
    ),
    (
        lambda: parsing.parse_history_request(ARN, {"MaxItems": ["-1"]}),
        "ValidationException",
        "Value '-1' at 'maxItems'",
    ),
    (
        lambda: parsing.parse_history_request(ARN, {"MaxItems": ["many"]}),
        "SerializationException",
        "maxItems",
    ),
    (
        lambda: parsing.parse_history_request(ARN, {"MaxItems": ["9" * 5000]}),
        "SerializationException",
        "maxItems",
    ),
    (
        lambda: parsing.parse_get_request(ARN, {"IncludeExecutionData": ["yes"]}),
        "SerializationException",
        "includeExecutionData",
    ),
    (
        lambda: parsing.parse_list_request("f", {"Statuses": ["ODD"]}),
        "ValidationException",
        "Value 'ODD' at 'statuses.1.member'",
    ),
    (
        lambda: parsing.parse_list_all_request({"Statuses": ["ODD"]}),
        "ValidationException",
        "Value 'ODD' at 'statuses.1.member'",
    ),
    (
        lambda: parsing.parse_list_request("f", {"StartedAfter": ["yesterday"]}),
        "SerializationException",
        "startedAfter",
    ),
    (lambda: parsing.parse_pause_request(ARN, b"{"), "SerializationException", "not JSON"),
    (lambda: parsing.parse_pause_request(ARN, b"[]"), "SerializationException", "not a JSON obj"),
    (
        lambda: parsing.parse_resume_request(ARN, json.dumps({"Reason": "r" * 1025}).encode()),
        "ValidationException",
        "Value at 'reason'",
    ),
    (
        lambda: parsing.parse_callback_success("A-B", b""),
        "ValidationException",
        "Value at 'callbackId'",
    ),
    (
        lambda: parsing.parse_callback_success("AAAA", b"x" * 1_048_577),
        "ValidationException",
        "Value at 'result' failed to satisfy constraint: Member must have length less than",
    ),
    (
        lambda: parsing.parse_callback_success("AAAA", b"\xff"),
        "InvalidParameterValueException",
        "not UTF-8",
    ),
    (lambda: parsing.parse_callback_failure("AAAA", b"[]"), "SerializationException", "body"),
    (
        lambda: parsing.parse_invoke_request("f", {}, {}, b"{"),
        "InvalidRequestContentException",
        "Could not parse request body into json",
    ),
    (
        lambda: parsing.parse_invoke_request("f", {}, {"x-amz-invocation-type": "Odd"}, b""),
        "ValidationException",
        "Value 'Odd' at 'invocationType'",
    ),
]


@pytest.mark.parametrize(("parse", "code", "message"), BAD, ids=[str(i) for i in range(len(BAD))])
def test_bad_requests(parse: Callable[[], object], code: str, message: str) -> None:
    with pytest.raises(ServiceFault) as caught:
        parse()
    assert caught.value.code == code
    assert message in caught.value.message
