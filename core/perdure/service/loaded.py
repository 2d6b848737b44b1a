"""The executions in memory: those whose handlers run, and others that were used of late."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from .execution import Execution
from .standing import Phase


class Loaded:
    """Executions by ARN. It drops those at rest that were not used longest.

    Args:
        operations: how many operations of executions at rest it holds at most. Those
            whose invocations are in flight do not count, and are never dropped.
    """

    __slots__ = ("_limit", "_resting", "_size", "_sizes", "_working")

    def __init__(self, operations: int) -> None:
        self._limit: Final = operations
        self._working: Final[dict[str, Execution]] = {}
        self._resting: Final[OrderedDict[str, Execution]] = OrderedDict()
        self._sizes: Final[dict[str, int]] = {}
        self._size = 0

    def get(self, arn: str) -> Execution | None:
        """The execution with this ARN, if it is here."""
        return self._working.get(arn) or self._resting.get(arn)

    def hold(self, execution: Execution) -> None:
        """Hold one that is new or has changes that are not saved. `rest` comes later."""
        self.drop(execution.origin.arn)
        self._working[execution.origin.arn] = execution

    def rest(self, execution: Execution) -> None:
        """All of it is saved: it may be dropped from now on, unless its handler runs."""
        arn = execution.origin.arn
        if execution.phase is Phase.IN_FLIGHT:
            self.hold(execution)
            return
        self.drop(arn)
        self._resting[arn] = execution
        self._sizes[arn] = len(execution.ledger)
        self._size += len(execution.ledger)

    def trim(self) -> None:
        """Drop what is too much. Call it while nobody works with an execution."""
        while self._size > self._limit:
            self.drop(next(iter(self._resting)))

    def drop(self, arn: str) -> None:
        """Do not hold it any longer. Harmless if it is not here."""
        self._working.pop(arn, None)
        if self._resting.pop(arn, None) is not None:
            self._size -= self._sizes.pop(arn)
