"""Threads that do not take turns: those that user code starts and waits for by itself."""

from __future__ import annotations

import threading
from typing import Final

GRACE_SECONDS: Final = 1.0
"""How long a thread or a peer that we know nothing of is waited for, in real time."""

# Idle threads of pools, whose work is counted where it is given to them.
_POOLS: Final = ("asyncio_", "Trio thread")


class Strangers:
    """Tells whether user code has started threads of its own since this was made."""

    def __init__(self) -> None:
        self._known: Final = set(threading.enumerate())

    def are_here(self) -> bool:
        """Whether there are such threads, at work or not."""
        return any(
            thread not in self._known
            and not isinstance(thread, TakingPart)
            and not thread.name.startswith(_POOLS)
            for thread in threading.enumerate()
        )


class TakingPart(threading.Thread):
    """A thread that is no stranger."""
