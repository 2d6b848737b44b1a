"""Checkpoint tokens: a chain, one invocation long; and asking the same thing twice."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from perdure.models.checkpoint import CheckpointRequest, StateRequest
from perdure.service import ServiceFault
from service.world import STALE, Handler, World, ending, step, wait


def _refused(world: World, arn: str, token: str) -> None:
    """Neither a checkpoint nor a page is to be had for this token."""
    with pytest.raises(ServiceFault) as checkpoint:
        world.service.checkpoint(CheckpointRequest(arn, token), world.now)
    with pytest.raises(ServiceFault) as page:
        world.service.get_state(StateRequest(arn, token), world.now)
    for caught in (checkpoint, page):
        fault = caught.value
        assert (fault.code, fault.message) == ("InvalidParameterValueException", STALE)


def test_each_checkpoint_spends_its_token() -> None:
    world = World()
    handler = world.begun()
    seen = [handler.token]
    for _ in range(5):
        handler.checkpoint()
        assert handler.token not in seen
        for old in seen:
            _refused(world, world.arn, old)
        seen.append(handler.token)
        handler.page()
    assert all(re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", token) for token in seen)


def test_a_token_is_derived_so_two_runs_have_the_same() -> None:
    first, second = World().begun(), World().begun()
    assert first.token == second.token
    assert first.checkpoint() == second.checkpoint()


def test_a_token_of_another_execution() -> None:
    world = World()
    one = world.begun()
    two = world.begun()
    _refused(world, one.sent.arn, two.token)
    one.checkpoint()
    two.checkpoint()


@pytest.mark.parametrize("token", ["", "AAAA", "MC4=", "not base64!"])
def test_a_token_that_nobody_gave(token: str) -> None:
    world = World()
    world.begun()
    _refused(world, world.arn, token)


def test_an_unknown_execution_has_no_valid_token() -> None:
    world = World()
    handler = world.begun()
    _refused(world, f"{world.arn}x", handler.token)


def _suspends(world: World, handler: Handler) -> None:
    handler.checkpoint(wait(5))
    handler.suspends()


def _crashes(world: World, handler: Handler) -> None:
    handler.crashes()


def _succeeds(world: World, handler: Handler) -> None:
    handler.succeeds()


def _is_stopped(world: World, handler: Handler) -> None:
    world.stop()


def _times_out(world: World, handler: Handler) -> None:
    world.pass_time(60)


def _ends_by_checkpoint(world: World, handler: Handler) -> None:
    assert handler.checkpoint(ending("SUCCEED")).checkpoint_token is None


@pytest.mark.parametrize(
    "end", [_suspends, _crashes, _succeeds, _is_stopped, _times_out, _ends_by_checkpoint]
)
def test_what_voids_the_token_of_an_invocation(end: Callable[[World, Handler], None]) -> None:
    world = World()
    handler = world.begun(timeout_seconds=60)
    end(world, handler)
    _refused(world, world.arn, handler.token)


def test_the_next_invocation_voids_older_tokens_and_continues_the_sequence() -> None:
    world = World()
    first = world.begun()
    first.checkpoint(wait(5))
    first.suspends()
    world.jump()
    second = world.invoked()
    assert second.token != first.token
    _refused(world, world.arn, first.token)
    second.checkpoint()


def test_a_refused_batch_does_not_spend_the_token() -> None:
    handler = World().begun()
    with pytest.raises(ServiceFault):
        handler.checkpoint(step("START", parent="nobody"))
    handler.checkpoint(step("START"))


def test_the_same_request_again_gets_the_same_answer() -> None:
    world = World()
    handler = world.begun()
    request = CheckpointRequest(world.arn, handler.token, (step("START"),), "once")
    answer = world.service.checkpoint(request, world.now)
    events = world.history()
    world.now += 1
    assert world.service.checkpoint(request, world.now) == answer
    assert world.history() == events
    assert answer.checkpoint_token is not None
    handler.token = answer.checkpoint_token
    assert handler.ids(step("SUCCEED")) == ["s"]


def test_the_answer_that_ended_the_execution_is_repeated_too() -> None:
    world = World()
    handler = world.begun()
    request = CheckpointRequest(world.arn, handler.token, (ending("SUCCEED"),), "once")
    answer = world.service.checkpoint(request, world.now)
    assert answer.checkpoint_token is None
    handler.succeeds()
    assert world.service.checkpoint(request, world.now) == answer


@pytest.mark.parametrize("client_token", [None, "another"])
def test_a_different_request_with_the_spent_token(client_token: str | None) -> None:
    world = World()
    handler = world.begun()
    spent = handler.token
    handler.checkpoint(step("START"), client_token="once")
    with pytest.raises(ServiceFault, match=STALE):
        world.service.checkpoint(CheckpointRequest(world.arn, spent, (), client_token), world.now)


def test_without_client_token_nothing_is_repeated() -> None:
    world = World()
    handler = world.begun()
    spent = handler.token
    handler.checkpoint()
    _refused(world, world.arn, spent)


def test_only_the_last_answer_is_kept() -> None:
    world = World()
    handler = world.begun()
    spent = handler.token
    handler.checkpoint(client_token="first")
    handler.checkpoint(client_token="second")
    with pytest.raises(ServiceFault, match=STALE):
        world.service.checkpoint(CheckpointRequest(world.arn, spent, (), "first"), world.now)
