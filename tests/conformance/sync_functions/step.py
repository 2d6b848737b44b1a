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


def greet(name: str) -> str:
    return f"Hello, {name}!"


def say(words: Any) -> Any:
    return words


def fail() -> None:
    raise RuntimeError("it always fails")


def fail_transiently() -> None:
    raise TransientError("try again")


def succeed_the_third_time() -> str:
    if step_context().attempt < 3:
        raise RuntimeError("not yet")
    return "done"


@durable_execution
def basic(event: str, context: DurableContext) -> str:
    return context.step(greet, event)


@durable_execution
def named(event: str, context: DurableContext) -> str:
    return context.step(greet, event, name="custom_step_name")


@durable_execution
def sequential(event: None, context: DurableContext) -> str:
    def say_second(first: str) -> str:
        return f"{first}_second"

    first: str = context.step(say, "first")
    return context.step(say_second, first)


@durable_execution
def complex_object(event: dict[str, Any], context: DurableContext) -> Any:
    def build_response() -> dict[str, Any]:
        user = {"name": event["name"], "tags": event["tags"]}
        return {"user": user, "count": len(event["tags"])}

    return context.step(build_response)


@durable_execution
def null_result(event: None, context: DurableContext) -> Any:
    return context.step(say, None)


@durable_execution
def custom_serdes(event: str, context: DurableContext) -> Any:
    return context.step(say, event, serdes=UppercaseStrings())


@durable_execution
def replay_skips(event: None, context: DurableContext) -> Any:
    value = context.step(say, "cached_value")
    context.wait(1)
    return value


@durable_execution
def replay_raises(event: None, context: DurableContext) -> str:
    message = "it did not fail"
    try:
        context.step(fail, retry=NO_RETRY)
    except StepError as error:
        message = str(error)
    context.wait(1)
    return message


@durable_execution
def default_retry(event: None, context: DurableContext) -> str:
    return context.step(succeed_the_third_time)


@durable_execution
def custom_retry(event: None, context: DurableContext) -> str:
    strategy = exponential(max_attempts=5, initial_delay=2, rate=3, jitter=Jitter.NONE)
    return context.step(succeed_the_third_time, retry=strategy)


@durable_execution
def error_not_retried(event: None, context: DurableContext) -> None:
    strategy = exponential(retryable_error_types=(ConnectionError,))
    context.step(fail_transiently, retry=strategy)


@durable_execution
def at_most_once(event: str, context: DurableContext) -> str:
    def crash_the_first_time() -> str:
        step_context().logger.info(event)
        if step_context().attempt == 1:
            sys.exit(1)
        return "succeeded on second attempt"

    return context.step(
        crash_the_first_time,
        semantics=StepSemantics.AT_MOST_ONCE,
        retry=fixed(1, max_attempts=3),
    )


@durable_execution
def fails(event: None, context: DurableContext) -> None:
    context.step(fail, retry=NO_RETRY)


@durable_execution
def error_caught(event: None, context: DurableContext) -> Any:
    try:
        return context.step(fail, retry=NO_RETRY)
    except StepError:
        return context.step(say, "fallback_result")
