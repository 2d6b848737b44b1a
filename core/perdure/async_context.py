"""The durable context for async functions. It imports no runtime."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from datetime import timedelta
from typing import Any, Final, Generic, TypeVar, TypeVarTuple, overload

from .async_execution import AsyncExecution
from .context import BaseContext
from .drive import drive_async
from .effects import Effect
from .operations.step import StepConfig, StepSemantics
from .retries import DEFAULT, RetryStrategy
from .serdes import TAGGED, SerDes

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class DurableOperation(Generic[T], Awaitable[T]):
    """A durable operation that was called: await it, in the task that called it."""

    __slots__ = ("_context", "_operation")

    def __init__(self, context: AsyncContext, operation: Coroutine[Effect, object, T]) -> None:
        self._context: Final = context
        self._operation: Final = operation

    def __await__(self) -> Generator[Any, Any, T]:
        try:
            self._context.check_owner()
        except BaseException:
            self._operation.close()
            raise
        return drive_async(self._operation, self._context.execution.perform).__await__()


class AsyncContext(BaseContext):
    """What a durable function does its durable work with.

    It belongs to the task that runs the function. Its methods are plain functions that
    take their place in the execution at once; the work begins when they are awaited.

    Args:
        execution: the invocation.
        lambda_context: Lambda's own context object.
        flow: tells which task is running.
        draw: gives a random number in [0, 1).
    """

    def __init__(
        self,
        execution: AsyncExecution,
        lambda_context: Any,
        *,
        flow: Callable[[], object],
        draw: Callable[[], float],
    ) -> None:
        super().__init__(execution.state, flow=flow, draw=draw)
        self.execution: Final = execution
        self.lambda_context: Final = lambda_context

    @overload
    def step(
        self,
        func: Callable[[*Ts], Awaitable[T]],
        *args: *Ts,
        name: str | None = ...,
        retry: RetryStrategy = ...,
        semantics: StepSemantics = ...,
        serdes: SerDes = ...,
    ) -> DurableOperation[T]: ...

    @overload
    def step(
        self,
        func: Callable[[*Ts], T],
        *args: *Ts,
        name: str | None = ...,
        retry: RetryStrategy = ...,
        semantics: StepSemantics = ...,
        serdes: SerDes = ...,
    ) -> DurableOperation[T]: ...

    def step(
        self,
        func: Callable[[*Ts], Any],
        *args: *Ts,
        name: str | None = None,
        retry: RetryStrategy = DEFAULT,
        semantics: StepSemantics = StepSemantics.AT_LEAST_ONCE,
        serdes: SerDes = TAGGED,
    ) -> DurableOperation[Any]:
        """Run a function once, record its result, and return the record ever after.

        Args:
            func: sync or async. A sync one runs in the loop's thread; keep it short.
            args: its arguments. They are not recorded: on a replay the function is not
                called.
            name: shown in the history, 1 to 256 printable ASCII characters.
            retry: asked after each failed attempt; by default six attempts.
            semantics: whether a crash may run the body of an attempt again.
            serdes: how the result is recorded.

        Returns:
            The result as it was recorded: encoded and decoded, on the first run too.

        Raises:
            ValidationError: an argument is not acceptable. No place was taken.
            StepError: the step failed for good.
            SerDesError: its result cannot be recorded.
            ReplayError: the history holds another operation here.
            ConcurrencyError: another task than the context's own called or awaited it.
        """
        config = StepConfig(retry, semantics, serdes)
        return DurableOperation(self, self.begin_step(func, args, name, config))

    def wait(self, duration: int | timedelta, *, name: str | None = None) -> DurableOperation[None]:
        """Let time pass. The function is suspended meanwhile and costs nothing.

        Args:
            duration: whole seconds, or a timedelta of such; 1 second to 366 days.
            name: shown in the history.

        Raises:
            ValidationError: the duration is not acceptable. No place was taken.
        """
        return DurableOperation(self, self.begin_wait(duration, name))
