"""The wire shapes: every message, field, enum and pattern, defined once.

Light to import: no pydantic. History events (`perdure.models.history`) and the calls of
the control plane (`perdure.models.executions`) are imported by whoever needs them.
"""

from .checkpoint import CheckpointRequest, CheckpointResponse, StatePage, StateRequest
from .enums import (
    EventType,
    ExecutionStatus,
    InvocationStatus,
    OperationAction,
    OperationStatus,
    OperationType,
)
from .invocation import InvocationInput, InvocationOutput
from .operation import (
    CallbackDetails,
    ChainedInvokeDetails,
    ContextDetails,
    ErrorObject,
    ExecutionDetails,
    Operation,
    StepDetails,
    WaitDetails,
)
from .update import (
    CallbackOptions,
    ChainedInvokeOptions,
    ContextOptions,
    OperationUpdate,
    StepOptions,
    WaitOptions,
)

__all__ = [
    "CallbackDetails",
    "CallbackOptions",
    "ChainedInvokeDetails",
    "ChainedInvokeOptions",
    "CheckpointRequest",
    "CheckpointResponse",
    "ContextDetails",
    "ContextOptions",
    "ErrorObject",
    "EventType",
    "ExecutionDetails",
    "ExecutionStatus",
    "InvocationInput",
    "InvocationOutput",
    "InvocationStatus",
    "Operation",
    "OperationAction",
    "OperationStatus",
    "OperationType",
    "OperationUpdate",
    "StatePage",
    "StateRequest",
    "StepDetails",
    "StepOptions",
    "WaitDetails",
    "WaitOptions",
]
