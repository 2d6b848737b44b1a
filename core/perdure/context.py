"""What every runtime's context has in common: ids, ownership, and checked arguments.

A context mints the id of an operation when its method is called, so ids follow from the
order of calls in the program, whatever the runtime does with the awaitables. That holds
for one flow only. So a context belongs to the flow (task or thread) that it was made in,
and refuses every other.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, Final, TypeVar

from .effects import Effect
from .errors import ConcurrencyError, LocalProtocolError, ValidationError
from .ids import operation_id
from .models.enums import OperationType
from .operations import step, wait
from .operations.call import OperationCall
from .operations.step import StepConfig
from .state import ExecutionState
from .step_context import running_step

T = TypeVar("T")


class BaseContext:
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
        self._prefix: Final = prefix
        self._parent_id: Final = parent_id
        self._position = 0

    @property
    def state(self) -> ExecutionState:
        """The invocation's state: what is recorded, and the conversation with the service."""
        return self._state

    def is_replaying(self) -> bool:
        """Whether this context still repeats its history."""
        return self._state.is_replay(self._parent_id)

    def check_owner(self) -> None:
        """Refuse a foreign flow.

        Raises:
            ConcurrencyError: another task or thread than the context's own is running.
        """
        if self._flow() != self._owner:
            raise ConcurrencyError(
                "a durable context was used from a task or thread that does not own it "
                "(gather, create_task, start_soon, a thread): the order of its operations "
                "would differ from run to run. Await one operation after the other in the "
                "flow that got the context."
            )

    def begin_step(
        self,
        func: Callable[..., Awaitable[T] | T],
        args: tuple[Any, ...],
        name: str | None,
        config: StepConfig,
    ) -> Coroutine[Effect, object, T]:
        """Check the arguments of a step and mint its id."""
        if not callable(func):
            raise ValidationError(f"a step takes a function, not {type(func).__name__}")
        call = self._begin(OperationType.STEP, step.SUB_TYPE, name)
        return step.run_step(call, config, self._draw, func, args)

    def begin_wait(
        self, duration: int | timedelta, name: str | None
    ) -> Coroutine[Effect, object, None]:
        """Check the arguments of a wait and mint its id."""
        seconds = wait.whole_seconds(duration)
        return wait.run_wait(self._begin(OperationType.WAIT, wait.SUB_TYPE, name), seconds)

    def _begin(self, kind: OperationType, sub_type: str, name: str | None) -> OperationCall:
        if name and not (len(name) <= 256 and name.isascii() and name.isprintable()):
            raise ValidationError(f"a name is 1 to 256 printable ASCII characters: {name!r}")
        self.check_owner()
        if running_step.get(None) is not None:
            # A replay skips the body, so every later id would be another one.
            raise LocalProtocolError("no durable operation can begin in the body of a step")
        self._state.check_open()
        self._position += 1
        identity = operation_id(self._position, self._prefix)
        if not self._state.has_operation(identity):
            self._state.track_replay(identity, self._parent_id)
        return OperationCall(self._state, identity, self._parent_id, name or None, kind, sub_type)
