"""Suite wait."""

from __future__ import annotations

from .runtime import DurableContext, durable_execution


@durable_execution
def basic(event: None, context: DurableContext) -> None:
    context.wait(2)


@durable_execution
def named(event: None, context: DurableContext) -> None:
    context.wait(2, name="custom_wait_name")


@durable_execution
def sequential(event: None, context: DurableContext) -> dict[str, int]:
    context.wait(2, name="wait-1")
    context.wait(2, name="wait-2")
    return {"completedWaits": 2}
