"""The invocation loop: when it invokes, how it judges outputs, how it tries again."""

from __future__ import annotations

import json
from typing import Final

import pytest

from perdure.models.operation import ErrorObject
from perdure.service import ServicePolicy
from service.world import BEGINNING, BOOM, World, step, wait

IPVE: Final = "InvalidParameterValueException"


def test_one_invocation_at_a_time() -> None:
    world = World()
    handler = world.begun()
    assert world.service.in_flight(world.arn)
    assert not world.service.is_idle
    handler.checkpoint(wait(1), wait(2, "w2"))
    world.pass_time(1)
    assert world.is_quiet()
    handler.suspends()
    assert not world.service.in_flight(world.arn)
    again = world.invoked()
    assert again.sent.invocation_id != handler.sent.invocation_id
    again.suspends()
    assert world.service.is_idle


def test_a_service_without_executions_is_idle() -> None:
    world = World()
    assert world.service.is_idle
    assert world.service.next_deadline() is None
    assert world.is_quiet()
    world.service.handle_timer(world.now)


def test_owed_is_not_idle() -> None:
    world = World()
    world.start()
    assert not world.service.is_idle
    assert not world.service.in_flight(world.arn)


def test_executions_are_invoked_in_the_order_they_became_due() -> None:
    world = World()
    arns = [world.start() for _ in range(3)]
    assert [world.invoked().sent.arn for _ in arns] == arns


def test_a_completion_during_the_invocation_invokes_again() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(1))
    world.pass_time(1)
    handler.suspends()
    assert world.invoked().event["UpdatedOperationIds"] == ["w"]


def test_a_completion_that_was_delivered_does_not() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(1), wait(9, "w2"))
    world.pass_time(1)
    assert handler.ids() == ["w"]
    handler.suspends()
    assert world.is_quiet()
    assert world.jump() == 8


def test_every_completion_invokes_though_others_are_pending() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(1), wait(2, "w2"), step("RETRY", delay=3))
    handler.suspends()
    for _ in range(3):
        assert world.jump() == 1
        handler = world.invoked()
        if world.now < BEGINNING + 3:
            handler.suspends()
        else:
            handler.succeeds()
    assert world.event_types(after=4) == [
        "InvocationCompleted",
        "WaitSucceeded",
        "InvocationCompleted",
        "WaitSucceeded",
        "InvocationCompleted",
        "InvocationCompleted",
        "ExecutionSucceeded",
    ]


def test_completions_at_one_instant_invoke_once() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(2, "a"), wait(2, "b"), step("RETRY", delay=2))
    handler.suspends()
    world.jump()
    assert world.invoked().event["UpdatedOperationIds"] == ["a", "b", "s"]
    assert world.is_quiet()


@pytest.mark.parametrize("action", [None, "START", "SUCCEED"])
def test_pending_with_nothing_pending_is_tried_three_times(action: str | None) -> None:
    world = World()
    message = "Cannot return PENDING status with no pending operations."
    wire = {"ErrorMessage": message, "ErrorType": IPVE}
    for attempt in range(3):
        handler = world.invoked() if attempt else world.begun()
        if action is not None and not attempt:
            handler.checkpoint(step(action))
        handler.suspends()
        completed = [e for e in world.history() if e["EventType"] == "InvocationCompleted"][-1]
        assert completed["InvocationCompletedDetails"]["Error"]["Payload"] == wire
        if attempt < 2:
            assert world.is_quiet()
            assert world.jump() == 5
    assert world.shown()["Error"] == wire
    assert world.shown()["Status"] == "FAILED"


def test_a_good_answer_forgives_earlier_ones() -> None:
    world = World()
    handler = world.begun()
    for _ in range(2):
        handler.suspends()
        world.jump()
        handler = world.invoked()
    handler.checkpoint(wait(1))
    handler.suspends()
    world.jump()
    handler = world.invoked()
    for _ in range(2):
        handler.suspends()
        world.jump()
        handler = world.invoked()
    assert world.shown()["Status"] == "RUNNING"


def test_three_times_means_in_a_row() -> None:
    world = World()
    handler = world.begun()
    for failing in (False, False, True, False, False):
        if failing:
            handler.crashes()
        else:
            handler.suspends()
        world.jump()
        handler = world.invoked()
    assert world.shown()["Status"] == "RUNNING"
    handler.suspends()
    assert world.shown()["Status"] == "FAILED"


def test_a_step_that_becomes_ready_unseen_justifies_pending() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(step("RETRY", delay=1))
    world.pass_time(1)
    handler.suspends()
    assert world.invoked().initial[1]["Status"] == "READY"


def test_a_failed_invocation_is_tried_five_times() -> None:
    world = World()
    last: ErrorObject | None = None
    for attempt in range(5):
        handler = world.invoked() if attempt else world.begun()
        if not attempt:
            handler.checkpoint(step("START"))
        assert [op["Id"] for op in handler.initial][1:] == (["s"] if attempt else [])
        last = ErrorObject(f"attempt {attempt}", "Runtime.ExitError")
        handler.crashes(last)
        assert world.is_quiet()
        if attempt < 4:
            assert world.service.is_idle
            assert world.jump() == 5
    assert last is not None
    assert world.shown()["Status"] == "FAILED"
    assert world.shown()["Error"]["ErrorMessage"] == "attempt 4"
    completed = world.history()[2:-1]
    assert [e["EventType"] for e in completed] == ["InvocationCompleted"] * 5
    messages = [
        e["InvocationCompletedDetails"]["Error"]["Payload"]["ErrorMessage"] for e in completed
    ]
    assert messages == [f"attempt {i}" for i in range(5)]
    assert len({e["InvocationCompletedDetails"]["RequestId"] for e in completed}) == 5


def test_a_good_answer_forgives_failures() -> None:
    world = World(ServicePolicy(invocation_attempts=2, invocation_retry_seconds=0.5))
    handler = world.begun()
    for number in range(3):
        handler.crashes()
        assert world.jump() == 0.5
        handler = world.invoked()
        handler.checkpoint(wait(1, f"w{number}"))
        handler.suspends()
        world.jump()
        handler = world.invoked()
    handler.crashes()
    world.jump()
    world.invoked().crashes()
    assert world.shown()["Status"] == "FAILED"


def test_what_no_repetition_can_help() -> None:
    world = World()
    missing = ErrorObject("Function not found: f", "ResourceNotFoundException")
    world.begun().crashes(missing, retryable=False)
    assert world.shown()["Status"] == "FAILED"
    assert world.shown()["Error"]["ErrorMessage"] == "Function not found: f"


def test_a_completion_does_not_cut_the_pause_after_a_failure_short() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(2))
    handler.crashes()
    assert world.jump() == 2
    assert world.is_quiet()
    assert world.jump() == 3
    handler = world.invoked()
    assert handler.initial[1]["Status"] == "SUCCEEDED"
    assert handler.event["UpdatedOperationIds"] == ["w"]


def test_an_invocation_that_takes_too_long() -> None:
    world = World(ServicePolicy(invocation_timeout_seconds=10))
    handler = world.begun()
    handler.checkpoint(wait(60))
    assert world.jump() == 10
    completed = world.history()[-1]["InvocationCompletedDetails"]
    assert completed["Error"]["Payload"] == {
        "ErrorMessage": "Function timed out after 10 seconds",
        "ErrorType": "Sandbox.Timedout",
    }
    assert not world.service.in_flight(world.arn)
    handler.succeeds()
    handler.crashes()
    assert world.shown()["Status"] == "RUNNING"
    assert world.jump() == 5
    world.invoked().succeeds('"second"')
    assert world.shown()["Result"] == '"second"'


@pytest.mark.parametrize("crash", [False, True])
def test_an_execution_that_ends_while_its_handler_runs(crash: bool) -> None:
    world = World()
    handler = world.begun(timeout_seconds=60)
    handler.checkpoint(wait(60), step("RETRY", delay=59), wait(61, "w2"))
    world.pass_time(61)
    assert world.service.in_flight(world.arn)
    if crash:
        handler.crashes()
    else:
        handler.succeeds()
    assert world.shown()["Status"] == "TIMED_OUT"
    assert world.shown()["EndTimestamp"] == BEGINNING + 61
    assert "Error" not in world.shown()
    assert world.event_types(after=4) == ["ExecutionTimedOut", "InvocationCompleted"]
    statuses = [world.operation(i).status for i in ("w", "s", "w2")]
    assert statuses == ["STARTED", "READY", "STARTED"]
    assert ("Error" in world.history()[-1]["InvocationCompletedDetails"]) is crash
    assert world.service.next_deadline() is None
    assert world.is_quiet()


def test_an_abandoned_invocation_of_an_ended_execution_is_given_up() -> None:
    world = World()
    world.begun()
    world.stop()
    assert world.jump() == 900
    assert world.event_types(after=1) == ["ExecutionStopped", "InvocationCompleted"]
    assert world.service.is_idle
    assert world.service.next_deadline() is None


@pytest.mark.parametrize("phase", ["owed", "idle", "backing off"])
def test_the_timeout_ends_an_execution_that_does_not_run(phase: str) -> None:
    world = World(ServicePolicy(invocation_retry_seconds=100))
    world.start(timeout_seconds=60)
    if phase == "idle":
        handler = world.invoked()
        handler.checkpoint(wait(61))
        handler.suspends()
    if phase == "backing off":
        world.invoked().crashes()
    world.pass_time(60)
    assert world.shown()["Status"] == "TIMED_OUT"
    assert world.is_quiet()
    assert world.service.next_deadline() is None


def test_an_invocation_of_nobody_is_ignored() -> None:
    world = World()
    handler = world.begun()
    handler.succeeds()
    before = world.history()
    handler.succeeds()
    handler.crashes(BOOM)
    world.service.invocation_returned("nobody", json.dumps({"Status": "FAILED"}), world.now)
    assert world.history() == before


def test_a_handler_may_have_suspended_before_it_was_told() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(1))
    world.pass_time(1)
    assert handler.ids() == ["w"]
    handler.suspends()
    assert world.event_types()[-1] == "InvocationCompleted"
    assert "Error" not in world.history()[-1]["InvocationCompletedDetails"]
    handler = world.invoked()
    assert handler.event["UpdatedOperationIds"] == []
    handler.suspends()
    assert "Error" in world.history()[-1]["InvocationCompletedDetails"]


def test_with_something_else_to_wait_for_what_it_was_told_owes_nothing() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(1), wait(9, "later"))
    world.pass_time(1)
    assert handler.ids() == ["w"]
    handler.suspends()
    assert world.is_quiet()


def test_executions_of_functions_that_are_not_served_wait() -> None:
    world = World()
    first, second = world.start(function_name="f"), world.start(function_name="g")
    sent = world.service.invocation_to_send(world.now, {"g", "h"})
    assert sent is not None
    assert sent.arn == second
    assert world.service.invocation_to_send(world.now, {"g", "h"}) is None
    assert not world.service.is_idle
    assert world.invoked().sent.arn == first
