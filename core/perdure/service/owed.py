"""The executions that are owed an invocation, in the order they came to be."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container, Iterable
from typing import Final

from .identity import function_of


class Owed:
    """A queue for each function, so that those nobody serves are not gone through.

    Args:
        saved: the places and ARNs of those that were owed one before, in order.
    """

    __slots__ = ("_last", "_queues")

    def __init__(self, saved: Iterable[tuple[int, str]]) -> None:
        # Ordered, because a plain dict is slow to find its first once many were taken out.
        self._queues: Final[dict[str, OrderedDict[str, int]]] = {}
        self._last = 0
        for place, arn in saved:
            self._put(arn, place)

    def __bool__(self) -> bool:
        return bool(self._queues)

    def add(self, arn: str) -> int:
        """Put one that is not here behind all others; which place it has now."""
        place = self._last + 1
        self._put(arn, place)
        return place

    def discard(self, arn: str) -> None:
        """It is owed none any more. Harmless if it is not here."""
        function = function_of(arn)
        queue = self._queues.get(function)
        if queue is not None:
            queue.pop(arn, None)
            if not queue:
                del self._queues[function]

    def first(self, served: Container[str] | None) -> str | None:
        """The ARN of the one that is owed longest, or None. Every function is asked for once.

        Args:
            served: the functions that can be invoked; None is all.
        """
        firsts = (
            next(iter(queue.items()))
            for function, queue in self._queues.items()
            if served is None or function in served
        )
        found = min(firsts, key=lambda each: each[1], default=None)
        return None if found is None else found[0]

    def _put(self, arn: str, place: int) -> None:
        self._queues.setdefault(function_of(arn), OrderedDict())[arn] = place
        self._last = place
