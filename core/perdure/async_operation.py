"""What a call on an async context returns, and what the context does with it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator, Sequence
from typing import Any, Final, Generic, Self, TypeVar, cast

from .async_execution import AsyncExecution
from .composed_context import ComposedContext
from .drive import drive_async
from .effects import Effect
from .errors import ValidationError

T_co = TypeVar("T_co", covariant=True)


class DurableOperation(Generic[T_co], Awaitable[T_co]):
    """A durable operation that was called: await it, in the task that called it.

    Or hand it to `gather`, `all_settled`, `race` or `any` of the same context, which runs
    it in a task of its own. Not to those of asyncio or trio.
    """

    __slots__ = ("_context", "_operation")

    def __init__(
        self, context: AsyncOperations, operation: Coroutine[Effect, object, T_co]
    ) -> None:
        self._context: Final = context
        self._operation: Final = operation

    def __await__(self) -> Generator[Any, Any, T_co]:
        # Itself it need not outlive its `await`, however long that waits.
        return _awaited(self._context, self._operation)

    def of(self, context: AsyncOperations) -> Coroutine[Effect, object, T_co]:
        """Its coroutine, for a combination of the context that it was called on.

        Raises:
            ValidationError: it was called on another one.
        """
        if self._context is not context:
            raise ValidationError("an operation is combined on the context it was called on")
        return self._operation


def _awaited(
    context: AsyncOperations, operation: Coroutine[Effect, object, T_co]
) -> Generator[Any, Any, T_co]:
    context.enter(operation)
    try:
        driven = drive_async(operation, context.perform)
        return (yield from cast("Generator[Any, Any, T_co]", driven))
    finally:
        context.leave()


class AsyncOperations(ComposedContext):
    """A context whose operations are awaited; see `AsyncContext`."""

    def __init__(
        self,
        execution: AsyncExecution[Any],
        lambda_context: Any = None,
        *,
        prefix: str | None = None,
        parent_id: str | None = None,
        perform: Callable[[Effect], object] | None = None,
    ) -> None:
        super().__init__(
            execution.state,
            flow=execution.flow,
            draw=execution.sources.draw,
            prefix=prefix,
            parent_id=parent_id,
        )
        self.sources = execution.sources
        self.execution: Final = execution
        self.lambda_context: Final = lambda_context
        # One for all contexts of an invocation: a bound method is an object too.
        self.perform: Final = execution.perform if perform is None else perform

    def open(self, prefix: str, parent_id: str | None) -> Self:
        return self.__class__(
            self.execution,
            self.lambda_context,
            prefix=prefix,
            parent_id=parent_id,
            perform=self.perform,
        )

    def own(
        self, operations: Sequence[DurableOperation[Any]]
    ) -> list[Coroutine[Effect, object, Any]]:
        """The coroutines of operations that were called on this context, each once.

        Raises:
            ValidationError: one is no operation, of another context, or there twice.
        """
        for each in operations:
            if not isinstance(each, DurableOperation):  # pyright: ignore[reportUnnecessaryIsInstance]  # user input
                raise ValidationError(f"operations are combined, not {type(each).__name__}")
        own = [each.of(self) for each in operations]
        if len(set(map(id, own))) < len(own):
            raise ValidationError("an operation is combined once")
        return own
