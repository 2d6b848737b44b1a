"""The served service, over real sockets: routes, statuses, headers, refusals."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from local.serving import DURABLE, Peer, Program, serving
from perdure_local.clock import SkippingClock
from perdure_local.functions.invocations import Function
from perdure_local.functions.lambda_context import LambdaContext
from perdure_local.server.gate import MAX_BODY_BYTES

PROGRAM = Program()


def _fails(event: dict[str, Any], context: LambdaContext) -> object:
    return {
        "Status": "FAILED",
        "Error": {"ErrorType": "OutOfStock", "ErrorMessage": "no mugs", "StackTrace": ["a"]},
    }


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    functions: dict[str, Function] = {"nap": PROGRAM, "fails": _fails}
    with serving(functions, clock=SkippingClock()) as peer:
        PROGRAM.port = peer.port
        yield peer


@pytest.fixture
def busy() -> Iterator[Peer]:
    """A service whose function ``held`` stays in flight until the test is over."""
    over = threading.Event()

    def held(event: dict[str, Any], context: LambdaContext) -> object:
        over.wait(20)
        return {"Status": "SUCCEEDED"}

    with serving({"held": held}) as peer:
        yield peer
        over.set()


def _unknown_arn() -> str:
    arn = "arn:aws:lambda:us-east-1:123456789012:function:nap:$LATEST/durable-execution/no/no"
    return quote(arn, safe="")


# Invoke


def test_a_request_response_invoke_answers_with_the_result(peer: Peer) -> None:
    response = peer.invoke("nap", {"seconds": 86_400})
    assert response.status == 200
    assert response.json() == {"waited": {"seconds": 86_400}}
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-amz-executed-version"] == "$LATEST"
    assert "x-amz-function-error" not in response.headers
    arn = response.headers["x-amz-durable-execution-arn"]
    assert peer.of(arn, "GET")["Status"] == "SUCCEEDED"


def test_an_event_invoke_answers_at_once(busy: Peer) -> None:
    response = busy.invoke("held", {}, invocation_type="Event")
    assert (response.status, response.body) == (202, b"")
    arn = response.headers["x-amz-durable-execution-arn"]
    assert busy.of(arn, "GET")["Status"] == "RUNNING"


def test_a_dry_run_starts_nothing(peer: Peer) -> None:
    before = peer.send("GET", "/2025-12-01/functions/fails/durable-executions").json()
    response = peer.invoke("fails", {}, invocation_type="DryRun")
    assert (response.status, response.body) == (204, b"")
    assert peer.send("GET", "/2025-12-01/functions/fails/durable-executions").json() == before


def test_a_failed_execution_is_a_function_error(peer: Peer) -> None:
    response = peer.invoke("fails", {})
    assert response.status == 200
    assert response.headers["x-amz-function-error"] == "Unhandled"
    assert response.json() == {
        "errorMessage": "no mugs",
        "errorType": "OutOfStock",
        "stackTrace": ["a"],
    }


def test_an_execution_that_is_stopped_meanwhile_is_a_function_error(busy: Peer) -> None:
    arn = busy.start("held", "stop me")
    name = arn.split("/")[-2]
    answers: list[Any] = []

    def wait_for_it() -> None:
        other = Peer(busy.port)
        answers.append(other.invoke("held", "stop me", durable_execution_name=name))
        other.close()

    waiting = threading.Thread(target=wait_for_it)
    waiting.start()
    stop = {"ErrorType": "Cancelled", "ErrorMessage": "by hand"}
    busy.of(arn, "POST", "/stop", stop)
    waiting.join(10)
    assert answers[0].headers["x-amz-function-error"] == "Unhandled"
    assert answers[0].json() == {"errorMessage": "by hand", "errorType": "Cancelled"}


def test_the_same_name_and_input_join_and_another_input_does_not(peer: Peer) -> None:
    first = peer.invoke("nap", {"seconds": 1}, durable_execution_name="once")
    again = peer.invoke("nap", {"seconds": 1}, durable_execution_name="once")
    assert again.json() == first.json()
    arn = first.headers["x-amz-durable-execution-arn"]
    assert again.headers["x-amz-durable-execution-arn"] == arn
    assert "/durable-execution/once/" in arn
    other = peer.invoke("nap", {"seconds": 2}, durable_execution_name="once")
    assert other.status == 409
    assert other.headers["x-amzn-errortype"] == "DurableExecutionAlreadyStartedException"


@pytest.mark.parametrize(
    "function",
    [
        "nap",
        "nap:$LATEST",
        "123456789012:function:nap",
        "arn:aws:lambda:us-east-1:123456789012:function:nap",
        "arn:aws:lambda:us-east-1:123456789012:function:nap:$LATEST",
    ],
)
def test_a_function_goes_by_its_name_or_arn(peer: Peer, function: str) -> None:
    assert peer.invoke(function, {"seconds": 1}).status == 200


def test_the_function_sees_a_lambda_context(peer: Peer) -> None:
    PROGRAM.contexts.clear()
    response = peer.invoke("nap", {"seconds": 1}, tenant_id="blue")
    first, second = PROGRAM.contexts
    assert isinstance(first, LambdaContext)
    assert isinstance(second, LambdaContext)
    assert first.aws_request_id != second.aws_request_id
    assert first.invoked_function_arn == (
        "arn:aws:lambda:us-east-1:123456789012:function:nap:$LATEST"
    )
    assert (first.function_name, first.tenant_id) == ("nap", "blue")
    arn = response.headers["x-amz-durable-execution-arn"]
    events = peer.of(arn, "GET", "/history")["Events"]
    ids = [
        event["InvocationCompletedDetails"]["RequestId"]
        for event in events
        if event["EventType"] == "InvocationCompleted"
    ]
    assert ids == [first.aws_request_id, second.aws_request_id]


# The routes of an execution


def test_the_history_tells_all_and_pages(peer: Peer) -> None:
    arn = peer.invoke("nap", {"seconds": 3_600}).headers["x-amz-durable-execution-arn"]
    events = peer.of(arn, "GET", "/history")["Events"]
    assert [event["EventType"] for event in events] == [
        "ExecutionStarted",
        "WaitStarted",
        "InvocationCompleted",
        "WaitSucceeded",
        "InvocationCompleted",
        "ExecutionSucceeded",
    ]
    assert events[3]["EventTimestamp"] - events[1]["EventTimestamp"] >= 3_600
    page = peer.of(arn, "GET", "/history?MaxItems=4&ReverseOrder=true")
    assert [event["EventId"] for event in page["Events"]] == [6, 5, 4, 3]
    rest = peer.of(arn, "GET", f"/history?MaxItems=4&ReverseOrder=true&Marker={page['NextMarker']}")
    assert [event["EventId"] for event in rest["Events"]] == [2, 1]


def test_executions_are_listed_by_function(peer: Peer) -> None:
    peer.invoke("nap", {"seconds": 1}, durable_execution_name="listed")
    target = "/2025-12-01/functions/nap/durable-executions?DurableExecutionName=listed"
    listed = peer.send("GET", f"{target}&Statuses=SUCCEEDED&Statuses=FAILED").json()
    assert [item["DurableExecutionName"] for item in listed["DurableExecutions"]] == ["listed"]
    assert peer.send("GET", f"{target}&Statuses=RUNNING").json()["DurableExecutions"] == []


def test_an_execution_is_described_with_and_without_data(peer: Peer) -> None:
    arn = peer.invoke("nap", {"seconds": 1}).headers["x-amz-durable-execution-arn"]
    full = peer.of(arn, "GET")
    assert full["InputPayload"] == '{"seconds": 1}'
    assert full["Result"] == '{"waited": {"seconds": 1}}'
    bare = peer.of(arn, "GET", "?IncludeExecutionData=false")
    assert "InputPayload" not in bare
    assert bare["ExecutionDataIncluded"] is False


# Refusals


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "code"),
    [
        ("GET", "/nothing", None, 404, "UnknownOperationException"),
        ("GET", "/2025-12-01/nothing", None, 404, "UnknownOperationException"),
        ("PATCH", f"{DURABLE}x", None, 405, "MethodNotAllowedException"),
        ("GET", f"{DURABLE}{_unknown_arn()}", None, 404, "ResourceNotFoundException"),
        ("GET", f"{DURABLE}x", None, 400, "ValidationException"),
        (
            "GET",
            f"{DURABLE}{_unknown_arn()}/history?MaxItems=x",
            None,
            400,
            "SerializationException",
        ),
        (
            "POST",
            f"{DURABLE}{_unknown_arn()}/checkpoint",
            b'{"CheckpointToken": "YQ=="}',
            400,
            "InvalidParameterValueException",
        ),
        ("POST", f"{DURABLE}{_unknown_arn()}/checkpoint", b"{}", 400, "ValidationException"),
        ("POST", f"{DURABLE}{_unknown_arn()}/checkpoint", b"", 400, "SerializationException"),
        ("POST", f"{DURABLE}{_unknown_arn()}/checkpoint", b"[1", 400, "SerializationException"),
        ("POST", f"{DURABLE}{_unknown_arn()}/checkpoint", b"\xff", 400, "SerializationException"),
        (
            "POST",
            "/2015-03-31/functions/nothing/invocations",
            b"{}",
            404,
            "ResourceNotFoundException",
        ),
        (
            "POST",
            "/2015-03-31/functions/nap/invocations",
            b"{",
            400,
            "InvalidRequestContentException",
        ),
        (
            "POST",
            "/2015-03-31/functions/nap%3A1/invocations?Qualifier=2",
            b"{}",
            400,
            "InvalidParameterValueException",
        ),
    ],
)
def test_a_bad_request_is_refused_by_name(
    peer: Peer, method: str, target: str, body: bytes | None, status: int, code: str
) -> None:
    response = peer.send(method, target, body)
    assert response.status == status, response.body
    assert response.headers["x-amzn-errortype"] == code
    assert response.headers["content-type"] == "application/json"
    assert int(response.headers["content-length"]) == len(response.body)
    said = response.json()
    assert said.get("message") or said.get("Message")


def test_a_wrong_method_is_told_the_right_ones(peer: Peer) -> None:
    assert peer.send("PUT", f"{DURABLE}x").headers["allow"] == "GET, DELETE"


def test_web_pages_and_foreign_names_are_refused(peer: Peer) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Host": "evil.example"}):
        response = peer.send("GET", f"{DURABLE}{_unknown_arn()}", headers=headers)
        assert response.status == 403
        assert response.headers["x-amzn-errortype"] == "AccessDeniedException"
    named = peer.send("GET", f"{DURABLE}{_unknown_arn()}", headers={"Host": "localhost"})
    assert named.status == 404


def test_a_body_above_the_limit_is_refused_before_it_is_read(peer: Peer) -> None:
    head = (
        f"POST {DURABLE}x/checkpoint HTTP/1.1\r\nHost: localhost\r\n"
        f"Content-Length: {MAX_BODY_BYTES + 1}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", peer.port), timeout=10) as raw:
        raw.sendall(head.encode())
        assert raw.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_chunked_body_above_the_limit_is_refused_too(peer: Peer) -> None:
    other = Peer(peer.port)
    chunks = (b"x" * 65_536 for _ in range(MAX_BODY_BYTES // 65_536 + 2))
    other.connection.request("POST", f"{DURABLE}x/checkpoint", chunks, encode_chunked=True)
    assert other.connection.getresponse().status == 413
    other.close()


def test_a_large_input_that_fits_is_taken(peer: Peer) -> None:
    response = peer.invoke("fails", "x" * 6_000_000)
    arn = response.headers["x-amz-durable-execution-arn"]
    assert len(peer.of(arn, "GET")["InputPayload"]) == 6_000_002


def test_an_event_may_carry_less(peer: Peer) -> None:
    response = peer.invoke("fails", "x" * 1_048_575, invocation_type="Event")
    assert (response.status, response.headers["x-amzn-errortype"]) == (
        413,
        "RequestTooLargeException",
    )
    assert peer.invoke("fails", "x" * 1_048_574, invocation_type="Event").status == 202


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 200_000,
    ],
)
def test_what_is_no_http_is_refused_and_harms_nobody(peer: Peer, garbage: bytes) -> None:
    with socket.create_connection(("127.0.0.1", peer.port), timeout=10) as raw:
        try:
            raw.sendall(garbage)
            answer = raw.recv(4096)
        except ConnectionError:
            answer = b""
        assert answer == b"" or answer.startswith(b"HTTP/1.1 400 ")
    assert peer.send("GET", "/nothing").status == 404


def test_a_client_that_goes_away_harms_nobody(peer: Peer) -> None:
    head = (
        f"POST {DURABLE}x/checkpoint HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n123"
    )
    with socket.create_connection(("127.0.0.1", peer.port)) as raw:
        raw.sendall(head.encode())
    assert peer.send("GET", "/nothing").status == 404


def test_a_connection_serves_many_requests(peer: Peer) -> None:
    with socket.create_connection(("127.0.0.1", peer.port), timeout=10) as raw:
        for _ in range(3):
            raw.sendall(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = b""
            while b"\r\n\r\n" not in answer or not answer.endswith(b"}"):
                answer += raw.recv(4096)
            assert answer.startswith(b"HTTP/1.1 404 ")
            assert json.loads(answer.partition(b"\r\n\r\n")[2])["message"] == (
                "Nothing is served at GET /nothing"
            )
