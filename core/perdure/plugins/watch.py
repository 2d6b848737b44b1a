"""What is reported to plugins, and when.

An operation starts once in an invocation: when its START is queued, or when the function
reaches one that is still open from before. It ends once: when an answer shows it ended,
or when the function reaches one that the service ended between two invocations. Whatever
else is replayed is not reported.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

from ..checkpointed import CheckpointedResult
from ..errors import DurableError, OperationError, ValidationError, error_object
from ..models.enums import OperationStatus, OperationType
from ..models.invocation import InvocationOutput
from ..models.operation import ErrorObject, Operation
from ..recorded_errors import fit_error
from ..transitions import TERMINAL
from .dispatch import Dispatcher
from .hooks import PluginFactory
from .infos import (
    InvocationEndInfo,
    InvocationEndStatus,
    InvocationStartInfo,
    OperationChangeInfo,
    OperationEndInfo,
    OperationStartInfo,
    UserFunctionEndInfo,
    UserFunctionOutcome,
    UserFunctionStartInfo,
)

if TYPE_CHECKING:
    from ..recorded_state import RecordedState


class Called(Protocol):
    """What is known of an operation when it is called."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> OperationType: ...
    @property
    def sub_type(self) -> str: ...
    @property
    def name(self) -> str | None: ...
    @property
    def parent_id(self) -> str | None: ...


class Watch:
    """Reports one invocation to its plugins.

    Args:
        factories: what makes the plugins.
        state: the invocation, with all pages loaded.
        request_id: Lambda's.
        clock: tells the time, UNIX seconds.
    """

    def __init__(
        self,
        factories: Iterable[PluginFactory],
        state: RecordedState,
        request_id: str | None,
        clock: Callable[[], float],
    ) -> None:
        self._state: Final = state
        self._clock: Final = clock
        self._started: Final[set[str]] = set()
        self._born: Final[set[str]] = set()
        updated = {
            each: operation
            for each in state.updated_operation_ids
            if (operation := state.get_operation(each)) is not None
        }
        self._updated: Final = set(updated)
        execution = state.execution_operation
        details = None if execution is None else execution.execution_details
        self._invocation: Final = InvocationStartInfo(
            request_id=request_id,
            execution_arn=state.durable_execution_arn,
            is_first_invocation=len(state.operations) <= 1,
            execution_start_time=None if execution is None else _time(execution.start_timestamp),
            execution_input=None if details is None else details.input_payload,
            operations=state.operations,
            updated_operations=updated,
        )
        self._plugins: Final = Dispatcher(factories, self._invocation)

    # -- the invocation ------------------------------------------------------------

    def invocation_started(self) -> None:
        """User code is about to run."""
        self._plugins.tell(self._invocation)

    def invocation_ended(self, end: InvocationOutput | BaseException) -> None:
        """The answer is decided, or an error ends the invocation without one."""
        if isinstance(end, InvocationOutput):
            status, error, result = InvocationEndStatus(end.status.value), end.error, end.result
        else:
            status, result = InvocationEndStatus.RETRY, None
            error = _error(end) if isinstance(end, Exception) else None
        known = {
            each.name: getattr(self._invocation, each.name) for each in fields(self._invocation)
        }
        self._plugins.tell(
            InvocationEndInfo(**known, status=status, error=error, execution_result=result)
        )

    # -- operations ----------------------------------------------------------------

    def reached(self, this: Called, operation: Operation) -> None:
        """The function reached an operation that is recorded."""
        if operation.status in TERMINAL:
            if this.id in self._updated:
                self._updated.discard(this.id)
                self._ended(operation)
        elif operation.status != OperationStatus.READY:
            self._start(this, operation)

    def begun(self, this: Called, before: Operation | None) -> None:
        """The START of an operation was queued.

        Args:
            this: the call.
            before: what was recorded of it.
        """
        if before is None:
            self._born.add(this.id)
        self._start(this, before)

    def not_yet_ended(self, operations: Iterable[Operation]) -> list[Operation]:
        """Of the operations that an answer brings, those that it ends. Ask before merging."""
        return [
            each
            for each in operations
            if each.status in TERMINAL
            and not self._state.get_checkpoint_result(each.id).is_terminal
        ]

    def merged(self, operations: Iterable[Operation], ended: Iterable[Operation]) -> None:
        """An answer is merged.

        Args:
            operations: what it brought.
            ended: those of `not_yet_ended`.
        """
        brought = {each.id: each for each in operations}
        if brought and self._plugins.wants(OperationChangeInfo):
            self._plugins.tell(
                OperationChangeInfo(
                    execution_arn=self._state.durable_execution_arn,
                    updated_operations=brought,
                    operations=self._state.operations,
                )
            )
        for each in ended:
            if each.type is not OperationType.EXECUTION:
                self._updated.discard(each.id)
                self._ended(each)

    def trace_id(self, this: Called) -> str | None:
        """The trace header that plugins want passed on to another function."""
        return self._plugins.trace_id(self._start_info(this, None))

    # -- functions of the user's ------------------------------------------------------

    def function_started(
        self, this: Called, attempt: int, *, is_replay_children: bool
    ) -> UserFunctionStartInfo:
        """A body is about to run; hand what is returned to `function_ended`."""
        info = UserFunctionStartInfo(
            operation_id=this.id,
            operation_type=this.type,
            sub_type=this.sub_type,
            name=this.name,
            parent_id=this.parent_id,
            start_time=_time(self._clock()),
            attempt=attempt,
            is_replayed=this.id not in self._born,
            status=OperationStatus.STARTED,
            is_replay_children=is_replay_children,
        )
        self._plugins.tell(info)
        return info

    def function_ended(
        self, started: UserFunctionStartInfo, error: BaseException | None = None
    ) -> None:
        """A body ran, and raised `error` if one is given."""
        known = {each.name: getattr(started, each.name) for each in fields(started)}
        known["end_time"] = _time(self._clock())
        known["error"] = _error(error) if isinstance(error, Exception) else None
        self._plugins.tell(UserFunctionEndInfo(**known, outcome=_outcome(error)))

    # -- inside ------------------------------------------------------------------------

    def _start(self, this: Called, before: Operation | None) -> None:
        if this.id not in self._started:
            self._started.add(this.id)
            self._plugins.tell(self._start_info(this, before))

    def _start_info(self, this: Called, before: Operation | None) -> OperationStartInfo:
        details = None if before is None else before.step_details
        return OperationStartInfo(
            operation_id=this.id,
            operation_type=this.type,
            sub_type=this.sub_type,
            name=this.name,
            parent_id=this.parent_id,
            start_time=_time(self._clock() if before is None else before.start_timestamp),
            attempt=1 if details is None else details.attempt + 1,
            is_replayed=before is not None,
            status=OperationStatus.STARTED if before is None else before.status,
        )

    def _ended(self, operation: Operation) -> None:
        recorded = CheckpointedResult(operation)
        succeeded = recorded.is_succeeded
        end = operation.end_timestamp
        self._plugins.tell(
            OperationEndInfo(
                operation_id=operation.id,
                operation_type=operation.type,
                sub_type=operation.sub_type,
                name=operation.name,
                parent_id=operation.parent_id,
                start_time=_time(operation.start_timestamp),
                end_time=None if end is None else _time(end),
                # The error of an earlier attempt may still stand beside the result.
                result=recorded.result if succeeded else None,
                error=None if succeeded else recorded.error,
                attempt=max(1, recorded.attempt),
                is_replayed=operation.id not in self._born,
                status=operation.status,
            )
        )


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _outcome(error: BaseException | None) -> UserFunctionOutcome:
    if error is None:
        return UserFunctionOutcome.SUCCEEDED
    is_fault = isinstance(error, DurableError) and not isinstance(
        error, (OperationError, ValidationError)
    )
    if is_fault or not isinstance(error, Exception):
        return UserFunctionOutcome.INCOMPLETE
    return UserFunctionOutcome.FAILED


def _error(error: Exception) -> ErrorObject:
    return fit_error(error_object(error))
