"""Who has something to do next: a heap over the deadlines of many."""

from __future__ import annotations

from heapq import heappop, heappush


class Deadlines:
    """The earliest deadline of many numbers, without looking through them.

    A number stands in the heap under the deadline it was first told with. One that moved
    later since, or away, is found out when it comes up.
    """

    __slots__ = ("_deadlines", "_heap", "_told")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int]] = []
        self._told: dict[int, float] = {}
        self._deadlines: dict[int, float] = {}

    def tell(self, number: int, due: float | None) -> None:
        """Take note of a number's deadline; None is none."""
        if due is None:
            self._deadlines.pop(number, None)
            return
        self._deadlines[number] = due
        told = self._told.get(number)
        if told is None or due < told:
            self._told[number] = due
            heappush(self._heap, (due, number))

    def first(self) -> tuple[float, int] | None:
        """The earliest deadline and whose it is, of equal ones that of the lowest number."""
        heap = self._heap
        while heap:
            due, number = heap[0]
            told, actual = self._told.get(number), self._deadlines.get(number)
            if told == due == actual:
                return due, number
            heappop(heap)
            if told == due:
                del self._told[number]
                self.tell(number, actual)
        return None
