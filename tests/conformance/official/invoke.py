"""Suite invoke, and the functions that it invokes.

Those take a second, for the required histories have the caller suspended when they end.
"""

from __future__ import annotations

import os
from typing import Any

from aws_durable_execution_sdk_python import DurableContext, InvokeError, durable_execution
from aws_durable_execution_sdk_python.config import InvokeConfig

from .payloads import UppercaseStrings, UppercaseText, seconds

TARGET = os.environ.get("TARGET_FUNCTION_NAME", "")


@durable_execution
def echo(event: Any, context: DurableContext) -> Any:
    context.wait(seconds(1))
    return event


@durable_execution
def refuse(event: Any, context: DurableContext) -> None:
    context.wait(seconds(1))
    raise ValueError("refused")


@durable_execution
def basic(event: Any, context: DurableContext) -> Any:
    return context.invoke(TARGET, event)


@durable_execution
def named(event: dict[str, Any], context: DurableContext) -> Any:
    return context.invoke(TARGET, event["payload"], name=event["name"])


@durable_execution
def error_caught(event: None, context: DurableContext) -> Any:
    try:
        return context.invoke(TARGET, None)
    except InvokeError:
        return "fallback"


@durable_execution
def for_a_tenant(event: dict[str, Any], context: DurableContext) -> Any:
    return context.invoke(
        TARGET, event["payload"], config=InvokeConfig(tenant_id=event["tenantId"])
    )


@durable_execution
def inside_child(event: None, context: DurableContext) -> Any:
    return context.run_in_child_context(lambda child: child.invoke(TARGET, "from a child"))


@durable_execution
def sequential(event: None, context: DurableContext) -> list[Any]:
    first = context.invoke(TARGET, "first")
    return [first, context.invoke(TARGET, "second")]


@durable_execution
def payload_serdes(event: Any, context: DurableContext) -> Any:
    return context.invoke(TARGET, event, config=InvokeConfig(serdes_payload=UppercaseStrings()))


@durable_execution
def result_serdes(event: Any, context: DurableContext) -> Any:
    return context.invoke(TARGET, event, config=InvokeConfig(serdes_result=UppercaseText()))
