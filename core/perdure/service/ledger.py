"""What is recorded of one execution's operations, and what its handler has seen of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from ..models.enums import OperationStatus, OperationType
from ..models.operation import Operation
from ..models.update import CallbackOptions, ChainedInvokeOptions, ContextOptions, WaitOptions

Options = CallbackOptions | ChainedInvokeOptions | ContextOptions | WaitOptions
"""What an operation was started with. It is not part of its state on the wire."""

OPTIONS: Final[dict[str, type[Options]]] = {
    OperationType.CALLBACK: CallbackOptions,
    OperationType.CHAINED_INVOKE: ChainedInvokeOptions,
    OperationType.CONTEXT: ContextOptions,
    OperationType.WAIT: WaitOptions,
}
"""Which of them an operation of this type may have."""

AWAITED: Final = frozenset(
    {
        (OperationType.STEP, OperationStatus.PENDING),
        (OperationType.WAIT, OperationStatus.STARTED),
        (OperationType.CALLBACK, OperationStatus.STARTED),
        (OperationType.CHAINED_INVOKE, OperationStatus.STARTED),
    }
)
"""The states that something outside the handler will end: it may suspend on them."""


class Unseen(NamedTuple):
    """What the handler does not know about an operation.

    Args:
        order: in which they became unseen.
        outside: whether something outside the handler changed it last.
    """

    order: int
    outside: bool


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

    __slots__ = ("_awaited", "_last_unseen", "_records", "_touched", "_unseen")

    def __init__(self) -> None:
        self._records: dict[str, Record] = {}
        # By id, in the order of becoming unseen.
        self._unseen: dict[str, Unseen] = {}
        self._last_unseen = 0
        self._awaited = 0
        # By id: whether the operation itself changed since it was saved, or else only
        # whether it is seen.
        self._touched: dict[str, bool] = {}

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
        self._unsee(operation.id, outside=False)
        self._awaited += (operation.type, operation.status) in AWAITED

    def replace(self, record: Record, operation: Operation, *, outside: bool = False) -> None:
        """Record a change; `outside` if it did not come from the handler."""
        before = record.operation
        self._awaited += (operation.type, operation.status) in AWAITED
        self._awaited -= (before.type, before.status) in AWAITED
        record.operation = operation
        self._unsee(operation.id, outside=outside)

    def _unsee(self, operation_id: str, *, outside: bool) -> None:
        before = self._unseen.get(operation_id)
        if before is None:
            self._last_unseen += 1
        self._unseen[operation_id] = Unseen(before.order if before else self._last_unseen, outside)
        self._touched[operation_id] = True

    @property
    def has_awaited(self) -> bool:
        """Whether any operation is in a state of `AWAITED`."""
        return self._awaited > 0

    @property
    def has_unseen(self) -> bool:
        """Whether the handler does not know everything."""
        return bool(self._unseen)

    @property
    def is_changed_outside(self) -> bool:
        """Whether anything unseen came from outside the handler."""
        return any(each.outside for each in self._unseen.values())

    def changed_outside(self) -> tuple[Record, ...]:
        """The unseen ones that something outside the handler changed, in the order they were."""
        return tuple(self._records[key] for key, each in self._unseen.items() if each.outside)

    def take_unseen(self) -> tuple[Operation, ...]:
        """The unseen operations in the order of creation. From here on they are seen."""
        records = sorted((self._records[i] for i in self._unseen), key=_index)
        self.see_all()
        return tuple(record.operation for record in records)

    def see(self, operation_id: str) -> None:
        """The handler gets this operation now."""
        if self._unseen.pop(operation_id, None) is not None:
            self._touched.setdefault(operation_id, False)

    def see_all(self) -> None:
        """The handler gets everything that it may ever see."""
        for operation_id in self._unseen:
            self._touched.setdefault(operation_id, False)
        self._unseen.clear()

    # What a store keeps of it

    @property
    def is_touched(self) -> bool:
        """Whether anything changed since it was saved."""
        return bool(self._touched)

    def touched(self) -> Iterable[tuple[Record, Unseen | None, bool]]:
        """What changed: the record, None if it is seen, and whether the record itself changed."""
        return (
            (self._records[key], self._unseen.get(key), changed)
            for key, changed in self._touched.items()
        )

    def forget_touched(self) -> None:
        """All of that is saved now."""
        self._touched.clear()

    @staticmethod
    def restored(saved: Iterable[tuple[Operation, Options | None, Unseen | None]]) -> Ledger:
        """A ledger as it was when these were saved, in the order of creation."""
        ledger = Ledger()
        unseen: list[tuple[Unseen, str]] = []
        for operation, options, each in saved:
            ledger._records[operation.id] = Record(operation, len(ledger._records), options)
            ledger._awaited += (operation.type, operation.status) in AWAITED
            if each is not None:
                unseen.append((each, operation.id))
        ledger._unseen = {operation_id: each for each, operation_id in sorted(unseen)}
        ledger._last_unseen = max((each.order for each, _ in unseen), default=0)
        return ledger


def _index(record: Record) -> int:
    return record.index
