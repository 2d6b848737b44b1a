"""Durable functions on asyncio."""

from perdure.async_operation import DurableOperation
from perdure.operations.step import StepSemantics
from perdure.step_context import step_context

from .client import ServiceClient
from .context import DurableContext
from .execution import Execution, open_execution
from .handler import AsyncioHandler, durable_execution

__all__ = [
    "AsyncioHandler",
    "DurableContext",
    "DurableOperation",
    "Execution",
    "ServiceClient",
    "StepSemantics",
    "durable_execution",
    "open_execution",
    "step_context",
]
