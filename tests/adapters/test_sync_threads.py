"""What threads do in the sync adapter: the one that sends what lingers, and foreign ones."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

import perdure_sync
from adapters.runtime_sync import Sync
from adapters.runtimes import Options
from adapters.updates import start
from adapters.world import World
from perdure.batching import Batch, Batcher, Queue
from perdure.modes import CheckpointingMode

SYNC = Sync()


def helper_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "perdure"]


class Slow(Batcher):
    """Takes its time to form a batch, and keeps an eye on the queue meanwhile."""

    disturbed: list[int] = []  # noqa: RUF012  # the base is a frozen, slotted dataclass

    def take(self, queue: Queue) -> Batch:
        before = len(queue)
        time.sleep(0.005)
        if len(queue) != before:
            self.disturbed.append(len(queue) - before)
        return super().take(queue)


def test_no_two_threads_touch_the_state_at_once(world: World) -> None:
    Slow.disturbed.clear()

    async def program(event: Any, ctx: Any) -> object:
        return sum([await ctx.step(int, 1) for _ in range(200)])

    options: Options = {"mode": CheckpointingMode.OPTIMISTIC, "batcher": Slow(linger=0.0)}
    run = world.run(SYNC.entry_point(program, world.loopback.settings(), **options))
    assert run.result == 200
    assert len(world.requests) > 1
    assert Slow.disturbed == []


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="wake-ups are counted by /proc")
def test_the_helper_thread_does_not_wake_for_each_step(world: World) -> None:
    wakes = 0

    def voluntary_switches(thread: threading.Thread) -> int:
        status = Path(f"/proc/self/task/{thread.native_id}/status").read_text()
        [line] = [line for line in status.splitlines() if line.startswith("voluntary_ctxt")]
        return int(line.split()[1])

    async def program(event: Any, ctx: Any) -> object:
        nonlocal wakes
        await ctx.step(int, 1)
        [thread] = helper_threads()
        before = voluntary_switches(thread)
        for _ in range(300):
            await ctx.step(int, 1)
            assert helper_threads() == [thread]
        wakes = voluntary_switches(thread) - before
        return None

    began = time.monotonic()
    world.run(SYNC.entry_point(program, world.loopback.settings()))
    lingers = (time.monotonic() - began) / 0.1
    # Waking may cost a few switches for the lock; 300 steps with a wake each would be far off.
    assert wakes <= 10 * (lingers + 2) < 300


def test_an_invocation_that_only_waits_for_its_updates_needs_no_thread(world: World) -> None:
    seen: list[threading.Thread] = []
    client = perdure_sync.ServiceClient(world.loopback.settings())
    with perdure_sync.open_execution(world.event(), client=client) as execution:
        execution.checkpoint_sync(start("a"))
        seen += helper_threads()
    client.close()
    assert seen == []


def test_the_helper_thread_ends_with_the_invocation_even_when_it_is_cut_off(world: World) -> None:
    client = perdure_sync.ServiceClient(world.loopback.settings())

    def invocation() -> None:
        with perdure_sync.open_execution(world.event(), client=client) as execution:
            execution.checkpoint_async(start("a"))
            assert len(helper_threads()) == 1
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        invocation()
    client.close()
    assert helper_threads() == []
