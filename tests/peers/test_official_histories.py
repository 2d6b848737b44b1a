"""The histories that the functions of `official_scenarios` leave on ``perdure dev``.

`official_histories.txt` holds what they must be: a line for each event, indented by its
parents. Each was compared with what the documentation of the service says.
"""

from __future__ import annotations

import ast
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote

import pytest

from local.serving import Peer
from peers.hosting import hosted, python_of

SCENARIOS: Final = Path(__file__).with_name("official_scenarios.py")
HISTORIES: Final = Path(__file__).with_name("official_histories.txt")
CALLBACKS: Final = "/2025-12-01/durable-execution-callbacks/"
AT_ONCE: Final = 5
LAST: Final = ("ExecutionSucceeded", "ExecutionFailed", "ExecutionTimedOut")

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]


def _expected() -> dict[str, str]:
    blocks = re.split(r"^(\w+)\n", HISTORIES.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(blocks[1::2], blocks[2::2], strict=True))


EXPECTED: Final = _expected()


def _functions() -> list[str]:
    nodes = ast.parse(SCENARIOS.read_text(encoding="utf-8")).body
    return [
        node.name
        for node in nodes
        if isinstance(node, ast.FunctionDef)
        and any(
            isinstance(each, ast.Name) and each.id == "scenario" for each in node.decorator_list
        )
    ]


def _answer(peer: Peer, event: dict[str, Any]) -> None:
    """Answer a callback as its name asks for, or not at all."""
    target = CALLBACKS + quote(event["CallbackStartedDetails"]["CallbackId"], safe="")
    name = event["Name"].split()[0]
    if name == "yes":
        assert peer.send("POST", f"{target}/succeed", b'"yes"').status == 200
    elif name == "empty":
        assert peer.send("POST", f"{target}/succeed").status == 200
    elif name == "refused":
        error = {"ErrorType": "Denied", "ErrorMessage": "no", "ErrorData": "!"}
        assert peer.send("POST", f"{target}/fail", error).status == 200


def _step(peer: Peer, arn: str, answered: set[str]) -> list[dict[str, Any]]:
    """Look at an execution; answer one callback of it if it is suspended."""
    events: list[dict[str, Any]] = peer.of(arn, "GET", "/history?MaxItems=1000")["Events"]
    if events[-1]["EventType"] == "InvocationCompleted":
        for event in events:
            if event["EventType"] == "CallbackStarted" and event["Id"] not in answered:
                answered.add(event["Id"])
                _answer(peer, event)
                break
    return events


def _run(peer: Peer, names: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Run some at once; their histories."""
    running = {name: (peer.start(name), set[str]()) for name in names}
    ended: dict[str, list[dict[str, Any]]] = {}
    deadline = time.monotonic() + 60
    while running:
        assert time.monotonic() < deadline, f"{sorted(running)} do not end"
        for name, (arn, answered) in list(running.items()):
            events = _step(peer, arn, answered)
            if events[-1]["EventType"] in LAST:
                ended[name] = events
                del running[name]
        time.sleep(0.05)
    return ended


@pytest.fixture(scope="module")
def histories(tmp_path_factory: Any) -> dict[str, list[dict[str, Any]]]:
    configs: dict[str, object] = {name: {"DurableConfig": {}} for name in _functions()}
    configs["short"] = {"DurableConfig": {"ExecutionTimeout": 2}}
    configs |= {"plain": {}, "plain_fails": {}}
    names = [name for name in EXPECTED if name != "short"]
    folder = tmp_path_factory.mktemp("functions")
    found: dict[str, list[dict[str, Any]]] = {}
    with hosted(python_of(".venv-official", "official_scenarios"), configs, folder) as peer:
        for first in range(0, len(names), AT_ONCE):
            found |= _run(peer, names[first : first + AT_ONCE])
        found["short"] = _run(peer, ["short"])["short"]
    return found


_LEFT_OUT: Final = {
    *("DurableExecutionArn", "ScheduledEndTimestamp", "CallbackId", "StackTrace", "Truncated"),
    *("StartTimestamp", "EndTimestamp", "RequestId"),
}


def _told(details: dict[str, Any]) -> Iterator[str]:
    """What a line tells of the details of an event."""
    for key, value in details.items():
        if key in _LEFT_OUT:
            continue
        if isinstance(value, dict):
            yield from _told(cast("dict[str, Any]", value))
        elif key == "Payload":
            yield value if len(value) < 40 else f"({len(value)} characters)"
        else:
            yield f"{key}={value}"


def text_of(events: list[dict[str, Any]]) -> str:
    """A history as lines."""
    depth: dict[str | None, int] = {None: 0}
    lines: list[str] = []
    for event in events:
        if "Id" in event:
            depth.setdefault(event["Id"], depth[event.get("ParentId")] + 1)
        indent = "  " * (depth[event.get("ParentId")] + 1)
        details = dict[str, Any]()
        for key, value in event.items():
            details = value if key.endswith("Details") else details
        named = [] if event["EventType"].startswith("Execution") else [event.get("Name")]
        words = [event["EventType"], *filter(None, named), *_told(details)]
        lines.append(indent + " ".join(words).replace("\n", " "))
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("name", EXPECTED)
def test_a_history(histories: dict[str, list[dict[str, Any]]], name: str) -> None:
    events = histories[name]
    assert [event["EventId"] for event in events] == list(range(1, len(events) + 1))
    assert text_of(events) == EXPECTED[name]


def test_every_scenario_has_a_history() -> None:
    assert sorted(EXPECTED) == sorted(_functions())
