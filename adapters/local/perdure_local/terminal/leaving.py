"""How the command ends its process, whatever a function may still be doing in it."""

from __future__ import annotations

import os
import sys
import threading
from typing import Final, NoReturn

FUNCTION_THREAD: Final = "perdure-function-"
"""How the names of threads begin in which functions run."""


def leave(status: int) -> NoReturn:
    """End the process: in good order if no function runs, else at once.

    The interpreter's own way out waits for the threads that a function has started, and
    closes event loops under it.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    if any(thread.name.startswith(FUNCTION_THREAD) for thread in threading.enumerate()):
        os._exit(status)
    sys.exit(status)
