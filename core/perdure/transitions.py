"""What may happen to an operation, as tables. The only place where legality is written.

Two roles read them. The client admits an update only if its row exists, so that no batch
is sent which the service must refuse; the service validates with the same rows and adds
its own words. Replay reads the second table: what to do with an operation that is found
recorded in a given status.

A missing row is an answer too: that cannot happen, and whoever asks raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from .models.enums import OperationAction as A
from .models.enums import OperationStatus as S
from .models.enums import OperationType as T

ABSENT: Final[None] = None
"""The status of an operation that is not recorded."""

_OPEN_STEP: Final = (ABSENT, S.STARTED, S.READY)
_OPEN_CONTEXT: Final = (ABSENT, S.STARTED)

TRANSITIONS: Final[Mapping[tuple[T, A], Mapping[S | None, S]]] = {
    (T.EXECUTION, A.SUCCEED): {ABSENT: S.SUCCEEDED, S.STARTED: S.SUCCEEDED},
    (T.EXECUTION, A.FAIL): {ABSENT: S.FAILED, S.STARTED: S.FAILED},
    (T.CONTEXT, A.START): {ABSENT: S.STARTED},
    (T.CONTEXT, A.SUCCEED): dict.fromkeys(_OPEN_CONTEXT, S.SUCCEEDED),
    (T.CONTEXT, A.FAIL): dict.fromkeys(_OPEN_CONTEXT, S.FAILED),
    (T.STEP, A.START): {ABSENT: S.STARTED, S.READY: S.STARTED},
    (T.STEP, A.SUCCEED): dict.fromkeys(_OPEN_STEP, S.SUCCEEDED),
    (T.STEP, A.FAIL): dict.fromkeys(_OPEN_STEP, S.FAILED),
    (T.STEP, A.RETRY): dict.fromkeys(_OPEN_STEP, S.PENDING),
    (T.WAIT, A.START): {ABSENT: S.STARTED},
    (T.WAIT, A.CANCEL): {S.STARTED: S.CANCELLED},
    (T.CALLBACK, A.START): {ABSENT: S.STARTED},
    (T.CHAINED_INVOKE, A.START): {ABSENT: S.STARTED},
}
"""(type, action): the statuses it is legal in, and the status that follows."""

LEGAL_ACTIONS: Final[Mapping[T, frozenset[A]]] = {
    kind: frozenset(action for known, action in TRANSITIONS if known is kind) for kind in T
}

TERMINAL: Final = frozenset({S.SUCCEEDED, S.FAILED, S.CANCELLED, S.TIMED_OUT, S.STOPPED})
"""The statuses that no operation ever leaves."""

PAIRABLE: Final = frozenset({T.STEP, T.CONTEXT})
"""Types whose START may share a batch with one other action of the same operation."""

SERVICE_PENDING: Final = frozenset(
    {
        (T.STEP, S.PENDING),
        (T.WAIT, S.STARTED),
        (T.CALLBACK, S.STARTED),
        (T.CHAINED_INVOKE, S.STARTED),
    }
)
"""What the service itself will move. PENDING may be returned only if one of these exists."""


class OnReplay(StrEnum):
    """What to do with an operation that the function reaches."""

    BEGIN = "BEGIN"
    """Send START, then carry it out."""
    RESUME = "RESUME"
    """It was begun and cut off: carry it out without START (at-most-once: it is interrupted)."""
    PARK = "PARK"
    """Only the service can move it: wait."""
    RETURN = "RETURN"
    """Return what is recorded."""
    RAISE = "RAISE"
    """Raise what is recorded."""


_ENDED_BADLY: Final[dict[S | None, OnReplay]] = dict.fromkeys(
    (S.FAILED, S.TIMED_OUT, S.STOPPED, S.CANCELLED), OnReplay.RAISE
)

ON_REPLAY: Final[Mapping[T, Mapping[S | None, OnReplay]]] = {
    T.STEP: {
        ABSENT: OnReplay.BEGIN,
        S.STARTED: OnReplay.RESUME,
        S.READY: OnReplay.BEGIN,
        S.PENDING: OnReplay.PARK,
        S.SUCCEEDED: OnReplay.RETURN,
        **_ENDED_BADLY,
    },
    T.WAIT: {
        ABSENT: OnReplay.BEGIN,
        S.STARTED: OnReplay.PARK,
        S.SUCCEEDED: OnReplay.RETURN,
        **_ENDED_BADLY,
        # Somebody cut the wait short on purpose; it is over, and nothing failed.
        S.CANCELLED: OnReplay.RETURN,
    },
    T.CALLBACK: {
        ABSENT: OnReplay.BEGIN,
        S.STARTED: OnReplay.PARK,
        S.SUCCEEDED: OnReplay.RETURN,
        **_ENDED_BADLY,
    },
    T.CHAINED_INVOKE: {
        ABSENT: OnReplay.BEGIN,
        S.STARTED: OnReplay.PARK,
        S.SUCCEEDED: OnReplay.RETURN,
        **_ENDED_BADLY,
    },
    T.CONTEXT: {
        ABSENT: OnReplay.BEGIN,
        S.STARTED: OnReplay.RESUME,
        S.SUCCEEDED: OnReplay.RETURN,
        **_ENDED_BADLY,
    },
}
"""type: recorded status -> what the function's call does with it."""
