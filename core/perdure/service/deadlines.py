"""Which execution has something to do next: a heap over the deadlines of all."""

from __future__ import annotations

from heapq import heappop, heappush

from .execution import Execution


class Deadlines:
    """The earliest deadline of many executions, without looking through them.

    An execution stands in the heap under the deadline it last told. A deadline that
    moved later since, or away, is found out when it comes up.
    """

    __slots__ = ("_count", "_heap", "_told")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Execution]] = []
        self._told: dict[str, float] = {}
        self._count = 0

    def tell(self, execution: Execution) -> None:
        """Take note of an execution's deadline; call it after each change to it."""
        due = execution.deadline()
        told = self._told.get(execution.origin.arn)
        if due is None or (told is not None and told <= due):
            return
        self._told[execution.origin.arn] = due
        self._count += 1
        heappush(self._heap, (due, self._count, execution))

    def next_due(self) -> float | None:
        """The earliest deadline of all, or None."""
        heap = self._heap
        while heap:
            due, _, execution = heap[0]
            if self._told.get(execution.origin.arn) == due:
                if execution.deadline() == due:
                    return due
                del self._told[execution.origin.arn]
                heappop(heap)
                self.tell(execution)
            else:
                heappop(heap)
        return None

    def pop_due(self, now: float) -> Execution | None:
        """Take one execution whose deadline has come. `tell` it again afterwards."""
        due = self.next_due()
        if due is None or due > now:
            return None
        execution = heappop(self._heap)[2]
        del self._told[execution.origin.arn]
        return execution
