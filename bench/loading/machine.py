"""How much of the machine went to somebody else while something was measured."""

from __future__ import annotations

import os
import resource
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


class Share:
    """A context manager; `line` says afterwards how busy others were. Linux only."""

    def __enter__(self):
        self.before = look()
        return self

    def __exit__(self, *_):
        used, all_of_it, ours = (
            after - before for after, before in zip(look(), self.before, strict=True)
        )
        others = max(0.0, used - ours) / all_of_it
        self.line = f"Other processes had {others:.0%} of the machine's CPU time meanwhile."


def look():
    """CPU seconds of the machine so far: used, all of them, and those of this benchmark."""
    fields = [int(n) / TICKS for n in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    ours = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        ours += usage.ru_utime + usage.ru_stime
    return sum(fields) - fields[3] - fields[4], sum(fields), ours
