"""Durable functions in plain sync Python."""

from perdure.operations.step import StepSemantics
from perdure.step_context import step_context

from .client import ServiceClient
from .context import DurableContext
from .deferred import Deferred
from .execution import Execution
from .handler import SyncHandler, durable_execution
from .opening import open_execution

__all__ = [
    "Deferred",
    "DurableContext",
    "Execution",
    "ServiceClient",
    "StepSemantics",
    "SyncHandler",
    "durable_execution",
    "open_execution",
    "step_context",
]
