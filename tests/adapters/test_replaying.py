"""Handlers of the three runtimes replay recorded histories: no body runs, nothing is sent."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.world import World
from perdure.errors import ReplayError
from perdure.outcome import Failed, Pending, Succeeded
from perdure.replaying import Findings, recorded_invocation
from perdure.retries import fixed


class Workflow:
    """A program with flows, retries and a wait; its names and its effects can be changed."""

    def __init__(self, *, then: str = "then", fails_at_first: bool = True) -> None:
        self.then = then
        self.ran: list[str] = []
        self.busy = fails_at_first

    def body(self, name: str) -> str:
        self.ran.append(name)
        if self.busy:
            self.busy = False
            raise ConnectionError("busy")
        return name

    async def branch(self, ctx: Context, item: int, index: int) -> object:
        await ctx.wait(5 + item, name=f"wait {item}")
        return await ctx.step(self.body, f"branch {item}", name=self.then)

    async def __call__(self, event: Any, ctx: Context) -> object:
        first = await ctx.step(self.body, "first", name="first", retry=fixed(2))
        both = await ctx.map([1, 2, 3], self.branch, name="branches")
        return [first, both.to_dict()]


def replay(world: World, handler: Any, events: int | None = None) -> Findings:
    recorded = recorded_invocation(world.service.events(world.arn)[:events])
    before = len(world.requests)
    findings: Findings = handler.replay(recorded)
    assert len(world.requests) == before, "nothing is sent"
    return findings


def test_the_same_program_agrees_and_runs_nothing(world: World, make_handler: MakeHandler) -> None:
    assert world.run(make_handler(Workflow())).status == "SUCCEEDED"
    today = Workflow()
    handler = make_handler(today)
    findings = replay(world, handler)
    assert (findings.agrees, findings.divergence, findings.fault) == (True, None, None)
    assert isinstance(findings.outcome, Succeeded)
    total = len(world.service.events(world.arn))
    for length in range(1, total // 2):
        part = replay(world, handler, length)
        assert part.agrees
        assert isinstance(part.outcome, Pending)
        assert part.stops
    assert today.ran == []


def test_another_program_diverges_and_runs_nothing(world: World, make_handler: MakeHandler) -> None:
    world.run(make_handler(Workflow()))
    today = Workflow(then="afterwards")
    findings = replay(world, make_handler(today))
    error = findings.divergence
    assert isinstance(error, ReplayError)
    assert (error.recorded["name"], error.attempted["name"]) == ("then", "afterwards")
    assert today.ran == []
    names: list[str] = []
    trace = error.__traceback__
    while trace is not None:
        names.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    assert "branch" in names, "the traceback leads to the line"


def test_a_flow_that_diverges_ends_those_that_wait(world: World, make_handler: MakeHandler) -> None:
    world.run(make_handler(Workflow()))
    kinds = [event.event_type.value for event in world.service.events(world.arn)]
    # The first branch is past its wait; the others still wait.
    length = kinds.index("WaitSucceeded") + 2
    today = Workflow()

    async def program(event: Any, ctx: Context) -> object:
        async def branch(inner: Context, item: int, index: int) -> None:
            await inner.wait(5 + item, name=f"wait {item}")
            await inner.wait(1, name="then")

        await ctx.step(today.body, "first", name="first", retry=fixed(2))
        return await ctx.map([1, 2, 3], branch, name="branches")

    for extra in range(3):
        findings = replay(world, make_handler(program), length + extra)
        if findings.divergence is not None:
            assert findings.divergence.attempted["type"] == "WAIT"
            break
    else:
        pytest.fail("it never diverged")
    assert today.ran == []


def test_neither_region_nor_endpoint_is_needed(
    world: World, make_handler: MakeHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run(make_handler(Workflow()))
    for name in ("AWS_ENDPOINT_URL_LAMBDA", "AWS_REGION", "AWS_ACCESS_KEY_ID"):
        monkeypatch.delenv(name)
    assert replay(world, make_handler(Workflow())).agrees


def test_what_a_function_raises_is_kept(world: World, make_handler: MakeHandler) -> None:
    world.run(make_handler(Workflow()))

    async def program(event: Any, ctx: Context) -> object:
        raise LookupError("not there")

    outcome = replay(world, make_handler(program)).outcome
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.cause, LookupError)


def test_plugins_are_told_nothing(world: World, make_handler: MakeHandler) -> None:
    world.run(make_handler(Workflow()))
    made: list[str] = []

    class Telling:
        def create_plugin(self, info: object) -> object:
            made.append("a plugin")
            return self

    assert replay(world, make_handler(Workflow(), plugins=[Telling()])).agrees
    assert made == []
