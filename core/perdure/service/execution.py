"""One execution: everything that is known about it, and how it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from ..models.enums import ExecutionStatus, OperationStatus, OperationType
from ..models.history import (
    Details,
    ExecutionFailedDetails,
    ExecutionStartedDetails,
    ExecutionStoppedDetails,
    ExecutionSucceededDetails,
    ExecutionTimedOutDetails,
)
from ..models.operation import ErrorObject, ExecutionDetails, Operation
from .effects import Effect
from .faults import invalid_token
from .history import History, error_of, input_of, result_of
from .identity import checkpoint_token
from .ledger import Ledger, Record
from .origin import Origin
from .saved import Entry
from .setting import Setting
from .sizes import is_longer
from .standing import Answer, Phase, Standing
from .timers import Timers


@dataclass(slots=True, kw_only=True, repr=False, eq=False)
class Execution(Standing):
    """The state of one execution. Create it with `begin`."""

    number: int
    origin: Origin
    setting: Setting
    ledger: Ledger = field(default_factory=Ledger)
    history: History = field(default_factory=History)
    timers: Timers = field(default_factory=Timers)
    last_answer: Answer | None = None
    # What its CHAINED_INVOKEs set off and nobody has taken care of yet.
    effects: list[Effect] = field(default_factory=list[Effect])
    # What pages of this token sequence count through; None until one is asked for.
    visible: tuple[Record, ...] | None = None
    # What its store keeps of it, but for what never changes or tells its changes itself.
    saved: Entry | None = None
    saved_answer: Answer | None = None

    @property
    def is_over(self) -> bool:
        """Whether it has ended, one way or another."""
        return self.ended is not None

    def renew_token(self) -> None:
        """Void the present token; the invocation in flight, if any, gets the next one."""
        self.visible = None
        self.token = (
            None
            if self.invocation is None
            else checkpoint_token(self.token_sequence, self.invocation.id)
        )

    @property
    def _record(self) -> Record:
        record = self.ledger.get(self.origin.id)
        assert record is not None  # `begin` made it
        return record

    @property
    def operation(self) -> Operation:
        """The EXECUTION operation."""
        return self._record.operation

    @property
    def is_paused(self) -> bool:
        """Whether a pause was asked for, be it in effect or not."""
        return self.pause is not None

    def require_token(self, token: str) -> None:
        """Raise `ServiceFault` unless it is the token of the invocation in flight, unspent."""
        if token != self.token:
            raise invalid_token()

    def wake(self) -> None:
        """Something changed from outside: owe an invocation, unless one is coming anyway."""
        if self.phase is Phase.IDLE:
            self.phase = Phase.OWED

    def postpone(self, until: float) -> None:
        """Let the next invocation wait."""
        self.phase = Phase.POSTPONED
        self.invoke_at = until

    def invoke_now(self) -> None:
        """Let a postponed invocation wait no longer."""
        self.phase = Phase.OWED
        self.invoke_at = None

    def deadline(self) -> float | None:
        """The earliest time at which something happens by itself."""
        flight = self.invocation
        times = (
            self.timers.next_due(),
            self.timeout_at,
            self.invoke_at,
            None if flight is None else flight.deadline,
        )
        return min((time for time in times if time is not None), default=None)

    def succeed(self, result: str | None, now: float) -> None:
        """End it well, unless the result is more than its caller may get."""
        limit = self.setting.policy.max_payload_bytes
        if self.origin.caller is not None and is_longer(result, limit):
            message = f"Execution output payload size must be less than or equal to {limit} bytes."
            error = ErrorObject(message, "InvalidParameterValueException")
            self.finish(ExecutionStatus.FAILED, now, error=error)
        else:
            self.finish(ExecutionStatus.SUCCEEDED, now, result=result)

    def finish(
        self,
        status: ExecutionStatus,
        now: float,
        *,
        result: str | None = None,
        error: ErrorObject | None = None,
    ) -> None:
        """End it: one terminal event, no timers, no valid token.

        Operations that are open stay as they are. An invocation in flight goes on until
        its handler returns, and changes nothing.
        """
        closed_as, details = _ENDS[status]
        record = self._record
        closed = replace(record.operation, status=closed_as, end_timestamp=now)
        self.ledger.replace(record, closed)
        self.history.record(now, details(result, error), closed)
        self.status = status
        self.ended = now
        self.result = result
        self.error = error
        self.timers.clear()
        self.timeout_at = None
        self.invoke_at = None
        self.pause = None
        self.token = None
        if self.phase is not Phase.IN_FLIGHT:
            self.phase = Phase.IDLE


def _succeeded(result: str | None, error: ErrorObject | None) -> Details:
    return ExecutionSucceededDetails(result_of(result))


def _failed(result: str | None, error: ErrorObject | None) -> Details:
    return ExecutionFailedDetails(error_of(error))


def _timed_out(result: str | None, error: ErrorObject | None) -> Details:
    return ExecutionTimedOutDetails()


def _stopped(result: str | None, error: ErrorObject | None) -> Details:
    return ExecutionStoppedDetails(error_of(error))


_Ending = Callable[[str | None, ErrorObject | None], Details]

# How an execution ends: the status of its EXECUTION operation, and the details of the event.
_ENDS: Final[dict[ExecutionStatus, tuple[OperationStatus, _Ending]]] = {
    ExecutionStatus.SUCCEEDED: (OperationStatus.SUCCEEDED, _succeeded),
    ExecutionStatus.FAILED: (OperationStatus.FAILED, _failed),
    ExecutionStatus.TIMED_OUT: (OperationStatus.TIMED_OUT, _timed_out),
    ExecutionStatus.STOPPED: (OperationStatus.STOPPED, _stopped),
}


def begin(origin: Origin, number: int, setting: Setting) -> Execution:
    """A new execution, with its EXECUTION operation and its first event; an invocation is owed."""
    execution = Execution(
        number=number,
        origin=origin,
        setting=setting,
        timeout_at=origin.started + origin.timeout_seconds,
    )
    operation = Operation(
        origin.id,
        OperationType.EXECUTION,
        OperationStatus.STARTED,
        origin.started,
        name=origin.name,
        execution_details=ExecutionDetails(origin.payload),
    )
    execution.ledger.add(operation)
    details = ExecutionStartedDetails(input_of(origin.payload), origin.timeout_seconds)
    execution.history.record(origin.started, details, operation)
    return execution
