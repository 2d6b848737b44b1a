"""How the threads of an invocation begin and wait. A simulation of time brings its own way."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Thread
from typing import Final, Protocol


class Bell(Protocol):
    """What one thread waits for. It is rung once for each wait at most."""

    def wait(self, timeout: float | None) -> bool:
        """Wait until it was rung, or for so many seconds at most; was it rung?"""
        ...

    def ring(self) -> None:
        """Let the thread go on that waits, or that is about to."""
        ...


class Threads(Protocol):
    """Makes the two things that let a thread stand still or begin."""

    def bell(self) -> Bell:
        """A bell whose timeouts are seconds of its own time."""
        ...

    def thread(self, target: Callable[[], object], name: str) -> Thread:
        """A daemon thread that is not started yet."""
        ...


class SystemBell:
    """A lock that the one who waits takes twice, and the one who rings releases."""

    __slots__ = ("_lock",)

    def __init__(self) -> None:
        self._lock: Final = Lock()
        self._lock.acquire()

    def wait(self, timeout: float | None) -> bool:
        """Wait in real time."""
        return self._lock.acquire(timeout=-1 if timeout is None else timeout)

    def ring(self) -> None:
        """Let it go on."""
        self._lock.release()


class SystemThreads:
    """Those of this process, in real time."""

    def bell(self) -> Bell:
        """A plain one."""
        return SystemBell()

    def thread(self, target: Callable[[], object], name: str) -> Thread:
        """A plain thread."""
        return Thread(target=target, name=name, daemon=True)


SYSTEM_THREADS: Final = SystemThreads()
