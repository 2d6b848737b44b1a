"""What GetDurableExecutionHistory tells: events, and the details of each kind.

An event carries exactly one details object, under the member named after its type.
It is present even when it holds nothing, so readers can rely on it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

from .enums import EventType
from .fields import (
    CallbackId,
    ExecutionArnText,
    FunctionName,
    OperationId,
    OperationName,
    PauseReason,
    Payload,
    SubType,
    TenantId,
    Timestamp,
    Whole,
    WireModel,
)
from .operation import ErrorObject

EventId = Annotated[int, Whole(1, 2**53 - 1)]
DurationSeconds = Annotated[int, Whole(0, 2**53 - 1)]
AttemptCount = Annotated[int, Whole(0, 2**53 - 1)]


@dataclass(frozen=True, slots=True, repr=False)
class EventInput(WireModel):
    """An input; without data `payload` is absent and `truncated` is true."""

    SHOWN: ClassVar = ("truncated",)

    payload: Payload | None = None
    truncated: bool | None = None


@dataclass(frozen=True, slots=True, repr=False)
class EventResult(WireModel):
    """A result; without data `payload` is absent and `truncated` is true."""

    SHOWN: ClassVar = ("truncated",)

    payload: Payload | None = None
    truncated: bool | None = None


@dataclass(frozen=True, slots=True, repr=False)
class EventError(WireModel):
    """An error; without data `payload` is absent and `truncated` is true."""

    SHOWN: ClassVar = ("truncated",)

    payload: ErrorObject | None = None
    truncated: bool | None = None


@dataclass(frozen=True, slots=True, repr=False)
class EventReason(WireModel):
    """Why somebody paused or resumed an execution."""

    SHOWN: ClassVar = ("truncated",)

    payload: PauseReason | None = None
    truncated: bool | None = None


@dataclass(frozen=True, slots=True, repr=False)
class RetryDetails(WireModel):
    """Which attempt ended, from 1, and the pause before the next where there is one."""

    SHOWN: ClassVar = ("current_attempt", "next_attempt_delay_seconds")

    current_attempt: AttemptCount | None = None
    next_attempt_delay_seconds: DurationSeconds | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ExecutionStartedDetails(WireModel):
    """The input, and after how many seconds the execution times out."""

    input: EventInput
    execution_timeout: DurationSeconds


@dataclass(frozen=True, slots=True, repr=False)
class ExecutionSucceededDetails(WireModel):
    """The result of the execution."""

    result: EventResult


@dataclass(frozen=True, slots=True, repr=False)
class ExecutionFailedDetails(WireModel):
    """The error of the execution."""

    error: EventError


@dataclass(frozen=True, slots=True, repr=False)
class ExecutionTimedOutDetails(WireModel):
    """The execution took longer than its timeout."""

    error: EventError | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ExecutionStoppedDetails(WireModel):
    """Somebody stopped the execution, with this error."""

    error: EventError


@dataclass(frozen=True, slots=True, repr=False)
class ExecutionPausedDetails(WireModel):
    """A pause took effect."""

    pause_request_timestamp: Timestamp
    execution_timeout_paused: bool
    reason: EventReason | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ExecutionResumedDetails(WireModel):
    """A pause ended."""

    resume_request_timestamp: Timestamp
    reason: EventReason | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ContextStartedDetails(WireModel):
    """A child context began."""


@dataclass(frozen=True, slots=True, repr=False)
class ContextSucceededDetails(WireModel):
    """The result of a child context."""

    result: EventResult


@dataclass(frozen=True, slots=True, repr=False)
class ContextFailedDetails(WireModel):
    """The error of a child context."""

    error: EventError


@dataclass(frozen=True, slots=True, repr=False)
class StepStartedDetails(WireModel):
    """An attempt of a step began."""


@dataclass(frozen=True, slots=True, repr=False)
class StepSucceededDetails(WireModel):
    """An attempt ended well; with a delay in its RetryDetails it was a poll that goes on."""

    result: EventResult
    retry_details: RetryDetails


@dataclass(frozen=True, slots=True, repr=False)
class StepFailedDetails(WireModel):
    """An attempt failed; with a delay in its RetryDetails another one follows."""

    error: EventError
    retry_details: RetryDetails


@dataclass(frozen=True, slots=True, repr=False)
class WaitStartedDetails(WireModel):
    """A wait began: its length in seconds and its end."""

    duration: DurationSeconds
    scheduled_end_timestamp: Timestamp


@dataclass(frozen=True, slots=True, repr=False)
class WaitSucceededDetails(WireModel):
    """A wait is over: its length in seconds."""

    duration: DurationSeconds | None = None


@dataclass(frozen=True, slots=True, repr=False)
class WaitCancelledDetails(WireModel):
    """A wait was cancelled before its end."""

    error: EventError | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CallbackStartedDetails(WireModel):
    """A callback waits for its answer: its id, and its timeouts in seconds."""

    callback_id: CallbackId
    heartbeat_timeout: DurationSeconds | None = None
    timeout: DurationSeconds | None = None


@dataclass(frozen=True, slots=True, repr=False)
class CallbackSucceededDetails(WireModel):
    """What was answered to a callback."""

    result: EventResult


@dataclass(frozen=True, slots=True, repr=False)
class CallbackFailedDetails(WireModel):
    """The error that was answered to a callback."""

    error: EventError


@dataclass(frozen=True, slots=True, repr=False)
class CallbackTimedOutDetails(WireModel):
    """Nobody answered a callback in time, or its heartbeat stopped."""

    error: EventError


@dataclass(frozen=True, slots=True, repr=False)
class ChainedInvokeStartedDetails(WireModel):
    """Another function was invoked: which, with what, and as which execution."""

    function_name: FunctionName
    tenant_id: TenantId | None = None
    input: EventInput | None = None
    executed_version: str | None = None
    durable_execution_arn: ExecutionArnText | None = None


@dataclass(frozen=True, slots=True, repr=False)
class ChainedInvokeSucceededDetails(WireModel):
    """The result of the invoked function."""

    result: EventResult


@dataclass(frozen=True, slots=True, repr=False)
class ChainedInvokeFailedDetails(WireModel):
    """The error of the invoked function."""

    error: EventError


@dataclass(frozen=True, slots=True, repr=False)
class ChainedInvokeTimedOutDetails(WireModel):
    """The invoked function took too long."""

    error: EventError


@dataclass(frozen=True, slots=True, repr=False)
class ChainedInvokeStoppedDetails(WireModel):
    """The invoked execution was stopped."""

    error: EventError


@dataclass(frozen=True, slots=True, repr=False)
class InvocationCompletedDetails(WireModel):
    """One invocation ended; with an error if the attempt failed."""

    SHOWN: ClassVar = ("request_id",)

    start_timestamp: Timestamp
    end_timestamp: Timestamp
    request_id: str
    error: EventError | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Event(WireModel):
    """One event of a history. Ids count from 1 without gaps and are never reused.

    Exactly one of the details is set, the one named after `event_type`.
    """

    SHOWN: ClassVar = ("event_id", "event_type", "id", "name")

    event_type: EventType
    event_id: EventId
    event_timestamp: Timestamp
    id: OperationId | None = None
    parent_id: OperationId | None = None
    name: OperationName | None = None
    sub_type: SubType | None = None
    execution_started_details: ExecutionStartedDetails | None = None
    execution_succeeded_details: ExecutionSucceededDetails | None = None
    execution_failed_details: ExecutionFailedDetails | None = None
    execution_timed_out_details: ExecutionTimedOutDetails | None = None
    execution_stopped_details: ExecutionStoppedDetails | None = None
    execution_paused_details: ExecutionPausedDetails | None = None
    execution_resumed_details: ExecutionResumedDetails | None = None
    context_started_details: ContextStartedDetails | None = None
    context_succeeded_details: ContextSucceededDetails | None = None
    context_failed_details: ContextFailedDetails | None = None
    step_started_details: StepStartedDetails | None = None
    step_succeeded_details: StepSucceededDetails | None = None
    step_failed_details: StepFailedDetails | None = None
    wait_started_details: WaitStartedDetails | None = None
    wait_succeeded_details: WaitSucceededDetails | None = None
    wait_cancelled_details: WaitCancelledDetails | None = None
    callback_started_details: CallbackStartedDetails | None = None
    callback_succeeded_details: CallbackSucceededDetails | None = None
    callback_failed_details: CallbackFailedDetails | None = None
    callback_timed_out_details: CallbackTimedOutDetails | None = None
    chained_invoke_started_details: ChainedInvokeStartedDetails | None = None
    chained_invoke_succeeded_details: ChainedInvokeSucceededDetails | None = None
    chained_invoke_failed_details: ChainedInvokeFailedDetails | None = None
    chained_invoke_timed_out_details: ChainedInvokeTimedOutDetails | None = None
    chained_invoke_stopped_details: ChainedInvokeStoppedDetails | None = None
    invocation_completed_details: InvocationCompletedDetails | None = None


Details = (
    ExecutionStartedDetails
    | ExecutionSucceededDetails
    | ExecutionFailedDetails
    | ExecutionTimedOutDetails
    | ExecutionStoppedDetails
    | ExecutionPausedDetails
    | ExecutionResumedDetails
    | ContextStartedDetails
    | ContextSucceededDetails
    | ContextFailedDetails
    | StepStartedDetails
    | StepSucceededDetails
    | StepFailedDetails
    | WaitStartedDetails
    | WaitSucceededDetails
    | WaitCancelledDetails
    | CallbackStartedDetails
    | CallbackSucceededDetails
    | CallbackFailedDetails
    | CallbackTimedOutDetails
    | ChainedInvokeStartedDetails
    | ChainedInvokeSucceededDetails
    | ChainedInvokeFailedDetails
    | ChainedInvokeTimedOutDetails
    | ChainedInvokeStoppedDetails
    | InvocationCompletedDetails
)
"""What `Event` carries one of."""
