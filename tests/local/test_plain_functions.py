"""Invoking plain functions of the served service, and functions that are not there."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from local.serving import Peer, serving
from perdure_local.functions.lambda_context import LambdaContext


def _about(event: object, context: LambdaContext) -> object:
    return {"event": event, "arn": context.invoked_function_arn, "tenant": context.tenant_id}


def _raises(event: object, context: object) -> object:
    raise LookupError("no mugs")


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    functions = {"about": _about, "raises": _raises}
    with serving(functions, plain=list(functions)) as peer:
        yield peer


def test_its_result_is_the_answer(peer: Peer) -> None:
    response = peer.invoke("about:3", {"a": 1}, tenant_id="blue")
    assert response.status == 200
    assert response.json() == {
        "event": {"a": 1},
        "arn": "arn:aws:lambda:us-east-1:123456789012:function:about:3",
        "tenant": "blue",
    }
    assert "x-amz-durable-execution-arn" not in response.headers
    assert "x-amz-function-error" not in response.headers
    listed = peer.send("GET", "/2025-12-01/functions/about/durable-executions").json()
    assert listed == {"DurableExecutions": []}


def test_without_a_body_it_gets_an_empty_object(peer: Peer) -> None:
    response = peer.send("POST", "/2015-03-31/functions/about/invocations")
    assert response.json()["event"] == {}


def test_its_error_is_a_function_error(peer: Peer) -> None:
    response = peer.invoke("raises", {})
    assert response.status == 200
    assert response.headers["x-amz-function-error"] == "Unhandled"
    said = response.json()
    assert (said["errorType"], said["errorMessage"]) == ("LookupError", "no mugs")


def test_an_event_is_answered_at_once(peer: Peer) -> None:
    response = peer.invoke("raises", {}, invocation_type="Event")
    assert (response.status, response.body) == (202, b"")


def test_it_has_no_execution_to_name(peer: Peer) -> None:
    response = peer.invoke("about", {}, durable_execution_name="n")
    assert response.status == 400
    assert response.headers["x-amzn-errortype"] == "InvalidParameterValueException"


def test_an_execution_that_is_deleted_while_its_last_invocation_runs() -> None:
    over = threading.Event()

    def held(event: object, context: object) -> object:
        over.wait(20)
        return {"Status": "SUCCEEDED"}

    with serving({"held": held}) as peer:
        arn = peer.start("held")
        peer.of(arn, "POST", "/stop")
        target = f"/2025-12-01/durable-executions/{arn.replace(':', '%3A').replace('/', '%2F')}"
        assert peer.send("DELETE", target).status == 202
        time.sleep(1.1)
        assert peer.send("GET", target).json()["Status"] == "DELETING"
        over.set()
        deadline = time.monotonic() + 10
        while peer.send("GET", target).status != 404:
            assert time.monotonic() < deadline
        assert peer.start("held") != arn
