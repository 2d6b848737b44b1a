"""Branches that are cut short: cancelled, timed out, interrupted. Nothing of them is left."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
import trio.lowlevel

from adapters.conftest import ASYNC, MakeHandler
from adapters.loopback import THREADS
from adapters.programs import Context
from adapters.runtimes import Runtime
from adapters.world import World, lambda_context
from perdure.batch_completion import FIRST_SUCCESSFUL
from perdure.errors import ConcurrencyError

# The runtimes look host names up in threads of their own, and keep those for the next time.
NOT_OURS = (THREADS, "asyncio_", "Trio thread", "getaddrinfo")


def threads() -> set[threading.Thread]:
    return {each for each in threading.enumerate() if not each.name.startswith(NOT_OURS)}


def one() -> int:
    return 1


async def timed_out(runtime: Runtime, seconds: float, job: Callable[[], Awaitable[object]]) -> bool:
    """Whether a job was cut short by the runtime's own timeout."""
    if runtime.name == "trio":
        with trio.move_on_after(seconds) as scope:
            await job()
        return scope.cancelled_caught
    try:
        async with asyncio.timeout(seconds):
            await job()
    except TimeoutError:
        return True
    return False


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_a_timeout_around_a_map(world: World, runtime: Runtime, make_handler: MakeHandler) -> None:
    cancelled: list[int] = []

    async def program(event: Any, ctx: Context) -> object:
        async def branch(ctx: Context, item: int, index: int) -> object:
            async def slow() -> None:
                try:
                    await runtime.sleep(30)
                finally:
                    cancelled.append(index)

            return await ctx.step(slow)

        async def job() -> object:
            return await ctx.map([1, 2, 3], branch)

        late = await timed_out(runtime, 0.1, job)
        others = runtime.others()
        after = await ctx.step(one, name="after")
        return [late, after, len(others)]

    handler = make_handler(program)
    output = handler(world.event(), lambda_context(60))
    # The pump is left, and on trio nothing can be counted from inside.
    assert output["Status"] == "SUCCEEDED", output
    assert output["Result"].startswith("[true,1,") or output["Result"].startswith("[true, 1,")
    assert sorted(cancelled) == [0, 1, 2]
    assert "STEP after SUCCEEDED" in world.recorded()


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_the_first_success_cancels_the_others(
    world: World, runtime: Runtime, make_handler: MakeHandler
) -> None:
    cancelled: list[str] = []

    async def slow() -> None:
        try:
            await runtime.sleep(30)
        finally:
            cancelled.append("slow")

    async def waits(ctx: Context) -> object:
        return await ctx.step(slow)

    async def quick(ctx: Context) -> object:
        return await ctx.step(one)

    async def program(event: Any, ctx: Context) -> object:
        batch = await ctx.parallel(waits, quick, waits, completion=FIRST_SUCCESSFUL)
        return [each.status for each in batch.all]

    assert world.run(make_handler(program)).result == ["STARTED", "SUCCEEDED", "STARTED"]
    assert cancelled == ["slow", "slow"]


@pytest.mark.parametrize("runtime", ["sync"], indirect=True)
def test_what_a_thread_does_after_the_first_success_is_refused(
    world: World, make_handler: MakeHandler
) -> None:
    go_on = threading.Event()
    refused: list[BaseException] = []

    async def late(ctx: Context) -> object:
        def slow() -> None:
            assert go_on.wait(10)

        try:
            await ctx.step(slow, name="slow")
            await ctx.step(one, name="never")
        except BaseException as error:
            refused.append(error)
            raise
        return None

    async def quick(ctx: Context) -> object:
        return await ctx.step(one, name="quick")

    async def program(event: Any, ctx: Context) -> object:
        batch = await ctx.parallel(late, quick, completion=FIRST_SUCCESSFUL)
        result = await ctx.step(one, name="after")
        go_on.set()
        return [result, *(each.status for each in batch.all)]

    before = threads()
    done = world.run(make_handler(program))
    assert done.result == [1, "STARTED", "SUCCEEDED"]
    assert len(refused) == 1
    assert threads() == before
    records = world.recorded()
    assert "STEP slow STARTED" in records
    assert not [each for each in records if "never" in each]


@pytest.mark.parametrize("ending", ["suspends", "raises", "returns"])
def test_nothing_outlives_an_invocation_with_branches(
    world: World, runtime: Runtime, make_handler: MakeHandler, ending: str
) -> None:
    async def branch(ctx: Context, item: int, index: int) -> object:
        await ctx.step(one)
        if ending == "suspends":
            await ctx.wait(60)
        if ending == "raises" and index == 3:
            raise ValueError("no")
        return await ctx.step(one)

    left: list[str] = []

    async def program(event: Any, ctx: Context) -> object:
        (await ctx.map(range(8), branch)).throw_if_error()
        return "done"

    async def main() -> object:
        settings = world.loopback.settings()
        async with runtime.open(world.event(), settings) as session:
            output = await runtime.carry_out(session, program)
        if runtime.is_async:
            left.extend(runtime.others())
        return output.status

    before = threads()
    status = runtime.run(main)
    assert status == {"suspends": "PENDING", "raises": "FAILED", "returns": "SUCCEEDED"}[ending]
    assert left == []
    assert threads() == before


class Stop(BaseException):
    """A signal of the user's own, which is neither an error nor the runtime's."""


@pytest.mark.parametrize("fault", [KeyboardInterrupt, SystemExit, Stop])
def test_an_interrupt_in_a_branch_ends_the_process(
    world: World, runtime: Runtime, make_handler: MakeHandler, fault: type[BaseException]
) -> None:
    def interrupted() -> None:
        raise fault

    async def bad(ctx: Context) -> object:
        return await ctx.step(interrupted)

    async def long(ctx: Context) -> object:
        await ctx.wait(60)
        return None

    async def program(event: Any, ctx: Context) -> object:
        return (await ctx.parallel(long, bad)).results

    before = threads()
    raised: list[BaseException] = []
    try:
        make_handler(program)(world.event(), lambda_context(60))
    except BaseException as error:
        raised.append(error)
    assert [type(error) for error in raised] == [fault]
    assert threads() == before


# -- the crossed chains: two flows of operations over one context -------------------------------


async def crossed_by_gather(ctx: Context) -> object:
    async def chain(name: str) -> object:
        first = await ctx.step(one, name=f"{name} 1")
        await asyncio.sleep(0)
        return first + await ctx.step(one, name=f"{name} 2")

    return await asyncio.gather(chain("a"), chain("b"))


async def crossed_by_nursery(ctx: Context) -> object:
    async def chain(name: str) -> None:
        await ctx.step(one, name=f"{name} 1")
        await trio.lowlevel.checkpoint()
        await ctx.step(one, name=f"{name} 2")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(chain, "a")
        nursery.start_soon(chain, "b")
    return None


@pytest.mark.parametrize(
    ("runtime", "crossed"),
    [("asyncio", crossed_by_gather), ("trio", crossed_by_nursery)],
    indirect=["runtime"],
)
def test_crossed_chains_are_refused(
    world: World, make_handler: MakeHandler, crossed: Callable[[Context], Awaitable[object]]
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        try:
            return await crossed(ctx)
        except* ConcurrencyError as group:
            names = {type(each).__name__ for each in group.exceptions}
        return sorted(names)

    done = world.run(make_handler(program))
    assert done.statuses == ["SUCCEEDED"]
    assert done.result == ["ConcurrencyError"]
    assert world.recorded() == []


def test_an_early_end_while_a_wait_of_a_branch_is_open(
    world: World, make_handler: MakeHandler
) -> None:
    async def waits(ctx: Context) -> object:
        await ctx.wait(600, name="long")
        return "waited"

    async def quick(ctx: Context) -> object:
        await ctx.wait(5, name="short")
        return "quick"

    async def program(event: Any, ctx: Context) -> object:
        batch = await ctx.parallel(waits, quick, completion=FIRST_SUCCESSFUL)
        await ctx.wait(5, name="after")
        return batch.results

    began = world.now
    done = world.run(make_handler(program))
    assert done.result == ["quick"]
    assert done.statuses == ["PENDING", "PENDING", "SUCCEEDED"]
    assert world.now - began < 60
