"""Gather, all_settled, race and any over operations of one async context."""

from __future__ import annotations

from typing import Any, TypeVar, overload

from .async_operation import AsyncOperations, DurableOperation
from .batch_result import BatchResult
from .operations.combination import Combination

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")

# In the class below `any` is a method.
Op = DurableOperation


class AsyncCombinators(AsyncOperations):
    """Operations that were called one after the other, run at the same time.

    Each takes its place when it is called, so their order is that of the program. The
    operations that still run when a combination is decided are cancelled, and nothing
    waits for them any more.
    """

    @overload
    def gather(self, one: Op[A], two: Op[B], /, *, name: str | None = ...) -> Op[tuple[A, B]]: ...

    @overload
    def gather(
        self, one: Op[A], two: Op[B], three: Op[C], /, *, name: str | None = ...
    ) -> Op[tuple[A, B, C]]: ...

    @overload
    def gather(
        self, one: Op[A], two: Op[B], three: Op[C], four: Op[D], /, *, name: str | None = ...
    ) -> Op[tuple[A, B, C, D]]: ...

    @overload
    def gather(self, *operations: Op[T], name: str | None = ...) -> Op[tuple[T, ...]]: ...

    def gather(self, *operations: Op[Any], name: str | None = None) -> Op[Any]:
        """Wait for all; the first one to fail ends it.

        Args:
            operations: called on this context and not awaited:
                ``ctx.gather(ctx.step(f), ctx.wait(5))``.
            name: shown in the history.

        Returns:
            Their results, in the order of the arguments.

        Raises:
            OperationError: of the one that failed first, the same on every run.
            ValidationError: one is not an operation of this context.
        """
        return self._combine(Combination.GATHER, operations, name)

    def all_settled(self, *operations: Op[T]) -> Op[BatchResult[T]]:
        """Wait for all, good or bad.

        Args:
            operations: called on this context and not awaited.

        Returns:
            What became of each, in the order of the arguments.

        Raises:
            ValidationError: one is not an operation of this context.
        """
        return DurableOperation(self, self.begin_all_settled(self.own(operations)))

    def race(self, *operations: Op[T], name: str | None = None) -> Op[T]:
        """Wait for the first to end, good or bad.

        Args:
            operations: called on this context and not awaited; at least one.
            name: shown in the history.

        Returns:
            The result of the one that ended first, the same one on every run.

        Raises:
            OperationError: that one failed.
            ValidationError: one is not an operation of this context, or there is none.
        """
        return self._combine(Combination.RACE, operations, name)

    def any(self, *operations: Op[T], name: str | None = None) -> Op[T]:
        """Wait for the first to succeed.

        Args:
            operations: called on this context and not awaited; at least one.
            name: shown in the history.

        Returns:
            The result of the one that succeeded first, the same one on every run.

        Raises:
            BatchError: none succeeded.
            ValidationError: one is not an operation of this context, or there is none.
        """
        return self._combine(Combination.ANY, operations, name)

    def _combine(
        self, kind: Combination, operations: tuple[Op[Any], ...], name: str | None
    ) -> Op[Any]:
        return DurableOperation(self, self.begin_combination(kind, self.own(operations), name))
