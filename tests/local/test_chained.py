"""Functions of one file invoke each other under ``perdure run``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from local.running import perdure

PROGRAMS: Final = Path(__file__).with_name("chained_programs.py")


def _run(payload: object, *options: str) -> dict[str, Any]:
    """What ``perdure run --json`` prints for the function ``order``."""
    target = f"{PROGRAMS}:order"
    done = perdure("run", target, "--json", "--input", json.dumps(payload), *options)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_durable_and_plain_functions_of_the_file_are_invoked() -> None:
    names = ["double", "refuse", "stamp", "trip", "nobody", "helper", "waits", "_private"]
    answer = _run({"functions": names, "payload": 21}, "--skip-time")
    ends = answer["result"]
    assert ends["double"] == ["SUCCEEDED", {"Result": "42"}]
    assert ends["refuse"] == [
        "FAILED",
        {"Error": {"ErrorType": "OutOfStock", "ErrorMessage": "no mugs"}},
    ]
    status, details = ends["stamp"]
    assert status == "SUCCEEDED"
    assert json.loads(details["Result"]) == {"stamped": 21, "by": "stamp", "for": "blue"}
    status, details = ends["trip"]
    assert status == "FAILED"
    assert details["Error"]["ErrorType"] == "LookupError"
    assert details["Error"]["ErrorMessage"] == "nothing there"
    for name in ("nobody", "helper", "waits", "_private"):
        error = {
            "ErrorType": "ResourceNotFoundException",
            "ErrorMessage": f"Function not found: {name}.",
        }
        assert ends[name] == ["FAILED", {"Error": error}]


def test_the_sequence_of_events_does_not_depend_on_luck() -> None:
    for options in ([], ["--skip-time"]):
        history = _run({"functions": ["double"], "payload": 4}, *options)["history"]
        assert [event["EventType"] for event in history] == [
            "ExecutionStarted",
            "ChainedInvokeStarted",
            "InvocationCompleted",
            "ChainedInvokeSucceeded",
            "InvocationCompleted",
            "ExecutionSucceeded",
        ]
        details = history[1]["ChainedInvokeStartedDetails"]
        assert details["Input"] == {"Payload": "4", "Truncated": False}
        assert ":function:double:$LATEST/durable-execution/" in details["DurableExecutionArn"]


def test_a_function_may_invoke_itself() -> None:
    inner = {"functions": ["double"], "payload": 3}
    answer = _run({"functions": ["order"], "payload": inner}, "--skip-time")
    status, details = answer["result"]["order"]
    assert status == "SUCCEEDED"
    assert json.loads(details["Result"]) == {"double": ["SUCCEEDED", {"Result": "6"}]}
