"""When an invocation suspends and what it resumes by itself, on a clock that runs."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from typing import Any

import pytest

from adapters.conftest import MakeHandler, lead_to
from adapters.live_world import LiveWorld
from adapters.programs import Context
from adapters.runtimes import Runtime
from adapters.world import until
from perdure.batch_completion import ALL_COMPLETED
from perdure.retries import fixed
from perdure.waits import poll_until


@pytest.fixture
def live(monkeypatch: pytest.MonkeyPatch) -> Generator[LiveWorld]:
    """A service whose clock runs; the environment leads to it."""
    made = LiveWorld()
    with made:
        lead_to(made, monkeypatch)
        yield made


def value() -> str:
    return "value"


async def short_wait(ctx: Context) -> object:
    await ctx.wait(1, name="short")
    return await ctx.step(value, name="after")


async def retried(ctx: Context) -> object:
    failures: list[int] = []

    def fails_once() -> str:
        failures.append(1)
        if len(failures) == 1:
            raise ValueError("not yet")
        return "value"

    return await ctx.step(fails_once, retry=fixed(1, max_attempts=2))


async def polled(ctx: Context) -> object:
    def longer(state: str) -> str:
        return f"{state}x"

    ready = poll_until(lambda state: state == "xx", initial_delay=1)
    await ctx.wait_for_condition(longer, "", ready)
    return "value"


def test_what_is_shorter_than_a_step_beside_it_needs_no_second_invocation(
    live: LiveWorld, runtime: Runtime, make_handler: MakeHandler
) -> None:
    async def slow() -> str:
        await runtime.sleep(1.6)
        return "slow"

    async def long_step(ctx: Context) -> object:
        return await ctx.step(runtime.body(slow), name="long")

    async def program(event: Any, ctx: Context) -> object:
        return (await ctx.parallel(short_wait, retried, polled, long_step)).results

    began = time.monotonic()
    done = live.run(make_handler(program))
    took = time.monotonic() - began
    assert done.statuses == ["SUCCEEDED"]
    assert done.result == ["value", "value", "value", "slow"]
    assert 1.6 <= took < 2.5, "they took their turns"


def test_nothing_moves_so_it_suspends_at_once(live: LiveWorld, make_handler: MakeHandler) -> None:
    async def one(ctx: Context, item: int, index: int) -> object:
        await ctx.wait(item)
        return item

    async def program(event: Any, ctx: Context) -> object:
        return (await ctx.map([30, 60], one)).results

    began = time.monotonic()
    done = live.run(make_handler(program))
    assert time.monotonic() - began < 1
    assert done.statuses == ["PENDING", "PENDING", "SUCCEEDED"]
    assert done.result == [30, 60]


def test_a_callback_that_is_answered_meanwhile_resumes_its_branch(
    live: LiveWorld, runtime: Runtime, make_handler: MakeHandler
) -> None:
    order: list[str] = []

    def answer() -> None:
        until(lambda: any(op.type == "CALLBACK" for op in live.operations()))
        live.answer_callback("yes")

    somebody = threading.Thread(target=answer, name="loopback-somebody")

    async def asks(ctx: Context) -> object:
        callback = await ctx.create_callback()
        somebody.start()
        found = await callback.result()
        order.append("answered")
        return found

    async def works(ctx: Context) -> object:
        async def slow() -> None:
            await runtime.sleep(0.3)

        await ctx.step(runtime.body(slow), name="long")
        # Its answer brings the news of the callback.
        await ctx.step(value, name="news")
        await ctx.step(runtime.body(slow), name="longer")
        order.append("worked")
        return "worked"

    async def program(event: Any, ctx: Context) -> object:
        return (await ctx.parallel(asks, works)).results

    done = live.run(make_handler(program))
    somebody.join(5)
    assert done.statuses == ["SUCCEEDED"]
    assert done.result == ["yes", "worked"]
    assert order == ["answered", "worked"]


def test_branches_run_at_the_same_time(
    live: LiveWorld, runtime: Runtime, make_handler: MakeHandler
) -> None:
    async def slow() -> None:
        await runtime.sleep(0.2)

    async def one(ctx: Context, item: int, index: int) -> None:
        await ctx.step(runtime.body(slow))

    async def program(event: Any, ctx: Context) -> object:
        batch = await ctx.map(range(20), one, completion=ALL_COMPLETED)
        return len(batch.succeeded)

    began = time.monotonic()
    assert live.run(make_handler(program)).result == 20
    assert time.monotonic() - began < 1.5


def test_no_more_run_at_once_than_allowed(
    live: LiveWorld, runtime: Runtime, make_handler: MakeHandler
) -> None:
    running: list[int] = [0, 0]
    lock = threading.Lock()

    async def slow() -> None:
        with lock:
            running[0] += 1
            running[1] = max(running)
        await runtime.sleep(0.01)
        with lock:
            running[0] -= 1

    async def one(ctx: Context, item: int, index: int) -> None:
        await ctx.step(runtime.body(slow))

    async def program(event: Any, ctx: Context) -> object:
        return len((await ctx.map(range(12), one, max_concurrency=3)).succeeded)

    assert live.run(make_handler(program)).result == 12
    assert running == [0, 3]
