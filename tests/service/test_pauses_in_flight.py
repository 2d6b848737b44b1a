"""A pause while an invocation is in flight: what its handler notices, and when it counts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from service.world import STALE, Handler, World, ending, step, wait


def _pausing() -> tuple[World, Handler]:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(10))
    world.pause()
    assert world.status == "PAUSING"
    assert world.event_types()[-1] == "WaitStarted"
    return world, handler


def test_the_next_checkpoint_is_the_last_one() -> None:
    world, handler = _pausing()
    response = handler.checkpoint(step("SUCCEED", payload="1"), client_token="t")
    assert response.checkpoint_token is None
    assert response.new_execution_state.operations == ()
    assert world.status == "PAUSED"
    assert world.operation("s").status == "SUCCEEDED"
    assert handler.checkpoint(step("SUCCEED", payload="1"), client_token="t") == response
    assert handler.refused(step("START", "t")) == STALE
    handler.suspends()
    assert world.is_quiet()
    assert world.event_types()[-3:] == ["StepSucceeded", "ExecutionPaused", "InvocationCompleted"]
    world.resume()
    handler = world.invoked()
    assert [each["Id"] for each in handler.initial] == ["id-1", "w", "s"]
    assert handler.ids(step("START", "t")) == ["t"]
    world.pass_time(10)
    handler.suspends()
    world.invoked().succeeds()


def test_cut_off_it_may_suspend_on_nothing() -> None:
    world = World()
    handler = world.begun()
    world.pause()
    handler.checkpoint(step("SUCCEED"))
    handler.suspends()
    assert world.status == "PAUSED"
    assert "Error" not in world.history()[-1]["InvocationCompletedDetails"]
    world.resume()
    world.invoked().succeeds()


def test_a_pause_takes_effect_when_the_invocation_suspends() -> None:
    world, handler = _pausing()
    handler.suspends()
    assert world.status == "PAUSED"
    assert world.event_types()[-2:] == ["InvocationCompleted", "ExecutionPaused"]
    world.resume()
    assert world.is_quiet()


def test_a_pause_takes_effect_when_the_invocation_fails() -> None:
    world, handler = _pausing()
    handler.crashes()
    assert world.status == "PAUSED"
    world.pass_time(5)
    assert world.is_quiet()
    world.resume()
    world.invoked().succeeds()


def test_a_pause_takes_effect_when_the_invocation_times_out() -> None:
    world, handler = _pausing()
    world.pass_time(900)
    assert world.status == "PAUSED"
    handler.succeeds()
    assert world.status == "PAUSED"


def test_an_invocation_that_was_cut_off_is_retried_after_a_crash() -> None:
    world, handler = _pausing()
    handler.checkpoint()
    handler.crashes()
    world.resume()
    assert world.jump() == 5
    world.invoked().suspends()


ENDINGS: Final[list[Callable[[Handler], object]]] = [
    lambda h: h.succeeds(),
    lambda h: h.checkpoint(ending("SUCCEED")),
]


@pytest.mark.parametrize("end", ENDINGS)
def test_an_end_comes_before_a_pause(end: Callable[[Handler], object]) -> None:
    world, handler = _pausing()
    end(handler)
    assert world.status == "SUCCEEDED"
    assert "ExecutionPaused" not in world.event_types()
    assert "PauseDetails" not in world.shown()


def test_an_invocation_that_was_cut_off_may_end_the_execution() -> None:
    world, handler = _pausing()
    handler.checkpoint()
    handler.succeeds()
    assert world.status == "SUCCEEDED"


def test_a_resumption_in_time_takes_the_pause_back() -> None:
    world, handler = _pausing()
    before = world.history()
    world.resume()
    assert world.status == "RUNNING"
    assert world.history() == before
    assert handler.ids(step("START")) == ["s"]


def test_a_resumption_does_not_give_the_token_back() -> None:
    world, handler = _pausing()
    handler.checkpoint()
    world.resume()
    assert world.is_quiet()
    assert handler.refused() == STALE
    handler.suspends()
    world.invoked().suspends()
    world.pass_time(10)
    world.invoked().succeeds()


# The execution's timeout
