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

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .effects import Effect
from .errors import DurableError, Suspended
from .operations.child import is_fault
from .state import ExecutionState

T = TypeVar("T")


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

    async def after(self, body: Callable[[], Awaitable[T]]) -> T:
        """Run a body, and then what it registered, if it has truly ended.

        An ending that fails does not keep the others from running. The error of the body
        counts more than theirs.

        Raises:
            Exception: what the body raised; else the first error of an ending.
        """
        self.stack.clear()
        try:
            value = await body()
        except Exception:
            if self.stack and _is_open(self.state):
                await self._run(failed=True)
            raise
        if self.stack and _is_open(self.state):
            error = await self._run(failed=False)
            if error is not None:
                raise error
        return value

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
