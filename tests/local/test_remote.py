"""Functions at a Lambda-shaped endpoint: what they are asked, and what their answers mean."""

from __future__ import annotations

import asyncio
import json

import pytest

from local.lambda_endpoint import Answer, lambda_endpoint
from local.serving import serving
from perdure.endpoints import parse_endpoint
from perdure.models.operation import ErrorObject
from perdure.service.policy import ServicePolicy
from perdure_local.functions.invocations import Outcome, Raised, Returned, Unanswered
from perdure_local.functions.remote import InvocationRequest, RemoteFunction

UNHANDLED = {"X-Amz-Function-Error": "Unhandled"}
DONE = json.dumps({"Status": "SUCCEEDED", "Result": "7"}).encode()


def _function(url: str) -> RemoteFunction:
    return RemoteFunction("f", parse_endpoint(url), "eu-west-1")


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(200, DONE), Returned(DONE.decode())),
        (
            Answer(200, b'{"errorType": "E", "errorMessage": "m"}', UNHANDLED),
            Raised(ErrorObject("m", "E")),
        ),
        (
            Answer(
                404,
                b'{"Type": "User", "Message": "Function not found: f"}',
                {"x-amzn-errortype": "ResourceNotFoundException:http://x"},
            ),
            Raised(ErrorObject("Function not found: f", "ResourceNotFoundException"), False),
        ),
        (
            Answer(502, b"<html>"),
            Raised(ErrorObject("the endpoint answered with HTTP status 502", "Http502")),
        ),
        (
            Answer(429, b'{"message": "slow down"}'),
            Raised(ErrorObject("slow down", "Http429")),
        ),
        (
            Answer(200, b"\xff"),
            Raised(ErrorObject("the function's answer is not UTF-8", "Runtime.MarshalError")),
        ),
        (Answer(200, DONE, seconds=5), Unanswered()),
    ],
)
def test_what_an_answer_means(answer: Answer, outcome: Outcome) -> None:
    with lambda_endpoint(answer) as endpoint:
        request = InvocationRequest("{}", "$LATEST", seconds_left=0.3)
        got = asyncio.run(_function(endpoint.url).invoke(request))
    if isinstance(outcome, Raised):
        assert isinstance(got, Raised)
        assert (got.error, got.retryable) == (outcome.error, outcome.retryable)
    elif isinstance(outcome, Returned):
        assert isinstance(got, Returned)
        assert got.output == outcome.output
    else:
        assert got == outcome


def test_an_endpoint_that_is_not_there_is_worth_another_try() -> None:
    request = InvocationRequest("{}", "$LATEST", 1)
    got = asyncio.run(_function("http://127.0.0.1:1").invoke(request))
    assert isinstance(got, Raised)
    assert got.retryable
    assert "http://127.0.0.1:1 cannot be reached" in str(got.error.error_message)


def test_it_is_asked_as_lambda_is() -> None:
    request = InvocationRequest('{"a": "ü"}', "live", 5, tenant_id="blue", trace_id="Root=1")
    with lambda_endpoint(Answer(200, b"1")) as endpoint:
        function = RemoteFunction("a.b", parse_endpoint(f"{endpoint.url}/at"), "eu-west-1")
        asyncio.run(function.invoke(request))
    [(path, headers, body)] = endpoint.asked
    assert path == "/at/2015-03-31/functions/a.b/invocations?Qualifier=live"
    assert body == '{"a": "ü"}'.encode()
    assert headers["x-amz-invocation-type"] == "RequestResponse"
    assert headers["x-amz-tenant-id"] == "blue"
    assert headers["x-amzn-trace-id"] == "Root=1"
    assert "/eu-west-1/lambda/aws4_request" in headers["authorization"]


def test_the_service_retries_its_failures_and_ends_with_its_result() -> None:
    failure = Answer(200, b'{"errorType": "E", "errorMessage": "m"}', UNHANDLED)
    policy = ServicePolicy(invocation_retry_seconds=0.05)
    with lambda_endpoint(failure, Answer(503, b""), Answer(200, DONE)) as endpoint:
        functions = {"f": _function(endpoint.url)}
        with serving(functions, policy=policy) as peer:
            assert peer.invoke("f", {"x": 1}).json() == 7
    path, _, body = endpoint.asked[0]
    assert path == "/2015-03-31/functions/f/invocations"
    envelope = json.loads(body)
    first = envelope["InitialExecutionState"]["Operations"][0]
    assert first["ExecutionDetails"] == {"InputPayload": '{"x": 1}'}
    assert len(endpoint.asked) == 3


def test_a_plain_one_answers_its_caller() -> None:
    with (
        lambda_endpoint(Answer(200, b'"plain"')) as endpoint,
        serving({"f": _function(endpoint.url)}, plain=["f"]) as peer,
    ):
        assert peer.invoke("f:3", {"x": 1}).json() == "plain"
        assert endpoint.asked[0][0].endswith("?Qualifier=3")
        assert endpoint.asked[0][2] == b'{"x": 1}'


def test_a_plain_one_that_never_answers_is_told_of() -> None:
    policy = ServicePolicy(invocation_timeout_seconds=1)
    with (
        lambda_endpoint(Answer(200, b"1", seconds=20)) as endpoint,
        serving({"f": _function(endpoint.url)}, plain=["f"], policy=policy) as peer,
    ):
        assert peer.invoke("f", {}).status == 504


def test_a_durable_one_that_never_answers_times_out() -> None:
    policy = ServicePolicy(invocation_timeout_seconds=1, invocation_attempts=1)
    with (
        lambda_endpoint(Answer(200, b"1", seconds=20)) as endpoint,
        serving({"f": _function(endpoint.url)}, policy=policy) as peer,
    ):
        assert peer.invoke("f", {}).json()["errorType"] == "Sandbox.Timedout"
