"""Handlers of `perdure_trio` on virtual time: a clock that rests instead of sleeping."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from math import inf, isinf
from typing import Any, Final

import trio

from perdure_trio.handler import TrioHandler

from .flight import Flight
from .strangers import GRACE_SECONDS


def invoke(handler: TrioHandler, event: Mapping[str, Any], flight: Flight) -> dict[str, Any]:
    """Carry out one invocation in the calling thread, which has the turn."""
    clock = RestingClock(flight)

    async def main() -> dict[str, Any]:
        token = trio.lowlevel.current_trio_token()
        clock.own_files = _watched()
        with trio.CancelScope() as scope:
            clock.give_up = lambda: token.run_sync_soon(scope.cancel)
            return await handler.invoke(
                event,
                flight.lambda_context,
                client=flight.async_client,
                sources=flight.sources,
            )
        raise TimeoutError("the invocation was given up")

    with _same_order_of_tasks():
        return trio.run(main, clock=clock, instruments=[clock])


class RestingClock(trio.abc.Clock, trio.abc.Instrument):
    """Where trio would sleep, it rests: virtual time passes.

    While a thread of `trio.to_thread` works, time stands still. While a task waits for a
    socket, or user code has threads of its own, they get a moment of real time first.

    Args:
        flight: what trio runs.
    """

    def __init__(self, flight: Flight) -> None:
        self._flight: Final = flight
        self._is_stirred = True
        self._patient_since = 0.0
        self.own_files = 0
        self.give_up: Callable[[], object] | None = None

    def start_clock(self) -> None:
        """Nothing is to be started."""

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        """Something happens: others may hear of it through a socket of trio's own."""
        self._is_stirred = True

    def current_time(self) -> float:
        """The time, UNIX seconds."""
        return self._flight.turns.now()

    def deadline_to_sleep_time(self, deadline: float) -> float:
        """Called when no task can run: look for what has come, then rest, then look again."""
        if deadline <= self.current_time():
            return 0
        if self._is_stirred:
            self._is_stirred = False
            self._patient_since = time.monotonic()
            return 0
        if trio.to_thread.current_default_thread_limiter().borrowed_tokens:
            return inf
        if _watched() > self.own_files or self._flight.strangers.are_here():
            left = self._patient_since + GRACE_SECONDS - time.monotonic()
            if left > 0:
                return left
        self._is_stirred = True
        self._flight.turns.rest(None if isinf(deadline) else deadline)
        if self._flight.is_given_up and self.give_up is not None:
            self.give_up()
            self.give_up = None
        return 0


def _watched() -> int:
    """How many files and sockets tasks wait for."""
    statistics = trio.lowlevel.current_statistics().io_statistics
    return sum(
        getattr(statistics, kind, 0)
        for kind in ("tasks_waiting_read", "tasks_waiting_write", "tasks_waiting")
    )


@contextmanager
def _same_order_of_tasks() -> Generator[None]:
    """Let trio shuffle its tasks in the same way every time.

    It does so on purpose and has no public switch; what it shuffles by is this.
    """
    chance = getattr(trio._core._run, "_r", None)  # pyright: ignore[reportPrivateUsage]  # see above
    if not isinstance(chance, random.Random):
        yield
        return
    before = chance.getstate()
    chance.seed(0)
    try:
        yield
    finally:
        chance.setstate(before)
