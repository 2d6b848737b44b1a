"""Durable execution, pure: data in, data out.

A runtime's adapter (`perdure_asyncio`, `perdure_trio`, `perdure_sync`) is what a durable
function imports; this package is what they share, and what framework authors build on.
"""

from .batching import Batcher
from .checkpointed import CheckpointedResult
from .delivery import RequestRetries
from .errors import (
    ConcurrencyError,
    DurableError,
    OperationError,
    ReplayError,
    SerDesError,
    ServiceError,
    StepError,
    StepInterruptedError,
    ValidationError,
)
from .modes import CheckpointingMode
from .operations.step import StepSemantics
from .retries import Jitter, Retry, RetryStrategy
from .state import ExecutionState, Phase, Ticket
from .step_context import StepContext, step_context
from .version import VERSION as __version__

__all__ = [
    "Batcher",
    "CheckpointedResult",
    "CheckpointingMode",
    "ConcurrencyError",
    "DurableError",
    "ExecutionState",
    "Jitter",
    "OperationError",
    "Phase",
    "ReplayError",
    "RequestRetries",
    "Retry",
    "RetryStrategy",
    "SerDesError",
    "ServiceError",
    "StepContext",
    "StepError",
    "StepInterruptedError",
    "StepSemantics",
    "Ticket",
    "ValidationError",
    "__version__",
    "step_context",
]
