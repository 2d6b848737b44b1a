"""Whole executions: started, run by a function that `perdure dev` hosts itself, and ended."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import environments

from .http_client import request_head
from .servers import Perdure

RUNTIMES = ("sync", "asyncio", "trio")
FUNCTIONS = Path(__file__).with_name("hosted_functions.py")


@dataclass(frozen=True, slots=True)
class Hosted:
    """Milliseconds of one execution alone; of many, how many a second and the CPU of each."""

    alone_ms: float
    rate: float
    cpu_ms: float


class Hosting(Perdure):
    """`perdure dev` with functions of its own."""

    def command(self):
        self.path("log").write_text("")
        perdure = environments.ensure("local").with_name("perdure")
        return [perdure, "dev", "--port", "0", "--quiet", "--store", self.store, FUNCTIONS]


async def measure_hosted(runtime, seconds, connections):
    """How fast executions on one runtime come and go, from a fresh server."""
    loop, function = asyncio.get_running_loop(), f"on_{runtime}"
    with Hosting(0) as server:
        target = f"/2015-03-31/functions/{function}/invocations"
        head = request_head("POST", target, server.port)

        async def keep_going(until):
            """Execution after execution on one connection; how many."""
            count, connection = 0, server.connect()
            while count == 0 or loop.time() < until:
                status, _, body = await connection.ask(head, b"{}")
                if status != 200 or b"errorType" in body:
                    raise RuntimeError(f"{function}: {status} {body!r}")
                count += 1
            connection.close()
            return count

        await keep_going(loop.time() + seconds / 4)
        began = loop.time()
        alone = await keep_going(began + seconds / 2)
        alone_ms = (loop.time() - began) / alone * 1000
        before, began = server.usage(), loop.time()
        going = [keep_going(began + seconds) for _ in range(connections)]
        count = sum(await asyncio.gather(*going))
        after, took = server.usage(), loop.time() - began
    return Hosted(alone_ms, count / took, (after.cpu - before.cpu) / count * 1000)
