"""Whether a context still repeats its history or already makes it."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from .lineage import Lineage


class ReplayStatus(StrEnum):
    """Where one context stands."""

    REPLAY = "REPLAY"
    """It reached recorded operations only, so far."""
    NEW = "NEW"
    """It went past its history. It never goes back."""


_NEW: Final = ReplayStatus.NEW


class ReplayTracker:
    """The status of every context; None is the root.

    The root begins in REPLAY if anything but the execution itself is recorded; every
    other context begins with the status that the context around it has.
    """

    __slots__ = ("_lineage", "_new")

    def __init__(self, lineage: Lineage) -> None:
        self._lineage = lineage
        self._new: dict[str | None, bool] = {}

    def begin(self) -> None:
        """Settle the root's status; all pages are loaded. What was asked before counts no more."""
        self._new = {None: not self._lineage.has_history}

    def is_new(self, context_id: str | None) -> bool:
        """Whether a context went past its history."""
        known = self._new.get(context_id)
        if known is not None:
            return known
        path: list[str | None] = []
        while (known := self._new.get(context_id)) is None:
            path.append(context_id)
            # Ends the walk if the peer's parents form a ring.
            self._new[context_id] = False
            if context_id is None or context_id not in self._lineage:
                # A context of which nothing is recorded cannot repeat anything.
                known = context_id is not None
                break
            context_id = self._lineage.parent_of(context_id)
        self._new.update(dict.fromkeys(path, known))
        return known

    def track(self, operation_id: str, context_id: str | None) -> ReplayStatus:
        """Note that a context reached an operation; the first unrecorded one makes it new."""
        if operation_id not in self._lineage:
            self._new[context_id] = True
            return _NEW
        return _NEW if self.is_new(context_id) else ReplayStatus.REPLAY
