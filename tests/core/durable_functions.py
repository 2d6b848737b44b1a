"""The simplest durable functions, and what Lambda sends back for them."""

from __future__ import annotations

from typing import Any

from core.transcript import Context, Wire
from perdure.models.encode import to_wire
from perdure.models.invocation import InvocationOutput


def answer(output: InvocationOutput) -> Wire:
    """What Lambda sends back."""
    return to_wire(output)


def failed(error_type: str, message: str) -> Wire:
    """The answer FAILED."""
    return {"Status": "FAILED", "Error": {"ErrorMessage": message, "ErrorType": error_type}}


def returns(value: object) -> Any:
    """A function that returns."""

    async def body(context: Context) -> object:
        return value

    return body


def raises(error: BaseException) -> Any:
    """A function that raises."""

    async def body(context: Context) -> object:
        raise error

    return body
