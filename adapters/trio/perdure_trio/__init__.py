"""Durable functions on trio."""

try:
    import trio as _trio
except ImportError as error:
    raise ImportError("perdure_trio needs trio: pip install 'perdure[trio]'") from error

if not hasattr(_trio, "run"):  # a folder named trio on the path is an empty package
    raise ImportError("perdure_trio needs trio: pip install 'perdure[trio]'")

from perdure.async_operation import DurableOperation
from perdure.operations.step import StepSemantics
from perdure.step_context import step_context

from .client import ServiceClient
from .context import DurableContext
from .execution import Execution, open_execution
from .handler import TrioHandler, durable_execution

__all__ = [
    "DurableContext",
    "DurableOperation",
    "Execution",
    "ServiceClient",
    "StepSemantics",
    "TrioHandler",
    "durable_execution",
    "open_execution",
    "step_context",
]
