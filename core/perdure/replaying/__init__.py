"""Replaying a recorded history against the code of today, and nothing but replaying it.

`read_history` reads what GetDurableExecutionHistory printed, `recorded_invocation` makes an
invocation of it. A handler that is called with that invocation goes through its history:
what is recorded returns, and where the history goes on no further it stops. No body of a
step runs, nothing is sent to any service. What was found is in the invocation's `findings`.
"""

from .findings import Findings, Stop
from .history import read_history
from .invocation import RecordedInvocation
from .operations import operations_of
from .recorded_end import RecordedEnd
from .recording import recorded_invocation

__all__ = [
    "Findings",
    "RecordedEnd",
    "RecordedInvocation",
    "Stop",
    "operations_of",
    "read_history",
    "recorded_invocation",
]
