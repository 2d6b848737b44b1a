"""Pausing and resuming: what still happens, what waits, what the handler notices."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from perdure.models.encode import to_wire
from perdure.models.enums import ExecutionStatus
from perdure.models.executions import (
    GetExecutionRequest,
    HistoryRequest,
    ListExecutionsRequest,
    PauseRequest,
    ResumeRequest,
)
from perdure.models.update import OperationUpdate
from perdure.service import ServiceFault
from service.lambda_model import faults_of
from service.world import BEGINNING, World, callback, chained, step, wait

DAY: Final = 86_400


def _suspended(**options: Any) -> World:
    """An execution that waits for ten seconds and has nothing in flight."""
    world = World()
    handler = world.begun(**options)
    handler.checkpoint(wait(10))
    handler.suspends()
    return world


def test_with_nothing_in_flight_it_is_paused_at_once() -> None:
    world = _suspended()
    world.now += 1
    world.pause(reason="night")
    shown = world.shown()
    assert faults_of(shown, "GetDurableExecutionResponse") == ""
    assert shown["Status"] == "PAUSED"
    assert shown["PauseDetails"] == {
        "PauseRequestTimestamp": BEGINNING + 1,
        "ExecutionTimeoutPaused": True,
        "Reason": "night",
    }
    event = world.history()[-1]
    assert faults_of(event, "Event") == ""
    assert (event["EventType"], event["Id"]) == ("ExecutionPaused", "id-1")
    assert event["ExecutionPausedDetails"] == {
        "PauseRequestTimestamp": BEGINNING + 1,
        "ExecutionTimeoutPaused": True,
        "Reason": {"Payload": "night", "Truncated": False},
    }


def test_without_data_it_says_no_reason() -> None:
    world = _suspended()
    world.pause(reason="night", execution_timeout_paused=False)
    request = GetExecutionRequest(world.arn, include_execution_data=False)
    details = to_wire(world.service.get_execution(request))["PauseDetails"]
    assert details == {"PauseRequestTimestamp": BEGINNING, "ExecutionTimeoutPaused": False}
    page = world.service.get_history(HistoryRequest(world.arn, include_execution_data=False))
    paused = to_wire(page.events[-1])["ExecutionPausedDetails"]
    assert paused["Reason"] == {"Truncated": True}


def test_what_completes_meanwhile_is_told_after_the_pause() -> None:
    world = _suspended()
    world.pause()
    assert world.jump() == 10
    assert world.operation("w").status == "SUCCEEDED"
    assert world.is_quiet()
    assert world.service.is_idle
    world.now += 5
    world.resume(reason="day")
    assert world.status == "RUNNING"
    assert "PauseDetails" not in world.shown()
    handler = world.invoked()
    assert handler.event["UpdatedOperationIds"] == ["w"]
    handler.succeeds()
    assert world.event_types(after=3) == [
        "ExecutionPaused",
        "WaitSucceeded",
        "ExecutionResumed",
        "InvocationCompleted",
        "ExecutionSucceeded",
    ]
    assert world.history()[5]["ExecutionResumedDetails"] == {
        "ResumeRequestTimestamp": BEGINNING + 15,
        "Reason": {"Payload": "day", "Truncated": False},
    }


def test_without_news_nothing_is_invoked_after_it() -> None:
    world = _suspended()
    world.pause()
    world.resume()
    assert world.is_quiet()
    assert world.history()[-1]["ExecutionResumedDetails"] == {"ResumeRequestTimestamp": BEGINNING}
    world.jump()
    world.invoked().succeeds()


def test_one_that_has_not_begun_waits() -> None:
    world = World()
    world.start()
    world.pause()
    assert world.is_quiet()
    world.resume()
    world.invoked().succeeds()


COMPLETIONS: Final[list[tuple[OperationUpdate, Callable[[World], object]]]] = [
    (callback(), lambda w: w.answer("1")),
    (step("RETRY", delay=5), lambda w: w.pass_time(5)),
    (chained("nobody"), lambda w: None),
]


@pytest.mark.parametrize(("start", "end"), COMPLETIONS)
def test_everything_else_completes_too(
    start: OperationUpdate, end: Callable[[World], object]
) -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(start, wait(1000))
    handler.suspends()
    world.pause()
    end(world)
    assert world.operation(start.id).status in ("SUCCEEDED", "READY", "FAILED")
    assert world.is_quiet()


def test_a_chained_invoke_begins_and_completes_during_a_pause() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(chained("child"))
    handler.suspends()
    child = world.invoked()
    world.pause()
    child.succeeds("1")
    assert world.operation("i").status == "SUCCEEDED"
    assert world.is_quiet()
    world.resume()
    assert world.invoked().event["UpdatedOperationIds"] == ["i"]


def test_a_paused_child_is_not_released() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(chained("child"))
    world.service.pause(PauseRequest(world.child_arn()), world.now)
    handler.suspends()
    assert world.is_quiet()
    world.service.resume(ResumeRequest(world.child_arn()), world.now)
    assert world.invoked().sent.arn == world.child_arn()


# With an invocation in flight


def test_the_timeout_stands_still() -> None:
    world = _suspended(timeout_seconds=60)
    world.pass_time(20)
    world.invoked().suspends()
    world.pass_time(5)
    world.invoked().crashes()
    world.pause()
    latest = BEGINNING + 366 * DAY
    assert world.shown()["ExpectedExecutionTimeoutTimestamp"] == latest
    world.pass_time(1000)
    world.resume()
    assert world.shown()["ExpectedExecutionTimeoutTimestamp"] == world.now + 35
    world.pass_time(35)
    assert world.status == "TIMED_OUT"


def test_the_timeout_stands_still_only_if_wanted() -> None:
    world = _suspended(timeout_seconds=60)
    world.pause(execution_timeout_paused=False)
    assert world.shown()["ExpectedExecutionTimeoutTimestamp"] == BEGINNING + 60
    world.pass_time(60)
    assert world.status == "TIMED_OUT"
    assert world.event_types()[-1] == "ExecutionTimedOut"


@pytest.mark.parametrize("resumed", [True, False])
def test_no_pause_makes_it_older_than_366_days(resumed: bool) -> None:
    world = _suspended(timeout_seconds=60 * DAY)
    world.pause()
    if resumed:
        world.pass_time(340 * DAY)
        world.resume()
        world.invoked().checkpoint(callback())
    world.now = BEGINNING + 366 * DAY - 1
    world.pass_time(0)
    assert "TimedOut" not in world.event_types()[-1]
    world.pass_time(1)
    assert world.status == "TIMED_OUT"


def test_a_paused_execution_can_be_stopped_listed_and_joined() -> None:
    world = _suspended(name="n")
    world.pause()
    listed = world.service.list_executions(
        ListExecutionsRequest("f", statuses=(ExecutionStatus.PAUSED,))
    )
    assert [item.durable_execution_arn for item in listed.durable_executions] == [world.arn]
    joined = world.service.start(
        function_name="f", payload='{"x":1}', now=world.now, execution_id="x", name="n"
    )
    assert (joined.arn, joined.existing) == (world.arn, True)
    world.stop()
    assert world.status == "STOPPED"


# Repetition and conflicts


def _conflict(call: Callable[[], object]) -> str:
    with pytest.raises(ServiceFault) as caught:
        call()
    assert (caught.value.code, caught.value.status) == ("ResourceConflictException", 409)
    return caught.value.message


def test_a_repeated_request_is_answered_as_before() -> None:
    world = _suspended()
    world.pause("p", reason="r")
    world.pause("p", reason="r")
    assert world.event_types().count("ExecutionPaused") == 1
    assert "PAUSED" in _conflict(lambda: world.pause("p", reason="other"))
    assert "PAUSED" in _conflict(lambda: world.pause("q", reason="r"))
    assert "PAUSED" in _conflict(world.pause)
    world.resume("r")
    world.resume("r")
    world.pause("p", reason="r")
    assert world.status == "RUNNING"
    assert "RUNNING" in _conflict(lambda: world.resume("s"))
    assert "RUNNING" in _conflict(world.resume)


def test_repetition_is_forgotten_after_a_quarter_of_an_hour() -> None:
    world = _suspended()
    world.pause("p")
    world.resume("r")
    world.now += 900
    world.pause("p")
    assert world.status == "RUNNING"
    world.now += 1
    world.pause("p")
    assert world.status == "PAUSED"
    world.now += 901
    world.resume("r")
    assert world.status == "RUNNING"


def test_what_has_ended_is_neither_paused_nor_resumed() -> None:
    world = World()
    world.begun().succeeds()
    expected = "Cannot {} a durable execution that is SUCCEEDED."
    assert _conflict(world.pause) == expected.format("pause")
    assert _conflict(world.resume) == expected.format("resume")


def test_one_whose_timeout_has_come_is_not_paused_any_more() -> None:
    world = _suspended(timeout_seconds=5)
    world.now += 5
    assert "TIMED_OUT" in _conflict(world.pause)


def test_one_that_does_not_exist() -> None:
    world = World()
    world.arn = "nowhere"
    for call in (world.pause, world.resume, world.delete):
        with pytest.raises(ServiceFault, match="Durable Execution does not exist"):
            call()
