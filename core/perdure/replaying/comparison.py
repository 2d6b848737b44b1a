"""What a function asks for, compared with what was recorded of an earlier run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NoReturn, assert_never

from ..errors import DurableError, ReplayError, Suspended
from ..identity import identity_of, where_of
from ..lineage import Lineage
from ..models.enums import ExecutionStatus, OperationAction, OperationStatus
from ..models.operation import ContextDetails
from ..models.update import OperationUpdate
from ..outcome import Failed, Outcome, Pending, Succeeded
from ..transitions import TERMINAL
from .findings import Findings, Place, Stop
from .recorded_end import Ending, RecordedEnd, failed, same_ending, succeeded

_NOTHING: Final[dict[str, str | None]] = dict.fromkeys(("type", "subtype", "name", "parent"))


class Comparison:
    """Compares one replay with its record.

    Args:
        lineage: what is recorded.
        execution_id: of the EXECUTION operation, for messages about the whole.
        end: how the execution ended, if it did.
        findings: filled as it goes.
        fail: makes an error stick, so that a function that swallows it gets no further.
    """

    def __init__(
        self,
        lineage: Lineage,
        execution_id: str,
        end: RecordedEnd | None,
        findings: Findings,
        fail: Callable[[DurableError], None],
    ) -> None:
        self._lineage: Final = lineage
        self._execution_id: Final = execution_id
        self._end: Final = end
        self._fail: Final = fail
        self.findings: Final = findings

    def called(self, operation_id: str, owner: str | None, position: int) -> None:
        """Note that the function called an operation, whether or not it will be run."""
        self.findings.places[operation_id] = Place(owner, position)

    def refuse_if_over(
        self, operation_id: str, parent_id: str | None, asked: Mapping[str, str | None]
    ) -> None:
        """The function waits for what is not recorded: may it, here?

        Raises:
            ReplayError: the context or the execution has ended, so the recorded run did
                not wait for it.
        """
        if not self._has_ended(parent_id):
            return
        recorded = self._lineage.get(operation_id)
        held: dict[str, str | None] = dict(_NOTHING)
        if recorded is not None:
            held = {**identity_of(recorded), "status": f"{recorded.status}, and not waited for"}
            asked = {**asked, "status": "waited for"}
        self._refuse(operation_id, held, asked, where_of(parent_id))

    def stopped(
        self, operation_id: str, asked: Mapping[str, str | None], unwinding: Suspended
    ) -> None:
        """The function is unwound at a place where the history goes on no further."""
        recorded = self._lineage.get(operation_id)
        status = None if recorded is None else str(recorded.status)
        self.findings.stops.append(Stop(operation_id, asked, status, unwinding))

    def closes(self, update: OperationUpdate) -> None:
        """The function ends a context: compare with how it ended, if it did.

        Raises:
            ReplayError: it ended otherwise, or more was done in it.
        """
        recorded = self._lineage.get(update.id)
        if recorded is None or recorded.status not in TERMINAL:
            return
        if update.action is OperationAction.FAIL:
            attempted = failed(update.error)
        else:
            attempted = succeeded(update.payload)
        self.refuse_unreached(update.id, attempted["error"])
        details = recorded.context_details or ContextDetails()
        if recorded.status == OperationStatus.SUCCEEDED:
            held = succeeded(details.result)
        else:
            held = failed(details.error)
        if not same_ending(held, attempted):
            where = f"the end of {recorded.name or f'context {recorded.id}'}"
            self._refuse(update.id, held, attempted, where)

    def refuse_unreached(self, context_id: str | None, error: str | None = None) -> None:
        """The function is at the end of a context: was all that is recorded asked for?

        Args:
            context_id: None is the root.
            error: why it is at its end, if it failed.

        Raises:
            ReplayError: something was not.
        """
        for child in self._lineage.children(context_id):
            if child.id not in self.findings.places:
                held = {**identity_of(child), "error": None}
                attempted = {**_NOTHING, "error": error}
                self._refuse(child.id, held, attempted, where_of(context_id))

    def ends(self, outcome: Outcome) -> None:
        """The function is over: compare with how the execution ended, if it did.

        Raises:
            ReplayError: it ended otherwise, or more was done in it.
        """
        attempted: Ending
        match outcome:
            case Pending():
                attempted = {"status": "PENDING", "result": None, "error": None}
            case Succeeded(result):
                attempted = succeeded(result)
            case Failed(error):
                attempted = failed(error)
            case _:
                assert_never(outcome)
        if not isinstance(outcome, Pending):
            self.refuse_unreached(None, attempted["error"])
        end = self._end
        if end is None or not end.by_function:
            return
        good = end.status is ExecutionStatus.SUCCEEDED
        held = succeeded(end.result) if good else failed(end.error)
        if not same_ending(held, attempted):
            self._refuse(self._execution_id, held, attempted, "the end of the function")

    def _refuse(
        self,
        operation_id: str,
        recorded: Mapping[str, str | None],
        attempted: Mapping[str, str | None],
        where: str,
    ) -> NoReturn:
        error = ReplayError(operation_id, recorded, attempted, where)
        self._fail(error)
        raise error

    def _has_ended(self, context_id: str | None) -> bool:
        seen: set[str | None] = set()
        while context_id not in seen:
            seen.add(context_id)
            operation = self._lineage.get(context_id or "")
            if operation is not None:
                if operation.status in TERMINAL:
                    return True
                context_id = operation.parent_id
        return self._end is not None and self._end.by_function
