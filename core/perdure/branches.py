"""Which branch runs next, and when the batch is over: a pure machine.

A slot is free again when the code of a branch has returned, while its result still
travels: requests, not branches, are what a batch waits for. A parked branch keeps its slot.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from .batch_completion import (
    BatchProgress,
    BatchStatus,
    BranchProgress,
    Completion,
    CompletionReason,
)
from .batch_result import BatchItem, BatchResult, Ended, item_of

Item = BatchItem[Any]


class Branches:
    """The branches of one batch. Each report costs O(1).

    Args:
        names: of the branches; as many as there are inputs.
        completion: when the batch is complete.
        max_concurrency: how many may run at once; None is all.
    """

    def __init__(
        self,
        names: Sequence[str | None],
        completion: Completion,
        max_concurrency: int | None,
    ) -> None:
        self.names: Final = names
        self._completion: Final = completion
        self._limit: Final = len(names) if max_concurrency is None else max_concurrency
        self._next = 0
        self._live = 0
        self._left = False
        self._closed = False
        self._ended: Final[dict[int, Item]] = {}
        self._failures = 0
        self.reason: CompletionReason | None = None
        self.fault: BaseException | None = None
        self._complete_if_due()

    @property
    def is_over(self) -> bool:
        """Whether the flow that has the branches goes on: complete, broken, or all gone."""
        if self.reason is not None or self.fault is not None:
            return True
        return self._live == 0 and (self._left or self._next >= len(self.names))

    @property
    def has_next(self) -> bool:
        """Whether a branch can be started now."""
        if self.reason is not None or self.fault is not None or self._left:
            return False
        return self._next < len(self.names) and self._live < self._limit

    def start_no_more(self) -> None:
        """The invocation suspends: branches that have not begun will not, in this one."""
        self._left = True

    def next_to_start(self) -> int | None:
        """The branch to start now, which counts as started; None while there is none."""
        if not self.has_next:
            return None
        index = self._next
        self._next += 1
        self._live += 1
        return index

    def branch_ended(self, index: int, ended: Ended) -> None:
        """The code of a branch has returned or raised. Ask `next_to_start`, then `is_over`.

        What ends after the batch is complete no longer counts.
        """
        self._live -= 1
        if self.reason is None and not self._closed:
            self._ended[index] = item_of(index, ended)
            if ended.error is not None:
                self._failures += 1
            self._complete_if_due()

    def branch_left(self, fault: BaseException | None = None) -> None:
        """A branch is gone without an end: it was suspended, cancelled, or broken.

        No further one starts: what befell it befalls the batch.

        Args:
            fault: what no branch may catch, to be raised by the flow that has them.
        """
        self._live -= 1
        self._left = True
        if self.fault is None and not self._closed:
            self.fault = fault

    def close(self) -> None:
        """The flow that has the branches goes on: what befalls a straggler befalls nobody."""
        self._closed = self._left = True

    def raise_fault(self) -> None:
        """Raise what no branch may catch, if it befell one: once, for the flow that has them."""
        fault, self.fault = self.fault, None
        try:
            if fault is not None:
                raise fault
        finally:
            # It holds the frames that it came through, so none of them may hold it.
            del fault

    def result(self) -> BatchResult[Any]:
        """What the batch came to, once it is complete."""
        assert self.reason is not None, "the batch is not complete"
        items = (
            self._ended.get(index) or BatchItem(index, BatchStatus.STARTED)
            for index in range(self._next)
        )
        return BatchResult(tuple(items), self.reason)

    def _complete_if_due(self) -> None:
        succeeded = len(self._ended) - self._failures
        try:
            self.reason = self._completion.reason(
                succeeded, self._failures, len(self.names), self._progress
            )
        except Exception as error:
            # A custom rule raised. It belongs to the flow that has the branches.
            self.fault = error

    def _progress(self) -> BatchProgress:
        def status(index: int) -> BatchStatus:
            item = self._ended.get(index)
            return BatchStatus.STARTED if item is None else item.status

        return BatchProgress(
            len(self._ended) - self._failures,
            self._failures,
            len(self.names),
            tuple(
                BranchProgress(index, self.names[index], status(index))
                for index in range(self._next)
            ),
        )
