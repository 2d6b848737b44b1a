"""Suite wait."""

from __future__ import annotations

from aws_durable_execution_sdk_python import DurableContext, durable_execution

from .payloads import seconds


@durable_execution
def basic(event: None, context: DurableContext) -> None:
    context.wait(seconds(2))


@durable_execution
def named(event: None, context: DurableContext) -> None:
    context.wait(seconds(2), name="custom_wait_name")


@durable_execution
def sequential(event: None, context: DurableContext) -> dict[str, int]:
    context.wait(seconds(2), name="wait-1")
    context.wait(seconds(2), name="wait-2")
    return {"completedWaits": 2}
