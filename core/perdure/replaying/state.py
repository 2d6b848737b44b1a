"""The state of an invocation that only replays: no update leaves it, each one is compared."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from ..admission import admit
from ..errors import DurableError, LocalProtocolError, ReplayError
from ..models.enums import OperationAction, OperationStatus, OperationType
from ..models.invocation import InvocationOutput
from ..models.update import OperationUpdate
from ..modes import CheckpointingMode
from ..outbox import Ticket
from ..outcome import Outcome
from ..state import ExecutionState
from .comparison import Comparison
from .invocation import RecordedInvocation

_ENDS: Final = {
    (kind, action)
    for kind in (OperationType.CONTEXT, OperationType.EXECUTION)
    for action in (OperationAction.SUCCEED, OperationAction.FAIL)
}


class ReplayOnlyState(ExecutionState):
    """An `ExecutionState` whose conversation is over before it begins.

    It has nothing to send, ever. With `comparison` set, an operation that is not over in
    the record stops its flow (see `OperationCall.find`), so the updates that arrive here
    are the ends of contexts. They count as durable at once.

    Args:
        invocation: the record.
        mode: as the handler was decorated.
    """

    def __init__(self, invocation: RecordedInvocation, mode: CheckpointingMode) -> None:
        super().__init__(
            invocation.durable_execution_arn,
            invocation.checkpoint_token,
            invocation.initial_execution_state,
            mode=mode,
        )
        self._findings: Final = invocation.findings
        self._comparison: Final = Comparison(
            self._lineage,
            self.execution_operation_id or "",
            invocation.end,
            invocation.findings,
            self.fail,
        )
        self.comparison = self._comparison

    def checkpoint(self, update: OperationUpdate, *, sync: bool = True) -> Ticket:
        """Compare the end of a context with the recorded one; nothing is queued.

        Raises:
            ReplayError: it ended otherwise. It sticks.
            LocalProtocolError: it is no end. It sticks.
            DurableError: see `ExecutionState.checkpoint`.
        """
        self.check_open()
        if (update.type, update.action) not in _ENDS:
            # Nothing is begun where `OperationCall.find` stops; this is the second lock.
            refused = LocalProtocolError(f"a replay cannot {update.action} a {update.type}")
            self.fail(refused)
            raise refused
        # A body that ended with too large a result does so again.
        admit(update, (update.type, OperationStatus.STARTED))
        if update.type is OperationType.CONTEXT:
            self._comparison.closes(update)
        return Ticket(self._outbox.confirmed)

    def poll_at(self, when: float) -> None:
        """Nobody is asked for news."""

    def fail(self, error: DurableError) -> None:
        """Make an error stick, and note it."""
        if self._error is None:
            if isinstance(error, ReplayError):
                self._findings.divergence = error
            else:
                self._findings.fault = error
        super().fail(error)

    def close(self, outcome: Outcome) -> InvocationOutput:
        """End the replay, and compare its outcome with the recorded one."""
        self._findings.outcome = outcome
        if self._error is None:
            # It sticks, and closing says what becomes of it.
            with suppress(ReplayError):
                self._comparison.ends(outcome)
        return super().close(outcome)
