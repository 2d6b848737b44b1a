"""Invoke: call another function and wait for its answer without paying for the wait."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final, assert_never

from ..errors import InvokeError, ValidationError
from ..models.enums import OperationAction
from ..models.operation import ChainedInvokeDetails
from ..models.update import ChainedInvokeOptions
from ..modes import Need
from ..recorded_errors import recorded_error
from ..serdes import JSON, SerDes
from ..transitions import OnReplay
from . import payloads
from .call import OperationCall

SUB_TYPE: Final = "ChainedInvoke"
_TENANT: Final = re.compile(r"[a-zA-Z0-9._:/=+\-@ ]{1,256}").fullmatch


@dataclass(slots=True)
class InvokeConfig:
    """How an invocation of another function behaves.

    Args:
        tenant_id: the tenant to invoke it for, of a function with tenant isolation.
        trace_id: the X-Ray trace header it gets; by default the execution's own.
        payload_serdes: how its input is written, plain JSON by default.
        result_serdes: how its answer is read, plain JSON by default.
    """

    tenant_id: str | None = None
    trace_id: str | None = None
    payload_serdes: SerDes = JSON
    result_serdes: SerDes = JSON


def check_target(function_name: object, config: InvokeConfig) -> str:
    """Check what is to be invoked.

    Raises:
        ValidationError: it is no name or ARN of a function, or the tenant is no tenant.
    """
    if not isinstance(function_name, str) or not 1 <= len(function_name) <= 256:
        raise ValidationError(
            f"a function's name or ARN has 1 to 256 characters: {function_name!r}"
        )
    if config.tenant_id is not None and not _TENANT(config.tenant_id):
        raise ValidationError(
            f"a tenant is 1 to 256 of A-Z a-z 0-9 . _ : / = + - @: {config.tenant_id!r}"
        )
    return function_name


async def run_invoke(
    this: OperationCall, config: InvokeConfig, function_name: str, payload: Any
) -> Any:
    """Carry out one invocation of another function.

    Args:
        this: the call.
        config: how it behaves.
        function_name: a name, partial ARN or ARN, with or without a qualifier.
        payload: its input.

    Raises:
        InvokeError: the function failed, timed out or was stopped, or is not there.
        SerDesError: the input cannot be written, or the answer not be read.
        UpdateTooLargeError: the input is larger than the service takes.
    """
    while True:
        operation, decision = await this.find()
        details = (operation and operation.chained_invoke_details) or ChainedInvokeDetails()
        match decision:
            case OnReplay.RETURN:
                return payloads.decode(this.state, config.result_serdes, details.result)
            case OnReplay.RAISE:
                raise recorded_error(InvokeError, details.error)
            case OnReplay.BEGIN:
                ticket = this.send(
                    OperationAction.START,
                    Need.CORRECTNESS,
                    payload=payloads.encode(this.state, config.payload_serdes, payload),
                    chained_invoke_options=ChainedInvokeOptions(
                        function_name, config.tenant_id, config.trace_id or this.trace_id()
                    ),
                )
                await this.settle(ticket, Need.CORRECTNESS)
            case OnReplay.PARK | OnReplay.RESUME:
                await this.wait_for_service(None)
            case _:
                assert_never(decision)
