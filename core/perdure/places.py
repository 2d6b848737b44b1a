"""The places of one context's operations: their ids, and where its history ends.

The flag of a context says whether its code still repeats what an earlier run did. It
falls once and never rises: at the first operation that is not recorded, at a step whose
body is to run, and after an operation that nothing recorded follows. The last, a look
ahead, is why code between the last recorded operation and the first new one counts as new.
"""

from __future__ import annotations

from typing import Final

from .ids import operation_id
from .models.enums import OperationType
from .models.operation import Operation
from .recorded_state import RecordedState
from .transitions import TERMINAL

# Asked at every call, and looking up a member of an Enum costs more than the comparison.
_CALLBACK: Final = OperationType.CALLBACK
_STEP: Final = OperationType.STEP


class Places:
    """Mints the ids of one context, and knows whether the context still replays.

    Args:
        state: what is recorded.
        prefix: the id of the operation that owns the context; None is the root.
        context_id: what its operations name as their parent on the wire.
    """

    __slots__ = (
        "_context_id",
        "_next_id",
        "_position",
        "_prefix",
        "_recorded",
        "_skips",
        "_state",
        "ahead",
        "is_replaying",
    )

    def __init__(self, state: RecordedState, prefix: str | None, context_id: str | None) -> None:
        self._state: Final = state
        self._recorded: Final = state.operations
        self._prefix: Final = prefix
        self._context_id: Final = context_id
        self._position = 0
        # A hash for each operation, not two: the look ahead leaves it to the next call.
        self._next_id: str | None = None
        self.ahead: Operation | None = None
        """What is recorded for the next call, if this context replays and looked."""
        self._skips = False
        # All but the root are told by the context that they are opened in.
        self.is_replaying = prefix is None and state.is_replay()

    def take(self, kind: OperationType, *, traceless: bool = False) -> str:
        """Mint the id of the operation that is called now.

        Args:
            kind: its type.
            traceless: nothing of it is ever recorded, so that says nothing.
        """
        identity = self._next_id or operation_id(self._position + 1, self._prefix)
        self.pass_by()
        if traceless:
            return identity
        recorded = self._recorded.get(identity)
        if recorded is None:
            self.is_replaying = False
            self._state.track_replay(identity, self._context_id)
        elif kind is _STEP and recorded.status not in TERMINAL:
            self.is_replaying = False
        # The creation of a callback is not its end: what stands between the two ran before.
        self._skips = kind is _CALLBACK
        return identity

    @property
    def latest(self) -> tuple[str | None, int]:
        """Who owns the context, and the place that was taken last."""
        return self._prefix, self._position

    def pass_by(self) -> None:
        """The operation that is called now takes its place, and has nothing else to do."""
        self._position += 1
        self._next_id = self.ahead = None

    def look_ahead(self) -> None:
        """An operation is over: if nothing that is recorded follows, the rest is new."""
        if self._skips:
            self._skips = False
        elif self.is_replaying:
            self.is_replaying = self.has_next()

    def has_next(self) -> bool:
        """Whether the operation that will be called next is recorded."""
        self._next_id = operation_id(self._position + 1, self._prefix)
        self.ahead = self._recorded.get(self._next_id)
        return self.ahead is not None
