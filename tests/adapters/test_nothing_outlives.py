"""When an invocation is over, everything is over: no task, no thread, no request."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.loopback import THREADS
from adapters.programs import Context
from adapters.replies import FAULT, KEY_GONE, NORMAL, Cut, Reply, Silence
from adapters.runtimes import QUICK, Runtime
from adapters.updates import start
from adapters.world import World, lambda_context

# The runtimes look host names up in threads of their own, and keep those for the next time.
NOT_OURS = (THREADS, "asyncio_", "Trio thread")


def threads() -> set[threading.Thread]:
    return {each for each in threading.enumerate() if not each.name.startswith(NOT_OURS)}


def one() -> int:
    return 1


def refuse() -> None:
    raise ValueError("no")


async def succeeds(event: Any, ctx: Context) -> object:
    return await ctx.step(one)


async def suspends(event: Any, ctx: Context) -> object:
    await ctx.step(one)
    await ctx.wait(5)
    return 1


async def fails(event: Any, ctx: Context) -> object:
    await ctx.step(one)
    raise ValueError("no")


async def retries(event: Any, ctx: Context) -> object:
    return await ctx.step(refuse)


@pytest.mark.parametrize("program", [succeeds, suspends, fails, retries])
@pytest.mark.parametrize(
    "plan",
    [[], [FAULT], [NORMAL, FAULT, Cut(0)], [KEY_GONE], [NORMAL, KEY_GONE]],
    ids=["calm", "fault", "later faults", "refused", "refused later"],
)
def test_no_thread_outlives_an_invocation(
    world: World, make_handler: MakeHandler, program: Any, plan: list[Reply]
) -> None:
    handler = make_handler(program)
    before = threads()
    world.loopback.plan(*plan)
    assert handler(world.event(), lambda_context(60))["Status"]
    assert threads() == before


def body(kind: str) -> BaseException | None:
    return {"error": ValueError("no"), "exit": SystemExit(3), "fine": None}[kind]


@pytest.mark.parametrize("kind", ["fine", "error", "exit"])
@pytest.mark.parametrize("reply", [NORMAL, FAULT, Silence()], ids=["normal", "fault", "silence"])
def test_no_task_outlives_an_open_execution(
    world: World, runtime: Runtime, kind: str, reply: Reply
) -> None:
    world.loopback.otherwise = reply
    before = threads()
    left: list[str] = []
    settings = world.loopback.settings(read_seconds=0.1)

    async def main() -> None:
        try:
            async with runtime.open(world.event(), settings, retries=QUICK) as session:
                await session.checkpoint_async(start("a"))
                raised = body(kind)
                if raised is not None:
                    raise raised
        except BaseException as error:
            left.append(type(error).__name__)
        if runtime.is_async:
            assert runtime.others() == []

    runtime.run(main)
    told = {
        "fine": [] if reply == NORMAL else None,
        "error": ["ValueError"],
        "exit": ["SystemExit"],
    }
    assert told[kind] is None or left == told[kind]
    assert threads() == before
    # Its update left, where nothing went wrong before.
    if kind == "fine":
        assert bool(world.operations()) is (reply == NORMAL)
        assert len(left) == (0 if reply == NORMAL else 1)


@pytest.mark.parametrize("count", [30])
def test_many_invocations_leave_no_open_file(
    world: World, runtime: Runtime, count: int, open_files: Callable[[], int]
) -> None:
    def once() -> None:
        output = runtime.invoke(succeeds, world.event(), world.loopback.settings())
        assert output["Status"] == "SUCCEEDED"

    once()
    before = open_files()
    for _ in range(count):
        once()
    # The loopback's own side of the connections closes a moment later.
    assert open_files() <= before + 5


@pytest.fixture
def open_files() -> Callable[[], int]:
    """How many files this process has open."""
    import os
    from pathlib import Path

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("open files are counted by /proc")
    return lambda: len(os.listdir("/proc/self/fd"))


@pytest.mark.parametrize("runtime", ["asyncio"], indirect=True)
def test_a_task_of_the_functions_own_ends_before_the_answer(
    world: World, make_handler: MakeHandler
) -> None:
    """It stood still with the loop, and went on in the middle of the next invocation."""
    ended: list[str] = []

    async def slow() -> None:
        try:
            await asyncio.sleep(30)
        finally:
            ended.append("slow")

    async def breaks() -> None:
        await asyncio.sleep(0)
        raise ValueError("no")

    async def program(event: Any, ctx: Context) -> object:
        await ctx.step(one)
        return await asyncio.gather(breaks(), slow())

    assert world.run(make_handler(program)).status == "FAILED"
    assert ended == ["slow"]
