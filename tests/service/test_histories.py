"""Histories, event by event: the sequences that the conformance requirements name."""

from __future__ import annotations

from typing import Any, Final

import pytest

from perdure.models.operation import ErrorObject
from service.world import BEGINNING, BOOM, World, cancel, context, ending, step, wait

BOOM_WIRE: Final = {"ErrorMessage": "boom", "ErrorType": "Boom"}
EXIT: Final = ErrorObject("RequestId: x Error: Runtime exited", "Runtime.ExitError")


def _facts(world: World, after: int = 1) -> list[tuple[str, dict[str, Any]]]:
    """Each event's type and details, from the one that follows `after` on."""
    facts: list[tuple[str, dict[str, Any]]] = []
    for event in world.history()[after:]:
        details = event[f"{event['EventType']}Details"]
        if event["EventType"] == "InvocationCompleted":
            details = {k: v for k, v in details.items() if k == "Error"}
        facts.append((event["EventType"], details))
    return facts


def _result(payload: str | None) -> dict[str, Any]:
    return {"Result": {"Truncated": False} if payload is None else _wrapped(payload)}


def _error(error: dict[str, str]) -> dict[str, Any]:
    return {"Error": _wrapped(error)}


def _wrapped(payload: object) -> dict[str, Any]:
    return {"Payload": payload, "Truncated": False}


COMPLETED: Final[tuple[str, dict[str, Any]]] = ("InvocationCompleted", {})


def test_a_step_that_succeeds() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(step("START", name="n", sub_type="Step"), step("SUCCEED", payload="1"))
    world.now += 1
    handler.succeeds()
    assert world.history() == [
        {
            "EventType": "ExecutionStarted",
            "EventId": 1,
            "EventTimestamp": BEGINNING,
            "Id": "id-1",
            "Name": "id-1",
            "ExecutionStartedDetails": {
                "Input": {"Payload": '{"x":1}', "Truncated": False},
                "ExecutionTimeout": 31_622_400,
            },
        },
        {
            "EventType": "StepStarted",
            "EventId": 2,
            "EventTimestamp": BEGINNING,
            "Id": "s",
            "Name": "n",
            "SubType": "Step",
            "StepStartedDetails": {},
        },
        {
            "EventType": "StepSucceeded",
            "EventId": 3,
            "EventTimestamp": BEGINNING,
            "Id": "s",
            "Name": "n",
            "SubType": "Step",
            "StepSucceededDetails": {
                "Result": {"Payload": "1", "Truncated": False},
                "RetryDetails": {"CurrentAttempt": 1},
            },
        },
        {
            "EventType": "InvocationCompleted",
            "EventId": 4,
            "EventTimestamp": BEGINNING + 1,
            "InvocationCompletedDetails": {
                "StartTimestamp": BEGINNING,
                "EndTimestamp": BEGINNING + 1,
                "RequestId": handler.sent.request_id,
            },
        },
        {
            "EventType": "ExecutionSucceeded",
            "EventId": 5,
            "EventTimestamp": BEGINNING + 1,
            "Id": "id-1",
            "Name": "id-1",
            "ExecutionSucceededDetails": {"Result": {"Payload": '"ok"', "Truncated": False}},
        },
    ]


def test_a_step_that_fails_once() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(step("START"), step("RETRY", delay=3, error=BOOM))
    handler.suspends()
    assert world.jump() == 3
    handler = world.invoked()
    handler.checkpoint(step("START"), step("SUCCEED", payload="1"))
    handler.succeeds()
    assert _facts(world) == [
        ("StepStarted", {}),
        (
            "StepFailed",
            {
                **_error(BOOM_WIRE),
                "RetryDetails": {"CurrentAttempt": 1, "NextAttemptDelaySeconds": 3},
            },
        ),
        COMPLETED,
        ("StepStarted", {}),
        ("StepSucceeded", {**_result("1"), "RetryDetails": {"CurrentAttempt": 2}}),
        COMPLETED,
        ("ExecutionSucceeded", _result('"ok"')),
    ]


def test_a_step_whose_retries_are_exhausted() -> None:
    world = World()
    for attempt in range(1, 5):
        handler = world.begun() if attempt == 1 else world.invoked()
        if attempt < 4:
            handler.checkpoint(step("START"), step("RETRY", delay=1, error=BOOM))
            handler.suspends()
            world.jump()
        else:
            handler.checkpoint(step("START"), step("FAIL", error=BOOM))
            handler.returns({"Status": "FAILED", "Error": BOOM_WIRE})
    failures = [details for kind, details in _facts(world) if kind == "StepFailed"]
    assert [failure["RetryDetails"] for failure in failures] == [
        {"CurrentAttempt": 1, "NextAttemptDelaySeconds": 1},
        {"CurrentAttempt": 2, "NextAttemptDelaySeconds": 1},
        {"CurrentAttempt": 3, "NextAttemptDelaySeconds": 1},
        {"CurrentAttempt": 4},
    ]
    assert _facts(world)[-2:] == [COMPLETED, ("ExecutionFailed", _error(BOOM_WIRE))]


def test_an_at_most_once_step_that_crashes() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(step("START"))
    handler.crashes(EXIT)
    assert world.jump() == 5
    handler = world.invoked()
    assert handler.initial[1]["Status"] == "STARTED"
    handler.checkpoint(step("FAIL", error=BOOM))
    handler.succeeds()
    exit_wire = {
        "ErrorMessage": "RequestId: x Error: Runtime exited",
        "ErrorType": "Runtime.ExitError",
    }
    assert _facts(world) == [
        ("StepStarted", {}),
        ("InvocationCompleted", _error(exit_wire)),
        ("StepFailed", {**_error(BOOM_WIRE), "RetryDetails": {"CurrentAttempt": 1}}),
        COMPLETED,
        ("ExecutionSucceeded", _result('"ok"')),
    ]


def test_a_wait() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(2))
    handler.suspends()
    assert world.jump() == 2
    world.invoked().succeeds(None)
    assert _facts(world) == [
        ("WaitStarted", {"Duration": 2, "ScheduledEndTimestamp": BEGINNING + 2}),
        COMPLETED,
        ("WaitSucceeded", {"Duration": 2}),
        COMPLETED,
        ("ExecutionSucceeded", _result(None)),
    ]


def test_a_poll() -> None:
    world = World()
    for state in ("1", "2", "3"):
        handler = world.begun() if state == "1" else world.invoked()
        if state == "3":
            handler.checkpoint(step("START"), step("SUCCEED", payload=state))
            handler.succeeds(state)
        else:
            handler.checkpoint(
                step("START", sub_type="WaitForCondition"), step("RETRY", delay=2, payload=state)
            )
            handler.suspends()
            world.jump()
    assert _facts(world) == [
        ("StepStarted", {}),
        (
            "StepSucceeded",
            {
                **_result("1"),
                "RetryDetails": {"CurrentAttempt": 1, "NextAttemptDelaySeconds": 2},
            },
        ),
        COMPLETED,
        ("StepStarted", {}),
        (
            "StepSucceeded",
            {
                **_result("2"),
                "RetryDetails": {"CurrentAttempt": 2, "NextAttemptDelaySeconds": 2},
            },
        ),
        COMPLETED,
        ("StepStarted", {}),
        ("StepSucceeded", {**_result("3"), "RetryDetails": {"CurrentAttempt": 3}}),
        COMPLETED,
        ("ExecutionSucceeded", _result("3")),
    ]
    assert {event.get("SubType") for event in world.history() if event.get("Id") == "s"} == {
        "WaitForCondition"
    }


def test_a_child_context() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(
        context("START"), step("START", parent="c"), step("SUCCEED", parent="c", payload="1")
    )
    handler.checkpoint(context("SUCCEED", payload="2"), context("FAIL", "d", error=BOOM))
    handler.succeeds()
    assert _facts(world) == [
        ("ContextStarted", {}),
        ("StepStarted", {}),
        ("StepSucceeded", {**_result("1"), "RetryDetails": {"CurrentAttempt": 1}}),
        ("ContextSucceeded", _result("2")),
        ("ContextFailed", _error(BOOM_WIRE)),
        COMPLETED,
        ("ExecutionSucceeded", _result('"ok"')),
    ]
    assert [event.get("ParentId") for event in world.history()] == [
        None,
        None,
        "c",
        "c",
        None,
        None,
        None,
        None,
    ]


def test_a_cancelled_wait() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(9, "a"), wait(9, "b"))
    handler.checkpoint(cancel("a"), cancel("b", BOOM))
    assert _facts(world, after=3) == [("WaitCancelled", {}), ("WaitCancelled", _error(BOOM_WIRE))]


@pytest.mark.parametrize(
    ("update", "last"),
    [
        (ending("SUCCEED", payload="big"), ("ExecutionSucceeded", _result("big"))),
        (ending("FAIL", error=BOOM), ("ExecutionFailed", _error(BOOM_WIRE))),
        (ending("FAIL"), ("ExecutionFailed", {"Error": {"Truncated": False}})),
    ],
)
def test_an_end_by_checkpoint_comes_before_the_invocations(
    update: Any, last: tuple[str, dict[str, Any]]
) -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(step("START"), update)
    handler.succeeds("")
    assert _facts(world) == [("StepStarted", {}), last, COMPLETED]
    assert world.history()[2]["Id"] == "id-1"


def test_timers_that_a_checkpoint_completes_come_after_its_updates() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(5, "a"), wait(3, "b"), wait(5, "c"))
    world.now += 5
    handler.checkpoint(step("START"))
    assert [(event["EventType"], event["Id"]) for event in world.history()[4:]] == [
        ("StepStarted", "s"),
        ("WaitSucceeded", "b"),
        ("WaitSucceeded", "a"),
        ("WaitSucceeded", "c"),
    ]


def test_stop_and_timeout() -> None:
    stopped = World()
    stopped.begun()
    stopped.stop(BOOM)
    assert _facts(stopped) == [("ExecutionStopped", _error(BOOM_WIRE))]
    late = World()
    late.begun(timeout_seconds=60).suspends()
    late.pass_time(60)
    assert _facts(late)[-1] == ("ExecutionTimedOut", {})
