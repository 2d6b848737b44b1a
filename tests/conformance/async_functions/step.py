"""Suite step."""

from __future__ import annotations

import sys
from typing import Any

from perdure import StepError, StepSemantics, step_context
from perdure.retries import NO_RETRY, Jitter, exponential, fixed

from ..payloads import UppercaseStrings
from .runtime import DurableContext, durable_execution


class TransientError(Exception):
    """What the strategy of `error_not_retried` does not retry."""


async def greet(name: str) -> str:
    return f"Hello, {name}!"


async def say(words: Any) -> Any:
    return words


async def fail() -> None:
    raise RuntimeError("it always fails")


async def fail_transiently() -> None:
    raise TransientError("try again")


async def succeed_the_third_time() -> str:
    if step_context().attempt < 3:
        raise RuntimeError("not yet")
    return "done"


@durable_execution
async def basic(event: str, context: DurableContext) -> str:
    return await context.step(greet, event)


@durable_execution
async def named(event: str, context: DurableContext) -> str:
    return await context.step(greet, event, name="custom_step_name")


@durable_execution
async def sequential(event: None, context: DurableContext) -> str:
    async def say_second(first: str) -> str:
        return f"{first}_second"

    first: str = await context.step(say, "first")
    return await context.step(say_second, first)


@durable_execution
async def complex_object(event: dict[str, Any], context: DurableContext) -> Any:
    async def build_response() -> dict[str, Any]:
        user = {"name": event["name"], "tags": event["tags"]}
        return {"user": user, "count": len(event["tags"])}

    return await context.step(build_response)


@durable_execution
async def null_result(event: None, context: DurableContext) -> Any:
    return await context.step(say, None)


@durable_execution
async def custom_serdes(event: str, context: DurableContext) -> Any:
    return await context.step(say, event, serdes=UppercaseStrings())


@durable_execution
async def replay_skips(event: None, context: DurableContext) -> Any:
    value = await context.step(say, "cached_value")
    await context.wait(1)
    return value


@durable_execution
async def replay_raises(event: None, context: DurableContext) -> str:
    message = "it did not fail"
    try:
        await context.step(fail, retry=NO_RETRY)
    except StepError as error:
        message = str(error)
    await context.wait(1)
    return message


@durable_execution
async def default_retry(event: None, context: DurableContext) -> str:
    return await context.step(succeed_the_third_time)


@durable_execution
async def custom_retry(event: None, context: DurableContext) -> str:
    strategy = exponential(max_attempts=5, initial_delay=2, rate=3, jitter=Jitter.NONE)
    return await context.step(succeed_the_third_time, retry=strategy)


@durable_execution
async def error_not_retried(event: None, context: DurableContext) -> None:
    strategy = exponential(retryable_error_types=(ConnectionError,))
    await context.step(fail_transiently, retry=strategy)


@durable_execution
async def at_most_once(event: str, context: DurableContext) -> str:
    async def crash_the_first_time() -> str:
        step_context().logger.info(event)
        if step_context().attempt == 1:
            sys.exit(1)
        return "succeeded on second attempt"

    return await context.step(
        crash_the_first_time,
        semantics=StepSemantics.AT_MOST_ONCE,
        retry=fixed(1, max_attempts=3),
    )


@durable_execution
async def fails(event: None, context: DurableContext) -> None:
    await context.step(fail, retry=NO_RETRY)


@durable_execution
async def error_caught(event: None, context: DurableContext) -> Any:
    try:
        return await context.step(fail, retry=NO_RETRY)
    except StepError:
        return await context.step(say, "fallback_result")
