"""Fewer pauses for the collector of cycles, in a process that keeps much and makes few."""

from __future__ import annotations

import gc
from typing import Final

_THRESHOLDS: Final = (5_000, 20, 100)


def collect_seldom() -> None:
    """Call it once everything is imported, in a process of our own.

    What executions are made of has no cycles, but a full collection looks through all of
    it, and nobody is answered meanwhile: 50 ms with a few thousand executions in memory.
    What is there by now is never looked through again, and young cycles, such as those of
    functions that raise, still go soon.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
