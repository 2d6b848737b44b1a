"""Suite child."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_durable_execution_sdk_python import (
    ChildContextError,
    DurableContext,
    StepContext,
    durable_execution,
)
from aws_durable_execution_sdk_python.config import StepConfig
from aws_durable_execution_sdk_python.retries import (
    RetryPresets,
    RetryStrategyConfig,
    create_retry_strategy,
)

from .payloads import seconds

NO_RETRY = StepConfig(retry_strategy=RetryPresets.none())
AGAIN = StepConfig(
    retry_strategy=create_retry_strategy(
        RetryStrategyConfig(max_attempts=2, initial_delay=seconds(1))
    )
)

Body = Callable[[DurableContext], Any]


def says(words: str) -> Callable[[StepContext], str]:
    return lambda step: words


def fail(step: StepContext) -> None:
    raise RuntimeError("it always fails")


def one_step(words: str) -> Body:
    return lambda child: child.step(says(words))


def two_steps(words: str) -> Body:
    return lambda child: child.step(says(child.step(says(words))))


def failing_step(child: DurableContext) -> None:
    child.step(fail, config=NO_RETRY)


def exhausted_step(child: DurableContext) -> None:
    child.step(fail, config=AGAIN)


def nested_child(words: str) -> Body:
    def body(child: DurableContext) -> Any:
        child.step(says(words))
        return child.run_in_child_context(one_step(words), name="inner")

    return body


def retried_step(words: str) -> Body:
    def say_the_second_time(step: StepContext) -> str:
        if step.attempt == 1:
            raise RuntimeError("not yet")
        return words

    return lambda child: child.step(say_the_second_time, config=AGAIN)


def step_and_wait(words: str) -> Body:
    def body(child: DurableContext) -> Any:
        said = child.step(says(words))
        child.wait(seconds(1))
        return said

    return body


def log_always(words: str) -> Body:
    def body(child: DurableContext) -> Any:
        child.logger.with_is_replaying(lambda: False).info(words)
        return words

    return body


@durable_execution
def basic(event: str, context: DurableContext) -> str:
    return context.run_in_child_context(one_step(event))


@durable_execution
def named(event: dict[str, str], context: DurableContext) -> str:
    return context.run_in_child_context(one_step(event["value"]), name=event["name"])


@durable_execution
def sequential_steps(event: str, context: DurableContext) -> str:
    return context.run_in_child_context(two_steps(event), name="child")


@durable_execution
def fails(event: None, context: DurableContext) -> None:
    context.run_in_child_context(failing_step, name="child")


@durable_execution
def error_caught(event: str, context: DurableContext) -> Any:
    try:
        return context.run_in_child_context(failing_step)
    except ChildContextError:
        return context.step(says(event))


@durable_execution
def nested(event: str, context: DurableContext) -> str:
    return context.run_in_child_context(nested_child(event), name="outer")


@durable_execution
def step_retried(event: str, context: DurableContext) -> str:
    return context.run_in_child_context(retried_step(event), name="child")


@durable_execution
def retries_exhausted(event: None, context: DurableContext) -> None:
    context.run_in_child_context(exhausted_step, name="child")


@durable_execution
def replayed(event: str, context: DurableContext) -> str:
    said = context.run_in_child_context(one_step(event))
    context.wait(seconds(1))
    return said


@durable_execution
def wait_inside(event: str, context: DurableContext) -> str:
    return context.run_in_child_context(step_and_wait(event), name="child")


@durable_execution
def logged_once(event: str, context: DurableContext) -> str:
    said = context.run_in_child_context(log_always(event), name="child")
    context.wait(seconds(1))
    return said


@durable_execution
def waits_inside_and_after(event: str, context: DurableContext) -> str:
    said = context.run_in_child_context(step_and_wait(event), name="child")
    said = context.step(says(said))
    context.wait(seconds(1))
    return said
