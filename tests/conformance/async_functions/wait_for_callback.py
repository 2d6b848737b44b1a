"""Suite wait_for_callback."""

from __future__ import annotations

from typing import Any

from perdure.errors import CallbackExternalError
from perdure.retries import fixed

from .runtime import DurableContext, durable_execution


async def submit(callback_id: str) -> None:
    """Nothing to do: the answer comes from somebody who reads the history."""


async def fail_to_submit(callback_id: str) -> None:
    raise RuntimeError("nobody took the id")


async def work() -> str:
    return "worked"


@durable_execution
async def basic(event: str, context: DurableContext) -> Any:
    return await context.wait_for_callback(submit, name=event)


@durable_execution
async def named(event: None, context: DurableContext) -> Any:
    return await context.wait_for_callback(submit, name="approval")


@durable_execution
async def failure_caught(event: str, context: DurableContext) -> Any:
    try:
        return await context.wait_for_callback(submit, name=event)
    except CallbackExternalError:
        return "recovered"


@durable_execution
async def submitter_fails(event: str, context: DurableContext) -> Any:
    retry = fixed(1, max_attempts=2)
    return await context.wait_for_callback(fail_to_submit, name=event, retry=retry)


async def wait_inside(child: DurableContext, name: str) -> Any:
    return await child.wait_for_callback(submit, name=name)


@durable_execution
async def inside_child(event: str, context: DurableContext) -> Any:
    return await context.run_in_child_context(wait_inside, event, name="wrapper")


@durable_execution
async def sequential(event: None, context: DurableContext) -> Any:
    await context.wait_for_callback(submit, name="first")
    return await context.wait_for_callback(submit, name="second")


@durable_execution
async def among_others(event: str, context: DurableContext) -> Any:
    await context.wait(1)
    await context.step(work)
    return await context.wait_for_callback(submit, name=event)


@durable_execution
async def heartbeat_stops(event: str, context: DurableContext) -> Any:
    return await context.wait_for_callback(submit, name=event, heartbeat_timeout=5)


@durable_execution
async def heartbeat(event: str, context: DurableContext) -> Any:
    return await context.wait_for_callback(submit, name=event, heartbeat_timeout=10)
