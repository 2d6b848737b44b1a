"""A call of the service takes no thread: what is sent is sent where the invocation runs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest
import trio

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.runtimes import Runtime
from adapters.world import World

STEPS = 20


def nothing() -> None: ...


class NoThreads(ThreadPoolExecutor):
    """What asyncio would have its threads from."""

    def submit(self, *args: Any, **kwargs: Any) -> Future[Any]:
        raise AssertionError("a thread was asked for")


async def on_asyncio(job: Callable[[], Awaitable[None]]) -> int:
    asyncio.get_running_loop().set_default_executor(NoThreads())
    await job()
    return 0


async def on_trio(job: Callable[[], Awaitable[None]]) -> int:
    limiter = trio.to_thread.current_default_thread_limiter()
    before, limiter.total_tokens = limiter.total_tokens, 1
    # The only one is taken: whoever asks for a thread waits in vain.
    async with limiter:
        with trio.fail_after(10):
            await job()
    limiter.total_tokens = before
    return 0


async def on_sync(job: Callable[[], Awaitable[None]]) -> int:
    with started_threads() as started:
        await job()
    return len(started)


@contextmanager
def started_threads() -> Generator[set[int]]:
    """The threads that are started meanwhile, however soon they end."""
    started: set[int] = set()

    def look(frame: FrameType, event: str, arg: object) -> None:
        started.add(threading.get_ident())

    threading.setprofile(look)
    try:
        yield started
    finally:
        threading.setprofile(None)


WITHOUT_THREADS = {"asyncio": on_asyncio, "trio": on_trio, "sync": on_sync}


def test_requests_are_sent_without_a_thread_for_each(
    world: World, runtime: Runtime, make_handler: MakeHandler
) -> None:
    """Each call of the service was handed to a thread of a pool."""

    async def program(event: Any, ctx: Context) -> object:
        async def steps() -> None:
            for _ in range(STEPS):
                await ctx.step(nothing)

        # The first one looks the host up, which takes a thread, and connects.
        await ctx.step(nothing)
        return await WITHOUT_THREADS[runtime.name](steps)

    run = world.run(make_handler(program))
    assert (run.status, run.result) == ("SUCCEEDED", 0)
    assert len(world.requests) == 1 + STEPS


@pytest.mark.parametrize("runtime", ["sync"], indirect=True)
def test_a_thread_that_is_started_is_seen(runtime: Runtime) -> None:
    """Else the test above would say nothing."""

    async def job() -> None:
        thread = threading.Thread(target=nothing)
        thread.start()
        thread.join()

    async def main() -> int:
        return await on_sync(job)

    assert runtime.run(main) == 1
