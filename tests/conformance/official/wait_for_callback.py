"""Suite wait_for_callback."""

from __future__ import annotations

from typing import Any

from aws_durable_execution_sdk_python import (
    CallbackExternalError,
    DurableContext,
    StepContext,
    durable_execution,
)
from aws_durable_execution_sdk_python.config import WaitForCallbackConfig
from aws_durable_execution_sdk_python.retries import RetryStrategyConfig, create_retry_strategy
from aws_durable_execution_sdk_python.types import WaitForCallbackContext

from .payloads import seconds


def submit(callback_id: str, context: WaitForCallbackContext) -> None:
    """Nothing to do: the answer comes from somebody who reads the history."""


def fail_to_submit(callback_id: str, context: WaitForCallbackContext) -> None:
    raise RuntimeError("nobody took the id")


def work(step: StepContext) -> str:
    return "worked"


@durable_execution
def basic(event: str, context: DurableContext) -> Any:
    return context.wait_for_callback(submit, name=event)


@durable_execution
def named(event: None, context: DurableContext) -> Any:
    return context.wait_for_callback(submit, name="approval")


@durable_execution
def failure_caught(event: str, context: DurableContext) -> Any:
    try:
        return context.wait_for_callback(submit, name=event)
    except CallbackExternalError:
        return "recovered"


@durable_execution
def submitter_fails(event: str, context: DurableContext) -> Any:
    strategy = create_retry_strategy(RetryStrategyConfig(max_attempts=2, initial_delay=seconds(1)))
    config = WaitForCallbackConfig(retry_strategy=strategy)
    return context.wait_for_callback(fail_to_submit, name=event, config=config)


@durable_execution
def inside_child(event: str, context: DurableContext) -> Any:
    return context.run_in_child_context(
        lambda child: child.wait_for_callback(submit, name=event), name="wrapper"
    )


@durable_execution
def sequential(event: None, context: DurableContext) -> Any:
    context.wait_for_callback(submit, name="first")
    return context.wait_for_callback(submit, name="second")


@durable_execution
def among_others(event: str, context: DurableContext) -> Any:
    context.wait(seconds(1))
    context.step(work)
    return context.wait_for_callback(submit, name=event)


@durable_execution
def heartbeat_stops(event: str, context: DurableContext) -> Any:
    config = WaitForCallbackConfig(heartbeat_timeout=seconds(5))
    return context.wait_for_callback(submit, name=event, config=config)


@durable_execution
def heartbeat(event: str, context: DurableContext) -> Any:
    config = WaitForCallbackConfig(heartbeat_timeout=seconds(10))
    return context.wait_for_callback(submit, name=event, config=config)
