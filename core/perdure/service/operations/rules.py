"""The form of the rules: which action is legal when, and what it does."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from ...models.enums import OperationAction, OperationStatus
from ...models.operation import Operation
from ...models.update import OperationUpdate
from ..execution import Execution
from ..ledger import Record
from ..setting import Setting
from ..timers import TimerKind

Apply = Callable[[Execution, OperationUpdate, float], None]
"""Do what an update asks, which is known to be legal, at this time."""

Check = Callable[[OperationUpdate, Setting], str | None]
"""What is wrong with the members of an update, or None. The message is what the client reads."""

Fire = Callable[[Execution, Record, float], None]
"""A timer of this operation is due."""

ABSENT: Final = None
"""Among the statuses an action is legal from: there is no such operation yet."""


@dataclass(frozen=True, slots=True)
class ActionRule:
    """One action on one type of operation.

    Args:
        legal_from: the statuses it is legal from, `ABSENT` among them where it may come first.
        refusal: the message otherwise.
        apply: what it does.
        check: what its members must be; looked at after the status.
    """

    legal_from: frozenset[OperationStatus | str | None]
    refusal: str
    apply: Apply
    check: Check


@dataclass(frozen=True, slots=True)
class OperationRules:
    """All of one type: its actions, and what happens when one of its timers is due."""

    actions: Mapping[OperationAction, ActionRule]
    timers: Mapping[TimerKind, Fire] = field(default_factory=dict[TimerKind, Fire])


def anything(update: OperationUpdate, setting: Setting) -> str | None:
    """A check that passes every update."""
    return None


def closing_members(update: OperationUpdate, setting: Setting) -> str | None:
    """SUCCEED carries no Error, FAIL no Payload."""
    if update.action is OperationAction.FAIL:
        return None if update.payload is None else "Cannot provide a Payload for FAIL action."
    return None if update.error is None else "Cannot provide an Error for SUCCEED action."


def created(update: OperationUpdate, status: OperationStatus, now: float) -> Operation:
    """The operation that an update brings into being, still without details."""
    return Operation(
        update.id,
        update.type,
        status,
        now,
        parent_id=update.parent_id,
        name=update.name,
        sub_type=update.sub_type,
    )


def due_after(now: float, seconds: int) -> float:
    """When something is due: at the next whole millisecond, for so the invocation event tells it.

    A handler that waits until the time it was told must not come a fraction too early.
    """
    exact = now + seconds
    due = round(exact, 3)
    return due if due >= exact else round(due + 0.001, 3)
