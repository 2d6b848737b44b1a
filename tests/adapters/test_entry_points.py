"""How a durable function may be called, with what functions, and what it keeps in between."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import trio

import perdure_asyncio
import perdure_sync
import perdure_trio
from adapters.conftest import ASYNC, MakeHandler, lead_to
from adapters.programs import Context
from adapters.runtimes import Runtime
from adapters.world import World, lambda_context, until
from perdure.errors import RemoteProtocolError, ValidationError
from perdure.step_context import step_context
from perdure_local.functions.lambda_context import LambdaContext


def one() -> int:
    return 1


async def three_invocations(event: Any, ctx: Context) -> object:
    """A step, and twice a wait and another."""
    total = await ctx.step(one)
    for _ in range(2):
        await ctx.wait(5)
        total += await ctx.step(one)
    return total


def test_one_connection_serves_all_invocations(world: World, make_handler: MakeHandler) -> None:
    handler = make_handler(three_invocations)
    for _ in range(3):
        run = world.run(handler)
        assert run.statuses == ["PENDING", "PENDING", "SUCCEEDED"]
        assert run.result == 3
    assert world.loopback.connections == 1
    assert {request.connection for request in world.requests} == {1}


def test_on_lambda_the_connection_is_opened_when_the_function_is_decorated(
    world: World, make_handler: MakeHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    handler = make_handler(three_invocations)
    until(lambda: world.loopback.connections == 1)
    assert world.requests == []
    assert world.run(handler).result == 3
    assert world.loopback.connections == 1


def test_a_service_that_is_down_during_init_is_tried_again_when_needed(
    make_handler: MakeHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World()
    lead_to(world, monkeypatch)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "f")
    handler = make_handler(three_invocations)
    with world:
        assert world.run(handler).result == 3


@pytest.mark.parametrize("runtime", ["asyncio"], indirect=True)
def test_invoke_in_a_running_event_loop(world: World, make_handler: MakeHandler) -> None:
    handler = make_handler(three_invocations)
    assert isinstance(handler, perdure_asyncio.AsyncioHandler)
    invoke = handler.invoke

    async def main() -> dict[str, Any]:
        return await invoke(world.event(), lambda_context(10))

    assert asyncio.run(main()) == {"Status": "PENDING"}


@pytest.mark.parametrize("runtime", ["trio"], indirect=True)
def test_invoke_in_a_trio_run(world: World, make_handler: MakeHandler) -> None:
    handler = make_handler(three_invocations)
    assert isinstance(handler, perdure_trio.TrioHandler)
    assert trio.run(handler.invoke, world.event()) == {"Status": "PENDING"}


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_lambdas_entry_point_refuses_a_running_loop(
    world: World, make_handler: MakeHandler, runtime: Runtime
) -> None:
    handler = make_handler(three_invocations)

    async def main() -> dict[str, Any]:
        return handler(world.event(), lambda_context(10))

    with pytest.raises(RuntimeError, match=r"run\(\)"):
        runtime.run(main)


def test_threads_may_call_one_handler_at_once(world: World, make_handler: MakeHandler) -> None:
    both = threading.Barrier(2, timeout=5)
    names: list[str] = []

    async def program(event: Any, ctx: Context) -> object:
        def body() -> str:
            both.wait()
            return str(event["name"])

        names.append(await ctx.step(body))
        return names[-1]

    handler = make_handler(program)
    events = [world.event({"name": name}) for name in ("a", "b")]
    with ThreadPoolExecutor(2) as threads:
        outputs = list(threads.map(handler, events, [None, None]))
    assert [output["Result"] for output in outputs] == ['"a"', '"b"']


def test_the_function_sees_lambdas_context(world: World, make_handler: MakeHandler) -> None:
    seen: list[object] = []

    async def program(event: Any, ctx: Any) -> object:
        seen.append(getattr(ctx, "plain", ctx).lambda_context)
        return None

    world.run(make_handler(program), seconds=7)
    [given] = seen
    assert isinstance(given, LambdaContext)
    assert given.seconds_left == 7


def test_an_event_that_is_none_of_a_durable_function_is_refused(
    world: World, make_handler: MakeHandler
) -> None:
    with pytest.raises(RemoteProtocolError):
        make_handler(three_invocations)({"key": "value"}, None)


@pytest.mark.parametrize(
    "decorate",
    [
        perdure_asyncio.durable_execution,
        perdure_trio.durable_execution,
        perdure_sync.durable_execution,
    ],
)
def test_only_functions_are_decorated(decorate: Any) -> None:
    with pytest.raises(ValidationError, match="decorates a function"):
        decorate(42)


# -- functions of both colours ---------------------------------------------------------------


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_steps_take_sync_and_async_functions(
    world: World, make_handler: MakeHandler, runtime: Runtime
) -> None:
    async def slowly(number: int) -> int:
        await runtime.sleep(0.001)
        return number + step_context().attempt

    def at_once(number: int) -> int:
        return number + step_context().attempt

    async def program(event: Any, ctx: Context) -> object:
        return [await ctx.step(slowly, 10), await ctx.step(at_once, 20)]

    assert world.run(make_handler(program)).result == [11, 21]


def test_an_async_function_in_a_sync_step_is_a_type_error(world: World) -> None:
    async def body() -> int:
        return 1

    @perdure_sync.durable_execution
    def handler(event: Any, ctx: perdure_sync.DurableContext) -> object:
        return ctx.step(body, name="wrong")

    run = world.run(handler)
    handler.close()
    # A TypeError in a step is an error of the step: recorded, and tried again by default.
    assert run.statuses[0] == "PENDING"
    first = [update for request in world.requests for update in request.updates][1]
    assert first["Error"]["ErrorType"] == "TypeError"
    assert "perdure_asyncio or perdure_trio" in first["Error"]["ErrorMessage"]


def test_an_async_durable_function_on_the_sync_runtime_is_a_type_error(world: World) -> None:
    async def function(event: Any, ctx: perdure_sync.DurableContext) -> object:
        return 1

    handler = perdure_sync.durable_execution(function)
    [output] = world.run(handler).outputs
    handler.close()
    assert isinstance(output, dict)
    assert output["Status"] == "FAILED"
    assert output["Error"]["ErrorType"] == "TypeError"
    assert "async function" in output["Error"]["ErrorMessage"]


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_a_plain_durable_function_runs_on_the_async_runtimes_too(
    world: World, runtime: Runtime
) -> None:
    def function(event: Any, ctx: Context) -> object:
        return "plain"

    handler = runtime.handler(function)  # type: ignore[arg-type]  # what the test is about
    assert world.run(handler).result == "plain"
    runtime.close(handler)
