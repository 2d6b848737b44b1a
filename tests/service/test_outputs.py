"""What the outputs of handlers lead to."""

from __future__ import annotations

from typing import Any, Final

import pytest

from service.world import World, ending, wait

IPVE: Final = "InvalidParameterValueException"


ACCEPTED: Final[list[tuple[object, str, dict[str, Any]]]] = [
    ({"Status": "SUCCEEDED", "Result": "5"}, "SUCCEEDED", {"Result": "5"}),
    ({"Status": "SUCCEEDED", "Result": ""}, "SUCCEEDED", {"Result": ""}),
    ({"Status": "SUCCEEDED"}, "SUCCEEDED", {}),
    ({"Status": "SUCCEEDED", "Result": None, "Error": None}, "SUCCEEDED", {}),
    (b'{"Status":"SUCCEEDED","Result":"\xc3\xa9"}', "SUCCEEDED", {"Result": "é"}),
    ({"Status": "FAILED"}, "FAILED", {}),
    ({"Status": "FAILED", "Error": {}}, "FAILED", {"Error": {}}),
    (
        {"Status": "FAILED", "Error": {"ErrorType": "T", "StackTrace": ["a"]}, "Odd": 1},
        "FAILED",
        {"Error": {"ErrorType": "T", "StackTrace": ["a"]}},
    ),
]


@pytest.mark.parametrize(("output", "status", "members"), ACCEPTED)
def test_outputs_that_end_the_execution(
    output: object, status: str, members: dict[str, Any]
) -> None:
    world = World()
    world.begun().returns(output)
    shown = world.shown()
    assert shown["Status"] == status
    assert {k: v for k, v in shown.items() if k in ("Result", "Error")} == members
    assert shown["EndTimestamp"] == world.now
    last = {"SUCCEEDED": "ExecutionSucceeded", "FAILED": "ExecutionFailed"}[status]
    assert world.event_types(after=1) == ["InvocationCompleted", last]
    assert world.service.next_deadline() is None
    assert world.service.is_idle


REFUSED: Final[list[tuple[object, str]]] = [
    ("", "Invalid invocation output: Expecting value: line 1 column 1 (char 0)"),
    (
        b"\xff",
        "Invalid invocation output: 'utf-8' codec can't decode byte 0xff in position 0: "
        "invalid start byte",
    ),
    ("[" * 100_000, "Invalid invocation output: maximum recursion depth exceeded"),
    ("null", "Invalid invocation output: it is not a JSON object"),
    ("[]", "Invalid invocation output: it is not a JSON object"),
    ({}, "Response status is required"),
    ({"Status": None, "Result": "1"}, "Response status is required"),
    ({"Status": "DONE"}, "Invalid invocation output: 'DONE' is not a valid InvocationStatus"),
    ({"Status": ["x"]}, "Invalid invocation output: ['x'] is not a valid InvocationStatus"),
    (
        {"Status": "SUCCEEDED", "Result": 5},
        "Invalid invocation output: Result must be a string",
    ),
    (
        {"Status": "FAILED", "Error": "boom"},
        "Invalid invocation output: Error must be an object, not str",
    ),
    (
        {"Status": "FAILED", "Error": {"ErrorMessage": 5}},
        "Invalid invocation output: ErrorMessage must be a string, not int",
    ),
    ('{"Status":"SUCCEEDED","Result":"\\ud800"}', "Invalid invocation output: 'utf-8' codec"),
    (
        '{"Status":"FAILED","Error":{"ErrorType":"\\ud800"}}',
        "Invalid invocation output: 'utf-8' codec",
    ),
    ({"Status": "FAILED", "Result": "1"}, "Cannot provide a Result for FAILED status."),
    ({"Status": "FAILED", "Result": ""}, "Cannot provide a Result for FAILED status."),
    ({"Status": "SUCCEEDED", "Error": {}}, "Cannot provide an Error for SUCCEEDED status."),
]


@pytest.mark.parametrize(("output", "message"), REFUSED, ids=[str(m)[:50] for _, m in REFUSED])
def test_outputs_that_fail_the_execution_at_once(output: object, message: str) -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(5))
    handler.returns(output)
    shown = world.shown()
    assert shown["Status"] == "FAILED"
    assert shown["Error"]["ErrorType"] == IPVE
    assert shown["Error"]["ErrorMessage"].startswith(message)
    completed, failed = world.history()[-2:]
    assert completed["EventType"] == "InvocationCompleted"
    error = failed["ExecutionFailedDetails"]["Error"]
    assert completed["InvocationCompletedDetails"]["Error"] == error
    assert world.service.next_deadline() is None


@pytest.mark.parametrize(
    "output", [{"Status": "FAILED"}, {"Status": "PENDING"}, "garbage", {"Status": "SUCCEEDED"}]
)
def test_what_was_checkpointed_wins_over_the_output(output: object) -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(ending("SUCCEED", payload="the result"))
    handler.returns(output)
    assert world.shown()["Result"] == "the result"
    assert world.event_types(after=1) == ["ExecutionSucceeded", "InvocationCompleted"]
    assert "Error" not in world.history()[-1]["InvocationCompletedDetails"]
    assert world.service.is_idle


@pytest.mark.parametrize("extra", [{}, {"Result": "1"}, {"Error": {}}])
def test_pending_may_carry_what_it_likes(extra: dict[str, Any]) -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(5))
    handler.returns({"Status": "PENDING", **extra})
    assert world.shown()["Status"] == "RUNNING"
    assert world.jump() == 5
