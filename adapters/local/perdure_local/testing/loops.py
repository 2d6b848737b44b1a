"""A test may be a coroutine: then what blocks gets a thread of its own."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from contextvars import copy_context
from typing import TypeVar

from .failure import hides_frames
from .strangers import TakingPart

__tracebackhide__ = hides_frames

T = TypeVar("T")


def outside_of_loops(func: Callable[[], T]) -> T:
    """Call a function that runs event loops, in this thread if none runs here already.

    Raises:
        BaseException: whatever it raises.
    """
    if not _is_in_a_loop():
        return func()
    values: list[T] = []
    errors: list[BaseException] = []

    def call() -> None:
        try:
            values.append(context.run(func))
        except BaseException as error:
            errors.append(error)

    context = copy_context()
    thread = TakingPart(target=call, name="perdure-test")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return values[0]


def _is_in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        trio = sys.modules.get("trio")
        return trio is not None and bool(trio.lowlevel.in_trio_run())
    return True
