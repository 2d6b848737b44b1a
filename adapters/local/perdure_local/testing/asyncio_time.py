"""Handlers of `perdure_asyncio` on virtual time: an event loop that rests instead of sleeping."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from math import inf, nextafter
from typing import Any, Final, TypeVar, TypeVarTuple

from perdure_asyncio.handler import AsyncioHandler

from .flight import Flight
from .strangers import GRACE_SECONDS

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


def invoke(handler: AsyncioHandler, event: Mapping[str, Any], flight: Flight) -> dict[str, Any]:
    """Carry out one invocation in the calling thread, which has the turn."""
    selector = RestingSelector(flight)

    async def main() -> dict[str, Any]:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        selector.give_up = lambda: loop.call_soon(task.cancel)
        try:
            return await handler.invoke(
                event,
                flight.lambda_context,
                client=flight.async_client,
                sources=flight.sources,
            )
        except asyncio.CancelledError:
            raise TimeoutError("the invocation was given up") from None

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(selector)) as runner:
        return runner.run(main())


class RestingSelector(selectors.DefaultSelector):
    """Where the loop would sleep, it rests: virtual time passes.

    While a thread of the loop's executor works, time stands still. While it watches a
    socket, or user code has threads of its own, they get a moment of real time first.

    Args:
        flight: what the loop runs.
    """

    def __init__(self, flight: Flight) -> None:
        super().__init__()
        self._flight: Final = flight
        self.own_files = 0
        self.at_work = 0
        self.give_up: Callable[[], object] | None = None

    def now(self) -> float:
        """The time, UNIX seconds."""
        return self._flight.turns.now()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready, once anything is, or virtual time has passed."""
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        if self.at_work:
            return super().select(None)
        if len(self.get_map()) > self.own_files or self._flight.strangers.are_here():
            ready = super().select(GRACE_SECONDS)
            if ready:
                return ready
        until = None
        if timeout is not None:
            # Where a sum is rounded to nothing, time must pass all the same.
            until = max(self.now() + timeout, nextafter(self.now(), inf))
        self._flight.turns.rest(until)
        if self._flight.is_given_up and self.give_up is not None:
            self.give_up()
            self.give_up = None
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time is that of a flight, counted from its beginning.

    Args:
        selector: where it rests.
    """

    def __init__(self, selector: RestingSelector) -> None:
        super().__init__(selector)
        selector.own_files = len(selector.get_map())
        self._resting: Final = selector
        self._start: Final = selector.now()

    def time(self) -> float:
        """Seconds since it began. UNIX seconds would be too coarse for its timers."""
        return self._resting.now() - self._start

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """As any loop; time stands still until it is done."""
        future = super().run_in_executor(executor, func, *args)
        self._resting.at_work += 1
        future.add_done_callback(self._done)
        return future

    async def shutdown_default_executor(self, *args: Any) -> None:
        """As any loop; a thread does it."""
        self._resting.at_work += 1
        await super().shutdown_default_executor(*args)

    def _done(self, _: object) -> None:
        self._resting.at_work -= 1
