"""A look at what is recorded for one operation, whether or not anything is."""

from __future__ import annotations

from dataclasses import dataclass

from .models.enums import OperationStatus, OperationType
from .models.operation import (
    CallbackDetails,
    ChainedInvokeDetails,
    ContextDetails,
    ErrorObject,
    Operation,
    StepDetails,
)
from .transitions import TERMINAL

_Ended = StepDetails | ContextDetails | CallbackDetails | ChainedInvokeDetails


@dataclass(frozen=True, slots=True, repr=False)
class CheckpointedResult:
    """What the state holds for an id. `operation` is None where nothing is recorded.

    The predicates are plain questions about the recorded status; none of them is true of
    an operation that is not recorded.
    """

    operation: Operation | None

    def __repr__(self) -> str:
        return f"CheckpointedResult({self.operation!r})"

    def _is(self, status: OperationStatus) -> bool:
        return self.operation is not None and self.operation.status == status

    @property
    def is_existent(self) -> bool:
        """Whether anything is recorded."""
        return self.operation is not None

    @property
    def is_succeeded(self) -> bool:
        """Whether it ended well."""
        return self._is(OperationStatus.SUCCEEDED)

    @property
    def is_failed(self) -> bool:
        """Whether it ended with an error of its own."""
        return self._is(OperationStatus.FAILED)

    @property
    def is_cancelled(self) -> bool:
        """Whether it was called off."""
        return self._is(OperationStatus.CANCELLED)

    @property
    def is_timed_out(self) -> bool:
        """Whether it ran out of time."""
        return self._is(OperationStatus.TIMED_OUT)

    @property
    def is_stopped(self) -> bool:
        """Whether it was stopped from outside."""
        return self._is(OperationStatus.STOPPED)

    @property
    def is_pending(self) -> bool:
        """Whether it waits for its next attempt."""
        return self._is(OperationStatus.PENDING)

    @property
    def is_ready(self) -> bool:
        """Whether its next attempt is due."""
        return self._is(OperationStatus.READY)

    @property
    def is_started(self) -> bool:
        """Whether it was begun and has not ended."""
        return self._is(OperationStatus.STARTED)

    @property
    def is_terminal(self) -> bool:
        """Whether it ended, well or badly."""
        return self.operation is not None and self.operation.status in TERMINAL

    @property
    def status(self) -> OperationStatus | str | None:
        """The recorded status."""
        return None if self.operation is None else self.operation.status

    @property
    def operation_type(self) -> OperationType | str | None:
        """The recorded type."""
        return None if self.operation is None else self.operation.type

    @property
    def result(self) -> str | None:
        """The recorded payload, as text: decode it with the serdes that encoded it."""
        details = self._ended_details()
        return None if details is None else details.result

    @property
    def error(self) -> ErrorObject | None:
        """The recorded error, from the details of the operation's own type."""
        details = self._ended_details()
        return None if details is None else details.error

    @property
    def retry_payload(self) -> str | None:
        """What the last RETRY of a STEP carried: the state of a polled condition."""
        operation = self.operation
        if operation is None or operation.step_details is None or self.is_terminal:
            return None
        return operation.step_details.result

    @property
    def attempt(self) -> int:
        """How many attempts of a STEP have ended; 0 for everything else."""
        details = None if self.operation is None else self.operation.step_details
        return 0 if details is None else details.attempt

    @property
    def callback_id(self) -> str | None:
        """The id outsiders answer a CALLBACK with."""
        details = None if self.operation is None else self.operation.callback_details
        return None if details is None else details.callback_id

    def _ended_details(self) -> _Ended | None:
        operation = self.operation
        if operation is None:
            return None
        return (
            operation.step_details
            or operation.context_details
            or operation.callback_details
            or operation.chained_invoke_details
        )
