"""An event loop in as few lines as do: tasks, flags, and a clock that only it moves.

Which of several tasks goes on is the caller's choice, so every interleaving can be had,
and had again.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from contextvars import copy_context
from dataclasses import dataclass
from types import coroutine
from typing import Any, Final, TypeVar, cast

T = TypeVar("T")


class Cancelled(BaseException):
    """Thrown into a task that was cancelled."""


class Stuck(AssertionError):
    """No task can go on, and no time will help."""


@dataclass(eq=False)
class Flag:
    """What tasks wait for."""

    is_set: bool = False


@dataclass(frozen=True)
class _Until:
    flag: Flag
    time: float | None


@coroutine
def wait(flag: Flag, until: float | None = None) -> Generator[_Until, None, None]:
    """Wait for a flag, or until a time."""
    yield _Until(flag, until)


class Task:
    """A coroutine of the loop."""

    def __init__(self, body: Coroutine[Any, None, object], loop: Loop, eagerness: int) -> None:
        self._body: Final = body
        self._loop: Final = loop
        self._variables: Final = copy_context()
        self._wants: _Until | None = None
        self._cancelled = False
        self.eagerness: Final = eagerness
        self.done: Final = Flag()
        self.value: object = None
        self.error: BaseException | None = None

    @property
    def until(self) -> float | None:
        """When it goes on at the latest."""
        return None if self._wants is None else self._wants.time

    @property
    def is_ready(self) -> bool:
        """Whether it can go on now."""
        wants = self._wants
        if wants is None or self._cancelled or wants.flag.is_set:
            return True
        return wants.time is not None and wants.time <= self._loop.now

    def cancel(self) -> None:
        """Throw `Cancelled` into it the next time it goes on."""
        self._cancelled = True

    def go_on(self) -> None:
        """Run it until it waits again, or ends."""
        begun = self._wants is not None
        self._wants = None
        try:
            if self._cancelled and begun:
                self._cancelled = False
                self._wants = self._variables.run(self._body.throw, Cancelled())
            else:
                self._wants = cast("_Until", self._variables.run(self._body.send, None))
        except StopIteration as end:
            self.value = end.value
        except BaseException as error:
            self.error = error
        self.done.is_set = self._wants is None


class Loop:
    """Runs tasks one at a time.

    Args:
        choose: which of so many tasks that can go on does; by default the eldest of the
            most eager ones.
    """

    def __init__(self, now: float, choose: Callable[[int], int] | None = None) -> None:
        self.now = now
        self._choose: Final = choose
        self._tasks: Final[list[Task]] = []
        self.current: Task | None = None

    def spawn(
        self, body: Coroutine[Any, None, object], eagerness: int = 1, *, at_once: bool = False
    ) -> Task:
        """A task for a coroutine. It begins later, or at once within this call."""
        task = Task(body, self, eagerness)
        self._tasks.append(task)
        if at_once:
            around, self.current = self.current, task
            task.go_on()
            self.current = around
        return task

    def run(self, body: Coroutine[Any, None, T]) -> T:
        """Run a coroutine and all that it spawns, until it ends."""
        main = self.spawn(body)
        while not main.done.is_set:
            self._turn()
        if main.error is not None:
            raise main.error
        left = [task for task in self._tasks if not task.done.is_set]
        assert not left, "tasks outlive the invocation"
        return cast("T", main.value)

    async def sleep(self, seconds: float) -> None:
        """Wait for some time."""
        await wait(Flag(), self.now + seconds)

    async def join(self, tasks: list[Task]) -> None:
        """Wait for tasks; raise what one of them raised unless it was cancelled."""
        for task in tasks:
            await wait(task.done)
        for task in tasks:
            if task.error is not None and not isinstance(task.error, Cancelled):
                raise task.error

    def _turn(self) -> None:
        self._tasks[:] = [task for task in self._tasks if not task.done.is_set]
        ready = [task for task in self._tasks if task.is_ready]
        if not ready:
            times = [task.until for task in self._tasks if task.until is not None]
            if not times:
                raise Stuck("every task waits, and none for a time")
            self.now = max(self.now, min(times))
            return
        if self._choose is None:
            self.current = max(ready, key=lambda task: task.eagerness)
        else:
            self.current = ready[self._choose(len(ready))]
        self.current.go_on()
