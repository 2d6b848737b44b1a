"""Faults that a test asks for: an invocation that dies at a checkpoint, an answer that is lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from perdure.models.enums import OperationAction, OperationType
from perdure.models.update import OperationUpdate

from .failure import MisuseError, hides_frames, listed

__tracebackhide__ = hides_frames

# What a function says last of an operation; the service says what becomes of the others.
_LAST_WORDS: Final = frozenset(
    {OperationAction.SUCCEED, OperationAction.FAIL, OperationAction.RETRY}
)
_ENDED_BY_SERVICE: Final = frozenset(
    {OperationType.WAIT, OperationType.CALLBACK, OperationType.CHAINED_INVOKE}
)


class Moment(Enum):
    """When something goes wrong."""

    BEFORE = "before"
    """The invocation dies; the service never hears of the checkpoint."""
    AFTER = "after"
    """The checkpoint is recorded, then the invocation dies."""
    LOST = "lost"
    """The checkpoint is recorded, and its answer does not come: it is sent again."""


@dataclass(slots=True, eq=False)
class Fault:
    """Something that goes wrong.

    Args:
        moment: when.
        name: of the operation at whose checkpoint it does.
        action: at which one; None is the last that the function makes of it.
        times: how often; afterwards all goes well.
    """

    moment: Moment
    name: str
    action: OperationAction | None
    times: int
    happened: int = 0

    def takes(self, updates: Iterable[OperationUpdate]) -> bool:
        """Whether it happens with a checkpoint of these updates; then it counts as happened."""
        if self.happened >= self.times or not any(map(self._is_meant, updates)):
            return False
        self.happened += 1
        return True

    def _is_meant(self, update: OperationUpdate) -> bool:
        if update.name != self.name:
            return False
        if self.action is not None:
            return update.action is self.action
        return update.action in _LAST_WORDS or update.type in _ENDED_BY_SERVICE


@dataclass(slots=True)
class Faults:
    """All that a test asks for."""

    planned: list[Fault] = field(default_factory=list[Fault])
    seen: list[str] = field(default_factory=list[str])

    def plan(self, moment: Moment, name: str, action: str | None, times: int) -> None:
        """Let something go wrong.

        Raises:
            MisuseError: there is no such action, or it would happen less than once.
        """
        if action is not None and action not in tuple(OperationAction):
            raise MisuseError(
                f"there is no action {action!r}; there are {listed(map(str, OperationAction))}"
            )
        if times < 1:
            raise MisuseError("a fault happens at least once")
        taken = None if action is None else OperationAction(action)
        self.planned.append(Fault(moment, name, taken, times))

    def at(self, updates: tuple[OperationUpdate, ...]) -> Moment | None:
        """What goes wrong with a checkpoint of these updates."""
        self.seen += [f"{each.name} {each.action}" for each in updates if each.name is not None]
        return next((each.moment for each in self.planned if each.takes(updates)), None)

    def unused(self) -> list[str]:
        """A complaint for each fault that never happened."""
        return [
            f"nothing went wrong at {each.name!r}: it had no such checkpoint"
            f" ({each.action or 'its last'}); there were: {listed(self.seen)}"
            for each in self.planned
            if not each.happened
        ]
