"""A context belongs to its flow: everybody else is refused, told why, and takes no place."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio

import perdure_sync
from adapters.conftest import ASYNC
from adapters.programs import Context
from adapters.runtimes import Runtime
from adapters.world import World
from perdure.errors import ConcurrencyError
from perdure.ids import operation_id

Foreign = Callable[[Context], Awaitable[list[BaseException]]]


def one() -> int:
    return 1


# -- what users write; each tells what was raised -------------------------------------------


async def gather(ctx: Context) -> list[BaseException]:
    steps = ctx.step(one), ctx.wait(5)
    return [
        each
        for each in await asyncio.gather(*steps, return_exceptions=True)
        if isinstance(each, BaseException)
    ]


async def ensure_future(ctx: Context) -> list[BaseException]:
    raised: list[BaseException] = []
    future = asyncio.ensure_future(ctx.step(one))
    try:
        await future
    except ConcurrencyError as error:
        raised.append(error)
    return raised


async def create_task(ctx: Context) -> list[BaseException]:
    raised: list[BaseException] = []

    async def elsewhere() -> None:
        try:
            await ctx.step(one)
        except ConcurrencyError as error:
            raised.append(error)

    await asyncio.create_task(elsewhere())
    return raised


async def created_here_awaited_there(ctx: Context) -> list[BaseException]:
    raised: list[BaseException] = []
    operation = ctx.step(one)

    async def elsewhere() -> None:
        try:
            await operation
        except ConcurrencyError as error:
            raised.append(error)

    await asyncio.create_task(elsewhere())
    return raised


async def wait_for(ctx: Context) -> list[BaseException]:
    # It makes a task of what it is given, up to Python 3.11.
    try:
        await asyncio.wait_for(ctx.step(one), 5)
    except ConcurrencyError as error:
        return [error]
    return []


async def start_soon(ctx: Context) -> list[BaseException]:
    raised: list[BaseException] = []

    async def elsewhere() -> None:
        try:
            await ctx.step(one)
        except ConcurrencyError as error:
            raised.append(error)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(elsewhere)
    return raised


async def in_a_nursery_of_two(ctx: Context) -> list[BaseException]:
    raised: list[BaseException] = []
    operation = ctx.step(one)

    async def elsewhere() -> None:
        try:
            await operation
        except ConcurrencyError as error:
            raised.append(error)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(elsewhere)
    return raised


CASES = [
    ("asyncio", gather, 2),
    ("asyncio", ensure_future, 1),
    ("asyncio", create_task, 0),
    ("asyncio", created_here_awaited_there, 1),
    ("trio", start_soon, 0),
    ("trio", in_a_nursery_of_two, 1),
]


@pytest.mark.parametrize(
    ("runtime", "foreign", "places"),
    CASES,
    indirect=["runtime"],
    ids=[case[1].__name__ for case in CASES],
)
def test_another_task_is_refused(
    world: World, runtime: Runtime, foreign: Foreign, places: int
) -> None:
    """`places`: how many the owner took itself, by calling; the foreign task takes none."""
    told: list[BaseException] = []

    async def program(event: Any, ctx: Context) -> object:
        first = await ctx.step(one, name="before")
        told.extend(await foreign(ctx))
        return first + await ctx.step(one, name="after")

    run = world.run(runtime.entry_point(program, world.loopback.settings()))
    assert run.outputs == [{"Status": "SUCCEEDED", "Result": "2"}]
    assert told, "nobody was refused"
    assert {type(error) for error in told} == {ConcurrencyError}
    assert "gather, create_task, start_soon, a thread" in str(told[0])
    assert "Await one operation after the other" in str(told[0])
    before, after = world.operations()
    assert (before.id, after.id) == (operation_id(1), operation_id(2 + places))


@pytest.mark.parametrize("runtime", ["asyncio"], indirect=True)
def test_wait_for_is_refused_where_it_makes_a_task(world: World, runtime: Runtime) -> None:
    async def program(event: Any, ctx: Context) -> object:
        told = await wait_for(ctx)
        return [type(error).__name__ for error in told]

    run = world.run(runtime.entry_point(program, world.loopback.settings()))
    # Python 3.12 and later await it in the task itself: then it simply works.
    assert run.result in (["ConcurrencyError"], [])


def test_another_thread_is_refused(world: World, runtime: Runtime) -> None:
    told: list[BaseException] = []

    async def program(event: Any, ctx: Context) -> object:
        plain = getattr(ctx, "plain", ctx)
        assert isinstance(plain, perdure_sync.DurableContext) or runtime.is_async

        def elsewhere() -> None:
            try:
                plain.step(one)
            except BaseException as error:
                told.append(error)

        first = await ctx.step(one, name="before")
        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        return first + await ctx.step(one, name="after")

    run = world.run(runtime.entry_point(program, world.loopback.settings()))
    assert run.result == 2
    assert [type(error) for error in told] == [ConcurrencyError]
    assert [op.id for op in world.operations()] == [operation_id(1), operation_id(2)]


def test_an_uncaught_refusal_fails_the_execution_and_names_the_reason(
    world: World, runtime: Runtime
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        async def elsewhere() -> None:
            await ctx.step(one)

        [outcome] = await runtime.at_once([elsewhere])
        assert isinstance(outcome, Exception)
        raise outcome

    [output] = world.run(runtime.entry_point(program, world.loopback.settings())).outputs
    assert isinstance(output, dict)
    assert output["Status"] == "FAILED"
    assert output["Error"]["ErrorType"] == "perdure.errors.ConcurrencyError"
    assert world.operations() == []


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_an_operation_is_awaited_once(world: World, runtime: Runtime) -> None:
    async def program(event: Any, ctx: Context) -> object:
        operation = ctx.step(one)
        first = await operation
        try:
            await operation
        except RuntimeError:
            return first
        return "awaited twice"

    run = world.run(runtime.entry_point(program, world.loopback.settings()))
    assert run.result == 1
    assert len(world.operations()) == 1
