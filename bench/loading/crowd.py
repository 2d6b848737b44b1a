"""Very many executions: what they cost to keep, to list and to show."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from statistics import median
from urllib.parse import quote

from .http_client import request_head
from .lambda_endpoint import LambdaEndpoint
from .servers import FUNCTION

CONNECTIONS = 16
LIST = f"/2025-12-01/functions/{FUNCTION}/durable-executions"
DONE = {"Status": "SUCCEEDED", "Result": '"done"'}


@dataclass(frozen=True, slots=True)
class Crowd:
    """What a server says when so many executions have ended on it.

    `asked` holds, for each question, the milliseconds until it was answered.
    """

    count: int
    per_second: float
    kb_each: float
    asked: dict[str, list[float]]
    restart_seconds: float | None = None
    restart_mb: float | None = None
    asked_mb: float | None = None


async def measure_crowd(make_server, count, repeats, *, restart):
    """Start `count` executions that end at once, then ask about them.

    Args:
        make_server: called with the port of the functions.
        count: of executions.
        repeats: how often each question is asked.
        restart: end the server and start it again before it is asked; it keeps them.
    """

    async def work(event):
        return DONE

    endpoint = LambdaEndpoint(work)
    with make_server(await endpoint.open()) as server:
        empty, began = server.usage().memory, time.monotonic()
        arns = await start_all(server, count)
        await until_ended(server)
        per_second = count / (time.monotonic() - began)
        kb_each = (server.usage().memory - empty) * 1024 / count
        again, memory, later = None, None, None
        if restart:
            server.end()
            began = time.monotonic()
            server.open()
            again, memory = time.monotonic() - began, server.usage().memory
        asked = await ask_all(server, arns, repeats)
        if restart:
            later = server.usage().memory
    endpoint.close()
    return Crowd(count, per_second, kb_each, asked, again, memory, later)


async def start_all(server, count):
    """Their ARNs, in the order in which the starts were answered."""
    numbers, arns = iter(range(count)), []

    async def keep_going():
        connection = server.connect()
        for number in numbers:
            arns.append(await server.start(connection, {"number": number}))
        connection.close()

    await asyncio.gather(*(keep_going() for _ in range(CONNECTIONS)))
    return arns


async def until_ended(server):
    """Return when no execution runs any more."""
    connection = server.connect()
    for _ in range(600):
        running = f"{LIST}?Statuses=RUNNING&MaxItems=1"
        if not await ask(server, connection, running, "DurableExecutions"):
            connection.close()
            return
        await asyncio.sleep(0.1)
    raise RuntimeError("executions do not end")


async def ask_all(server, arns, repeats):
    connection = server.connect()
    middle = quote(arns[len(arns) // 2], safe="")
    name = arns[len(arns) // 2].split("/")[-2]
    listed, show = "DurableExecutions", f"/2025-12-01/durable-executions/{middle}"
    questions = {
        "the latest 100": (LIST, listed, min(100, len(arns))),
        "the first 100": (f"{LIST}?ReverseOrder=true", listed, min(100, len(arns))),
        "those that failed: none": (f"{LIST}?Statuses=FAILED", listed, 0),
        "one by its name": (f"{LIST}?DurableExecutionName={name}", listed, 1),
        "show one": (show, None, None),
        "its history": (f"{show}/history", "Events", 3),
    }
    taken = {}
    for title, (target, member, expected) in questions.items():
        taken[title] = []
        for _ in range(repeats):
            began = time.perf_counter()
            answer = await ask(server, connection, target, member)
            taken[title].append((time.perf_counter() - began) * 1000)
            if member is not None and len(answer) != expected:
                raise RuntimeError(f"{title}: {len(answer)} and not {expected}")
    began = time.perf_counter()
    seen = await count_all(server, connection)
    taken["all, by pages of 1000"] = [(time.perf_counter() - began) * 1000]
    if seen != len(arns):
        raise RuntimeError(f"listed {seen} of {len(arns)}")
    connection.close()
    return taken


async def count_all(server, connection):
    """How many executions a client finds that follows the markers."""
    seen, marker = set(), ""
    while marker is not None:
        page = await ask(server, connection, f"{LIST}?MaxItems=1000{marker}", None)
        seen.update(item["DurableExecutionArn"] for item in page["DurableExecutions"])
        following = page.get("NextMarker")
        marker = None if not following else f"&Marker={quote(following, safe='')}"
    return len(seen)


async def ask(server, connection, target, member):
    status, _, body = await connection.ask(request_head("GET", target, server.port))
    if status != 200:
        raise RuntimeError(f"{target}: {status} {body[:300]!r}")
    answer = json.loads(body)
    return answer if member is None else answer[member]


def medians(crowds, title):
    """The median answer of each round, in milliseconds."""
    return [median(crowd.asked[title]) for crowd in crowds]
