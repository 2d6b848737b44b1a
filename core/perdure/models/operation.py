"""What is recorded: the operation and its details."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .enums import OperationStatus, OperationType
from .fields import CallbackId, OperationId, OperationName, SubType, Timestamp, WireModel


@dataclass(frozen=True, slots=True, repr=False)
class ErrorObject(WireModel):
    """An error as the wire carries it. Every member is optional; absent is not empty."""

    SHOWN: ClassVar = ()

    error_message: str | None = None
    error_type: str | None = None
    error_data: str | None = None
    stack_trace: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ExecutionDetails(WireModel):
    """Of the EXECUTION operation: the user's input, a JSON text."""

    SHOWN: ClassVar = ()

    input_payload: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ContextDetails(WireModel):
    """Of a CONTEXT: how it ended, and whether its children are kept for replay."""

    SHOWN: ClassVar = ("replay_children",)

    replay_children: bool | None = None
    result: str | None = None
    error: ErrorObject | None = None


@dataclass(frozen=True, slots=True, repr=False)
class StepDetails(WireModel):
    """Of a STEP. `attempt` counts the attempts that ended, so 0 while the first runs."""

    SHOWN: ClassVar = ("attempt", "next_attempt_timestamp")

    attempt: int = 0
    next_attempt_timestamp: Timestamp | None = None
    result: str | None = None
    error: ErrorObject | None = None


@dataclass(frozen=True, slots=True, repr=False)
class WaitDetails(WireModel):
    """Of a WAIT: when it ends by itself."""

    SHOWN: ClassVar = ("scheduled_end_timestamp",)

    scheduled_end_timestamp: Timestamp | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CallbackDetails(WireModel):
    """Of a CALLBACK: the id that outsiders answer to, and their answer."""

    SHOWN: ClassVar = ()

    callback_id: CallbackId | None = None
    result: str | None = None
    error: ErrorObject | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ChainedInvokeDetails(WireModel):
    """Of a CHAINED_INVOKE: what the invoked function answered."""

    SHOWN: ClassVar = ()

    result: str | None = None
    error: ErrorObject | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Operation(WireModel):
    """One recorded operation.

    `type` and `status` stay plain strings when the service sends one that this
    version does not know. At most one of the details is set, the one of its type.
    """

    id: OperationId
    type: OperationType | str
    status: OperationStatus | str
    start_timestamp: Timestamp
    end_timestamp: Timestamp | None = None
    parent_id: OperationId | None = None
    name: OperationName | None = None
    sub_type: SubType | None = None
    execution_details: ExecutionDetails | None = None
    context_details: ContextDetails | None = None
    step_details: StepDetails | None = None
    wait_details: WaitDetails | None = None
    callback_details: CallbackDetails | None = None
    chained_invoke_details: ChainedInvokeDetails | None = None
