"""What an operation may ask of the runtime it is driven by: four effects, as data.

An operation is written once, as ``async def``, although nothing here waits for anything.
It awaits the traps below; each hands one effect to whoever drives the coroutine with
`send` and `throw` (`perdure.drive`), and gets the answer back. No event loop is involved:
asyncio, trio, a plain thread and a JSON transcript all drive the same code.

Why coroutines and not generators: a type checker finds a forgotten ``await``, that of a
trap too; a forgotten ``yield from`` is silent, and would here return a result before it is
durable.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import coroutine
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from .batch_result import Ended
from .branches import Branches
from .outbox import Ticket

if TYPE_CHECKING:
    from .state import ExecutionState

T = TypeVar("T")


class Call(NamedTuple):
    """Call a user's function the way the runtime calls functions; answer with its value."""

    func: Callable[..., object]
    args: tuple[object, ...]


class Persist(NamedTuple):
    """Wait until a ticket is settled; the operation asks the state whether it is durable."""

    ticket: Ticket


class Park(NamedTuple):
    """Wait until the service has moved one of these operations, or until a time comes.

    If no other flow of the invocation can move, the invocation suspends.
    """

    ids: tuple[str, ...]
    until: float | None


class RunBranches(NamedTuple):
    """Run the branches of a batch, each in a flow of its own, until it is over.

    Start what `branches.next_to_start` says, and report each end. `run` gives the
    coroutine of a branch; call it inside of the branch's flow, and drive it there. When
    the batch is over, cancel what still runs, and wait for that.
    """

    branches: Branches
    run: Callable[[int], Coroutine[Effect, Any, Ended]]


Effect = Call | Persist | Park | RunBranches


@coroutine
def call(
    func: Callable[..., Awaitable[T] | T], args: tuple[object, ...]
) -> Generator[Effect, Any, T]:
    """Have a user's function called, sync or async; return its value or raise its error."""
    value: T = yield Call(func, args)
    return value


@coroutine
def persist(ticket: Ticket) -> Generator[Effect, object, None]:
    """Wait until an update is settled; then ask `ExecutionState.check_durable`."""
    yield Persist(ticket)


async def flush(state: ExecutionState) -> None:
    """Wait until everything that is queued is durable.

    Raises:
        DurableError, Suspended: it is not, and never will be by this invocation.
    """
    ticket = state.flush()
    await persist(ticket)
    state.check_durable(ticket)


@coroutine
def run_branches(
    branches: Branches, run: Callable[[int], Coroutine[Effect, Any, Ended]]
) -> Generator[Effect, object, None]:
    """Run branches until their batch is over; look at `branches` afterwards."""
    try:
        yield RunBranches(branches, run)
    finally:
        branches.close()


@coroutine
def park(ids: tuple[str, ...], until: float | None) -> Generator[Effect, object, None]:
    """Wait for the service; it may suspend the invocation. Look at the record afterwards."""
    yield Park(ids, until)
