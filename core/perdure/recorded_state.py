"""What an invocation knows about its execution: a record to ask, with no conversation.

`ExecutionState` adds the conversation that fills it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .arn import ExecutionArn, parse_execution_arn
from .checkpointed import CheckpointedResult
from .errors import RemoteProtocolError
from .lineage import Lineage
from .models.enums import OperationType
from .models.operation import Operation
from .modes import CheckpointingMode
from .replay import ReplayStatus, ReplayTracker


class RecordedState:
    """The recorded operations, the replay status of each context, and the mode.

    Args:
        arn: the execution's ARN.
        mode: when callers wait for durability.
    """

    def __init__(self, arn: str, mode: CheckpointingMode) -> None:
        self._arn: Final = arn
        self._mode: Final = mode
        self._lineage: Final = Lineage()
        self._replay: Final = ReplayTracker(self._lineage)
        self.updated_operation_ids: tuple[str, ...] = ()
        """What the service moved since the last invocation, as it told this one."""

    # -- the execution -----------------------------------------------------------

    @property
    def durable_execution_arn(self) -> str:
        """The ARN as the service wrote it."""
        return self._arn

    @property
    def execution_arn(self) -> ExecutionArn:
        """The ARN, taken apart.

        Raises:
            ValidationError: it is malformed; the message names the part that is wrong.
        """
        return parse_execution_arn(self._arn)

    durable_execution_arn_typed = execution_arn

    @property
    def execution_operation(self) -> Operation | None:
        """The EXECUTION operation: the one named in the ARN, else the first of its type.

        None only while pages are missing, for it may come on a later one.
        """
        named = self._lineage.get(self._arn.rpartition("/")[2])
        if named is not None and named.type is OperationType.EXECUTION:
            return named
        return next((each for each in self._lineage if each.type is OperationType.EXECUTION), None)

    @property
    def execution_operation_id(self) -> str | None:
        """The id of the EXECUTION operation."""
        operation = self.execution_operation
        return None if operation is None else operation.id

    @property
    def original_input_raw(self) -> str | None:
        """The user's input as the JSON text that started the execution; None if it had none.

        Raises:
            RemoteProtocolError: no EXECUTION operation is recorded.
        """
        operation = self.execution_operation
        if operation is None:
            raise RemoteProtocolError("the state holds no EXECUTION operation")
        details = operation.execution_details
        return None if details is None else details.input_payload

    def get_original_input_raw(self) -> str | None:
        """See `original_input_raw`."""
        return self.original_input_raw

    # -- operations --------------------------------------------------------------

    @property
    def operations(self) -> Mapping[str, Operation]:
        """A view of everything that is loaded, by id, the EXECUTION included."""
        return self._lineage.by_id

    @property
    def operation_count(self) -> int:
        """How many operations are loaded, the EXECUTION included."""
        return len(self._lineage)

    def has_operation(self, operation_id: str) -> bool:
        """Whether anything is recorded under an id."""
        return operation_id in self._lineage

    def get_operation(self, operation_id: str) -> Operation | None:
        """What is recorded under an id."""
        return self._lineage.get(operation_id)

    def get_checkpoint_result(self, operation_id: str) -> CheckpointedResult:
        """What is recorded under an id, ready to be asked; also where nothing is."""
        return CheckpointedResult(self._lineage.get(operation_id))

    def add_operation(self, operation: Operation) -> None:
        """Record an operation by hand, for transports of one's own.

        Raises:
            LocalProtocolError: its id is taken.
        """
        self._lineage.add(operation)

    def update_operation(self, operation: Operation) -> Operation:
        """Replace a recorded operation by hand, and return the new one.

        Raises:
            LocalProtocolError: nothing is recorded under its id.
        """
        return self._lineage.update(operation)

    def get_child_operations(self, parent_id: str | None) -> tuple[Operation, ...]:
        """The recorded operations right below a context, in start order; None is the root."""
        return self._lineage.children(parent_id)

    def has_replay_children(self, operation_id: str) -> bool:
        """Whether a context ended with its children kept, to be run again over them."""
        operation = self._lineage.get(operation_id)
        details = None if operation is None else operation.context_details
        return details is not None and details.replay_children is True

    def mark_parent_done(self, context_id: str) -> None:
        """Declare a context over: every descendant is orphaned, begun or not."""
        self._lineage.mark_done(context_id)

    def is_parent_done(self, context_id: str) -> bool:
        """Whether a context was declared over or closed by a checkpoint of ours."""
        return self._lineage.is_done(context_id)

    def is_orphaned(self, operation_id: str) -> bool:
        """Whether any context that an operation lies in is over."""
        return self._lineage.is_below_done(self._lineage.parent_of(operation_id))

    # -- replay ------------------------------------------------------------------

    def replay_status(self, context_id: str | None = None) -> ReplayStatus:
        """Whether a context still repeats its history; None is the root."""
        return ReplayStatus.NEW if self._replay.is_new(context_id) else ReplayStatus.REPLAY

    def is_replay(self, context_id: str | None = None) -> bool:
        """Whether a context still repeats its history."""
        return not self._replay.is_new(context_id)

    def is_new(self, context_id: str | None = None) -> bool:
        """Whether a context went past its history."""
        return self._replay.is_new(context_id)

    def track_replay(self, operation_id: str, context_id: str | None = None) -> ReplayStatus:
        """Note that a context reached an operation; the first unrecorded one makes it new."""
        return self._replay.track(operation_id, context_id)

    # -- mode --------------------------------------------------------------------

    @property
    def checkpointing_mode(self) -> CheckpointingMode:
        """When callers wait for durability."""
        return self._mode

    @property
    def is_eager_checkpointing(self) -> bool:
        """Whether every update is a request of its own."""
        return self._mode is CheckpointingMode.EAGER

    @property
    def is_batched_checkpointing(self) -> bool:
        """Whether updates that queue up meanwhile share a request."""
        return self._mode is CheckpointingMode.BATCHED

    @property
    def is_optimistic_checkpointing(self) -> bool:
        """Whether results that can be computed again do not wait."""
        return self._mode is CheckpointingMode.OPTIMISTIC

    @property
    def should_use_async_checkpoint(self) -> bool:
        """Whether anything at all may be queued without waiting."""
        return not self.is_eager_checkpointing

    @property
    def prioritizes_performance(self) -> bool:
        """Whether the mode trades repeated work for latency."""
        return self.is_optimistic_checkpointing

    @property
    def prioritizes_durability(self) -> bool:
        """Whether the mode records each thing before the next one begins."""
        return self.is_eager_checkpointing
