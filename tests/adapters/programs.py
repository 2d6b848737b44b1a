"""How the tests write durable programs once for three runtimes: as coroutines.

On asyncio and trio they run as they are. In sync Python every operation is over when it
has been called, so a coroutine that awaits one never waits: `finish` runs it in one go.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar, TypeVarTuple, overload
from uuid import UUID

from perdure.batch_result import BatchResult
from perdure.checkpointed import CheckpointedResult
from perdure.models.operation import ErrorObject, Operation
from perdure.models.update import OperationUpdate
from perdure.operations.step import StepSemantics
from perdure.outbox import Ticket
from perdure.replay_logging import ContextLogger
from perdure.retries import RetryStrategy
from perdure.serdes import SerDes
from perdure.state import ExecutionState

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Context(Protocol):
    """The durable context, as all three adapters offer it."""

    @property
    def state(self) -> ExecutionState: ...

    def is_replaying(self) -> bool: ...

    @property
    def logger(self) -> ContextLogger: ...

    @overload
    def step(
        self,
        func: Callable[[*Ts], Awaitable[T]],
        *args: *Ts,
        name: str | None = ...,
        retry: RetryStrategy = ...,
        semantics: StepSemantics = ...,
        serdes: SerDes = ...,
        sub_type: str = ...,
    ) -> Awaitable[T]: ...

    @overload
    def step(
        self,
        func: Callable[[*Ts], T],
        *args: *Ts,
        name: str | None = ...,
        retry: RetryStrategy = ...,
        semantics: StepSemantics = ...,
        serdes: SerDes = ...,
        sub_type: str = ...,
    ) -> Awaitable[T]: ...

    def wait(self, duration: int | timedelta, *, name: str | None = None) -> Awaitable[None]: ...

    # What follows differs in types between sync and async; tests/typing has those.
    def run_in_child_context(self, *args: Any, **options: Any) -> Awaitable[Any]: ...

    def parallel(self, *args: Any, **options: Any) -> Awaitable[BatchResult[Any]]: ...

    def map(self, *args: Any, **options: Any) -> Awaitable[BatchResult[Any]]: ...

    def invoke(self, *args: Any, **options: Any) -> Awaitable[Any]: ...

    def wait_for_condition(self, *args: Any, **options: Any) -> Awaitable[Any]: ...

    def create_callback(self, *args: Any, **options: Any) -> Awaitable[Callback]: ...

    def wait_for_callback(self, *args: Any, **options: Any) -> Awaitable[Any]: ...

    def with_retry(self, *args: Any, **options: Any) -> Awaitable[Any]: ...

    # What these take is made by `later`.
    def gather(self, *operations: Any, name: str | None = None) -> Awaitable[Any]: ...

    def all_settled(self, *operations: Any) -> Awaitable[BatchResult[Any]]: ...

    def race(self, *operations: Any, name: str | None = None) -> Awaitable[Any]: ...

    def any(self, *operations: Any, name: str | None = None) -> Awaitable[Any]: ...

    def now(self) -> Awaitable[datetime]: ...

    def random(self) -> Awaitable[float]: ...

    def uuid(self) -> Awaitable[UUID]: ...

    def at_end(self, func: Any, *args: Any, **options: Any) -> None: ...

    def on_failure(self, func: Any, *args: Any, **options: Any) -> None: ...


class Callback(Protocol):
    """A callback that was created, as all three adapters offer it."""

    @property
    def id(self) -> str: ...

    def result(self) -> Awaitable[Any]: ...


class Session(Protocol):
    """An open execution, as all three adapters offer it."""

    @property
    def state(self) -> ExecutionState: ...

    @property
    def has_checkpoint_sender(self) -> bool: ...

    def checkpoint_sync(self, update: OperationUpdate) -> Awaitable[Ticket]: ...

    def checkpoint_async(self, update: OperationUpdate) -> Awaitable[Ticket]: ...

    def checkpoint_optimal(self, update: OperationUpdate) -> Awaitable[Ticket]: ...

    def create_checkpoint_with_response(
        self, update: OperationUpdate
    ) -> Awaitable[CheckpointedResult]: ...

    def complete_execution_success(self, result: str) -> Awaitable[None]: ...

    def complete_execution_failure(self, error: ErrorObject) -> Awaitable[None]: ...

    def load_all_operations(self) -> Awaitable[None]: ...

    def load_child_operations(self, parent_id: str | None) -> Awaitable[tuple[Operation, ...]]: ...

    def persist(self, ticket: Ticket) -> Awaitable[None]: ...


Program = Callable[[Any, Context], Awaitable[object]]


class Done(Awaitable[T], Generic[T]):
    """What a sync call returned, to be awaited without waiting."""

    def __init__(self, value: T) -> None:
        self._value = value

    def __await__(self) -> Generator[Any, Any, T]:
        yield from ()
        return self._value


def finish(awaitable: Awaitable[T]) -> T:
    """Run a coroutine that never waits."""

    async def whole() -> T:
        return await awaitable

    coroutine: Coroutine[Any, Any, T] = whole()
    try:
        coroutine.send(None)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        coroutine.close()
    raise AssertionError("a sync program waited")
