"""Throughput: every execution makes its next checkpoint as soon as the last one is answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from .executions import Executions
from .running import running


@dataclass(frozen=True, slots=True)
class Throughput:
    """Checkpoints a second, and CPU milliseconds of the server for each."""

    rate: float
    cpu_ms: float
    peak_mb: float


async def measure_throughput(make_server, connections, length, seconds, warm_seconds):
    """The throughput of one server, fresh."""
    loop, done = asyncio.get_running_loop(), 0

    async def turn():
        return loop.time()

    def settled(intended, now):
        nonlocal done
        done += 1

    def executions(server):
        return Executions(server, connections, length, turn, settled)

    async with running(make_server, executions) as server:
        await asyncio.sleep(warm_seconds)
        before, first, began = server.usage(), done, loop.time()
        await asyncio.sleep(seconds)
        after, count, took = server.usage(), done - first, loop.time() - began
    if not count:
        raise SystemExit(f"{server.name}: no checkpoint in {seconds} s")
    return Throughput(count / took, (after.cpu - before.cpu) / count * 1000, after.peak)
