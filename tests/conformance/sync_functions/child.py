"""Suite child."""

from __future__ import annotations

from typing import Any

from perdure import step_context
from perdure.errors import ChildContextError
from perdure.retries import NO_RETRY, fixed

from .runtime import DurableContext, durable_execution


def say(words: str) -> str:
    return words


def fail() -> None:
    raise RuntimeError("it always fails")


def say_the_second_time(words: str) -> str:
    if step_context().attempt == 1:
        raise RuntimeError("not yet")
    return words


def one_step(child: DurableContext, words: str) -> str:
    return child.step(say, words)


def two_steps(child: DurableContext, words: str) -> str:
    first = child.step(say, words)
    return child.step(say, first)


def failing_step(child: DurableContext) -> None:
    child.step(fail, retry=NO_RETRY)


def nested_child(child: DurableContext, words: str) -> str:
    child.step(say, words)
    return child.run_in_child_context(one_step, words, name="inner")


def retried_step(child: DurableContext, words: str) -> str:
    return child.step(say_the_second_time, words, retry=fixed(1))


def exhausted_step(child: DurableContext) -> None:
    child.step(fail, retry=fixed(1, max_attempts=2))


def step_and_wait(child: DurableContext, words: str) -> str:
    said = child.step(say, words)
    child.wait(1)
    return said


def log_always(child: DurableContext, words: str) -> str:
    child.logger.with_is_replaying(lambda: False).info(words)
    return words


@durable_execution
def basic(event: str, context: DurableContext) -> str:
    return context.run_in_child_context(one_step, event)


@durable_execution
def named(event: dict[str, str], context: DurableContext) -> str:
    return context.run_in_child_context(one_step, event["value"], name=event["name"])


@durable_execution
def sequential_steps(event: str, context: DurableContext) -> str:
    return context.run_in_child_context(two_steps, event, name="child")


@durable_execution
def fails(event: None, context: DurableContext) -> None:
    context.run_in_child_context(failing_step, name="child")


@durable_execution
def error_caught(event: str, context: DurableContext) -> Any:
    try:
        return context.run_in_child_context(failing_step)
    except ChildContextError:
        return context.step(say, event)


@durable_execution
def nested(event: str, context: DurableContext) -> str:
    return context.run_in_child_context(nested_child, event, name="outer")


@durable_execution
def step_retried(event: str, context: DurableContext) -> str:
    return context.run_in_child_context(retried_step, event, name="child")


@durable_execution
def retries_exhausted(event: None, context: DurableContext) -> None:
    context.run_in_child_context(exhausted_step, name="child")


@durable_execution
def replayed(event: str, context: DurableContext) -> str:
    said = context.run_in_child_context(one_step, event)
    context.wait(1)
    return said


@durable_execution
def wait_inside(event: str, context: DurableContext) -> str:
    return context.run_in_child_context(step_and_wait, event, name="child")


@durable_execution
def logged_once(event: str, context: DurableContext) -> str:
    said = context.run_in_child_context(log_always, event, name="child")
    context.wait(1)
    return said


@durable_execution
def waits_inside_and_after(event: str, context: DurableContext) -> str:
    said = context.run_in_child_context(step_and_wait, event, name="child")
    said = context.step(say, said)
    context.wait(1)
    return said
