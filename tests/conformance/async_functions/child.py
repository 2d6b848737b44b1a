"""Suite child."""

from __future__ import annotations

from typing import Any

from perdure import step_context
from perdure.errors import ChildContextError
from perdure.retries import NO_RETRY, fixed

from .runtime import DurableContext, durable_execution


async def say(words: str) -> str:
    return words


async def fail() -> None:
    raise RuntimeError("it always fails")


async def say_the_second_time(words: str) -> str:
    if step_context().attempt == 1:
        raise RuntimeError("not yet")
    return words


async def one_step(child: DurableContext, words: str) -> str:
    return await child.step(say, words)


async def two_steps(child: DurableContext, words: str) -> str:
    first = await child.step(say, words)
    return await child.step(say, first)


async def failing_step(child: DurableContext) -> None:
    await child.step(fail, retry=NO_RETRY)


async def nested_child(child: DurableContext, words: str) -> str:
    await child.step(say, words)
    return await child.run_in_child_context(one_step, words, name="inner")


async def retried_step(child: DurableContext, words: str) -> str:
    return await child.step(say_the_second_time, words, retry=fixed(1))


async def exhausted_step(child: DurableContext) -> None:
    await child.step(fail, retry=fixed(1, max_attempts=2))


async def step_and_wait(child: DurableContext, words: str) -> str:
    said = await child.step(say, words)
    await child.wait(1)
    return said


async def log_always(child: DurableContext, words: str) -> str:
    child.logger.with_is_replaying(lambda: False).info(words)
    return words


@durable_execution
async def basic(event: str, context: DurableContext) -> str:
    return await context.run_in_child_context(one_step, event)


@durable_execution
async def named(event: dict[str, str], context: DurableContext) -> str:
    return await context.run_in_child_context(one_step, event["value"], name=event["name"])


@durable_execution
async def sequential_steps(event: str, context: DurableContext) -> str:
    return await context.run_in_child_context(two_steps, event, name="child")


@durable_execution
async def fails(event: None, context: DurableContext) -> None:
    await context.run_in_child_context(failing_step, name="child")


@durable_execution
async def error_caught(event: str, context: DurableContext) -> Any:
    try:
        return await context.run_in_child_context(failing_step)
    except ChildContextError:
        return await context.step(say, event)


@durable_execution
async def nested(event: str, context: DurableContext) -> str:
    return await context.run_in_child_context(nested_child, event, name="outer")


@durable_execution
async def step_retried(event: str, context: DurableContext) -> str:
    return await context.run_in_child_context(retried_step, event, name="child")


@durable_execution
async def retries_exhausted(event: None, context: DurableContext) -> None:
    await context.run_in_child_context(exhausted_step, name="child")


@durable_execution
async def replayed(event: str, context: DurableContext) -> str:
    said = await context.run_in_child_context(one_step, event)
    await context.wait(1)
    return said


@durable_execution
async def wait_inside(event: str, context: DurableContext) -> str:
    return await context.run_in_child_context(step_and_wait, event, name="child")


@durable_execution
async def logged_once(event: str, context: DurableContext) -> str:
    said = await context.run_in_child_context(log_always, event, name="child")
    await context.wait(1)
    return said


@durable_execution
async def waits_inside_and_after(event: str, context: DurableContext) -> str:
    said = await context.run_in_child_context(step_and_wait, event, name="child")
    said = await context.step(say, said)
    await context.wait(1)
    return said
