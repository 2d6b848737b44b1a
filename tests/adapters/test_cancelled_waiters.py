"""Tasks that are cancelled while they wait for durability take nothing with them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
import trio

from adapters.conftest import ASYNC
from adapters.programs import Context, Session
from adapters.replies import FAULT, Cut, Held, Reply, Silence
from adapters.runtimes import Runtime
from adapters.updates import start, succeed
from adapters.world import World
from perdure.batching import Batcher
from perdure.delivery import RequestRetries
from perdure.errors import StepError
from perdure.retries import NO_RETRY

pytestmark = pytest.mark.parametrize("runtime", ASYNC, indirect=True)

NAMES = [f"n{number}" for number in range(60)]
CANCELLED = {"n7", "n20", "n59"}
RETRIES = RequestRetries(max_attempts=5, base=0.001)

Waiter = Callable[[], Awaitable[object]]


async def on_asyncio(
    waiters: Sequence[Waiter], chosen: Callable[[], Awaitable[set[int]]], held: Held
) -> list[str]:
    async def one(waiter: Waiter) -> object:
        return await waiter()

    tasks = [asyncio.create_task(one(waiter)) for waiter in waiters]
    for index in await chosen():
        tasks[index].cancel()
    await asyncio.sleep(0.01)
    held.gate.set()
    await asyncio.wait(tasks)
    return [
        "cancelled" if task.cancelled() else f"failed: {task.exception()}" * bool(task.exception())
        for task in tasks
    ]


async def on_trio(
    waiters: Sequence[Waiter], chosen: Callable[[], Awaitable[set[int]]], held: Held
) -> list[str]:
    scopes = [trio.CancelScope() for _ in waiters]

    async def one(index: int) -> None:
        with scopes[index]:
            await waiters[index]()

    async with trio.open_nursery() as nursery:
        for index in range(len(waiters)):
            nursery.start_soon(one, index)
        for index in await chosen():
            scopes[index].cancel()
        await trio.sleep(0.01)
        held.gate.set()
    return ["cancelled" if scope.cancelled_caught else "" for scope in scopes]


CANCEL = {"asyncio": on_asyncio, "trio": on_trio}


def waiting_for(session: Session, name: str) -> Waiter:
    async def wait() -> object:
        return await session.checkpoint_sync(start(name))

    return wait


@pytest.mark.parametrize("faults", [[], [FAULT, Cut(0)]], ids=["calm", "faults"])
@pytest.mark.parametrize("everybody", [False, True], ids=["some", "everybody"])
def test_waiters_are_cancelled(
    world: World, runtime: Runtime, faults: list[Reply], everybody: bool
) -> None:
    held = Held()
    world.loopback.plan(held, *faults)
    gone = set(NAMES) if everybody else set(CANCELLED)

    async def chosen() -> set[int]:
        # The first request is out: two of those in it go, too.
        await runtime.until(lambda: bool(world.requests))
        [request] = world.requests
        gone.update(update["Id"] for update in request.updates[:2])
        return {NAMES.index(name) for name in gone}

    async def main() -> list[str]:
        async with runtime.open(
            world.event(),
            world.loopback.settings(),
            retries=RETRIES,
            batcher=Batcher(max_updates=5),
        ) as session:
            waiters = [waiting_for(session, name) for name in NAMES]
            outcomes = await CANCEL[runtime.name](waiters, chosen, held)
            # Everything still works afterwards.
            await session.checkpoint_sync(start("afterwards"))
            await session.checkpoint_sync(succeed("n0"))
            assert session.state.recorded("n7").is_started
        assert runtime.others() == []
        return outcomes

    outcomes = runtime.run(main)
    assert outcomes == ["cancelled" if name in gone else "" for name in NAMES]
    # What was queued is recorded, whether anybody still waits or not; and once.
    recorded = [op.id for op in world.operations()]
    assert sorted(recorded) == sorted([*NAMES, "afterwards"])
    bodies = {request.body: request for request in world.requests}
    sent = [update["Id"] for request in bodies.values() for update in request.updates]
    assert sent == [*recorded, "n0"]


def test_an_execution_that_is_cancelled_while_it_waits_leaves_nothing_behind(
    world: World, runtime: Runtime
) -> None:
    world.loopback.otherwise = Silence()

    async def main() -> None:
        async def invocation() -> None:
            async with runtime.open(world.event(), world.loopback.settings()) as session:
                await session.checkpoint_sync(start("a"))

        async def request() -> None:
            await runtime.until(lambda: bool(world.requests))

        if runtime.name == "asyncio":
            task = asyncio.create_task(invocation())
            await request()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(invocation)
                await request()
                nursery.cancel_scope.cancel()
        assert runtime.others() == []

    runtime.run(main)
    assert len(world.requests) == 1


def test_a_step_that_is_cancelled_by_a_timeout_of_the_users(world: World, runtime: Runtime) -> None:
    """The timeout strikes within the body: it fails like any other, and is recorded so."""

    async def program(event: Any, ctx: Context) -> object:
        async def body() -> None:
            if runtime.name == "asyncio":
                async with asyncio.timeout(0.02):
                    await asyncio.sleep(5)
            else:
                with trio.fail_after(0.02):
                    await trio.sleep(5)

        try:
            await ctx.step(body, name="slow", retry=NO_RETRY)
        except StepError as error:
            return error.error_type
        return "in time"

    run = world.run(runtime.entry_point(program, world.loopback.settings()))
    assert run.result == ("TimeoutError" if runtime.name == "asyncio" else "trio.TooSlowError")
    assert world.recorded() == ["STEP slow FAILED"]


def test_a_timeout_around_a_step_leaves_the_context_usable(world: World, runtime: Runtime) -> None:
    """The timeout strikes while the step waits for durability; the user goes on."""
    held = Held()
    world.loopback.plan(held)

    async def program(event: Any, ctx: Context) -> object:
        if runtime.name == "asyncio":
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.05):
                    await ctx.step(int, 1, name="late")
        else:
            with trio.move_on_after(0.05):
                await ctx.step(int, 1, name="late")
        held.gate.set()
        return await ctx.step(int, 2, name="next")

    run = world.run(runtime.entry_point(program, world.loopback.settings()))
    assert run.result == 2
    assert world.recorded() == ["STEP late SUCCEEDED", "STEP next SUCCEEDED"]
