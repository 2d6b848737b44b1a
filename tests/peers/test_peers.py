"""Other SDKs, unmodified, run a workflow to its end against ``perdure dev``."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest

from local.serving import Peer
from peers.hosting import hosted, node, python_of

CALLBACKS: Final = "/2025-12-01/durable-execution-callbacks/"
CONFIGS: Final[dict[str, dict[str, object]]] = {
    **{name: {"DurableConfig": {}} for name in ("workflow", "refused", "double", "fail")},
    "stamp": {},
}

pytestmark = pytest.mark.heavy


PEERS: Final[dict[str, list[Path]]] = {
    "official": python_of(".venv-official", "official_workflow"),
    "async-durable-execution": python_of(".venv-async-durable", "async_workflow"),
    "javascript": node(),
}


@pytest.fixture(scope="module", params=PEERS)
def peer(request: pytest.FixtureRequest, tmp_path_factory: Any) -> Iterator[Peer]:
    folder = tmp_path_factory.mktemp("functions")
    with hosted(PEERS[request.param], CONFIGS, folder) as client:
        yield client


def _finished(peer: Peer, arn: str, answer: str, body: bytes) -> list[dict[str, Any]]:
    """Answer every callback of an execution in the same way until it ends; its history."""
    answered: set[str] = set()
    events: list[dict[str, Any]] = []
    for _ in range(600):
        events = peer.of(arn, "GET", "/history?MaxItems=1000")["Events"]
        if events[-1]["EventType"] in ("ExecutionSucceeded", "ExecutionFailed"):
            return events
        # Only when the function has suspended, so that the order of events is known.
        asking = events if events[-1]["EventType"] == "InvocationCompleted" else []
        for event in asking:
            started = event.get("CallbackStartedDetails")
            if started and event["Id"] not in answered:
                answered.add(event["Id"])
                target = f"{CALLBACKS}{quote(started['CallbackId'], safe='')}/{answer}"
                assert peer.send("POST", target, body).status == 200
        time.sleep(0.05)
    raise AssertionError(f"it does not end: {events}")


def _ended(peer: Peer, arn: str, events: list[dict[str, Any]]) -> Any:
    """The result of an execution that succeeded, once all that tells of it agrees."""
    assert [event["EventId"] for event in events] == list(range(1, len(events) + 1))
    assert not [event for event in events if "Error" in event.get("InvocationCompletedDetails", {})]
    found = peer.of(arn, "GET")
    assert found["Status"] == "SUCCEEDED"
    assert events[-1]["ExecutionSucceededDetails"]["Result"]["Payload"] == found["Result"]
    return json.loads(found["Result"])


def _kinds(events: list[dict[str, Any]]) -> list[str]:
    return [event["EventType"] for event in events]


def test_a_workflow_of_every_kind_of_operation(peer: Peer) -> None:
    arn = peer.start("workflow", {"number": 21, "name": "ada"})
    events = _finished(peer, arn, "succeed", b'"yes"')
    assert _ended(peer, arn, events) == {
        "greeting": "hello ada",
        "announced": True,
        "direct": '"yes"',
        "approval": '"yes"',
        "doubled": 42,
        "stamped": {"stamped": {"a": 1}},
        "squares": [1, 4, 9],
    }
    until_the_map = _kinds(events)[:25]
    assert until_the_map == [
        *("ExecutionStarted", "StepStarted", "StepSucceeded"),
        *("WaitStarted", "InvocationCompleted", "WaitSucceeded"),
        *("CallbackStarted", "StepStarted", "StepSucceeded"),
        *("InvocationCompleted", "CallbackSucceeded"),
        *("ContextStarted", "CallbackStarted", "StepStarted", "StepSucceeded"),
        *("InvocationCompleted", "CallbackSucceeded", "ContextSucceeded"),
        *("ChainedInvokeStarted", "InvocationCompleted", "ChainedInvokeSucceeded"),
        *("ChainedInvokeStarted", "InvocationCompleted", "ChainedInvokeSucceeded"),
        "ContextStarted",
    ]
    # How many invocations the branches of the map need is a matter of time.
    counted = Counter(_kinds(events)[25:])
    assert counted.pop("InvocationCompleted") >= 2
    assert counted == {
        **dict.fromkeys(("ContextStarted", "WaitStarted", "WaitSucceeded"), 3),
        **dict.fromkeys(("StepStarted", "StepSucceeded"), 3),
        "ContextSucceeded": 4,
        "ExecutionSucceeded": 1,
    }
    assert _kinds(events)[-3:] == ["ContextSucceeded", "InvocationCompleted", "ExecutionSucceeded"]


def test_failures_reach_the_function(peer: Peer) -> None:
    arn = peer.start("refused", None)
    error = b'{"ErrorType": "Denied", "ErrorMessage": "not today"}'
    events = _finished(peer, arn, "fail", error)
    assert _ended(peer, arn, events) == ["no mugs", "not today"]
    assert _kinds(events) == [
        *("ExecutionStarted", "ChainedInvokeStarted", "InvocationCompleted", "ChainedInvokeFailed"),
        *("ContextStarted", "CallbackStarted", "StepStarted", "StepSucceeded"),
        *("InvocationCompleted", "CallbackFailed", "ContextFailed"),
        *("InvocationCompleted", "ExecutionSucceeded"),
    ]
