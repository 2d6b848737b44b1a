"""Invocations die and answers are lost where the test says, and the function gets over it."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from adapters.programs import Context
from adapters.runtimes import Runtime
from perdure import StepSemantics, retries
from perdure_local.testing import Durable, MisuseError


class Shop:
    """A program, and how often its steps ran."""

    def __init__(self, semantics: StepSemantics = StepSemantics.AT_LEAST_ONCE) -> None:
        self.calls: list[str] = []
        self._semantics = semantics

    async def order(self, event: Any, ctx: Context) -> Any:
        await self._step(ctx, "reserve")
        await ctx.wait(60, name="cool-off")
        await self._step(ctx, "charge")
        return await self._step(ctx, "ship")

    def _step(self, ctx: Context, name: str) -> Any:
        retry = retries.fixed(1, max_attempts=2)
        return ctx.step(self._call, name, name=name, retry=retry, semantics=self._semantics)

    def _call(self, name: str) -> str:
        self.calls.append(name)
        return f"{name}d"


@pytest.mark.parametrize(
    ("crash", "calls"),
    [
        ({"before": "charge"}, ["reserve", "charge", "charge", "ship"]),
        ({"after": "charge"}, ["reserve", "charge", "ship"]),
        ({"before": "cool-off"}, ["reserve", "charge", "ship"]),
        ({"after": "cool-off"}, ["reserve", "charge", "ship"]),
        ({"before": "reserve"}, ["reserve", "reserve", "charge", "ship"]),
        ({"before": "charge", "times": 3}, ["reserve", *["charge"] * 4, "ship"]),
    ],
    ids=["before", "after", "before a wait", "after a wait", "before the first", "three times"],
)
def test_a_crash(
    runtime: Runtime, durable: Durable, crash: dict[str, Any], calls: list[str]
) -> None:
    shop = Shop()
    durable.crash(**crash)
    run = durable.run(runtime.handler(shop.order))
    assert run.result == "shipd"
    assert shop.calls == calls
    crashed = [each for each in run.invocations if each.status == "CRASHED"]
    assert len(crashed) == crash.get("times", 1)
    assert all(each.error is not None for each in crashed)
    assert {each.error.type for each in crashed if each.error} == {"Runtime.ExitError"}
    assert len(run.invocations) == 2 + len(crashed)


def test_a_crash_in_a_step_that_must_not_run_twice(runtime: Runtime, durable: Durable) -> None:
    shop = Shop(StepSemantics.AT_MOST_ONCE)
    durable.crash(before="charge")
    run = durable.run(runtime.handler(shop.order))
    # Whether the first attempt did anything nobody knows; the second one is another attempt.
    assert run.operation("charge").attempts == 2
    assert run.result == "shipd"


def test_a_crash_at_the_start_of_a_step(runtime: Runtime, durable: Durable) -> None:
    shop = Shop(StepSemantics.AT_MOST_ONCE)
    durable.crash(after="charge", action="START")
    run = durable.run(runtime.handler(shop.order))
    assert (run.result, shop.calls) == ("shipd", ["reserve", "charge", "ship"])
    assert run.operation("charge").attempts == 2


def test_crashes_without_an_end(runtime: Runtime, durable: Durable) -> None:
    shop = Shop()
    durable.crash(before="ship", times=100)
    run = durable.run(runtime.handler(shop.order))
    assert run.error is not None
    assert (run.status, run.error.type) == ("FAILED", "Runtime.ExitError")
    assert [each.status for each in run.invocations] == ["PENDING", *["CRASHED"] * 5]


def test_a_lost_answer(runtime: Runtime, durable: Durable) -> None:
    shop = Shop()
    durable.lose_answer("charge")
    run = durable.run(runtime.handler(shop.order))
    assert (run.result, shop.calls) == ("shipd", ["reserve", "charge", "ship"])
    twice = [str(each) for each in run.requests if "charge" in str(each)]
    assert len(twice) == len(set(twice)) + 1
    assert run.told().count("StepSucceeded charge") == 1


def test_a_function_that_exits(runtime: Runtime, durable: Durable) -> None:
    calls: list[int] = []

    def exit_once() -> int:
        calls.append(1)
        if len(calls) == 1:
            sys.exit(3)
        return len(calls)

    async def program(event: Any, ctx: Context) -> Any:
        return await ctx.step(exit_once, name="exits")

    run = durable.run(runtime.handler(program))
    assert run.result == 2
    first = run.invocations[0].error
    assert first is not None
    assert first.message is not None
    assert first.message.endswith("Runtime exited with error: exit status 3")


def test_a_branch_dies_with_its_invocation(runtime: Runtime, durable: Durable) -> None:
    calls: list[str] = []

    def branch(name: str) -> Any:
        async def body(ctx: Context) -> Any:
            await ctx.step(calls.append, name, name=name)
            await ctx.wait(10)
            return name

        return body

    async def program(event: Any, ctx: Context) -> Any:
        batch = await ctx.parallel(branch("one"), branch("two"), name="both")
        return batch.results

    durable.crash(after="one")
    run = durable.run(runtime.handler(program))
    assert run.result == ["one", "two"]
    assert (calls.count("one"), run.operation("both").status) == (1, "SUCCEEDED")


def test_what_cannot_go_wrong(runtime: Runtime) -> None:
    durable, shop = Durable(), Shop()
    durable.crash(before="chrage")
    durable.run(runtime.handler(shop.order))
    [complaint] = durable.unused()
    assert complaint.startswith("nothing went wrong at 'chrage': it had no such checkpoint")
    assert "'charge SUCCEED'" in complaint


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "takes one of: before=, after="),
        ({"before": "a", "after": "a"}, "takes one of: before=, after="),
        ({"before": "a", "action": "STOP"}, "there is no action 'STOP'; there are 'START'"),
        ({"before": "a", "times": 0}, "at least once"),
    ],
)
def test_what_cannot_be_asked(durable: Durable, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(MisuseError, match=message):
        durable.crash(**asked)


def test_a_crash_among_more_branches_than_there_are_threads(
    runtime: Runtime, durable: Durable
) -> None:
    async def item(ctx: Context, number: int, index: int) -> Any:
        async def one(ctx: Context) -> Any:
            await ctx.wait(1, name=f"wait {number}")
            return 1

        batch = await ctx.parallel(one, one)
        return sum(batch.results)

    async def program(event: Any, ctx: Context) -> Any:
        batch = await ctx.map(list(range(200)), item)
        return sum(batch.results)

    durable.crash(after="wait 150")
    durable.crash(before="wait 7")
    run = durable.run(runtime.handler(program))
    assert run.result == 400
    assert [each.status for each in run.invocations].count("CRASHED") == 2
