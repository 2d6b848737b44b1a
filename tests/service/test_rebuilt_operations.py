"""Operations made again of a history are those that GetDurableExecutionState gives."""

from __future__ import annotations

import pytest

from perdure.models.operation import Operation
from perdure.replaying import operations_of
from service.played import Played, untold
from service.replayed_programs import KINDS, Body, answers, live
from service.world import BOOM, Handler, World, callback, cancel, chained, context, step, wait


def rebuilt(world: World) -> list[Operation]:
    """The operations of a world's execution, made again; as they are in the service."""
    made = untold(operations_of(world.service.events(world.arn), world.now))
    assert made == untold(world.service.operations(world.arn))
    return made


def state(handler: Handler) -> list[Operation]:
    """All pages of GetDurableExecutionState."""
    found: list[Operation] = []
    marker = None
    while True:
        page = handler.page(marker, 2)
        found += page.operations
        marker = page.next_marker
        if not marker:
            return found


def test_attempts_of_a_step_and_the_pause_between_them() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(step("START"), step("RETRY", delay=3, error=BOOM))
    assert rebuilt(world)[1].status == "PENDING"
    handler.suspends()
    world.jump()
    assert rebuilt(world)[1].status == "READY"
    handler = world.invoked()
    handler.checkpoint(step("START"))
    assert rebuilt(world)[1].status == "STARTED"
    handler.checkpoint(step("RETRY", delay=1, payload="1"))
    world.stop()
    world.pass_time(60)
    ended = rebuilt(world)
    assert (ended[0].status, ended[1].status) == ("STOPPED", "PENDING")


def test_whatever_a_handler_sends_and_outsiders_answer() -> None:
    world = World()
    handler = world.begun()
    for updates in (
        [step("SUCCEED", "s1", payload="1"), step("FAIL", "s2", error=BOOM, name="n")],
        [context("START", "c1"), wait(5, "w1", "c1"), step("START", "s3", parent="c1")],
        [callback("b1", timeout=4), callback("b2"), callback("b3")],
        [chained("nobody", "i1"), chained("child", "i"), chained("plain", "i3")],
        [cancel("w1", BOOM), wait(50, "w2")],
        [context("FAIL", "c1"), context("SUCCEED", "c2", payload="2")],
    ):
        handler.checkpoint(*updates)
        rebuilt(world)
    world.answer('"yes"', of="b2")
    world.answer(error=BOOM, of="b3")
    rebuilt(world)
    handler.suspends()
    world.stop_child()
    world.jump()
    assert [each.status for each in rebuilt(world) if each.type == "CALLBACK"] == [
        "TIMED_OUT",
        "SUCCEEDED",
        "FAILED",
    ]


def test_a_handler_gets_no_other_operations() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(
        context("START", "kept"),
        step("SUCCEED", "s1", payload="1", parent="kept"),
        context("START", "hidden"),
        step("SUCCEED", "s2", payload="2", parent="hidden"),
    )
    handler.checkpoint(
        context("SUCCEED", "kept", replay_children=True),
        context("SUCCEED", "hidden", payload="3"),
        wait(5),
    )
    handler.suspends()
    world.jump()
    handler = world.invoked()
    made = {each.id: each for each in rebuilt(world)}
    given = untold(state(handler))
    assert [made[each.id] for each in given] == given
    assert set(made) - {each.id for each in given} == {"s2"}


@pytest.mark.parametrize("body", KINDS, ids=[body.__name__ for body in KINDS])
def test_programs_of_every_kind(body: Body) -> None:
    record = Played(live(body), answers)
    made = untold(operations_of(record.events, record.now))
    assert made == untold(record.service.operations(record.arn))
    for known in untold(record.pages):
        assert known.id in {each.id for each in made}
