"""How the threads of an invocation begin and wait. A simulation of time brings its own way."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Lock, Thread
from typing import Final, Protocol


class Threads(Protocol):
    """Makes the two things of `threading` that let a thread stand still or begin."""

    def condition(self, lock: Lock) -> Condition:
        """A condition over a lock that others share; timeouts are seconds of its own time."""
        ...

    def thread(self, target: Callable[[], object], name: str) -> Thread:
        """A daemon thread that is not started yet."""
        ...


class SystemThreads:
    """Those of this process, in real time."""

    def condition(self, lock: Lock) -> Condition:
        """A plain condition."""
        return Condition(lock)

    def thread(self, target: Callable[[], object], name: str) -> Thread:
        """A plain thread."""
        return Thread(target=target, name=name, daemon=True)


SYSTEM_THREADS: Final = SystemThreads()
