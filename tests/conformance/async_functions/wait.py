"""Suite wait."""

from __future__ import annotations

from .runtime import DurableContext, durable_execution


@durable_execution
async def basic(event: None, context: DurableContext) -> None:
    await context.wait(2)


@durable_execution
async def named(event: None, context: DurableContext) -> None:
    await context.wait(2, name="custom_wait_name")


@durable_execution
async def sequential(event: None, context: DurableContext) -> dict[str, int]:
    await context.wait(2, name="wait-1")
    await context.wait(2, name="wait-2")
    return {"completedWaits": 2}
