"""Suite callback."""

from __future__ import annotations

from typing import Any

from perdure.errors import CallbackError, CallbackTimeoutError

from ..payloads import Number
from .runtime import DurableContext, durable_execution


async def work() -> str:
    return "worked"


@durable_execution
async def basic(event: str, context: DurableContext) -> Any:
    callback = await context.create_callback(name=event)
    return await callback.result()


@durable_execution
async def named(event: None, context: DurableContext) -> Any:
    callback = await context.create_callback(name="approval")
    return await callback.result()


@durable_execution
async def heartbeat(event: str, context: DurableContext) -> Any:
    callback = await context.create_callback(name=event, heartbeat_timeout=10)
    return await callback.result()


@durable_execution
async def step_between(event: str, context: DurableContext) -> Any:
    callback = await context.create_callback(name=event)
    await context.step(work)
    return await callback.result()


@durable_execution
async def wait_between(event: str, context: DurableContext) -> Any:
    callback = await context.create_callback(name=event)
    await context.wait(5)
    return await callback.result()


@durable_execution
async def wait_after(event: str, context: DurableContext) -> Any:
    callback = await context.create_callback(name=event)
    answer = await callback.result()
    await context.wait(2)
    return answer


@durable_execution
async def failure_caught(event: str, context: DurableContext) -> Any:
    callback = await context.create_callback(name=event)
    try:
        answer = await callback.result()
    except CallbackError as error:
        answer = f"refused: {error}"
    await context.wait(2)
    return answer


@durable_execution
async def timeout_caught(event: str, context: DurableContext) -> Any:
    callback = await context.create_callback(name=event, timeout=3)
    try:
        answer = await callback.result()
    except CallbackTimeoutError as error:
        answer = f"too late: {error}"
    await context.wait(2)
    return answer


@durable_execution
async def custom_serdes(event: str, context: DurableContext) -> dict[str, int]:
    callback = await context.create_callback(name=event, serdes=Number())
    count = await callback.result()
    return {"count": count, "doubled": count * 2}


@durable_execution
async def one_after_the_other(event: list[str], context: DurableContext) -> list[Any]:
    answers: list[Any] = []
    for name in event:
        callback = await context.create_callback(name=name)
        answers.append(await callback.result())
    return answers


@durable_execution
async def second_awaited_first(event: list[str], context: DurableContext) -> list[Any]:
    first = await context.create_callback(name=event[0])
    second = await context.create_callback(name=event[1])
    answer = await second.result()
    return [await first.result(), answer]
