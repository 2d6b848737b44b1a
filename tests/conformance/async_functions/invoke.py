"""Suite invoke, and the functions that it invokes.

Those take a second, for the required histories have the caller suspended when they end.
"""

from __future__ import annotations

import os
from typing import Any

from perdure.errors import InvokeError

from ..payloads import UppercaseStrings, UppercaseText
from .runtime import DurableContext, durable_execution

TARGET = os.environ.get("TARGET_FUNCTION_NAME", "")


@durable_execution
async def echo(event: Any, context: DurableContext) -> Any:
    await context.wait(1)
    return event


@durable_execution
async def refuse(event: Any, context: DurableContext) -> None:
    await context.wait(1)
    raise ValueError("refused")


@durable_execution
async def basic(event: Any, context: DurableContext) -> Any:
    return await context.invoke(TARGET, event)


@durable_execution
async def named(event: dict[str, Any], context: DurableContext) -> Any:
    return await context.invoke(TARGET, event["payload"], name=event["name"])


@durable_execution
async def error_caught(event: None, context: DurableContext) -> Any:
    try:
        return await context.invoke(TARGET)
    except InvokeError:
        return "fallback"


@durable_execution
async def for_a_tenant(event: dict[str, Any], context: DurableContext) -> Any:
    return await context.invoke(TARGET, event["payload"], tenant_id=event["tenantId"])


async def invoke_inside(child: DurableContext) -> Any:
    return await child.invoke(TARGET, "from a child")


@durable_execution
async def inside_child(event: None, context: DurableContext) -> Any:
    return await context.run_in_child_context(invoke_inside)


@durable_execution
async def sequential(event: None, context: DurableContext) -> list[Any]:
    first = await context.invoke(TARGET, "first")
    return [first, await context.invoke(TARGET, "second")]


@durable_execution
async def payload_serdes(event: Any, context: DurableContext) -> Any:
    return await context.invoke(TARGET, event, payload_serdes=UppercaseStrings())


@durable_execution
async def result_serdes(event: Any, context: DurableContext) -> Any:
    return await context.invoke(TARGET, event, result_serdes=UppercaseText())
