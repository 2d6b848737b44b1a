"""What we ask: the operation update and its options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from .enums import OperationAction, OperationType
from .fields import (
    DelaySeconds,
    FunctionName,
    OperationId,
    OperationName,
    Payload,
    SubType,
    TenantId,
    TimeoutSeconds,
    TraceId,
    WireModel,
)
from .operation import ErrorObject


@dataclass(frozen=True, slots=True, repr=False)
class ContextOptions(WireModel):
    """On closing a CONTEXT: keep its children in the state, for they are needed to replay."""

    SHOWN: ClassVar = ("replay_children",)

    replay_children: bool | None = None


@dataclass(frozen=True, slots=True, repr=False)
class StepOptions(WireModel):
    """On RETRY of a STEP: the pause before the next attempt, in seconds."""

    SHOWN: ClassVar = ("next_attempt_delay_seconds",)

    next_attempt_delay_seconds: DelaySeconds | None = None


@dataclass(frozen=True, slots=True, repr=False)
class WaitOptions(WireModel):
    """On START of a WAIT: its length in seconds."""

    SHOWN: ClassVar = ("wait_seconds",)

    wait_seconds: DelaySeconds | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CallbackOptions(WireModel):
    """On START of a CALLBACK: its timeouts in seconds; 0 is none."""

    SHOWN: ClassVar = ("timeout_seconds", "heartbeat_timeout_seconds")

    timeout_seconds: TimeoutSeconds = 0
    heartbeat_timeout_seconds: TimeoutSeconds = 0


@dataclass(frozen=True, slots=True, repr=False)
class ChainedInvokeOptions(WireModel):
    """On START of a CHAINED_INVOKE: what to invoke and for whom."""

    SHOWN: ClassVar = ("function_name",)

    function_name: FunctionName
    tenant_id: TenantId | None = None
    x_amzn_trace_id: TraceId | None = None


@dataclass(frozen=True, slots=True, repr=False)
class OperationUpdate(WireModel):
    """One change to one operation, as a checkpoint carries it.

    Absent differs from empty: `payload` None sends no Payload, ``""`` sends an empty one.
    """

    id: OperationId
    type: OperationType
    action: OperationAction
    parent_id: OperationId | None = None
    name: OperationName | None = None
    sub_type: SubType | None = None
    payload: Payload | None = None
    error: ErrorObject | None = None
    context_options: ContextOptions | None = None
    step_options: StepOptions | None = None
    wait_options: WaitOptions | None = None
    callback_options: CallbackOptions | None = None
    chained_invoke_options: ChainedInvokeOptions | None = None
