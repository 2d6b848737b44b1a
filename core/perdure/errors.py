"""Everything that perdure raises.

Only `OperationError` and what is below it is for a durable function to catch: it says
that one operation ended badly, and it is the same on the first run and on every replay.
All the others say that the invocation cannot go on; they are sticky, so a function that
swallows one meets it again at its next durable call.

`Suspended` is no error at all, and therefore no Exception: it unwinds the function when
nothing can move until the service says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar, Final

from .models.operation import ErrorObject

__all__ = [
    "BatchError",
    "CallbackError",
    "CallbackExternalError",
    "CallbackHeartbeatError",
    "CallbackSubmitterError",
    "CallbackTimeoutError",
    "ChildContextError",
    "Closed",
    "ConcurrencyError",
    "DurableError",
    "InvokeError",
    "LocalProtocolError",
    "OperationError",
    "OrphanedError",
    "ProtocolError",
    "RemoteProtocolError",
    "ReplayError",
    "Scope",
    "SerDesError",
    "ServiceError",
    "StepError",
    "StepInterruptedError",
    "Suspended",
    "TransportError",
    "TransportTimeoutError",
    "UpdateTooLargeError",
    "ValidationError",
    "WaitForConditionError",
]


class DurableError(Exception):
    """Base of everything perdure raises."""


class ValidationError(DurableError, ValueError):
    """An argument of a durable operation is not acceptable. No id was used up; mend the call."""


class ProtocolError(DurableError):
    """The protocol was broken, by this side or by the peer. Never raised itself."""


class LocalProtocolError(ProtocolError):
    """This side broke the protocol: a call that is not legal now. Mend the program."""


class Closed(LocalProtocolError):
    """The state took its last update: the invocation is over, or its tokens were revoked."""


class OrphanedError(LocalProtocolError):
    """The context that the operation belongs to has already ended; its update is refused."""


class ConcurrencyError(LocalProtocolError):
    """A context was used from a task or thread that does not own it.

    Ids follow from the order of calls within one flow, so a second flow would make two
    runs differ. Use `parallel` or `map`, which give each branch a context of its own.
    """


class RemoteProtocolError(ProtocolError):
    """The service sent something that is not of the protocol.

    It is the only error that bytes of the peer can cause. The request is sent again
    where that may help; otherwise the invocation fails and Lambda repeats it.
    """


class ReplayError(DurableError):
    """The function does not do what it did before: its history says otherwise.

    Args:
        operation_id: where.
        recorded: what the history holds there, field by field.
        attempted: what the function asks for now, the same fields.
        where: the context it happened in, for the message.

    The execution fails, for no repetition can mend it. Deploy the version of the
    function that began this execution, or start a new one.
    """

    def __init__(
        self,
        operation_id: str,
        recorded: Mapping[str, str | None],
        attempted: Mapping[str, str | None],
        where: str = "the root context",
    ) -> None:
        self.operation_id: Final = operation_id
        self.recorded: Final = dict(recorded)
        self.attempted: Final = dict(attempted)
        self.where: Final = where
        differing = [field for field in recorded if recorded[field] != attempted.get(field)]
        self.differing: Final = tuple(differing)
        lines = [
            f"this run differs from the recorded one in {where}, operation {operation_id}:",
            *(
                f"  {field}: recorded {recorded[field]!r}, attempted {attempted.get(field)!r}"
                for field in differing
            ),
        ]
        super().__init__("\n".join(lines))


class Scope(StrEnum):
    """How far a failed request reaches."""

    INVOCATION = "invocation"
    """Raise out of the handler; Lambda invokes again."""
    EXECUTION = "execution"
    """Return FAILED; no repetition can help."""


class ServiceError(DurableError):
    """The service refused a request, or could not be reached.

    Args:
        message: what the service said.
        code: the service's error code, ``None`` where there was no answer.
        status: the HTTP status, ``None`` where there was no answer.
        retryable: whether the same request may be sent again.
        scope: what becomes of the invocation if it is not, or no longer.
        retry_after: the pause the service asked for, in seconds.

    The classification is `perdure.classification.classify`; do not invent another.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status: int | None = None,
        retryable: bool = False,
        scope: Scope = Scope.INVOCATION,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message: Final = message
        self.code: Final = code
        self.status: Final = status
        self.retryable: Final = retryable
        self.scope: Final = scope
        self.retry_after: Final = retry_after

    def __str__(self) -> str:
        label = " ".join(str(part) for part in (self.status, self.code) if part is not None)
        return f"{label}: {self.message}" if label else self.message


class TransportError(ServiceError):
    """No usable answer came: not connected, cut off, or too late. The request may be repeated."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True, scope=Scope.INVOCATION)


class TransportTimeoutError(TransportError):
    """The peer was silent for too long. Repeat it with a rest, and before the deadline."""


class OperationError(DurableError):
    """One operation ended badly. Yours to catch.

    Args:
        message: the message recorded for it.
        error_type: the recorded type, such as ``ValueError`` or ``mymodule.Refused``.
        data: data that the failing side recorded with it.
        stack_trace: its recorded stack, where there is one.
    """

    WIRE_TYPE: ClassVar[str] = "aws_durable_execution_sdk_python.exceptions.DurableOperationError"

    def __init__(
        self,
        message: str | None,
        error_type: str | None = None,
        data: str | None = None,
        stack_trace: tuple[str, ...] | None = None,
    ) -> None:
        super().__init__(message or error_type or "the operation failed")
        self.message: Final = message
        self.error_type: Final = error_type
        self.data: Final = data
        self.stack_trace: Final = stack_trace


class StepError(OperationError):
    """A step failed for good: its retries are exhausted, or its error is not retried."""

    WIRE_TYPE = "aws_durable_execution_sdk_python.exceptions.StepError"


class ChildContextError(OperationError):
    """The body of a child context, or of a branch, raised. `error_type` is its own type."""

    WIRE_TYPE = "aws_durable_execution_sdk_python.exceptions.ChildContextError"


class WaitForConditionError(OperationError):
    """A condition was not met in the attempts its strategy allows, or its check raised."""

    WIRE_TYPE = "aws_durable_execution_sdk_python.exceptions.WaitForConditionError"


class InvokeError(OperationError):
    """An invoked function failed, timed out or was stopped."""

    WIRE_TYPE = "aws_durable_execution_sdk_python.exceptions.InvokeError"


class CallbackError(OperationError):
    """A callback did not succeed. Its subclasses say why."""

    WIRE_TYPE = "aws_durable_execution_sdk_python.exceptions.CallbackError"


class CallbackExternalError(CallbackError):
    """Whoever holds the callback's id answered that it failed."""

    WIRE_TYPE = "aws_durable_execution_sdk_python.exceptions.CallbackExternalError"


class CallbackTimeoutError(CallbackError):
    """Nobody answered a callback in time."""

    WIRE_TYPE = "aws_durable_execution_sdk_python.exceptions.CallbackTimeoutError"


class CallbackHeartbeatError(CallbackTimeoutError):
    """Whoever holds the callback's id stopped sending heartbeats."""


class CallbackSubmitterError(CallbackError):
    """The function that was to hand out the callback's id failed for good."""

    WIRE_TYPE = "aws_durable_execution_sdk_python.exceptions.CallbackSubmitterError"


class BatchError(OperationError):
    """A batch of branches failed by its own rule."""

    WIRE_TYPE = "aws_durable_execution_sdk_python.exceptions.BatchCompletionError"


class SerDesError(OperationError):
    """A value could not be encoded, or what is recorded could not be decoded."""

    WIRE_TYPE = "aws_durable_execution_sdk_python.exceptions.SerDesError"

    def __init__(self, message: str | None) -> None:
        super().__init__(message, self.WIRE_TYPE)


class RetryableSerDesError(DurableError):
    """A serdes cannot reach its storage now; later it may.

    Raise it from a serdes of your own. Nothing is recorded of the operation, the invocation
    ends at once, whatever catches this, and Lambda repeats it.
    """


class StepInterruptedError(OperationError):
    """An at-most-once step was cut off after it began: whether it took effect is unknown."""

    WIRE_TYPE = "aws_durable_execution_sdk_python.exceptions.StepInterruptedError"


class UpdateTooLargeError(OperationError):
    """What an operation wants recorded is larger than the service takes."""


class Suspended(BaseException):
    """Unwinds the function until the next invocation. Internal; never catch it."""


def error_type_name(error: BaseException) -> str:
    """The type that is recorded for an exception: qualified by module, builtins bare."""
    pinned = getattr(error, "WIRE_TYPE", None)
    if isinstance(error, OperationError) and isinstance(pinned, str):
        return pinned
    kind = type(error)
    if kind.__module__ == "builtins":
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


def error_object(error: BaseException) -> ErrorObject:
    """What is recorded for an exception. Only operation errors carry data and a stack."""
    if isinstance(error, OperationError):
        return ErrorObject(error.message, error_type_name(error), error.data, error.stack_trace)
    return ErrorObject(str(error), error_type_name(error))
