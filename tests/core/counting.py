"""What something costs, in numbers that are the same on any machine: calls and bytes."""

from __future__ import annotations

import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def each_call(look: Callable[[FrameType], None]) -> Generator[None]:
    """Look at each Python function that is called in this thread, as it begins."""

    def profile(frame: FrameType, event: str, arg: object) -> None:
        if event == "call":
            look(frame)

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(before)


@contextmanager
def calls_by_module() -> Generator[Counter[str]]:
    """Count those calls of functions of ours by the module that they are of."""
    calls: Counter[str] = Counter()

    def look(frame: FrameType) -> None:
        module = str(frame.f_globals.get("__name__"))
        # Others call too whenever they like: hypothesis at each collection of garbage.
        if module.startswith("perdure"):
            calls[module] += 1

    with each_call(look):
        yield calls


@contextmanager
def most_memory() -> Generator[list[int]]:
    """How many bytes more than at the beginning were in use at once, as the one item."""
    most: list[int] = []
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        yield most
        most.append(tracemalloc.get_traced_memory()[1] - before)
    finally:
        tracemalloc.stop()
