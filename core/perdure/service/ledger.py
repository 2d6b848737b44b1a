"""What is recorded of one execution's operations, and what its handler has seen of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ..models.enums import OperationStatus, OperationType
from ..models.operation import Operation
from ..models.update import CallbackOptions, ChainedInvokeOptions, ContextOptions, WaitOptions

Options = CallbackOptions | ChainedInvokeOptions | ContextOptions | WaitOptions
"""What an operation was started with. It is not part of its state on the wire."""

AWAITED: Final = frozenset(
    {
        (OperationType.STEP, OperationStatus.PENDING),
        (OperationType.WAIT, OperationStatus.STARTED),
        (OperationType.CALLBACK, OperationStatus.STARTED),
        (OperationType.CHAINED_INVOKE, OperationStatus.STARTED),
    }
)
"""The states that something outside the handler will end: it may suspend on them."""


@dataclass(slots=True, eq=False)
class Record:
    """One operation as it stands, and its place in the order of creation."""

    operation: Operation
    index: int
    options: Options | None = None


class Ledger:
    """The operations of one execution.

    "Unseen" are those that changed since the handler last got them, by an invocation's
    event, a page, or a checkpoint's answer.
    """

    __slots__ = ("_awaited", "_records", "_unseen", "told")

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        # By id: whether something outside the handler changed it.
        self._unseen: dict[str, bool] = {}
        self._awaited = 0
        # The handler learned from a checkpoint's answer of a change from outside.
        self.told = False

    def __len__(self) -> int:
        return len(self._records)

    def get(self, operation_id: str) -> Record | None:
        """The record of an operation, or None."""
        return self._records.get(operation_id)

    def records(self) -> Iterable[Record]:
        """All records in the order of creation."""
        return self._records.values()

    def add(self, operation: Operation, options: Options | None = None) -> None:
        """Record an operation that is new. The handler itself created it."""
        self._records[operation.id] = Record(operation, len(self._records), options)
        self._unseen[operation.id] = False
        self._awaited += (operation.type, operation.status) in AWAITED

    def replace(self, record: Record, operation: Operation, *, outside: bool = False) -> None:
        """Record a change; `outside` if it did not come from the handler."""
        before = record.operation
        self._awaited += (operation.type, operation.status) in AWAITED
        self._awaited -= (before.type, before.status) in AWAITED
        record.operation = operation
        self._unseen[operation.id] = outside

    @property
    def has_awaited(self) -> bool:
        """Whether any operation is in a state of `AWAITED`."""
        return self._awaited > 0

    @property
    def has_unseen(self) -> bool:
        """Whether the handler does not know everything."""
        return bool(self._unseen)

    def changed_outside(self) -> tuple[Record, ...]:
        """The unseen ones that something outside the handler changed."""
        return tuple(self._records[key] for key, outside in self._unseen.items() if outside)

    def take_unseen(self) -> tuple[Operation, ...]:
        """The unseen operations in the order of creation. From here on they are seen."""
        self.told = self.told or any(self._unseen.values())
        records = sorted((self._records[i] for i in self._unseen), key=_index)
        self._unseen.clear()
        return tuple(record.operation for record in records)

    def see(self, operation_id: str) -> None:
        """The handler gets this operation now."""
        self._unseen.pop(operation_id, None)

    def see_all(self) -> None:
        """A handler begins, and gets everything that it may ever see."""
        self._unseen.clear()
        self.told = False


def _index(record: Record) -> int:
    return record.index
