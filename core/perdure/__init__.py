"""Durable execution, pure: data in, data out.

A runtime's adapter (`perdure_asyncio`, `perdure_trio`, `perdure_sync`) is what a durable
function imports; this package is what they share, and what framework authors build on.
"""

from .batch_completion import (
    ALL_COMPLETED,
    ALL_SUCCESSFUL,
    FIRST_SUCCESSFUL,
    BatchProgress,
    BatchStatus,
    Completion,
    CompletionDecision,
    CompletionReason,
)
from .batch_result import BatchItem, BatchResult
from .batching import Batcher
from .checkpointed import CheckpointedResult
from .context import Branch
from .delivery import RequestRetries
from .errors import (
    BatchError,
    CallbackError,
    CallbackExternalError,
    CallbackHeartbeatError,
    CallbackSubmitterError,
    CallbackTimeoutError,
    ChildContextError,
    ConcurrencyError,
    DurableError,
    InvokeError,
    OperationError,
    ReplayError,
    SerDesError,
    ServiceError,
    StepError,
    StepInterruptedError,
    ValidationError,
    WaitForConditionError,
)
from .modes import CheckpointingMode
from .operations.batch import Nesting
from .operations.step import StepSemantics
from .retries import Jitter, Retry, RetryStrategy
from .state import ExecutionState, Phase, Ticket
from .step_context import StepContext, step_context
from .version import VERSION as __version__
from .waits import poll_until

__all__ = [
    "ALL_COMPLETED",
    "ALL_SUCCESSFUL",
    "FIRST_SUCCESSFUL",
    "BatchError",
    "BatchItem",
    "BatchProgress",
    "BatchResult",
    "BatchStatus",
    "Batcher",
    "Branch",
    "CallbackError",
    "CallbackExternalError",
    "CallbackHeartbeatError",
    "CallbackSubmitterError",
    "CallbackTimeoutError",
    "CheckpointedResult",
    "CheckpointingMode",
    "ChildContextError",
    "Completion",
    "CompletionDecision",
    "CompletionReason",
    "ConcurrencyError",
    "DurableError",
    "ExecutionState",
    "InvokeError",
    "Jitter",
    "Nesting",
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
    "WaitForConditionError",
    "__version__",
    "poll_until",
    "step_context",
]
