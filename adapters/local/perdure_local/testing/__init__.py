"""Test durable functions in one process, on virtual time: no socket, no sleep, no account.

`Durable` is what the pytest fixture ``durable`` gives; it works without pytest, too.
"""

from .callbacks import Callback, Signal
from .durable import Durable
from .failure import Failure, MisuseError
from .run import ExecutionFailed, Invocation, Recorded, Request, Run
from .snapshots import SnapshotMismatch

__all__ = [
    "Callback",
    "Durable",
    "ExecutionFailed",
    "Failure",
    "Invocation",
    "MisuseError",
    "Recorded",
    "Request",
    "Run",
    "Signal",
    "SnapshotMismatch",
]
