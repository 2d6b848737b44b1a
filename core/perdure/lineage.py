"""What is recorded, by id and by parent, and which contexts are over.

A context that has ended takes no further updates from below it: whatever a straggling
branch still does is an orphan, at any depth, recorded or not yet begun. So the question
is answered by walking up from the operation, never by marking every descendant.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from .errors import LocalProtocolError, RemoteProtocolError
from .models.enums import OperationType
from .models.operation import Operation


class Lineage:
    """The recorded operations in the order in which they were first seen."""

    __slots__ = ("_announced", "_children", "_done", "_operations", "by_id")

    def __init__(self) -> None:
        self._operations: dict[str, Operation] = {}
        self._children: dict[str | None, list[str]] | None = None
        self._announced: dict[str, str | None] = {}
        self._done: set[str] = set()
        self.by_id: Final[Mapping[str, Operation]] = MappingProxyType(self._operations)
        """A view of what is recorded, by id."""

    def __len__(self) -> int:
        return len(self._operations)

    def __contains__(self, operation_id: str) -> bool:
        return operation_id in self._operations

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._operations.values())

    def get(self, operation_id: str) -> Operation | None:
        """What is recorded under an id."""
        return self._operations.get(operation_id)

    def merge(self, operations: Iterable[Operation]) -> None:
        """Take over what the service says. By id: a page repeats, a delta replaces.

        Raises:
            RemoteProtocolError: an operation changed its type.
        """
        known = self._operations
        for operation in operations:
            previous = known.get(operation.id)
            if previous is None:
                if self._children is not None:
                    self._children.setdefault(operation.parent_id, []).append(operation.id)
            elif previous.type != operation.type:
                raise RemoteProtocolError(
                    f"operation {operation.id} was {previous.type} and is now {operation.type}"
                )
            known[operation.id] = operation

    def add(self, operation: Operation) -> None:
        """Record one operation by hand.

        Raises:
            LocalProtocolError: its id is taken.
        """
        if operation.id in self._operations:
            raise LocalProtocolError(f"operation {operation.id} is recorded already")
        self.merge((operation,))

    def update(self, operation: Operation) -> Operation:
        """Replace one recorded operation by hand, and return the new one.

        Raises:
            LocalProtocolError: nothing is recorded under its id.
        """
        if operation.id not in self._operations:
            raise LocalProtocolError(f"operation {operation.id} is not recorded")
        self.merge((operation,))
        return operation

    def children(self, parent_id: str | None) -> tuple[Operation, ...]:
        """The recorded operations right below a context, in start order.

        O(children), but for the first call, which goes through all there is: few ask.
        """
        if self._children is None:
            self._children = {}
            for operation in self:
                self._children.setdefault(operation.parent_id, []).append(operation.id)
        below = (self._operations[child] for child in self._children.get(parent_id, ()))
        return tuple(each for each in below if each.type is not OperationType.EXECUTION)

    @property
    def has_history(self) -> bool:
        """Whether anything but the execution itself is recorded."""
        return any(each.type is not OperationType.EXECUTION for each in self)

    def announce(self, operation_id: str, parent_id: str | None) -> None:
        """Note the parent of a context that is queued but not yet recorded."""
        self._announced[operation_id] = parent_id

    def parent_of(self, operation_id: str) -> str | None:
        """The context that an operation belongs to; None at the root and where unknown."""
        operation = self._operations.get(operation_id)
        return self._announced.get(operation_id) if operation is None else operation.parent_id

    def mark_done(self, context_id: str) -> None:
        """The context is over: everything below it is orphaned from now on."""
        self._done.add(context_id)

    def is_done(self, context_id: str) -> bool:
        """Whether the context was marked as over."""
        return context_id in self._done

    def is_below_done(self, parent_id: str | None) -> bool:
        """Whether a context, or any that it lies in, is over. O(depth)."""
        done, recorded, announced = self._done, self._operations, self._announced
        # Ends the walk if the peer's parents form a ring.
        steps = len(recorded) + len(announced) if done else -1
        while parent_id is not None and steps >= 0:
            if parent_id in done:
                return True
            operation = recorded.get(parent_id)
            parent_id = announced.get(parent_id) if operation is None else operation.parent_id
            steps -= 1
        return False
