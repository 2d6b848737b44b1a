"""Suite callback."""

from __future__ import annotations

from typing import Any

from perdure.errors import CallbackError, CallbackTimeoutError

from ..payloads import Number
from .runtime import DurableContext, durable_execution


def work() -> str:
    return "worked"


@durable_execution
def basic(event: str, context: DurableContext) -> Any:
    callback = context.create_callback(name=event)
    return callback.result()


@durable_execution
def named(event: None, context: DurableContext) -> Any:
    callback = context.create_callback(name="approval")
    return callback.result()


@durable_execution
def heartbeat(event: str, context: DurableContext) -> Any:
    callback = context.create_callback(name=event, heartbeat_timeout=10)
    return callback.result()


@durable_execution
def step_between(event: str, context: DurableContext) -> Any:
    callback = context.create_callback(name=event)
    context.step(work)
    return callback.result()


@durable_execution
def wait_between(event: str, context: DurableContext) -> Any:
    callback = context.create_callback(name=event)
    context.wait(5)
    return callback.result()


@durable_execution
def wait_after(event: str, context: DurableContext) -> Any:
    callback = context.create_callback(name=event)
    answer = callback.result()
    context.wait(2)
    return answer


@durable_execution
def failure_caught(event: str, context: DurableContext) -> Any:
    callback = context.create_callback(name=event)
    try:
        answer = callback.result()
    except CallbackError as error:
        answer = f"refused: {error}"
    context.wait(2)
    return answer


@durable_execution
def timeout_caught(event: str, context: DurableContext) -> Any:
    callback = context.create_callback(name=event, timeout=3)
    try:
        answer = callback.result()
    except CallbackTimeoutError as error:
        answer = f"too late: {error}"
    context.wait(2)
    return answer


@durable_execution
def custom_serdes(event: str, context: DurableContext) -> dict[str, int]:
    callback = context.create_callback(name=event, serdes=Number())
    count = callback.result()
    return {"count": count, "doubled": count * 2}


@durable_execution
def one_after_the_other(event: list[str], context: DurableContext) -> list[Any]:
    answers: list[Any] = []
    for name in event:
        callback = context.create_callback(name=name)
        answers.append(callback.result())
    return answers


@durable_execution
def second_awaited_first(event: list[str], context: DurableContext) -> list[Any]:
    first = context.create_callback(name=event[0])
    second = context.create_callback(name=event[1])
    answer = second.result()
    return [first.result(), answer]
