"""What came of replaying a history: where it diverged, where it stopped, how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..errors import DurableError, ReplayError
from ..outcome import Outcome


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the program an operation is called.

    Args:
        owner: the operation that owns the context; None is the root.
        position: 1 for the first call of that context, or the first branch of that batch.
    """

    owner: str | None
    position: int


@dataclass(frozen=True, slots=True)
class Stop:
    """A place where the history goes on no further.

    Args:
        operation_id: what the function asks for there.
        asked: its type, subtype, name and parent.
        status: what is recorded of it so far; None is nothing.
        unwinding: its traceback leads to the line that asked.
    """

    operation_id: str
    asked: Mapping[str, str | None]
    status: str | None
    unwinding: BaseException


@dataclass(slots=True)
class Findings:
    """Filled while a handler replays.

    Args:
        divergence: the first difference; its traceback leads to the line that differs,
            where there is one.
        fault: what else kept the replay from going on, such as a record that cannot be.
        outcome: how the function ended, or that it is pending.
        places: where each operation was called, by operation id.
        stops: where it waits for what is not recorded.
    """

    divergence: ReplayError | None = None
    fault: DurableError | None = None
    outcome: Outcome | None = None
    places: dict[str, Place] = field(default_factory=dict[str, Place])
    stops: list[Stop] = field(default_factory=list[Stop])

    @property
    def agrees(self) -> bool:
        """Whether the function does what it did, as far as that was recorded."""
        return self.divergence is None and self.fault is None
