"""Time passes when nobody can move, on every runtime, and never otherwise."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import trio

from adapters.programs import Context
from adapters.runtimes import Runtime
from perdure import retries, step_context
from perdure_local.testing import Durable
from testing.conftest import ASYNC, RUNTIMES

DAY = 86_400


def test_a_month_of_waits_takes_no_time(runtime: Runtime, durable: Durable) -> None:
    async def program(event: Any, ctx: Context) -> Any:
        for day in range(30):
            await ctx.wait(DAY, name=f"day {day}")
        return event

    began = time.perf_counter()
    run = durable.run(runtime.handler(program), {"order": 7})
    assert run.result == {"order": 7}
    assert run.duration == 30 * DAY
    assert len(run.invocations) == 31
    # Generous, for a busy machine: a second for each virtual day would be three times that.
    assert time.perf_counter() - began < 10


def test_retries_wait_as_long_as_they_say(runtime: Runtime, durable: Durable) -> None:
    def charge() -> str:
        if step_context().attempt < 4:
            raise ConnectionError("busy")
        return "paid"

    async def program(event: Any, ctx: Context) -> Any:
        backoff = retries.exponential(
            max_attempts=4, initial_delay=60, rate=2, jitter=retries.Jitter.NONE
        )
        return await ctx.step(charge, name="charge", retry=backoff)

    run = durable.run(runtime.handler(program))
    assert run.result == "paid"
    assert run.duration == 60 + 120 + 240
    assert run.operation("charge").attempts == 4
    starts = [event.event_timestamp for event in run.events if event.event_type == "StepStarted"]
    assert [b - a for a, b in pairwise(starts)] == [60, 120, 240]


def test_branches_wait_beside_each_other(runtime: Runtime, durable: Durable) -> None:
    def waits(seconds: int) -> Any:
        async def branch(ctx: Context) -> Any:
            await ctx.wait(seconds)
            return seconds

        return branch

    async def program(event: Any, ctx: Context) -> Any:
        batch = await ctx.parallel(waits(50), waits(20), waits(30))
        return batch.results

    run = durable.run(runtime.handler(program))
    assert run.result == [50, 20, 30]
    assert run.duration == 50


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_a_wait_beside_a_sleeping_step_ends_in_the_same_invocation(
    runtime: Runtime, durable: Durable
) -> None:
    async def slow() -> str:
        await runtime.sleep(5)
        return "worked"

    async def program(event: Any, ctx: Context) -> Any:
        began = (await ctx.now()).timestamp()

        async def work(ctx: Context) -> Any:
            return await ctx.step(slow, name="slow")

        async def pause(ctx: Context) -> float:
            await ctx.wait(2)
            return (await ctx.now()).timestamp() - began

        batch = await ctx.parallel(work, pause)
        return batch.results

    run = durable.run(runtime.handler(program))
    assert run.result == ["worked", 2.0]
    assert (len(run.invocations), run.duration) == (1, 5)


@pytest.mark.parametrize(
    ("runtime", "in_thread"),
    [("asyncio", asyncio.to_thread), ("trio", trio.to_thread.run_sync)],
    indirect=["runtime"],
)
def test_time_stands_still_while_a_thread_works(
    runtime: Runtime, in_thread: Any, durable: Durable
) -> None:
    async def program(event: Any, ctx: Context) -> Any:
        await ctx.step(lambda: in_thread(time.sleep, 0.05), name="work")
        return (await ctx.now()).timestamp()

    began = time.perf_counter()
    run = durable.run(runtime.handler(program))
    assert run.duration == 0
    assert time.perf_counter() - began >= 0.05


def test_now_random_and_uuid_are_the_same_in_every_run(runtime: Runtime) -> None:
    async def program(event: Any, ctx: Context) -> Any:
        await ctx.wait(60)
        now, chance, uuid = await ctx.now(), await ctx.random(), await ctx.uuid()
        return [now.isoformat(), chance, str(uuid)]

    first, second = (Durable().run(runtime.handler(program)).result for _ in range(2))
    assert first == second
    assert first[0] == "2026-01-01T00:01:00+00:00"


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_an_invocation_that_takes_too_long_is_killed(runtime: Runtime, durable: Durable) -> None:
    async def program(event: Any, ctx: Context) -> None:
        await runtime.sleep(10_000)

    run = durable.run(runtime.handler(program))
    assert run.error is not None
    assert (run.status, run.error.type) == ("FAILED", "Sandbox.Timedout")
    assert [each.status for each in run.invocations] == ["CRASHED"] * 5


def test_the_runtimes_leave_one_history() -> None:
    def flaky() -> int:
        attempt = step_context().attempt
        if attempt < 3:
            raise RuntimeError("not yet")
        return attempt

    async def one(ctx: Context) -> Any:
        await ctx.wait(10, name="pause")
        return await ctx.step(flaky, name="flaky", retry=retries.fixed(4, max_attempts=5))

    async def two(ctx: Context) -> Any:
        return await ctx.step(flaky, name="flaky", retry=retries.fixed(7, max_attempts=5))

    async def program(event: Any, ctx: Context) -> Any:
        batch = await ctx.parallel(one, two, name="both")
        return batch.results

    def history(runtime: Runtime) -> list[tuple[str, float]]:
        run = Durable().run(runtime.handler(program))
        assert run.result == [3, 3]
        times = [event.event_timestamp - run.events[0].event_timestamp for event in run.events]
        return list(zip(run.told(), times, strict=True))

    histories = [history(each) for each in RUNTIMES.values()]
    assert histories[0] == histories[1] == histories[2]


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_a_thread_of_its_own_is_waited_for(runtime: Runtime, durable: Durable) -> None:
    def started(call: Callable[[], object]) -> None:
        def work() -> None:
            time.sleep(0.05)
            call()

        threading.Thread(target=work, daemon=True).start()

    async def in_asyncio() -> str:
        loop = asyncio.get_running_loop()
        done: asyncio.Future[str] = loop.create_future()
        started(lambda: loop.call_soon_threadsafe(done.set_result, "done"))
        return await done

    async def in_trio() -> str:
        done, token = trio.Event(), trio.lowlevel.current_trio_token()
        started(lambda: token.run_sync_soon(done.set))
        await done.wait()
        return "done"

    async def program(event: Any, ctx: Context) -> Any:
        return await ctx.step(in_trio if runtime.name == "trio" else in_asyncio, name="work")

    run = durable.run(runtime.handler(program))
    assert (run.result, run.duration) == ("done", 0)


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_a_socket_is_waited_for(runtime: Runtime, durable: Durable) -> None:
    async def receive() -> str:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with ours, theirs:
            sender = threading.Timer(0.05, theirs.sendall, [b"x"])
            sender.start()
            if runtime.name == "trio":
                received = await trio.socket.from_stdlib_socket(ours).recv(1)
            else:
                received = await asyncio.get_running_loop().sock_recv(ours, 1)
            sender.join()
        return received.decode()

    async def program(event: Any, ctx: Context) -> Any:
        return await ctx.step(receive, name="receive")

    run = durable.run(runtime.handler(program))
    assert (run.result, run.duration) == ("x", 0)


def test_batches_within_more_branches_than_there_are_threads(
    runtime: Runtime, durable: Durable
) -> None:
    async def one(ctx: Context) -> Any:
        return await ctx.step(lambda: 1)

    async def waiting(ctx: Context) -> Any:
        await ctx.wait(5)
        return 2

    async def item(ctx: Context, number: int, index: int) -> Any:
        batch = await ctx.parallel(one, waiting, one)
        return sum(batch.results)

    async def program(event: Any, ctx: Context) -> Any:
        batch = await ctx.map(list(range(200)), item)
        return sum(batch.results)

    run = durable.run(runtime.handler(program))
    assert (run.result, run.duration) == (800, 5)
