"""What one trio task waits for. For one alone, it needs no queue of those who wait."""

from __future__ import annotations

import trio


class Waiter:
    """Waited for once, by one task; woken before or after it began to wait."""

    __slots__ = ("_is_woken", "_task")

    def __init__(self) -> None:
        self._is_woken = False
        self._task: trio.lowlevel.Task | None = None

    async def wait(self) -> None:
        """Wait until it is woken. A checkpoint of trio's in any case."""
        if self._is_woken:
            await trio.lowlevel.checkpoint()
            return
        self._task = trio.lowlevel.current_task()
        await trio.lowlevel.wait_task_rescheduled(self._cancelled)

    def wake(self) -> None:
        """Wake the task, now or as soon as it waits. It may have gone."""
        self._is_woken = True
        task, self._task = self._task, None
        if task is not None:
            trio.lowlevel.reschedule(task)

    def _cancelled(self, _: object) -> trio.lowlevel.Abort:
        self._task = None
        return trio.lowlevel.Abort.SUCCEEDED
