"""Where a service keeps its executions: the interface of a store.

`MemoryStore` is the plain one. Whoever writes another proves it by the same tests.
"""

from __future__ import annotations

from typing import Protocol

from ..errors import DurableError
from ..models.history import Event
from .saved import Change, Entry, SavedExecution, Selection, Unfinished


class StoreFailed(DurableError):
    """The store could not keep a change, or not read what it kept. Nothing was answered.

    The service in memory is now ahead of its store: give it up, and open the store anew.
    """


class Store(Protocol):
    """Keeps what a service hands over. It belongs to one service at a time.

    Every method may raise `StoreFailed`.
    """

    def save(self, change: Change) -> None:
        """Keep all of this change, or, if it raises, nothing of it.

        Once it returns, the end of the process loses nothing of it.
        """
        ...

    def load(self, arn: str) -> SavedExecution | None:
        """The execution with this ARN, or None."""
        ...

    def find_named(self, function_name: str, version: str, name: str) -> str | None:
        """The ARN of the execution that has this name for itself, or None."""
        ...

    def events(
        self, number: int, first: int, count: int | None, *, backwards: bool = False
    ) -> tuple[Event, ...]:
        """Some events of an execution.

        Args:
            number: of the execution.
            first: the id of the event to begin with.
            count: how many at most; None is all.
            backwards: from there towards the beginning.
        """
        ...

    def select(self, selection: Selection) -> list[tuple[int, Entry]]:
        """Some executions by their numbers, the latest first unless it says otherwise.

        The cost must not depend on how large they are.
        """
        ...

    def latest(self, function_name: str | None) -> int:
        """The number of the latest start of a function, or of all; -1 if there was none.

        It counts though the execution is forgotten.
        """
        ...

    def due(self) -> tuple[float, str] | None:
        """The earliest deadline of all, and whose; of equal ones that of the lowest number."""
        ...

    def to_forget(self) -> tuple[float, int, str] | None:
        """Who is to be forgotten next: when, the number, the ARN."""
        ...

    def unfinished(self) -> Unfinished:
        """What a service has to know that begins to work with this store."""
        ...
