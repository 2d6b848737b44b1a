"""Suite step."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from aws_durable_execution_sdk_python import (
    DurableContext,
    StepContext,
    StepError,
    durable_execution,
)
from aws_durable_execution_sdk_python.config import JitterStrategy, StepConfig, StepSemantics
from aws_durable_execution_sdk_python.retries import (
    RetryPresets,
    RetryStrategyConfig,
    create_retry_strategy,
)

from .payloads import UppercaseStrings, seconds

NO_RETRY = StepConfig(retry_strategy=RetryPresets.none())


class TransientError(Exception):
    """What the strategy of `error_not_retried` does not retry."""


def says(words: Any) -> Callable[[StepContext], Any]:
    return lambda step: words


def fail(step: StepContext) -> None:
    raise RuntimeError("it always fails")


def fail_transiently(step: StepContext) -> None:
    raise TransientError("try again")


def succeed_the_third_time(step: StepContext) -> str:
    if step.attempt < 3:
        raise RuntimeError("not yet")
    return "done"


@durable_execution
def basic(event: str, context: DurableContext) -> str:
    return context.step(says(f"Hello, {event}!"))


@durable_execution
def named(event: str, context: DurableContext) -> str:
    return context.step(says(f"Hello, {event}!"), name="custom_step_name")


@durable_execution
def sequential(event: None, context: DurableContext) -> str:
    first = context.step(says("first"))
    return context.step(says(f"{first}_second"))


@durable_execution
def complex_object(event: dict[str, Any], context: DurableContext) -> Any:
    user = {"name": event["name"], "tags": event["tags"]}
    return context.step(says({"user": user, "count": len(event["tags"])}))


@durable_execution
def null_result(event: None, context: DurableContext) -> Any:
    return context.step(says(None))


@durable_execution
def custom_serdes(event: str, context: DurableContext) -> Any:
    return context.step(says(event), config=StepConfig(serdes=UppercaseStrings()))


@durable_execution
def replay_skips(event: None, context: DurableContext) -> Any:
    value = context.step(says("cached_value"))
    context.wait(seconds(1))
    return value


@durable_execution
def replay_raises(event: None, context: DurableContext) -> str:
    message = "it did not fail"
    try:
        context.step(fail, config=NO_RETRY)
    except StepError as error:
        message = str(error)
    context.wait(seconds(1))
    return message


@durable_execution
def default_retry(event: None, context: DurableContext) -> str:
    return context.step(succeed_the_third_time)


@durable_execution
def custom_retry(event: None, context: DurableContext) -> str:
    strategy = create_retry_strategy(
        RetryStrategyConfig(
            max_attempts=5,
            initial_delay=seconds(2),
            backoff_rate=3,
            jitter_strategy=JitterStrategy.NONE,
        )
    )
    return context.step(succeed_the_third_time, config=StepConfig(retry_strategy=strategy))


@durable_execution
def error_not_retried(event: None, context: DurableContext) -> None:
    strategy = create_retry_strategy(RetryStrategyConfig(retryable_error_types=[ConnectionError]))
    context.step(fail_transiently, config=StepConfig(retry_strategy=strategy))


@durable_execution
def at_most_once(event: str, context: DurableContext) -> str:
    def crash_the_first_time(step: StepContext) -> str:
        step.logger.info(event)
        if step.attempt == 1:
            os._exit(1)
        return "succeeded on second attempt"

    config = StepConfig(
        step_semantics=StepSemantics.AT_MOST_ONCE_PER_RETRY,
        retry_strategy=RetryPresets.fixed(seconds(1)),
    )
    return context.step(crash_the_first_time, config=config)


@durable_execution
def fails(event: None, context: DurableContext) -> None:
    context.step(fail, config=NO_RETRY)


@durable_execution
def error_caught(event: None, context: DurableContext) -> Any:
    try:
        return context.step(fail, config=NO_RETRY)
    except StepError:
        return context.step(says("fallback_result"))
