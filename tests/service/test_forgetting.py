"""Deletion, retention, and what is left of an execution then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from perdure.models.executions import (
    CallbackSuccessRequest,
    ListExecutionsRequest,
)
from perdure.service import ServiceFault, ServicePolicy
from service.world import BEGINNING, STALE, World, callback, ending

DAY: Final = 86_400


def _is_gone(world: World) -> bool:
    try:
        world.shown()
    except ServiceFault as fault:
        return fault.code == "ResourceNotFoundException"
    return False


def _listed(world: World, marker: str | None = None, size: int = 0) -> list[str]:
    request = ListExecutionsRequest("f", marker=marker, max_items=size)
    page = world.service.list_executions(request)
    return [item.durable_execution_name for item in page.durable_executions]


def test_deletion() -> None:
    world = World()
    world.begun(name="n").succeeds()
    world.now += 7
    assert world.delete() == BEGINNING + 7
    assert world.shown()["Status"] == "DELETING"
    assert world.shown()["EndTimestamp"] == BEGINNING
    world.now += 0.5
    assert world.delete() == BEGINNING + 7
    assert world.stop() == BEGINNING
    world.pass_time(0.5)
    assert _is_gone(world)
    assert _listed(world) == []
    with pytest.raises(ServiceFault, match="Durable Execution does not exist"):
        world.delete()


@pytest.mark.parametrize("pause", [False, True])
def test_only_what_has_ended_is_deleted(pause: bool) -> None:
    world = World()
    world.start()
    if pause:
        world.pause()
    with pytest.raises(ServiceFault) as caught:
        world.delete()
    assert (caught.value.code, caught.value.status) == ("ResourceConflictException", 409)
    status = "PAUSED" if pause else "RUNNING"
    assert caught.value.message == f"Cannot delete a durable execution that is {status}."


def test_the_name_is_free_at_once() -> None:
    world = World()
    world.begun("1", name="n").succeeds()
    world.delete()
    again = world.start("2", name="n")
    assert world.start("2", name="n") == again
    world.pass_time(5)
    assert world.start("2", name="n") == again
    assert _listed(world) == ["n"]


def test_an_invocation_that_is_still_out_keeps_it() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(ending("SUCCEED"))
    world.delete()
    world.pass_time(5)
    assert not _is_gone(world)
    handler.succeeds()
    world.pass_time(0)
    assert _is_gone(world)
    assert world.service.is_idle


ENDINGS: Final[list[Callable[[World], object]]] = [
    lambda w: w.begun(retention_days=2).succeeds(),
    lambda w: w.begun(retention_days=2),
]


@pytest.mark.parametrize("end", ENDINGS)
def test_retention(end: Callable[[World], object]) -> None:
    world = World()
    end(world)
    world.stop()
    world.pass_time(2 * DAY - 1)
    assert not _is_gone(world)
    world.pass_time(1)
    assert _is_gone(world)


def test_retention_ends_on_time_even_if_deletion_comes_late() -> None:
    world = World(ServicePolicy(deletion_seconds=100 * DAY, retention_days=1))
    world.begun().succeeds()
    world.delete()
    world.pass_time(50 * DAY)
    assert world.shown()["Status"] == "DELETING"
    world.pass_time(50 * DAY)
    assert _is_gone(world)


def test_forgetting_wakes_nobody_up() -> None:
    world = World()
    world.begun().succeeds()
    world.delete()
    assert world.service.next_deadline() is None


def test_nothing_is_forgotten_where_that_is_not_wanted() -> None:
    world = World(ServicePolicy(forgetting=False))
    world.begun().succeeds()
    world.pass_time(400 * DAY)
    assert not _is_gone(world)
    world.delete()
    world.pass_time(1)
    assert _is_gone(world)


def test_a_start_forgets_what_is_due_first() -> None:
    world = World()
    first = world.start("1", name="n", retention_days=1)
    world.stop()
    world.now += DAY
    assert world.start("2", name="n") != first


def test_pages_of_a_list_go_on_where_they_were() -> None:
    world = World()
    for number in range(6):
        world.start(name=f"n{number}")
        world.stop()
    first = world.service.list_executions(ListExecutionsRequest("f", max_items=2))
    assert [item.durable_execution_name for item in first.durable_executions] == ["n5", "n4"]
    named = world.service.list_executions(ListExecutionsRequest("f", durable_execution_name="n2"))
    for item in (first.durable_executions[0], named.durable_executions[0]):
        world.arn = item.durable_execution_arn
        world.delete()
    world.pass_time(1)
    assert _listed(world, first.next_marker) == ["n3", "n1", "n0"]
    assert _listed(world) == ["n4", "n3", "n1", "n0"]


def test_what_it_gave_out_is_unknown() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(callback())
    callback_id = world.callback_id()
    handler.succeeds()
    world.delete()
    world.pass_time(1)
    assert handler.refused() == STALE
    with pytest.raises(ServiceFault, match="Callback does not exist"):
        world.service.succeed_callback(CallbackSuccessRequest(callback_id), world.now)
