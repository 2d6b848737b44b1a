"""What every runtime's context has in common: ids, ownership, and checked arguments.

A context mints the id of an operation when its method is called, so ids follow from the
order of calls in the program, whatever the runtime does with the awaitables. That holds
for one flow only. So a context belongs to the flow (task or thread) that it was made in,
and refuses every other.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Generic, Self, TypeVar, cast

from .admission import is_name, is_sub_type
from .batch_result import BatchResult
from .effects import Effect
from .errors import ConcurrencyError, LocalProtocolError, ValidationError
from .identity import is_same
from .misuse import BUSY, FOREIGN_FLOW, IN_A_STEP
from .models.enums import OperationStatus, OperationType
from .models.operation import Operation
from .operations import (
    batch,
    callback,
    child,
    invoke,
    step,
    wait,
    wait_for_callback,
    wait_for_condition,
)
from .operations.batch import BatchConfig, BatchKind
from .operations.call import OperationCall
from .operations.callback import CallbackConfig
from .operations.child import ChildConfig
from .operations.invoke import InvokeConfig
from .operations.step import StepConfig
from .places import Places
from .replay_logging import LOGGER_NAME, ContextLogger
from .running import running_context, running_in, running_step
from .serdes import SerDes
from .state import ExecutionState
from .waits import WaitStrategy

T = TypeVar("T")

# Asked at every call, and looking up a member of an Enum costs more than the comparison.
_STEP: Final = OperationType.STEP
_SUCCEEDED: Final = OperationStatus.SUCCEEDED


@dataclass(frozen=True, slots=True)
class Branch(Generic[T]):
    """A branch of a `parallel` with a name of its own.

    Args:
        func: of the branch's context.
        name: shown in the history.
    """

    func: Callable[[Any], Awaitable[T] | T]
    name: str | None = None


def check_name(name: str | None) -> None:
    """Refuse a name that the service would refuse.

    Raises:
        ValidationError: it is not acceptable.
    """
    if name is not None and not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]  # user input
        raise ValidationError(f"a name is a text, not {type(name).__name__}")
    if name and not is_name(name):
        raise ValidationError(f"a name is 1 to 256 printable ASCII characters: {name!r}")


def check_sub_type(sub_type: str) -> None:
    """Refuse a subtype that the service would refuse.

    Raises:
        ValidationError: it is not acceptable.
    """
    if not (isinstance(sub_type, str) and is_sub_type(sub_type)):  # pyright: ignore[reportUnnecessaryIsInstance]  # user input
        raise ValidationError(f"a subtype is 1 to 32 of a-z, A-Z, 0-9, - and _: {sub_type!r}")


class BaseContext(ABC):
    """The durable operations of one flow, as coroutines for the runtime to drive.

    Args:
        state: the invocation.
        flow: tells which flow is running now; asked at every call.
        draw: gives a random number in [0, 1).
        prefix: the id of the operation that owns this context; None is the root.
        parent_id: what its operations name as their parent on the wire.
    """

    def __init__(
        self,
        state: ExecutionState,
        *,
        flow: Callable[[], object],
        draw: Callable[[], float],
        prefix: str | None = None,
        parent_id: str | None = None,
    ) -> None:
        self._state: Final = state
        self._flow: Final = flow
        self._owner: Final = flow()
        self._draw: Final = draw
        self._parent_id: Final = parent_id
        self._places: Final = Places(state, prefix, parent_id)
        self._logger: logging.Logger | None = None
        self._is_busy = False

    @abstractmethod
    def open(self, prefix: str, parent_id: str | None) -> Self:
        """A context for what is inside of an operation. It belongs to the flow running now.

        Args:
            prefix: the id of the operation that owns it.
            parent_id: what its operations name as their parent on the wire.
        """

    @property
    def state(self) -> ExecutionState:
        """The invocation's state: what is recorded, and the conversation with the service."""
        return self._state

    def here(self) -> Self:
        """The context of this invocation whose code runs now; itself if that is none.

        What takes no place in the history, as the answer to a callback, may be waited for in
        any flow of the invocation: it waits as that flow.
        """
        running = running_context.get(None)
        if isinstance(running, type(self)) and running._state is self._state:
            return running
        return self

    def is_replaying(self) -> bool:
        """Whether this context still repeats its history."""
        return self._places.is_replaying

    @property
    def logger(self) -> ContextLogger:
        """A logger that is silent while this context replays; see `ContextLogger`."""
        return ContextLogger(self._logger or logging.getLogger(LOGGER_NAME), self)

    def set_logger(self, logger: logging.Logger) -> None:
        """Let `logger` write to another one, here and in contexts that are opened below.

        Args:
            logger: any object with the methods of `logging.Logger`.
        """
        self._logger = logger

    def log_fields(self) -> dict[str, object]:
        """The fields of each log record that say where it was written."""
        fields: dict[str, object] = {"executionArn": self._state.durable_execution_arn}
        if self._parent_id is not None:
            fields["parentId"] = self._parent_id
        return fields

    def begin_step(
        self,
        func: Callable[..., Awaitable[T] | T],
        args: tuple[Any, ...],
        name: str | None,
        config: StepConfig,
    ) -> Coroutine[Effect, object, T]:
        """Check the arguments of a step and mint its id."""
        self._check_function(func, "a step")
        recorded = self._places.ahead
        if recorded is not None and self._is_done(recorded, _STEP, config.sub_type, name):
            self.check_flow()
            self._state.check_open()
            self._places.pass_by()
            return step.replay_step(self._state, recorded, config.serdes)
        this = self._begin(_STEP, config.sub_type, name)
        return step.run_step(this, config, self._draw, func, args)

    def begin_wait(
        self, duration: int | timedelta, name: str | None
    ) -> Coroutine[Effect, object, None]:
        """Check the arguments of a wait and mint its id."""
        seconds = wait.whole_seconds(duration)
        return wait.run_wait(self._begin(OperationType.WAIT, wait.SUB_TYPE, name), seconds)

    def begin_child(
        self, func: Callable[..., Any], args: tuple[Any, ...], name: str | None, config: ChildConfig
    ) -> Coroutine[Effect, object, Any]:
        """Check the arguments of a child context and mint its id."""
        self._check_function(func, "a child context")
        this = self._begin(OperationType.CONTEXT, config.sub_type, name, traceless=config.virtual)
        is_replaying = self.is_replaying()

        def body() -> Awaitable[Any]:
            # Opened when it begins: it belongs to the flow that runs it, maybe another one.
            context = self.open(this.id, self._parent_id if config.virtual else this.id)
            context._inherit(self, is_replaying)
            return running_in(context, func, context, *args)

        return child.run_child(this, config, body)

    def begin_callback(
        self, name: str | None, config: CallbackConfig
    ) -> tuple[OperationCall, Coroutine[Effect, object, str]]:
        """Check the arguments of a callback and mint its id."""
        this = self._begin(OperationType.CALLBACK, config.sub_type or callback.SUB_TYPE, name)
        return this, callback.create_callback(this, config)

    def begin_wait_for_callback(
        self,
        submitter: Callable[[str], Any],
        name: str | None,
        config: CallbackConfig,
        submit: StepConfig,
    ) -> Coroutine[Effect, object, Any]:
        """Check the arguments of a wait for a callback and mint its id."""
        self._check_function(submitter, "a wait for a callback")
        sub_type = config.sub_type or wait_for_callback.SUB_TYPE
        this = self._begin(OperationType.CONTEXT, sub_type, name)
        names = wait_for_callback.inner_names(this.name)
        inner = self.open(this.id, this.id)
        return wait_for_callback.run_wait_for_callback(
            this,
            inner._begin(OperationType.CALLBACK, callback.SUB_TYPE, names[0]),
            inner._begin(OperationType.STEP, step.SUB_TYPE, names[1]),
            config,
            submit,
            self._draw,
            submitter,
        )

    def begin_invoke(
        self, function_name: str, payload: Any, name: str | None, config: InvokeConfig
    ) -> Coroutine[Effect, object, Any]:
        """Check the arguments of an invocation of another function and mint its id."""
        invoke.check_target(function_name, config)
        this = self._begin(OperationType.CHAINED_INVOKE, invoke.SUB_TYPE, name)
        return invoke.run_invoke(this, config, function_name, payload)

    def begin_wait_for_condition(
        self,
        check: Callable[[Any], Any],
        initial: Any,
        strategy: WaitStrategy,
        name: str | None,
        serdes: SerDes,
    ) -> Coroutine[Effect, object, Any]:
        """Check the arguments of a wait for a condition and mint its id."""
        self._check_function(check, "a wait for a condition")
        self._check_function(strategy, "the strategy of a wait for a condition")
        this = self._begin(OperationType.STEP, wait_for_condition.SUB_TYPE, name)
        return wait_for_condition.run_wait_for_condition(
            this, serdes, self._draw, check, initial, strategy
        )

    def begin_map(
        self,
        items: Iterable[Any],
        func: Callable[..., Any],
        name: str | None,
        config: BatchConfig,
        item_namer: Callable[[Any, int], str] | None,
    ) -> Coroutine[Effect, object, BatchResult[Any]]:
        """Check the arguments of a map and mint its id."""
        self._check_function(func, "a map")
        inputs = tuple(items)
        names = [
            f"{batch.MAP.branch_name}{index}" if item_namer is None else item_namer(item, index)
            for index, item in enumerate(inputs)
        ]
        return self._begin_batch(
            batch.MAP, names, lambda ctx, index: func(ctx, inputs[index], index), name, config
        )

    def begin_parallel(
        self,
        branches: Sequence[Callable[..., Any] | Branch[Any]],
        name: str | None,
        config: BatchConfig,
    ) -> Coroutine[Effect, object, BatchResult[Any]]:
        """Check the arguments of a parallel and mint its id."""
        funcs: list[Callable[..., Any]] = []
        names: list[str] = []
        for index, each in enumerate(branches):
            named: Branch[Any] = cast("Any", each) if isinstance(each, Branch) else Branch(each)
            self._check_function(named.func, "a branch")
            funcs.append(named.func)
            names.append(named.name or f"{batch.PARALLEL.branch_name}{index}")
        return self._begin_batch(
            batch.PARALLEL, names, lambda ctx, index: funcs[index](ctx), name, config
        )

    def _begin_batch(
        self,
        kind: BatchKind,
        names: Sequence[str],
        body: Callable[[Any, int], Any],
        name: str | None,
        config: BatchConfig,
    ) -> Coroutine[Effect, object, BatchResult[Any]]:
        config.check(len(names))
        for each in names:
            check_name(each)
        this = self._begin(OperationType.CONTEXT, kind.sub_type, name)
        return batch.run_batch(this, kind, config, names, body, self._open_branch)

    def _open_branch(self, prefix: str, parent_id: str) -> Self:
        branch = self.open(prefix, parent_id)
        # What shows that a branch was begun is its own record or, without one, what it did.
        branch._inherit(
            self,
            self.is_replaying()
            and (self._state.has_operation(prefix) or branch._places.has_next()),
        )
        return branch

    def _inherit(self, outer: BaseContext, is_replaying: bool) -> None:
        self._logger = outer._logger
        self._places.is_replaying = is_replaying

    def enter(self, operation: Coroutine[Effect, object, object] | None = None) -> None:
        """An operation of this context begins to run; `leave` when it is over.

        Args:
            operation: its coroutine, which is closed where it must not run.

        Raises:
            ConcurrencyError: another flow has it, or another operation runs in it.
        """
        refused = FOREIGN_FLOW if self._flow() != self._owner else BUSY if self._is_busy else None
        if refused is not None:
            if operation is not None:
                operation.close()
            raise ConcurrencyError(refused)
        self._is_busy = True

    def leave(self) -> None:
        """The operation is over, however it ended."""
        self._is_busy = False
        self._places.look_ahead()

    def check_flow(self) -> None:
        """Refuse a call that would have another place in another run.

        Raises:
            ConcurrencyError: another flow has the context, or an operation runs in it.
            LocalProtocolError: it comes from the body of a step.
        """
        if self._flow() != self._owner:
            raise ConcurrencyError(FOREIGN_FLOW)
        if self._is_busy:
            raise ConcurrencyError(BUSY)
        if running_step.get(None) is not None:
            # A replay skips the body, so every later id would be another one.
            raise LocalProtocolError(IN_A_STEP)

    @staticmethod
    def _check_function(func: object, what: str) -> None:
        if not callable(func):
            raise ValidationError(f"{what} takes a function, not {type(func).__name__}")

    def _is_done(
        self, recorded: Operation, kind: OperationType, sub_type: str, name: str | None
    ) -> bool:
        # Whatever is not as usual goes the long way: it says what is wrong, and to whom.
        return (
            recorded.status is _SUCCEEDED
            and is_same(recorded, kind, sub_type, name or None, self._parent_id)
            and self._state.watch is None
            and self._state.comparison is None
        )

    def _begin(
        self, kind: OperationType, sub_type: str, name: str | None, *, traceless: bool = False
    ) -> OperationCall:
        check_name(name)
        check_sub_type(sub_type)
        self.check_flow()
        self._state.check_open()
        identity = self._places.take(kind, traceless=traceless)
        this = OperationCall(self._state, identity, self._parent_id, name or None, kind, sub_type)
        if self._state.comparison is not None:
            self._state.comparison.called(identity, *self._places.latest)
            if not traceless:
                # The loser of a race is not run again; compared it is.
                this.recorded()
        return this
