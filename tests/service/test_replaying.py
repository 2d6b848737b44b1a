"""Histories of the service, replayed: what agrees, where it stops, and that nothing ever runs."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.flowing import TinyContext
from core.test_program_laws import PROGRAMS, Tree, sequence
from perdure import waits
from perdure.effects import Park
from perdure.errors import (
    LocalProtocolError,
    RemoteProtocolError,
    Suspended,
)
from perdure.models.enums import OperationType
from perdure.modes import CheckpointingMode
from perdure.operations.call import OperationCall
from perdure.outcome import Failed, Pending, Succeeded
from perdure.replaying import recorded_invocation
from perdure.replaying.state import ReplayOnlyState
from service.played import Died, Played, Program, replayed, stops
from service.replayed_programs import (
    KINDS,
    Body,
    Effects,
    fails,
    harmless,
    live,
    played,
    steps,
)
from service.world import step


@pytest.mark.parametrize("body", KINDS, ids=[body.__name__ for body in KINDS])
def test_the_same_code_agrees_to_the_end_and_runs_nothing(body: Body) -> None:
    record = played(body)
    findings = replayed(record.history, harmless(body))
    assert findings.divergence is None
    assert findings.fault is None
    assert findings.agrees
    assert findings.stops == []
    ended = record.service.operations(record.arn)[0].status
    expected = Failed if body is fails else Succeeded
    assert (type(findings.outcome), ended) == (
        expected,
        "FAILED" if body is fails else "SUCCEEDED",
    )


@pytest.mark.parametrize("body", KINDS, ids=[body.__name__ for body in KINDS])
def test_every_part_of_a_history_agrees_as_far_as_it_goes(body: Body) -> None:
    events = played(body).events
    for length in range(1, len(events)):
        findings = replayed(recorded_invocation(events[:length]), harmless(body))
        assert findings.divergence is None, (length, events[length - 1])
        assert findings.fault is None
        assert findings.outcome is not None


def program(trees: list[Tree]) -> Program:
    async def run(ctx: TinyContext) -> object:
        return await sequence(ctx, trees)

    return run


@settings(max_examples=60)
@given(PROGRAMS, st.data())
def test_whatever_the_program_its_history_agrees(trees: list[Tree], data: st.DataObject) -> None:
    record = Played(program(trees))
    findings = replayed(record.history, program(trees))
    assert findings.agrees
    assert isinstance(findings.outcome, Succeeded)
    length = data.draw(st.integers(1, len(record.events)))
    part = recorded_invocation(record.events[:length])
    assert replayed(part, program(trees)).agrees


def test_it_stops_where_nothing_is_recorded() -> None:
    events = played(steps).events
    at = {event.event_type.value: event.event_id for event in events}
    first = replayed(recorded_invocation(events[:1]), harmless(steps))
    assert stops(first) == [("first", None)]
    assert isinstance(first.outcome, Pending)
    begun = replayed(recorded_invocation(events[:2]), harmless(steps))
    assert stops(begun) == [("first", "STARTED")]
    waiting = replayed(recorded_invocation(events[: at["WaitStarted"]]), harmless(steps))
    assert stops(waiting) == [("pause", "STARTED")]


def test_every_flow_stops_by_itself() -> None:
    async def flows(ctx: TinyContext, do: Effects) -> Any:
        async def body(inner: TinyContext, item: int, index: int) -> object:
            if item == 0:
                return await (await inner.create_callback(name="asked")).result()
            if item == 1:
                return await inner.invoke("plain", name="called")
            return await inner.wait_for_condition(
                do("no"), "no", waits.poll_until(lambda state: False), name="polled"
            )

        await ctx.map([0, 1, 2], body)

    record = Played(live(flows), lambda name: None, invocations=1)
    events = [each for each in record.events if each.name != "called" or "S" in each.event_type]
    findings = replayed(recorded_invocation(events[:8]), harmless(flows))
    assert sorted(stops(findings), key=str) == [
        ("asked", "STARTED"),
        ("called", "STARTED"),
        ("polled", "STARTED"),
    ]


@pytest.mark.parametrize("how", ["stopped", "crashed"])
def test_an_execution_that_was_cut_off_agrees_as_far_as_it_went(how: str) -> None:
    async def cut(ctx: TinyContext, do: Effects) -> Any:
        await ctx.step(do("a"), name="first")
        if how == "crashed" and do.allowed:
            raise Died
        await ctx.wait(10_000_000, name="for ever")

    record = Played(live(cut), invocations=6 if how == "crashed" else 1)
    record.stop()
    assert record.service.operations(record.arn)[0].status in ("FAILED", "STOPPED")
    findings = replayed(record.history, harmless(cut))
    assert findings.agrees
    assert isinstance(findings.outcome, Pending)
    assert stops(findings) == [("for ever", None if how == "crashed" else "STARTED")]


def test_a_function_may_end_where_its_history_has_not_yet() -> None:
    async def shorter(ctx: TinyContext, do: Effects) -> Any:
        await ctx.step(do("a"), name="first")
        return 1

    events = played(steps).events
    findings = replayed(recorded_invocation(events[:3]), harmless(shorter))
    assert findings.agrees
    assert isinstance(findings.outcome, Succeeded)


@pytest.mark.parametrize("error", [None, RemoteProtocolError("odd")])
def test_a_flow_that_is_woken_where_it_stopped_gets_no_further(
    error: RemoteProtocolError | None,
) -> None:
    recorded = recorded_invocation(played(steps).events[:1])
    state = ReplayOnlyState(recorded, CheckpointingMode.BATCHED)
    call = OperationCall(state, "x", None, "x", OperationType.STEP, "Step")
    finding = call.find()
    assert finding.send(None) == Park(("x",), None)
    if error is None:
        with pytest.raises(Suspended):
            finding.send(None)
    else:
        state.fail(error)
        state.fail(RemoteProtocolError("the second one counts no more"))
        with pytest.raises(RemoteProtocolError, match="odd"):
            finding.send(None)
    assert recorded.findings.fault is error


def test_nothing_is_ever_to_be_sent() -> None:
    state = ReplayOnlyState(recorded_invocation(played(steps).events), CheckpointingMode.EAGER)
    state.poll_at(0.0)
    assert state.next_deadline() is None
    assert state.next_request(1e12) is None


def test_a_replay_begins_nothing_whoever_asks() -> None:
    recorded = recorded_invocation(played(steps).events[:1])
    state = ReplayOnlyState(recorded, CheckpointingMode.BATCHED)
    with pytest.raises(LocalProtocolError, match="a replay cannot START a STEP"):
        state.checkpoint(step("START"))
    assert isinstance(recorded.findings.fault, LocalProtocolError)
