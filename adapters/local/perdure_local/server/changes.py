"""Telling the page that something happened, so that it need not ask again and again."""

from __future__ import annotations

import asyncio
from typing import Final

PATIENCE_SECONDS: Final = 20.0
"""How long a question waits for news. Proxies and browsers give up later than this."""


class Changes:
    """Counts events, and wakes who waits for the next one. It lives on one event loop."""

    def __init__(self) -> None:
        self._count = 0
        self._closed = False
        # Under None there are those who wait for any execution.
        self._waiting: Final[dict[str | None, set[asyncio.Future[None]]]] = {}

    @property
    def count(self) -> int:
        """How many events there have been, over all executions."""
        return self._count

    def receive_event(self, arn: str) -> None:
        """Something happened to this execution."""
        self._count += 1
        for who in (arn, None):
            self._wake(who)

    def close(self) -> None:
        """Wake all, and let nobody wait from now on."""
        self._closed = True
        for who in list(self._waiting):
            self._wake(who)

    async def wait(self, arn: str | None) -> None:
        """Return at the next event of an execution, or of any (None); or when patience ends."""
        if self._closed:
            return
        woken = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(arn, set())
        waiting.add(woken)
        try:
            await asyncio.wait((woken,), timeout=PATIENCE_SECONDS)
        finally:
            waiting.discard(woken)
            if not waiting and self._waiting.get(arn) is waiting:
                del self._waiting[arn]

    def _wake(self, who: str | None) -> None:
        for woken in self._waiting.pop(who, ()):
            if not woken.done():
                woken.set_result(None)
