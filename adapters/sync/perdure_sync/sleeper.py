"""A thread that waits, and its own bell: ringing it wakes no other."""

from __future__ import annotations

from math import inf
from threading import Lock
from typing import Final

from .threads import Bell


class Sleeper:
    """One thread that waits. Its methods need the execution's lock.

    Who is awake looks for itself what has become of what it waits for, before it sleeps
    again; so only one that sleeps needs to be rung.

    Args:
        bell: what it waits for.
    """

    __slots__ = ("_bell", "is_asleep", "until")

    def __init__(self, bell: Bell) -> None:
        self._bell: Final = bell
        self.is_asleep = False
        self.until = inf

    def ring(self) -> None:
        """Wake it, if it sleeps."""
        if self.is_asleep:
            self.is_asleep = False
            self._bell.ring()

    def sleep(self, lock: Lock, now: float, until: float) -> None:
        """Let go of the lock and sleep until rung, or until a time.

        Args:
            lock: the execution's.
            now: the time, UNIX seconds.
            until: as `now`; infinity is for ever.
        """
        self.until = until
        self.is_asleep = True
        rung = False
        lock.release()
        try:
            rung = self._bell.wait(None if until == inf else max(0.0, until - now))
        finally:
            lock.acquire()
            if not self.is_asleep and not rung:
                self._bell.wait(None)  # Rung in the moment in which the time was over.
            self.is_asleep = False
