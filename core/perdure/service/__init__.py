"""The other role: the durable execution service as a pure machine.

`Service` takes parsed requests (`parsing` makes them), the outcomes of invocations and
the time, and says what to invoke and when it wants to be asked again.
"""

from .execution import Phase
from .faults import ServiceFault
from .invocations import InvocationToSend
from .policy import ServicePolicy
from .service import Service
from .starting import StartedExecution

__all__ = [
    "InvocationToSend",
    "Phase",
    "Service",
    "ServiceFault",
    "ServicePolicy",
    "StartedExecution",
]
