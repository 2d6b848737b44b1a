"""The calls of the control plane: executions from outside, and callbacks.

A request holds what path, query and body carry together. Where a call's answer is empty
on the wire, there is no response class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from .enums import ExecutionStatus
from .fields import (
    MAX_DELAY_SECONDS,
    CallbackId,
    ClientToken,
    ExecutionArnText,
    ExecutionName,
    FunctionName,
    PageSize,
    PauseReason,
    Payload,
    TenantId,
    Text,
    Timestamp,
    TraceId,
    Whole,
    WireModel,
)
from .history import Event
from .operation import ErrorObject

FunctionArnText = Annotated[str, Text(0, 10_000)]
Version = Annotated[str, Text(1, 1024, r"\$LATEST(?:\.PUBLISHED)?|[0-9]+")]
Qualifier = Annotated[str, Text(1, 128, r"\$LATEST(?:\.PUBLISHED)?|[a-zA-Z0-9\-_$]+")]
KmsKeyArn = Annotated[str, Text(0, 10_000)]


@dataclass(frozen=True, slots=True, repr=False)
class TraceHeader(WireModel):
    """The X-Ray trace that an execution belongs to."""

    x_amzn_trace_id: TraceId | None = None


@dataclass(frozen=True, slots=True, repr=False)
class DurableConfig(WireModel):
    """How long an execution may run (seconds), and how long its history is kept (days)."""

    SHOWN: ClassVar = ("retention_period_in_days", "execution_timeout")

    kms_key_arn: KmsKeyArn | None = None
    retention_period_in_days: Annotated[int, Whole(1, 90)] | None = None
    execution_timeout: Annotated[int, Whole(1, MAX_DELAY_SECONDS)] | None = None


@dataclass(frozen=True, slots=True, repr=False)
class PauseDetails(WireModel):
    """Of an execution that is pausing or paused."""

    SHOWN: ClassVar = ("pause_request_timestamp", "execution_timeout_paused")

    pause_request_timestamp: Timestamp
    execution_timeout_paused: bool
    reason: PauseReason | None = None


@dataclass(frozen=True, slots=True, repr=False)
class GetExecutionRequest(WireModel):
    """GetDurableExecution."""

    SHOWN: ClassVar = ("durable_execution_arn",)

    durable_execution_arn: ExecutionArnText
    include_execution_data: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class ExecutionDescription(WireModel):
    """The answer of GetDurableExecution.

    `result` only after SUCCEEDED, `error` only after FAILED, TIMED_OUT or STOPPED,
    `expected_execution_timeout_timestamp` only before the end.
    """

    SHOWN: ClassVar = ("durable_execution_arn", "status")

    durable_execution_arn: ExecutionArnText
    durable_execution_name: ExecutionName
    function_arn: FunctionArnText
    start_timestamp: Timestamp
    status: ExecutionStatus
    input_payload: Payload | None = None
    result: Payload | None = None
    error: ErrorObject | None = None
    end_timestamp: Timestamp | None = None
    version: Version | None = None
    trace_header: TraceHeader | None = None
    execution_data_included: bool | None = None
    durable_config: DurableConfig | None = None
    pause_details: PauseDetails | None = None
    expected_execution_timeout_timestamp: Timestamp | None = None


@dataclass(frozen=True, slots=True, repr=False)
class HistoryRequest(WireModel):
    """GetDurableExecutionHistory: one page of events. `max_items` 0 means 100."""

    SHOWN: ClassVar = ("durable_execution_arn", "marker", "max_items", "reverse_order")

    durable_execution_arn: ExecutionArnText
    include_execution_data: bool = True
    max_items: PageSize = 0
    marker: str | None = None
    reverse_order: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class HistoryPage(WireModel):
    """Some events, and the marker of the next page."""

    SHOWN: ClassVar = ()

    events: tuple[Event, ...] = ()
    next_marker: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ListExecutionsRequest(WireModel):
    """ListDurableExecutionsByFunction. `max_items` 0 means 100."""

    SHOWN: ClassVar = ("function_name", "qualifier", "durable_execution_name", "marker")

    function_name: FunctionName
    qualifier: Qualifier | None = None
    durable_execution_name: ExecutionName | None = None
    statuses: tuple[ExecutionStatus, ...] = ()
    started_after: Timestamp | None = None
    started_before: Timestamp | None = None
    reverse_order: bool = False
    marker: str | None = None
    max_items: PageSize = 0


@dataclass(frozen=True, slots=True, repr=False)
class ListAllExecutionsRequest(WireModel):
    """A list over all functions. AWS has no such call; `max_items` 0 means 100."""

    SHOWN: ClassVar = ("function_name", "name_contains", "marker")

    function_name: FunctionName | None = None
    name_contains: Annotated[str, Text(0, 64)] | None = None
    statuses: tuple[ExecutionStatus, ...] = ()
    marker: str | None = None
    max_items: PageSize = 0


@dataclass(frozen=True, slots=True, repr=False)
class ExecutionItem(WireModel):
    """One execution in a list."""

    SHOWN: ClassVar = ("durable_execution_arn", "status")

    durable_execution_arn: ExecutionArnText
    durable_execution_name: ExecutionName
    function_arn: FunctionArnText
    status: ExecutionStatus
    start_timestamp: Timestamp
    end_timestamp: Timestamp | None = None
    kms_key_arn: KmsKeyArn | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ExecutionList(WireModel):
    """Some executions of a function, and the marker of the next page."""

    SHOWN: ClassVar = ()

    durable_executions: tuple[ExecutionItem, ...] = ()
    next_marker: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class StopRequest(WireModel):
    """StopDurableExecution. On the wire the body is the bare error, or nothing."""

    SHOWN: ClassVar = ("durable_execution_arn",)

    durable_execution_arn: ExecutionArnText
    error: ErrorObject | None = None


@dataclass(frozen=True, slots=True, repr=False)
class StopResponse(WireModel):
    """When the execution ended."""

    stop_timestamp: Timestamp


@dataclass(frozen=True, slots=True, repr=False)
class PauseRequest(WireModel):
    """PauseDurableExecution. By default the execution's timeout stands still too."""

    SHOWN: ClassVar = ("durable_execution_arn", "execution_timeout_paused")

    durable_execution_arn: ExecutionArnText
    client_token: ClientToken | None = None
    reason: PauseReason | None = None
    execution_timeout_paused: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class ResumeRequest(WireModel):
    """ResumeDurableExecution."""

    SHOWN: ClassVar = ("durable_execution_arn",)

    durable_execution_arn: ExecutionArnText
    client_token: ClientToken | None = None
    reason: PauseReason | None = None


@dataclass(frozen=True, slots=True, repr=False)
class DeleteRequest(WireModel):
    """DeleteDurableExecution."""

    SHOWN: ClassVar = ("durable_execution_arn",)

    durable_execution_arn: ExecutionArnText


@dataclass(frozen=True, slots=True, repr=False)
class DeleteResponse(WireModel):
    """When the deletion was asked for."""

    deletion_request_timestamp: Timestamp


@dataclass(frozen=True, slots=True, repr=False)
class CallbackSuccessRequest(WireModel):
    """SendDurableExecutionCallbackSuccess. On the wire the body is the bare result, or nothing."""

    SHOWN: ClassVar = ()

    callback_id: CallbackId
    result: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CallbackFailureRequest(WireModel):
    """SendDurableExecutionCallbackFailure. On the wire the body is the bare error, or nothing."""

    SHOWN: ClassVar = ()

    callback_id: CallbackId
    error: ErrorObject | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CallbackHeartbeatRequest(WireModel):
    """SendDurableExecutionCallbackHeartbeat."""

    SHOWN: ClassVar = ()

    callback_id: CallbackId


@dataclass(frozen=True, slots=True, repr=False)
class InvokeRequest(WireModel):
    """Invoke: what its path, query, headers and body say that matters here."""

    SHOWN: ClassVar = ("function_name", "qualifier", "durable_execution_name", "invocation_type")

    function_name: FunctionName
    qualifier: Qualifier | None = None
    invocation_type: Annotated[str, Text(0, 15, "Event|RequestResponse|DryRun")] = "RequestResponse"
    durable_execution_name: ExecutionName | None = None
    tenant_id: TenantId | None = None
    trace_id: TraceId | None = None
    payload: Payload | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ErrorBody(WireModel):
    """The body of a refusal. The code decides which spelling of the message it has.

    `perdure.service.faults` says which; readers take either.
    """

    SHOWN: ClassVar = ("type_", "message", "lower_message")

    type_: str | None = None
    message: str | None = None
    lower_message: str | None = None
    reason: str | None = None
