"""What a function wants done when it truly ends: clean-up and compensation.

``finally`` cannot do it: it runs at every suspension too, and a durable call in it raises
then. An ending is registered as the function goes, in memory, so a replay registers it
again; it runs when the function has returned or raised, as a step of the same context,
the latest first. Being steps, endings are retried, may suspend the invocation, and never
run again once they have succeeded. They do not run when the invocation suspends or is
repeated, nor for a branch that was cancelled because others decided its batch, nor when
the execution is stopped or times out from outside: then no code of it runs any more.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from .effects import Effect
from .errors import DurableError, Suspended
from .operations.child import is_fault
from .state import ExecutionState


@dataclass(frozen=True, slots=True)
class Ending:
    """One thing to do at the end. `begin` takes its place in the execution and does it."""

    begin: Callable[[], Coroutine[Effect, Any, Any]]
    on_failure_only: bool


@dataclass(slots=True)
class Endings:
    """What one context has registered. Empty again once it was done.

    Args:
        state: the invocation.
        stack: the endings, the first to be registered first.
    """

    state: ExecutionState
    stack: list[Ending] = field(default_factory=list[Ending])

    async def after_success(self) -> None:
        """Run what the function registered, which has returned, if that is truly its end.

        An ending that fails does not keep the others from running.

        Raises:
            Exception: the first error of an ending.
        """
        error = await self._run(failed=False) if _is_open(self.state) else None
        if error is not None:
            raise error

    async def after_failure(self) -> None:
        """As `after_success` of a function that has raised, whose error counts more than theirs."""
        if _is_open(self.state):
            await self._run(failed=True)

    async def _run(self, *, failed: bool) -> Exception | None:
        first: Exception | None = None
        while self.stack:
            ending = self.stack.pop()
            if ending.on_failure_only and not failed:
                continue
            try:
                await ending.begin()
            except Exception as error:
                if is_fault(error):
                    raise
                first = first or error
        return first


def _is_open(state: ExecutionState) -> bool:
    """Whether this is the end, and not a suspension that the function swallowed, or a fault."""
    try:
        state.check_open()
    except (DurableError, Suspended):
        return False
    return True
