"""One SDK finishes what the other began: ours and AWS's own, at each point of suspension.

The official SDK runs in its own Python: the one in the folder that PERDURE_OFFICIAL_BIN
names. Without it there is nothing to test.
"""

from __future__ import annotations

import http.client
import json
import os
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.world import Handler, Run, World
from perdure.errors import StepError
from perdure.retries import Jitter, Retry
from perdure.waits import poll_until

FOLDER = os.environ.get("PERDURE_OFFICIAL_BIN")

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(
        FOLDER is None, reason="PERDURE_OFFICIAL_BIN does not name the official SDK's folder"
    ),
]

Body = Callable[[Context], Awaitable[object]]


# -- the programs of official_programs.py, on ours -------------------------------------------


def double(number: int) -> int:
    return number * 2


def refuse() -> None:
    raise ValueError("no")


def again_once(error: Exception, attempts: int) -> Retry | None:
    return Retry(1, Jitter.NONE) if attempts < 2 else None


async def step(ctx: Context) -> object:
    first = await ctx.step(double, 1, name="double")
    try:
        await ctx.step(refuse, name="refused", retry=again_once)
    except StepError as error:
        return [first, str(error)]
    return None


async def wait(ctx: Context) -> object:
    await ctx.wait(1, name="one")
    await ctx.wait(2, name="two")
    return await ctx.step(double, 3, name="double")


async def child(ctx: Context) -> object:
    async def inner(ctx: Context) -> object:
        await ctx.wait(1, name="in it")
        return await ctx.step(double, 4, name="double")

    found = await ctx.run_in_child_context(inner, name="inner")
    await ctx.wait(1, name="after")
    return found


async def callback(ctx: Context) -> object:
    asked = await ctx.create_callback(name="approval")
    await ctx.wait(1, name="meanwhile")
    return await asked.result()


async def wait_for_callback(ctx: Context) -> object:
    def submit(callback_id: str) -> None:
        """Tell nobody: the test finds the callback in the records."""

    found = await ctx.wait_for_callback(submit, name="approval")
    await ctx.wait(1, name="after")
    return found


async def invoke(ctx: Context) -> object:
    found = await ctx.invoke("stamp", {"a": 1}, name="stamped")
    await ctx.wait(1, name="after")
    return found


async def wait_for_condition(ctx: Context) -> object:
    ready = poll_until(lambda state: state >= 8, initial_delay=1, rate=1, jitter=Jitter.NONE)
    found = await ctx.wait_for_condition(double, 1, ready, name="ready")
    await ctx.wait(1, name="after")
    return found


async def map(ctx: Context) -> object:
    async def each(ctx: Context, item: int, index: int) -> object:
        await ctx.wait(index + 1, name="pause")
        return await ctx.step(double, item, name="double")

    found = await ctx.map([1, 2, 3], each, name="all")
    await ctx.wait(1, name="after")
    return found.results


async def parallel(ctx: Context) -> object:
    async def steps(ctx: Context) -> object:
        return await ctx.step(double, 5, name="double")

    async def waits(ctx: Context) -> object:
        await ctx.wait(2, name="pause")
        return "waited"

    found = await ctx.parallel(steps, waits, name="both")
    await ctx.wait(1, name="after")
    return found.results


def hundred_thousand(item: int) -> str:
    return str(item) * 100_000


async def large(ctx: Context) -> object:
    async def each(ctx: Context, item: int, index: int) -> str:
        return await ctx.step(hundred_thousand, item, name="large")

    found = await ctx.map([1, 2, 3, 4], each, name="all")
    await ctx.wait(1, name="after")
    return [len(text) for text in found.results]


PROGRAMS: list[tuple[Body, Any]] = [
    (step, [2, "no"]),
    (wait, 6),
    (child, 8),
    (callback, '"yes"'),
    (wait_for_callback, '"yes"'),
    (invoke, {"stamped": {"a": 1}}),
    (wait_for_condition, 8),
    (map, [2, 4, 6]),
    (parallel, [10, "waited"]),
    (large, [100_000] * 4),
]


# -- AWS's own SDK ---------------------------------------------------------------------------


@pytest.fixture
def official_port(world: World) -> Iterator[int]:
    """The official SDK's functions, which talk to the world."""
    environ = dict(os.environ)
    environ["AWS_DEFAULT_REGION"] = "us-east-1"
    environ["PYTHONPATH"] = str(Path(__file__).parent)
    endpoint = str(Path(__file__).parents[1] / "peers" / "python_endpoint.py")
    with subprocess.Popen(
        [str(Path(FOLDER or "") / "python"), endpoint, "official_programs"],
        env=environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            port = int(process.stdout.readline().rpartition(":")[2])
            process.stdin.write(environ["AWS_ENDPOINT_URL_LAMBDA"] + "\n")
            process.stdin.flush()
            assert process.stdout.readline() == "ready\n"
            yield port
        finally:
            process.terminate()


def official_handler(port: int, name: str) -> Handler:
    """One of its functions, as a Lambda entry point."""

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        target = f"/2015-03-31/functions/{name}/invocations"
        connection.request("POST", target, json.dumps(event))
        response = connection.getresponse()
        answer: dict[str, Any] = json.loads(response.read())
        connection.close()
        assert response.status == 200, answer
        assert response.getheader("X-Amz-Function-Error") is None, answer
        return answer

    return handler


# -- the test --------------------------------------------------------------------------------


def run(world: World, first: Handler, second: Handler, change: int) -> Run:
    """Run one execution; the second one takes over after so many invocations."""
    count = 0

    def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
        nonlocal count
        count += 1
        output = (first if count <= change else second)(event, context)
        asked = [op for op in world.operations() if op.type == "CALLBACK" and not op.end_timestamp]
        if output["Status"] == "PENDING" and asked:
            world.answer_callback('"yes"')
        return output

    return world.run(handler)


def records(world: World) -> list[tuple[object, ...]]:
    """What is recorded, without times, in an order that concurrency does not change."""
    found = [
        (
            *(op.id, op.type, op.sub_type, op.name, op.parent_id, op.status),
            op.context_details,
            op.step_details and (op.step_details.attempt, op.step_details.result),
            op.chained_invoke_details,
        )
        for op in world.operations()
    ]
    return sorted(found, key=lambda each: str(each[0]))


@pytest.mark.timeout(300)
@pytest.mark.parametrize(("body", "result"), PROGRAMS, ids=[each[0].__name__ for each in PROGRAMS])
def test_take_over(
    world: World, make_handler: MakeHandler, official_port: int, body: Body, result: Any
) -> None:
    async def program(event: Any, ctx: Context) -> object:
        return await body(ctx)

    world.plain_function("stamp", lambda event: {"stamped": event})
    ours, theirs = make_handler(program), official_handler(official_port, body.__name__)
    alone = run(world, theirs, theirs, 0)
    assert alone.result == result
    recorded = records(world)
    invocations = len(alone.outputs)
    assert invocations > 1, "it never suspends"
    assert run(world, ours, ours, 0).statuses == alone.statuses
    assert records(world) == recorded
    for change in range(1, invocations):
        for first, second in ((theirs, ours), (ours, theirs)):
            done = run(world, first, second, change)
            assert done.status == "SUCCEEDED", (change, first is ours, done)
            assert done.result == result, (change, first is ours)
            assert done.statuses == alone.statuses
            assert records(world) == recorded
