"""Batches of many branches: how many requests they cost, and that order decides nothing."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from random import Random
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.runtimes import Runtime
from adapters.world import World


def double(number: int) -> int:
    return number * 2


async def one_step(ctx: Context, item: int, index: int) -> int:
    return await ctx.step(double, item, name="work")


@pytest.mark.parametrize(("limit", "requests"), [(None, 20), (50, 25)], ids=["all", "50 at once"])
def test_a_map_of_a_thousand_steps_takes_few_requests(
    world: World,
    runtime: Runtime,
    make_handler: MakeHandler,
    limit: int | None,
    requests: int,
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        batch = await ctx.map(range(1000), one_step, name="fan", max_concurrency=limit)
        return sum(batch.results)

    done = world.run(make_handler(program))
    assert done.statuses == ["SUCCEEDED"]
    assert done.result == 999_000
    assert len(world.requests) <= requests


@pytest.mark.heavy
def test_a_map_of_ten_thousand_finishes(
    world: World, runtime: Runtime, make_handler: MakeHandler
) -> None:
    most = 0

    async def one(ctx: Context, item: int, index: int) -> int:
        nonlocal most
        most = max(most, sum(each.name == "perdure-branch" for each in threading.enumerate()))
        return await ctx.step(double, item)

    async def program(event: Any, ctx: Context) -> object:
        return sum((await ctx.map(range(10_000), one)).results)

    done = world.run(make_handler(program))
    assert done.statuses == ["SUCCEEDED"]
    assert done.result == 99_990_000
    assert most < 150, "a thread for each branch"


@pytest.mark.heavy
@pytest.mark.timeout(600)
def test_the_right_form_gives_the_right_result_a_thousand_times(
    world: World, runtime: Runtime, make_handler: MakeHandler
) -> None:
    """Two chains of steps, with delays that let them overtake one another."""
    random = Random(7)

    async def program(pauses: dict[str, list[int]], ctx: Context) -> object:
        def chain(name: str) -> Callable[[Context], Awaitable[list[str]]]:
            async def work(ctx: Context) -> list[str]:
                done: list[str] = []
                for number in range(3):

                    async def body(text: str = f"{name}{number}") -> str:
                        await runtime.sleep(random.random() * 0.002)
                        return text

                    done.append(await ctx.step(runtime.body(body)))
                    if number in pauses[name]:
                        await ctx.wait(1)
                return done

            return work

        return (await ctx.parallel(chain("a"), chain("b"))).results

    handler = make_handler(program)
    for _ in range(1000):
        pauses = {name: [number for number in range(3) if random.random() < 0.1] for name in "ab"}
        done = world.run(handler, pauses)
        assert done.result == [["a0", "a1", "a2"], ["b0", "b1", "b2"]], pauses
        del world.requests[:]
