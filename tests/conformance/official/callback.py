"""Suite callback."""

from __future__ import annotations

from typing import Any

from aws_durable_execution_sdk_python import (
    CallbackError,
    CallbackTimeoutError,
    DurableContext,
    StepContext,
    durable_execution,
)
from aws_durable_execution_sdk_python.config import CallbackConfig

from .payloads import Number, seconds


def work(step: StepContext) -> str:
    return "worked"


@durable_execution
def basic(event: str, context: DurableContext) -> Any:
    return context.create_callback(name=event).result()


@durable_execution
def named(event: None, context: DurableContext) -> Any:
    return context.create_callback(name="approval").result()


@durable_execution
def heartbeat(event: str, context: DurableContext) -> Any:
    config = CallbackConfig(heartbeat_timeout=seconds(10))
    return context.create_callback(name=event, config=config).result()


@durable_execution
def step_between(event: str, context: DurableContext) -> Any:
    callback = context.create_callback(name=event)
    context.step(work)
    return callback.result()


@durable_execution
def wait_between(event: str, context: DurableContext) -> Any:
    callback = context.create_callback(name=event)
    context.wait(seconds(5))
    return callback.result()


@durable_execution
def wait_after(event: str, context: DurableContext) -> Any:
    answer = context.create_callback(name=event).result()
    context.wait(seconds(2))
    return answer


@durable_execution
def failure_caught(event: str, context: DurableContext) -> Any:
    callback = context.create_callback(name=event)
    try:
        answer = callback.result()
    except CallbackError as error:
        answer = f"refused: {error}"
    context.wait(seconds(2))
    return answer


@durable_execution
def timeout_caught(event: str, context: DurableContext) -> Any:
    callback = context.create_callback(name=event, config=CallbackConfig(timeout=seconds(3)))
    try:
        answer = callback.result()
    except CallbackTimeoutError as error:
        answer = f"too late: {error}"
    context.wait(seconds(2))
    return answer


@durable_execution
def custom_serdes(event: str, context: DurableContext) -> dict[str, int]:
    callback = context.create_callback(name=event, config=CallbackConfig(serdes=Number()))
    count = callback.result()
    return {"count": count, "doubled": count * 2}


@durable_execution
def one_after_the_other(event: list[str], context: DurableContext) -> list[Any]:
    return [context.create_callback(name=name).result() for name in event]


@durable_execution
def second_awaited_first(event: list[str], context: DurableContext) -> list[Any]:
    first = context.create_callback(name=event[0])
    second = context.create_callback(name=event[1])
    answer = second.result()
    return [first.result(), answer]
