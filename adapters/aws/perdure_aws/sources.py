"""The clock and chance of this process, for `now`, `random` and `uuid` on the first run."""

from __future__ import annotations

from random import random
from time import time
from typing import TYPE_CHECKING, Final

from perdure.sources import Sources

if TYPE_CHECKING:
    from uuid import UUID


def _new_uuid() -> UUID:
    from uuid import uuid4  # Not needed by most functions; a cold start need not pay for it.

    return uuid4()


SYSTEM: Final = Sources(time, random, _new_uuid)
