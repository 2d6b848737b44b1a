"""What every operation has in common: who it is, and how it waits."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from types import coroutine
from typing import TYPE_CHECKING, Final, NoReturn, cast

from ..effects import Effect, Persist, flush, park
from ..errors import RemoteProtocolError, ReplayError, Suspended
from ..identity import check_identity
from ..models.drafts import draft_of
from ..models.enums import OperationAction, OperationStatus, OperationType
from ..models.operation import ErrorObject, Operation
from ..models.update import (
    CallbackOptions,
    ChainedInvokeOptions,
    ContextOptions,
    OperationUpdate,
    StepOptions,
    WaitOptions,
)
from ..modes import Need
from ..outbox import Ticket
from ..state import ExecutionState
from ..transitions import ON_REPLAY, OnReplay

_UpdateDraft: Final = draft_of(OperationUpdate)

# Asked at every operation, and looking up a member of an Enum costs more than the rest.
_BEGIN: Final = OnReplay.BEGIN
_CORRECTNESS: Final = Need.CORRECTNESS

if TYPE_CHECKING:
    from ..replaying.comparison import Comparison

_EFFECTS: Final = {
    (OperationType.STEP, OnReplay.BEGIN),
    (OperationType.STEP, OnReplay.RESUME),
}
"""What is recorded, and has a body to run all the same that is no code of a context."""


@dataclass(slots=True, eq=False)
class OperationCall:
    """One call of a durable operation: its place in the execution.

    Args:
        state: the invocation it happens in.
        id: its operation id, minted when it was called.
        parent_id: the context it belongs to on the wire; None at the root.
        name: its name, if it has one.
        type: what kind of operation it is.
        sub_type: its subtype on the wire.
    """

    state: ExecutionState
    id: str
    parent_id: str | None
    name: str | None
    type: OperationType
    sub_type: str

    def recorded(self) -> Operation | None:
        """What is recorded for this call.

        Raises:
            ReplayError: another operation is recorded in its place.
        """
        operation = self.state.look_up(self.id)
        if operation is None:
            return None
        try:
            check_identity(
                operation,
                type=self.type,
                sub_type=self.sub_type,
                name=self.name,
                parent_id=self.parent_id,
            )
        except ReplayError as error:
            # A function that swallows it must not go on beside its own history.
            self.state.fail(error)
            raise
        return operation

    async def find(self) -> tuple[Operation | None, OnReplay]:
        """What is recorded for this call, and what to do about it.

        Where the invocation only replays, nothing is ever to be begun or carried out:
        unless its code is that of a context, the flow stops here.

        Raises:
            ReplayError: another operation is recorded in its place.
            RemoteProtocolError: it is recorded in a status that its type cannot have.
        """
        comparison = self.state.comparison
        if comparison is None and self.state.look_up(self.id) is None:
            return None, _BEGIN
        operation, decision = self._find()
        if comparison is not None and (operation is None or (self.type, decision) in _EFFECTS):
            await self.stop(comparison)
        return operation, decision

    async def stop(self, comparison: Comparison) -> NoReturn:
        """The record goes on no further: park, and be unwound there.

        Raises:
            ReplayError: the recorded run did not wait here.
        """
        asked = {
            "type": str(self.type),
            "subtype": self.sub_type,
            "name": self.name,
            "parent": self.parent_id,
        }
        comparison.refuse_if_over(self.id, self.parent_id, asked)
        try:
            await park((self.id,), None)
        except Suspended as unwinding:
            comparison.stopped(self.id, asked, unwinding)
            raise
        # Nobody moves it, so it was woken because an error stuck.
        self.state.check_open()
        raise Suspended

    def _find(self) -> tuple[Operation | None, OnReplay]:
        operation = self.recorded()
        if operation is None:
            return None, _BEGIN
        # A status that this version does not know has no row either.
        decision = ON_REPLAY[self.type].get(cast("OperationStatus", operation.status))
        if decision is None:
            raise self.broken(f"a {self.type} cannot be {operation.status}: operation {self.id}")
        if self.state.watch is not None:
            self.state.watch.reached(self, operation)
        return operation, decision

    def send(
        self,
        action: OperationAction,
        need: Need,
        *,
        payload: str | None = None,
        error: ErrorObject | None = None,
        step_options: StepOptions | None = None,
        wait_options: WaitOptions | None = None,
        context_options: ContextOptions | None = None,
        callback_options: CallbackOptions | None = None,
        chained_invoke_options: ChainedInvokeOptions | None = None,
    ) -> Ticket:
        """Queue an update of this operation; see `ExecutionState.checkpoint`."""
        state = self.state
        update = _UpdateDraft(
            self.id,
            self.type,
            action,
            self.parent_id,
            self.name,
            self.sub_type,
            payload,
            error,
            context_options,
            step_options,
            wait_options,
            callback_options,
            chained_invoke_options,
        )
        update.__class__ = OperationUpdate
        ticket = state.checkpoint(update, sync=need in state.waits)
        if state.watch is not None and action is OperationAction.START:
            state.watch.begun(self, state.get_operation(self.id))
        return ticket

    def broken(self, what: str) -> RemoteProtocolError:
        """The service said what it cannot mean: nothing of this invocation counts any more.

        Raise what is returned. A function that swallows it goes on for nothing.
        """
        error = RemoteProtocolError(what)
        self.state.fail(error)
        return error

    def trace_id(self) -> str | None:
        """The trace header that plugins want passed on, if any does."""
        return None if self.state.watch is None else self.state.watch.trace_id(self)

    @coroutine
    def settle(self, ticket: Ticket, need: Need) -> Generator[Effect, object, None]:
        """Wait for an update as long as its need asks for in the mode of this invocation.

        Raises:
            RemoteProtocolError: the answer ought to hold this operation and does not.
        """
        state = self.state
        if need in state.waits:
            yield Persist(ticket)
            state.check_durable(ticket)
            # Others may have suspended the invocation meanwhile; then nobody goes on.
            if state.is_suspended:
                raise Suspended
            if need is _CORRECTNESS and state.look_up(self.id) is None:
                # Nobody could go on from there: it would be begun again for ever.
                raise self.broken(f"the answer does not hold operation {self.id}")

    async def wait_for_service(self, until: float | None) -> None:
        """Wait until the service has moved this operation.

        All that is queued becomes durable first, for the invocation may end here. The
        answers may settle the matter already; else the flow parks.
        """
        if self.state.comparison is not None:
            await self.stop(self.state.comparison)
        before = self.state.look_up(self.id)
        await flush(self.state)
        if self.state.look_up(self.id) is before:
            await park((self.id,), until)
