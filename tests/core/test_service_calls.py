"""The two calls as HTTP requests, and refusals as errors."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from core.transcript import ARN, NOW, Wire, execution
from perdure.errors import Scope, ServiceError
from perdure.http import HttpResponse
from perdure.models.checkpoint import CheckpointRequest, StateRequest
from perdure.models.decode import decode_page
from perdure.models.enums import OperationAction, OperationType
from perdure.models.operation import ErrorObject
from perdure.models.update import OperationUpdate, StepOptions
from perdure.service_calls import body_of, checkpoint_call, read_error, state_call
from perdure.state import ExecutionState

SEGMENT: Final = (
    "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af%3A1%2Fdurable-execution"
    "%2Forder%2Fe-1"
)
PREFIX: Final = f"/2025-12-01/durable-executions/{SEGMENT}"


# -- requests ------------------------------------------------------------------------------


def test_a_checkpoint_travels_as_it_was_measured() -> None:
    state = ExecutionState(ARN, "to/ken+=", decode_page({"Operations": [execution()]}))
    state.checkpoint(OperationUpdate("é".encode().hex(), OperationType.STEP, OperationAction.START))
    request = state.request_to_send(NOW)
    assert request is not None
    call = checkpoint_call(request)
    assert (call.method, call.target) == ("POST", f"{PREFIX}/checkpoint")
    assert call.headers == (("Content-Type", "application/json"),)
    assert call.body is request.body  # serialised once
    assert json.loads(call.body) == {
        "CheckpointToken": "to/ken+=",
        "Updates": [{"Id": "c3a9", "Type": "STEP", "Action": "START"}],
        "ClientToken": request.client_token,
    }


def test_a_checkpoint_made_by_hand() -> None:
    update = OperationUpdate(
        "a1",
        OperationType.STEP,
        OperationAction.RETRY,
        name="pay",
        error=ErrorObject("漢", "E"),
        step_options=StepOptions(3),
    )
    call = checkpoint_call(CheckpointRequest(ARN, "t", (update,)))
    assert call.target == f"{PREFIX}/checkpoint"
    assert call.body.decode() == (
        '{"CheckpointToken":"t","Updates":[{"Id":"a1","Type":"STEP","Action":"RETRY",'
        '"Name":"pay","Error":{"ErrorMessage":"漢","ErrorType":"E"},'
        '"StepOptions":{"NextAttemptDelaySeconds":3}}]}'
    )


def test_a_poll_is_a_checkpoint_without_updates() -> None:
    call = checkpoint_call(CheckpointRequest(ARN, "t"))
    assert call.body == b'{"CheckpointToken":"t","Updates":[]}'


@pytest.mark.parametrize(
    ("request_", "query"),
    [
        (StateRequest(ARN, "t"), "CheckpointToken=t&MaxItems=1000"),
        (StateRequest(ARN, "a+b/c="), "CheckpointToken=a%2Bb%2Fc%3D&MaxItems=1000"),
        (StateRequest(ARN, "t", "m&1=/"), "CheckpointToken=t&Marker=m%261%3D%2F&MaxItems=1000"),
        (StateRequest(ARN, "t", "", 5), "CheckpointToken=t&Marker=&MaxItems=5"),
    ],
)
def test_a_page_of_the_state(request_: StateRequest, query: str) -> None:
    call = state_call(request_)
    assert (call.method, call.target) == ("GET", f"{PREFIX}/state?{query}")
    assert (call.headers, call.body) == ((), b"")


@pytest.mark.parametrize(
    ("arn", "segment"),
    [
        ("$LATEST", "%24LATEST"),
        ("a b", "a%20b"),
        ("é", "%C3%A9"),
        ("A-z_0.9~", "A-z_0.9~"),
        ("../..", "..%2F.."),
        ("?#%", "%3F%23%25"),
    ],
)
def test_an_arn_is_one_segment(arn: str, segment: str) -> None:
    path = "/2025-12-01/durable-executions/"
    assert checkpoint_call(CheckpointRequest(arn, "t")).target == f"{path}{segment}/checkpoint"
    assert state_call(StateRequest(arn, "t")).target.startswith(f"{path}{segment}/state?")


# -- answers -------------------------------------------------------------------------------


def response(status: int, body: object = b"", **headers: str) -> HttpResponse:
    """An answer; a body that is no bytes is sent as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return HttpResponse(
        status, {name.replace("_", "-"): text for name, text in headers.items()}, data
    )


def test_the_body_of_a_success() -> None:
    assert body_of(response(200, b"{}")) == b"{}"


@pytest.mark.parametrize("status", [100, 201, 204, 301, 302, 400, 404, 429, 500, 503])
def test_every_other_status_is_an_error(status: int) -> None:
    with pytest.raises(ServiceError) as raised:
        body_of(response(status))
    assert raised.value.status == status
    assert str(raised.value) == f"{status}: HTTP status {status}"


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({"x_amzn_errortype": "NotFound"}, {}, "NotFound"),
        ({"x_amzn_errortype": "NotFound:http://a.b/c#d"}, {}, "NotFound"),
        ({"x_amzn_errortype": "com.amazon#NotFound"}, {}, "NotFound"),
        ({"x_amzn_errortype": "com.amazon#NotFound:http://a.b/"}, {}, "NotFound"),
        ({"x_amzn_errortype": "NotFound"}, {"Type": "User", "code": "Other"}, "NotFound"),
        ({"x_amzn_errortype": ""}, {"code": "Other"}, "Other"),
        ({}, {"code": "NotFound"}, "NotFound"),
        ({}, {"Code": "NotFound"}, "NotFound"),
        ({}, {"__type": "NotFound"}, "NotFound"),
        ({}, {"__type": "com.amazon.coral#NotFound"}, "NotFound"),
        ({}, {"Type": "NotFound"}, "NotFound"),
        ({}, {"code": "", "__type": "NotFound"}, "NotFound"),
        ({}, {"code": 404, "__type": "NotFound"}, "NotFound"),
        ({}, {"code": None}, None),
        ({}, {}, None),
        ({}, [{"code": "NotFound"}], None),
        ({}, "NotFound", None),
        ({}, b"", None),
        ({}, b"<html>Bad Gateway</html>", None),
        ({}, b"\xff\xfe\x00", None),
        ({}, b"[" * 100_000, None),
    ],
)
def test_where_the_code_is(headers: Any, body: Any, code: str | None) -> None:
    assert read_error(response(404, body, **headers)).code == code


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"message": "no"}, "no"),
        ({"Message": "no"}, "no"),
        ({"errorMessage": "no"}, "no"),
        ({"message": "one", "Message": "two"}, "one"),
        ({"message": None, "Message": "two"}, "two"),
        ({"message": {"a": 1}}, "HTTP status 404"),
        ({"message": ""}, "HTTP status 404"),
        (b"no JSON", "HTTP status 404"),
    ],
)
def test_where_the_message_is(body: Any, message: str) -> None:
    assert read_error(response(404, body)).message == message


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("3", 3.0),
        ("0.5", 0.5),
        ("0", 0.0),
        ("-1", None),
        ("nan", None),
        ("inf", None),
        ("soon", None),
        ("", None),
        ("Wed, 21 Oct 2026 07:28:00 GMT", None),
    ],
)
def test_the_pause_that_is_asked_for(text: str, seconds: float | None) -> None:
    assert read_error(response(429, retry_after=text)).retry_after == seconds


def test_no_pause_is_asked_for() -> None:
    assert read_error(response(429)).retry_after is None


STALE: Final = "Invalid checkpoint token: expired"


@pytest.mark.parametrize(
    ("status", "code", "message", "retryable", "scope"),
    [
        (400, "InvalidParameterValueException", STALE, False, Scope.INVOCATION),
        (400, "InvalidParameterValueException", STALE.title(), False, Scope.INVOCATION),
        (400, "InvalidParameterValueException", STALE.upper(), False, Scope.INVOCATION),
        (400, "InvalidParameterValueException", "Bad id", False, Scope.EXECUTION),
        (429, "TooManyRequestsException", "slow down", True, Scope.INVOCATION),
        (502, "KMSAccessDeniedException", "no key", False, Scope.EXECUTION),
        (500, "ServiceException", "oops", True, Scope.INVOCATION),
    ],
)
def test_an_answer_is_classified_whole(
    status: int, code: str, message: str, retryable: bool, scope: Scope
) -> None:
    body: Wire = {"Type": "User", "message": message}
    error = read_error(response(status, body, x_amzn_errortype=f"{code}:http://x/"))
    assert (error.retryable, error.scope, error.code) == (retryable, scope, code)
    assert str(error) == f"{status} {code}: {message}"
