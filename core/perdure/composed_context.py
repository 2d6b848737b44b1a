"""The operations that are made of others: with_retry, gather and its kind, and endings."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, Self, TypeVarTuple

from .batch_result import BatchResult
from .context import BaseContext, check_name
from .effects import Effect
from .endings import Ending, Endings
from .errors import ValidationError
from .models.enums import OperationType
from .operations import child, combination, with_retry
from .operations.child import ChildConfig
from .operations.combination import Combination
from .operations.step import StepConfig
from .retries import DEFAULT, RetryStrategy
from .running import running_in
from .serdes import SerDes
from .sources import Sources

Ts = TypeVarTuple("Ts")


class ComposedContext(BaseContext):
    """See `BaseContext`."""

    sources: Sources
    """The clock and chance of its invocation; each runtime has them."""

    endings: Endings | None = None
    """What was registered to be done at the end, if anything was."""

    @abstractmethod
    def open(self, prefix: str, parent_id: str | None) -> Self: ...

    def begin_with_retry(
        self,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        name: str | None,
        retry: RetryStrategy,
        serdes: SerDes,
    ) -> Coroutine[Effect, object, Any]:
        """Check the arguments of a body that is retried as a whole and mint its id."""
        self._check_function(func, "with_retry")
        self._check_function(retry, "the strategy of with_retry")
        with_retry.check_name(name)
        this = self._begin(OperationType.CONTEXT, child.SUB_TYPE, name)
        is_replaying = self.is_replaying()

        def body() -> Coroutine[Effect, Any, Any]:
            context = self.open(this.id, this.id)
            context._inherit(self, is_replaying)
            return with_retry.run_attempts(
                lambda: running_in(context, func, context, *args),
                lambda seconds, wait_name: context.alone(context.begin_wait(seconds, wait_name)),
                this.name,
                retry,
                self._draw,
            )

        return child.run_child(this, ChildConfig(serdes), body)

    def begin_combination(
        self, kind: Combination, operations: combination.Operations, name: str | None
    ) -> Coroutine[Effect, object, Any]:
        """Check the arguments of a gather, race or any and mint its id."""
        if not operations and kind is not Combination.GATHER:
            raise ValidationError(f"{kind} takes at least one operation")
        this = self._begin(OperationType.CONTEXT, combination.SUB_TYPE, name)
        return combination.run_combination(this, kind, operations)

    def begin_all_settled(
        self, operations: combination.Operations
    ) -> Coroutine[Effect, object, BatchResult[Any]]:
        """Check the call of an all_settled, which takes no place."""
        self.check_flow()
        return combination.run_all_settled(self._state, operations)

    async def alone(self, operation: Coroutine[Effect, Any, Any]) -> Any:
        """Run one operation of this context, as the only one of the moment."""
        self.enter(operation)
        try:
            return await operation
        finally:
            self.leave()

    def at_end(
        self,
        func: Callable[[*Ts], object],
        *args: *Ts,
        name: str | None = None,
        retry: RetryStrategy = DEFAULT,
    ) -> None:
        """Have a function run as a step when the function of this context has truly ended.

        It runs whether that returned or raised, and not when it is suspended: what
        ``finally`` cannot do. The last one registered runs first. Should it fail for good,
        the others run all the same, and its error is raised unless there is one already.
        See `perdure.endings` for when it cannot run.

        Args:
            func: sync or async, as that of a step. It must not use the context.
            args: its arguments.
            name: of the step, shown in the history.
            retry: asked after each failed attempt; by default six attempts.

        Raises:
            ValidationError: an argument is not acceptable.
        """
        self._register(func, args, name, retry, on_failure_only=False)

    def on_failure(
        self,
        func: Callable[[*Ts], object],
        *args: *Ts,
        name: str | None = None,
        retry: RetryStrategy = DEFAULT,
    ) -> None:
        """As `at_end`, but only if the function raised: compensate for what was done."""
        self._register(func, args, name, retry, on_failure_only=True)

    def _register(
        self,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        name: str | None,
        retry: RetryStrategy,
        *,
        on_failure_only: bool,
    ) -> None:
        self._check_function(func, "an ending")
        check_name(name)
        self.check_flow()
        if self.endings is None:
            self.endings = Endings(self.state)
        self.endings.stack.append(
            Ending(
                lambda: self.alone(self.begin_step(func, args, name, StepConfig(retry))),
                on_failure_only,
            )
        )
