"""AWS's own SDK, unmodified, runs its functions against the served service.

Its Python is the one in the folder that PERDURE_OFFICIAL_BIN names, or this one if the SDK
is installed here. Without either there is nothing to test.
"""

from __future__ import annotations

import http.client
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest

from local.serving import Peer, serving
from perdure_local.invocations import Function
from perdure_local.lambda_context import LambdaContext

FUNCTIONS: Final = Path(__file__).with_name("official_functions.py")
NAMES: Final = ("workflow", "refused", "double", "fail", "stamp")
CALLBACKS: Final = "/2025-12-01/durable-execution-callbacks/"


def _official_python() -> str | None:
    folder = os.environ.get("PERDURE_OFFICIAL_BIN")
    if folder:
        return str(Path(folder) / "python")
    found = importlib.util.find_spec("aws_durable_execution_sdk_python")
    return None if found is None else sys.executable


pytestmark = pytest.mark.skipif(
    _official_python() is None,
    reason="the official SDK is not installed; PERDURE_OFFICIAL_BIN names the folder of its Python",
)


class Worker:
    """Functions in another process, which is there from `port` on."""

    def __init__(self) -> None:
        self.port = 0

    def function(self, name: str) -> Function:
        """One of them, as the embedded service calls functions."""

        def call(event: dict[str, Any], context: LambdaContext) -> object:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            headers = {"X-Request-Id": context.aws_request_id}
            connection.request("POST", f"/{name}", json.dumps(event), headers)
            response = connection.getresponse()
            answer: object = json.loads(response.read())
            connection.close()
            if response.status != 200:
                raise RuntimeError(answer)
            return answer

        return call


@contextmanager
def _working(service_port: int) -> Generator[int]:
    """Run the functions; yields their port."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
        "AWS_ENDPOINT_URL_LAMBDA": f"http://127.0.0.1:{service_port}",
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    python = _official_python()
    assert python is not None
    with subprocess.Popen(
        [python, str(FUNCTIONS)], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def peer() -> Iterator[Peer]:
    worker = Worker()
    functions = {name: worker.function(name) for name in NAMES}
    with serving(functions, plain=["stamp"]) as peer, _working(peer.port) as port:
        worker.port = port
        yield peer


def _events(peer: Peer, arn: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = peer.of(arn, "GET", "/history?MaxItems=1000")["Events"]
    return events


def _finished(peer: Peer, arn: str, answer: str, body: bytes) -> list[dict[str, Any]]:
    """Answer every callback of an execution in the same way until it ends; its history."""
    answered: set[str] = set()
    for _ in range(600):
        events = _events(peer, arn)
        if events[-1]["EventType"] in ("ExecutionSucceeded", "ExecutionFailed"):
            return events
        for event in events:
            started = event.get("CallbackStartedDetails")
            # Only when the function has suspended, so that the order of events is known.
            if (
                started
                and event["Id"] not in answered
                and events[-1]["EventType"] == ("InvocationCompleted")
            ):
                answered.add(event["Id"])
                target = f"{CALLBACKS}{quote(started['CallbackId'], safe='')}/{answer}"
                assert peer.send("POST", target, body).status == 200
        time.sleep(0.05)
    raise AssertionError(f"it does not end: {_events(peer, arn)}")


def test_callbacks_invokes_and_maps(peer: Peer) -> None:
    arn = peer.start("workflow", {"number": 21})
    events = _finished(peer, arn, "succeed", b'"yes"')
    assert json.loads(events[-1]["ExecutionSucceededDetails"]["Result"]["Payload"]) == {
        "announced": True,
        "direct": '"yes"',
        "approval": '"yes"',
        "doubled": 42,
        "stamped": {"stamped": {"a": 1}},
        "squares": [1, 4, 9],
    }
    kinds = [event["EventType"] for event in events]
    assert kinds[:17] == [
        "ExecutionStarted",
        "CallbackStarted",
        "StepStarted",
        "StepSucceeded",
        "InvocationCompleted",
        "CallbackSucceeded",
        "ContextStarted",
        "CallbackStarted",
        "StepStarted",
        "StepSucceeded",
        "InvocationCompleted",
        "CallbackSucceeded",
        "ContextSucceeded",
        "ChainedInvokeStarted",
        "InvocationCompleted",
        "ChainedInvokeSucceeded",
        "ChainedInvokeStarted",
    ]
    assert kinds.count("WaitSucceeded") == 4
    assert not [event for event in events if "Error" in event.get("InvocationCompletedDetails", {})]


def test_failures_reach_the_function(peer: Peer) -> None:
    arn = peer.start("refused", None)
    error = b'{"ErrorType": "Denied", "ErrorMessage": "not today"}'
    events = _finished(peer, arn, "fail", error)
    result = json.loads(events[-1]["ExecutionSucceededDetails"]["Result"]["Payload"])
    assert "no mugs" in result[0]
    assert "not today" in result[1]
    kinds = [event["EventType"] for event in events]
    assert "ChainedInvokeFailed" in kinds
    assert "CallbackFailed" in kinds
