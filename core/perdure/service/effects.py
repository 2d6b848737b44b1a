"""What a CHAINED_INVOKE sets off outside its own execution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..models.fields import WireModel
from .origin import Caller, Origin


@dataclass(frozen=True, slots=True)
class ChildToStart:
    """An execution of a durable function."""

    origin: Origin


@dataclass(frozen=True, slots=True, repr=False)
class FunctionToCall(WireModel):
    """One call of a plain function."""

    SHOWN: ClassVar = ("call_id", "function_name", "qualifier")

    call_id: str
    caller: Caller
    function_name: str
    qualifier: str
    version: str
    payload: str
    tenant_id: str | None
    trace_id: str | None


Effect = ChildToStart | FunctionToCall
