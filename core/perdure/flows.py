"""Which flows of an invocation can move, and when none can.

A flow is a thread of control that runs user code: the function itself, or one branch of
a `parallel` or `map`. It is always in one of three states. It *moves*: user code runs, or
waits for a request that is on its way. It is *parked*: only the service can move the
operations it waits for. Or it has *branches*, and goes on when they are done.

The invocation suspends exactly when no flow moves and nothing is on its way to the
service, whose answer could wake one: PENDING without anything pending is an error there.
Until then, parked flows are woken in-process by any answer that changes what they wait
for, and at a recorded time the service is asked for news with an empty checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from itertools import count
from typing import Final, Generic, TypeVar

from .state import ExecutionState

W = TypeVar("W")

# How long after the recorded time to ask once more, should the service's clock be behind.
_ASK_AGAIN_SECONDS: Final = 0.25


class Parking(Generic[W]):
    """One parked flow. `waiter` is the runtime's way to wake it."""

    __slots__ = ("ids", "is_parked", "until", "waiter")

    def __init__(self, ids: tuple[str, ...], until: float | None, waiter: W) -> None:
        self.ids: Final = ids
        self.until: Final = until
        self.waiter: Final = waiter
        self.is_parked = True


class Flows(Generic[W]):
    """Counts the flows that move, and holds those that are parked.

    Args:
        state: the invocation. The function itself is the first flow, and moves.
    """

    __slots__ = ("_by_id", "_due", "_moving", "_order", "_parked", "_state")

    def __init__(self, state: ExecutionState) -> None:
        self._state: Final = state
        self._moving = 1
        self._parked = 0
        self._by_id: Final[dict[str, list[Parking[W]]]] = {}
        self._due: Final[list[tuple[float, int, Parking[W]]]] = []
        self._order: Final = count()

    def is_stuck(self) -> bool:
        """Whether nothing can move until the service invokes again.

        What is queued leaves without delay once no flow moves. Ask again after its answer.
        """
        return self._moving == 0 and self._state.is_settled(self._state.flush())

    def begin(self) -> None:
        """A flow begins, or goes on after its branches."""
        self._moving += 1

    def end(self) -> None:
        """A flow ends, or hands over to its branches. Ask `is_stuck` next."""
        self._moving -= 1

    def park(self, ids: tuple[str, ...], until: float | None, waiter: W) -> Parking[W]:
        """A flow waits for the service. Ask `is_stuck` next."""
        parking = Parking(ids, until, waiter)
        for each in ids:
            self._by_id.setdefault(each, []).append(parking)
        if until is not None:
            heappush(self._due, (until, next(self._order), parking))
            self._state.poll_at(until)
        self._moving -= 1
        self._parked += 1
        return parking

    def unpark(self, parking: Parking[W]) -> None:
        """A parked flow moves again: it was woken, or its wait was cancelled."""
        if not parking.is_parked:
            return
        parking.is_parked = False
        self._moving += 1
        self._parked -= 1
        for each in parking.ids:
            others = self._by_id[each]
            others.remove(parking)
            if not others:
                del self._by_id[each]

    def changed(self, now: float) -> Iterator[Parking[W]]:
        """Unpark and yield the flows whose operations an answer has changed; wake them.

        Flows whose time has come although nothing changed are asked for again shortly.
        """
        changed = self._state.take_changed()
        for operation_id in changed if self._parked else ():
            for parking in tuple(self._by_id.get(operation_id, ())):
                self.unpark(parking)
                yield parking
        while self._due and self._due[0][0] <= now:
            _, _, parking = heappop(self._due)
            if parking.is_parked:
                again = now + _ASK_AGAIN_SECONDS
                heappush(self._due, (again, next(self._order), parking))
                self._state.poll_at(again)

    def all_parked(self) -> Iterator[Parking[W]]:
        """Unpark and yield every parked flow: the invocation suspends, or has failed."""
        for parkings in tuple(self._by_id.values()):
            for parking in tuple(parkings):
                self.unpark(parking)
                yield parking
