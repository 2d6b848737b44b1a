"""Latency: checkpoints are sent at a given rate, whether or not the earlier ones were answered."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass

from .executions import Executions
from .running import running

# So many executions have a checkpoint in flight at most; more must wait, and that counts.
EXECUTIONS = 64


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from when a checkpoint was meant to be sent until it was answered."""

    rate: float
    p50: float
    p99: float
    worst: float


async def measure_latency(make_server, rate, length, seconds, warm_seconds):
    """The latencies of one server, fresh, at `rate` checkpoints a second on average.

    Arrivals are random (Poisson), as from many clients. One that finds no idle execution
    waits for the next, and its time runs: a server that stalls cannot stop the clock.
    """
    loop, arrivals = asyncio.get_running_loop(), asyncio.Queue()
    latencies: list[float] = []
    first = float("inf")

    def settled(intended, now):
        arrivals.task_done()
        if intended >= first:
            latencies.append(now - intended)

    def executions(server):
        return Executions(server, EXECUTIONS, length, arrivals.get, settled)

    async def arrive(stop_at):
        dice, next_at = random.Random(1), loop.time()
        while next_at < stop_at:
            next_at += dice.expovariate(rate)
            pause = next_at - loop.time()
            if pause > 0:
                await asyncio.sleep(pause)
            arrivals.put_nowait(next_at)

    async with running(make_server, executions) as server:
        await arrive(loop.time() + warm_seconds)
        first = loop.time()
        await arrive(first + seconds)
        await asyncio.wait_for(arrivals.join(), 300)  # of one that cannot keep up
        took = loop.time() - first
    ordered = sorted(latencies)
    if not ordered:
        raise SystemExit(f"{server.name}: no checkpoint was answered")

    def percentile(share):
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    return Latency(len(ordered) / took, percentile(0.5), percentile(0.99), ordered[-1] * 1000)
