"""Several operations at the same time in plain sync Python: calls that are deferred."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from threading import get_ident
from typing import Any, Final, Generic, ParamSpec, TypeVar, overload

from perdure.batch_result import BatchResult
from perdure.composed_context import ComposedContext
from perdure.effects import Effect
from perdure.errors import ValidationError
from perdure.operations.combination import Combination

from .execution import Execution

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
T_co = TypeVar("T_co", covariant=True)
P = ParamSpec("P")


class Deferred(Generic[T_co]):
    """An operation that was called and does not run yet; see `DurableContext.defer`."""

    def __init__(
        self, context: DeferringContext, operation: Coroutine[Effect, object, T_co]
    ) -> None:
        self.context: Final = context
        self.operation: Final = operation


class _Begun(BaseException):
    """Leaves a method whose operation is deferred."""


class DeferringContext(ComposedContext):
    """How a sync context runs its operations: at once, or deferred and combined.

    Args:
        execution: the invocation.
        lambda_context: Lambda's own context object.
        prefix: the id of the operation that owns the context; None is the root.
        parent_id: what its operations name as their parent on the wire.
    """

    def __init__(
        self,
        execution: Execution,
        lambda_context: Any = None,
        *,
        prefix: str | None = None,
        parent_id: str | None = None,
    ) -> None:
        super().__init__(
            execution.state,
            flow=get_ident,
            draw=execution.sources.draw,
            prefix=prefix,
            parent_id=parent_id,
        )
        self.sources = execution.sources
        self.execution: Final = execution
        self.lambda_context: Final = lambda_context
        self._deferred: list[Coroutine[Effect, object, Any]] | None = None

    def run(self, begin: Callable[[], Coroutine[Effect, object, T]]) -> T:
        """Begin an operation of this context and carry it out to its end.

        Raises:
            ConcurrencyError: another thread has the context, or an operation runs in it.
        """
        if self._deferred is None:
            return self.execution.run(begin, self)

        async def begin_only() -> Coroutine[Effect, object, T]:
            return begin()

        self._deferred.append(self.execution.run(begin_only))
        raise _Begun

    def defer(self, method: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Deferred[T]:
        """Call an operation that `gather`, `all_settled`, `race` or `any` will run.

        It takes its place now, so the order of the calls is that of the program. A type
        checker matches the arguments; mypy cannot where a step gets keywords, which work.

        Args:
            method: of this context: ``ctx.defer(ctx.step, fetch, "a")``.
            args, kwargs: what the method takes.

        Raises:
            ValidationError: it is no operation of this context.
        """
        if getattr(method, "__self__", None) is not self or self._deferred is not None:
            raise ValidationError("an operation of the context itself is deferred: ctx.step")
        deferred: list[Coroutine[Effect, object, T]] = []
        self._deferred = deferred
        try:
            method(*args, **kwargs)
        except _Begun:
            return Deferred(self, deferred[0])
        finally:
            self._deferred = None
        raise ValidationError("what is deferred is no durable operation")

    @overload
    def gather(
        self, one: Deferred[A], two: Deferred[B], /, *, name: str | None = ...
    ) -> tuple[A, B]: ...

    @overload
    def gather(
        self, one: Deferred[A], two: Deferred[B], three: Deferred[C], /, *, name: str | None = ...
    ) -> tuple[A, B, C]: ...

    @overload
    def gather(self, *operations: Deferred[T], name: str | None = ...) -> tuple[T, ...]: ...

    def gather(self, *operations: Deferred[Any], name: str | None = None) -> tuple[Any, ...]:
        """Wait for all; the first one to fail ends it.

        Args:
            operations: from `defer`, each once:
                ``ctx.gather(ctx.defer(ctx.step, f), ctx.defer(ctx.wait, 5))``.
            name: shown in the history.

        Returns:
            Their results, in the order of the arguments.

        Raises:
            OperationError: of the one that failed first, the same on every run.
            ValidationError: one is not a deferred operation of this context.
        """
        values: tuple[Any, ...] = self._combine(Combination.GATHER, operations, name)
        return values

    def all_settled(self, *operations: Deferred[T]) -> BatchResult[T]:
        """Wait for all, good or bad.

        Args:
            operations: from `defer`, each once.

        Returns:
            What became of each, in the order of the arguments.

        Raises:
            ValidationError: one is not a deferred operation of this context.
        """
        own = self._own(operations)
        return self.run(lambda: self.begin_all_settled(own))

    def race(self, *operations: Deferred[T], name: str | None = None) -> T:
        """Wait for the first to end, good or bad.

        Threads cannot be stopped from outside: the bodies of the others run to their end.

        Args:
            operations: from `defer`, each once; at least one.
            name: shown in the history.

        Returns:
            The result of the one that ended first, the same one on every run.

        Raises:
            OperationError: that one failed.
            ValidationError: one is not a deferred operation of this context, or there is
                none.
        """
        value: T = self._combine(Combination.RACE, operations, name)
        return value

    def any(self, *operations: Deferred[T], name: str | None = None) -> T:
        """Wait for the first to succeed; else as `race`.

        Args:
            operations: from `defer`, each once; at least one.
            name: shown in the history.

        Returns:
            The result of the one that succeeded first, the same one on every run.

        Raises:
            BatchError: none succeeded.
            ValidationError: one is not a deferred operation of this context, or there is
                none.
        """
        value: T = self._combine(Combination.ANY, operations, name)
        return value

    def _combine(
        self, kind: Combination, operations: tuple[Deferred[Any], ...], name: str | None
    ) -> Any:
        own = self._own(operations)
        return self.run(lambda: self.begin_combination(kind, own, name))

    def _own(self, operations: tuple[Deferred[Any], ...]) -> list[Coroutine[Effect, object, Any]]:
        for each in operations:
            if not isinstance(each, Deferred) or each.context is not self:  # pyright: ignore[reportUnnecessaryIsInstance]  # user input
                raise ValidationError("an operation is combined on the context that deferred it")
        if len(set(map(id, operations))) < len(operations):
            raise ValidationError("an operation is combined once")
        return [each.operation for each in operations]
