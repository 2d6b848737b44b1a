"""The durable context for plain functions."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import random
from threading import get_ident
from typing import Any, Final, TypeVar, TypeVarTuple

from perdure.context import BaseContext
from perdure.operations.step import StepConfig, StepSemantics
from perdure.retries import DEFAULT, RetryStrategy
from perdure.serdes import TAGGED, SerDes

from .execution import Execution

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class DurableContext(BaseContext):
    """What a durable function does its durable work with.

    It belongs to the thread that runs the function.

    Args:
        execution: the invocation.
        lambda_context: Lambda's own context object.
    """

    def __init__(self, execution: Execution, lambda_context: Any = None) -> None:
        super().__init__(execution.state, flow=get_ident, draw=random)
        self.execution: Final = execution
        self.lambda_context: Final = lambda_context

    def step(
        self,
        func: Callable[[*Ts], T],
        *args: *Ts,
        name: str | None = None,
        retry: RetryStrategy = DEFAULT,
        semantics: StepSemantics = StepSemantics.AT_LEAST_ONCE,
        serdes: SerDes = TAGGED,
    ) -> T:
        """Run a function once, record its result, and return the record ever after.

        Args:
            func: a plain function.
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
            ConcurrencyError: another thread than the context's own called it.
        """
        config = StepConfig(retry, semantics, serdes)
        return self.execution.run(lambda: self.begin_step(func, args, name, config))

    def wait(self, duration: int | timedelta, *, name: str | None = None) -> None:
        """Let time pass. The function is suspended meanwhile and costs nothing.

        Args:
            duration: whole seconds, or a timedelta of such; 1 second to 366 days.
            name: shown in the history.

        Raises:
            ValidationError: the duration is not acceptable. No place was taken.
        """
        self.execution.run(lambda: self.begin_wait(duration, name))
