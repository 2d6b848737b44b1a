"""The other role: the durable execution service as a pure machine.

`Service` takes parsed requests (`parsing` makes them), the outcomes of invocations and
the time, and says what to invoke and when it wants to be asked again.
"""

from .faults import ServiceFault
from .function_calls import FunctionCallToSend
from .functions import DURABLE, PLAIN, FunctionConfig, read_function_configs
from .invocations import InvocationToSend
from .policy import ServicePolicy
from .service import Service
from .standing import Phase
from .starting import StartedExecution

__all__ = [
    "DURABLE",
    "PLAIN",
    "FunctionCallToSend",
    "FunctionConfig",
    "InvocationToSend",
    "Phase",
    "Service",
    "ServiceFault",
    "ServicePolicy",
    "StartedExecution",
    "read_function_configs",
]
