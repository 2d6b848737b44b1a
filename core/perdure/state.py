"""ExecutionState: the client's side of one invocation, as a machine without I/O.

Theory of operation
===================

One invocation of a durable function talks to the service in a single conversation. It
begins with the recorded operations (perhaps in several pages), goes on with checkpoints,
and ends with an answer: SUCCEEDED, FAILED or PENDING. This class is that conversation.
Who drives it feeds it what arrived and asks it what to send:

    page_to_request()    -> the next GetDurableExecutionState request, or None
    request_to_send(now) -> the next CheckpointDurableExecution request, or None
    receive_page(), receive_response(), request_failed()     what came back
    next_deadline(), handle_timer(now)                       when to look again

Three rules carry the rest.

*Tokens are a chain.* Each answer brings the token of the next request, and a token is
good for one. So at most one request is in flight, whoever queued the updates in it, and
a request that failed is sent again unchanged: same token, same client token, same bytes.
The service answers a repetition as it answered the first time, so a lost answer costs
nothing.

*Apply first, then settle.* An answer holds every operation that changed since the last
one, the caller's own and those that timers and outsiders moved meanwhile. All of it,
further pages included, is merged before any ticket becomes durable. Who waits for a
ticket may therefore look at the record and trust it.

*Errors stick.* Once a request has failed for good, every later call raises the same
error. A function that swallows it cannot run on into work that will never be recorded.

Suspension is a state too: after `suspend`, every durable call raises `Suspended` again,
whatever the function did with the first one.
"""

from __future__ import annotations

from typing import Final

from .admission import admit
from .batching import Batcher
from .checkpointed import CheckpointedResult
from .conversation import Conversation, Phase
from .delivery import RequestRetries
from .errors import Closed, LocalProtocolError, OrphanedError, Suspended
from .models.checkpoint import StatePage
from .models.enums import OperationAction, OperationStatus, OperationType
from .models.invocation import InvocationOutput
from .models.operation import Operation
from .models.update import OperationUpdate
from .modes import WAITS, CheckpointingMode, Need
from .outbox import Ticket
from .outcome import Outcome, Pending, output_for, output_for_error
from .replay import ReplayStatus

__all__ = ["ExecutionState", "Phase", "Ticket"]

# Asked at every call, and looking up a member of an Enum costs more than the comparison.
_CLOSED: Final = Phase.CLOSED
_LOADING: Final = Phase.LOADING
_CONTEXT: Final = OperationType.CONTEXT
_EXECUTION: Final = OperationType.EXECUTION
_START: Final = OperationAction.START


class ExecutionState(Conversation):
    """The state of one invocation. Owned by one flow of control at a time; it has no lock.

    Args:
        arn: the execution's ARN.
        token: the invocation's first checkpoint token.
        initial_state: the first page of operations, from the invocation event.
        mode: when callers wait for durability.
        batcher: the limits of one request.
        retries: how failed requests are repeated.
        deadline: UNIX seconds after which nothing is repeated, for the invocation ends.

    If the first page has a marker, fetch the others (`page_to_request`, `receive_page`)
    before anything else.
    """

    def __init__(
        self,
        arn: str,
        token: str,
        initial_state: StatePage,
        *,
        mode: CheckpointingMode = CheckpointingMode.BATCHED,
        batcher: Batcher | None = None,
        retries: RequestRetries | None = None,
        deadline: float | None = None,
    ) -> None:
        super().__init__(
            arn,
            token,
            initial_state,
            mode=mode,
            batcher=batcher,
            retries=retries,
            deadline=deadline,
        )
        self._is_eager: Final = mode is CheckpointingMode.EAGER
        self.waits: Final = WAITS[mode]
        """The needs whose caller waits, in this mode."""

    def __repr__(self) -> str:
        return (
            f"<ExecutionState {self._arn} {self._phase} operations={len(self._lineage)} "
            f"queued={len(self._outbox)} in_flight={self.is_in_flight}>"
        )

    # -- queue -------------------------------------------------------------------

    def checkpoint(self, update: OperationUpdate, *, sync: bool = True) -> Ticket:
        """Queue an update. The one point of admission.

        It does not send anything: ask `request_to_send` next.

        Args:
            update: what to record.
            sync: whether somebody is going to wait for it, so that it leaves at once.
                In EAGER mode somebody always is.

        Returns:
            The ticket, for `is_durable`.

        Raises:
            Suspended: the invocation is suspending; let it pass.
            Closed: the invocation, or the execution, has ended.
            OrphanedError: the context it belongs to has ended.
            UpdateTooLargeError: its payload is above the service's limit.
            SerDesError: a text in it cannot be written as UTF-8.
            LocalProtocolError: the service would refuse it.
            ServiceError: a request failed earlier, for good.
        """
        self.check_open()
        lineage, outbox = self._lineage, self._outbox
        if update.parent_id is not None and lineage.is_below_done(update.parent_id):
            raise OrphanedError(f"the context of operation {update.id} has ended")
        known = outbox.expected.get(update.id) or self._standing(update.id)
        text, leads_to = admit(update, known)
        if update.type is _CONTEXT:
            if update.action is _START:
                lineage.announce(update.id, update.parent_id)
            else:
                lineage.mark_done(update.id)
        elif update.type is _EXECUTION:
            self._finishing = True
        ticket = outbox.push(update, text, leads_to)
        if sync or self._is_eager:
            outbox.wait_for(ticket)
        return ticket

    def poll(self) -> Ticket:
        """Queue an empty checkpoint, which brings news; polls coalesce."""
        self.check_open()
        return self._outbox.poll()

    def flush(self) -> Ticket:
        """Make everything queued leave without delay; wait for the ticket before PENDING.

        Once the state is closed nothing leaves any more, and there is nothing to wait for.
        """
        if self._phase is Phase.CLOSED:
            return Ticket(self._outbox.confirmed)
        self._outbox.wait_for(self._outbox.last_ticket)
        return self._outbox.last_ticket

    def wait_for(self, ticket: Ticket) -> None:
        """Say that somebody waits for a ticket that was queued without `sync`."""
        self._outbox.wait_for(ticket)

    # -- queries -----------------------------------------------------------------

    @property
    def queued_updates(self) -> int:
        """How many updates wait to be sent: slow down those who add, above a limit."""
        return len(self._outbox)

    @property
    def has_full_request(self) -> bool:
        """Whether as many updates are queued as the next request takes, whatever their size."""
        return self._outbox.is_full

    @property
    def is_suspended(self) -> bool:
        """Whether the invocation is on its way to PENDING."""
        return self._suspended

    def waits_for(self, need: Need) -> bool:
        """Whether the caller of an update with this need waits for it, in this mode."""
        return need in self.waits

    def check_open(self) -> None:
        """Raise what stands against a further durable call, if anything does.

        Raises:
            ServiceError, RemoteProtocolError: the sticky error.
            Closed: the invocation, or the execution, has ended.
            Suspended: the invocation is suspending.
            LocalProtocolError: pages are missing.
        """
        if self._error is not None:
            raise self._error
        if self._phase is _CLOSED:
            raise Closed("the invocation is over")
        if self._suspended:
            raise Suspended
        if self._finishing:
            raise Closed("the execution has ended")
        if self._phase is _LOADING:
            raise LocalProtocolError("load all pages before any durable call")

    def is_durable(self, ticket: Ticket) -> bool:
        """Whether an update is recorded and everything that came with the answer is merged.

        Raises:
            Suspended: the service withdrew the invocation's right to write: it is not.
            ServiceError: it is not recorded, and never will be by this invocation.
        """
        if ticket <= self._outbox.confirmed:
            return True
        self._check_error()
        if self._revoked:
            raise Suspended
        return False

    def check_durable(self, ticket: Ticket) -> None:
        """Raise, as `is_durable` does, unless an update that is settled is recorded."""
        if ticket > self._outbox.confirmed:
            self.is_durable(ticket)

    def is_settled(self, ticket: Ticket) -> bool:
        """Whether `is_durable` has an answer: it is, or it never will be."""
        return ticket <= self._outbox.confirmed or self._error is not None or self._revoked

    def look_up(self, operation_id: str) -> Operation | None:
        """What is recorded under an id. Raises the sticky error if there is one."""
        if self._error is not None:
            raise self._error
        return self._lineage.get(operation_id)

    def recorded(self, operation_id: str) -> CheckpointedResult:
        """As `look_up`, ready to be asked; also where nothing is recorded."""
        return CheckpointedResult(self.look_up(operation_id))

    def expected_status(self, operation_id: str) -> OperationStatus | str | None:
        """The status of an operation once all that is queued for it is applied."""
        expected = self._outbox.expected.get(operation_id) or self._standing(operation_id)
        return None if expected is None else expected[1]

    def _standing(
        self, operation_id: str
    ) -> tuple[OperationType | str, OperationStatus | str] | None:
        operation = self._lineage.get(operation_id)
        return None if operation is None else (operation.type, operation.status)

    def track_replay(self, operation_id: str, context_id: str | None = None) -> ReplayStatus:
        """Note that a context reached an operation; the first unrecorded one makes it new."""
        status = super().track_replay(operation_id, context_id)
        if context_id is None and status is ReplayStatus.NEW and self._phase is Phase.REPLAYING:
            self._phase = Phase.RUNNING
        return status

    # -- the end -----------------------------------------------------------------

    def suspend(self) -> None:
        """Nothing can move until the service invokes again: every durable call now raises."""
        self._suspended = True

    def finish(self) -> None:
        """The function has ended: whoever still runs for it, as a thread may, records no more.

        Flush afterwards, then close.
        """
        self._finishing = True

    def close(self, outcome: Outcome) -> InvocationOutput:
        """End the invocation and say what to answer. Every later call raises Closed.

        Flush first: whatever is queued must be durable. What was decided before counts
        more than the outcome: an error that stuck, a withdrawn token (PENDING), an
        execution that its own checkpoint ended (the answer then holds no payload, for
        the recorded one counts).

        Args:
            outcome: what the function came to.

        Raises:
            ServiceError: it stuck, and the invocation is to be repeated: let it out of the
                Lambda handler.
            LocalProtocolError: something is still queued or in flight.
            Closed: it is closed already.
        """
        if self._phase is Phase.CLOSED:
            raise Closed("the invocation is over")
        if self._error is None and not self._revoked and self.has_pending:
            raise LocalProtocolError("flush before closing: updates are not durable yet")
        self._phase = Phase.CLOSED
        if self._error is not None:
            return output_for_error(self._error)
        return output_for(Pending() if self._revoked else outcome, finished=self._finished)
