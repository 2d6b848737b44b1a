"""One invocation of a local function: called as Lambda calls it, and what came of it."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from perdure.models import ErrorObject

from .lambda_context import LambdaContext

Function = Callable[[dict[str, Any], LambdaContext], object]
"""A Lambda handler: the decoded event and the context in, a JSON-ready value out."""


@dataclass(frozen=True, slots=True, repr=False)
class Returned:
    """The function returned; `output` is the JSON text of its value."""

    output: str


@dataclass(frozen=True, slots=True, repr=False)
class Raised:
    """The function raised, or what it returned is no JSON, or it could not be invoked.

    Args:
        error: what happened.
        retryable: False if no repetition can help, as when there is no such function.
    """

    error: ErrorObject
    retryable: bool = True


@dataclass(frozen=True, slots=True)
class Unanswered:
    """No answer came in time: nobody knows what the function did."""


Outcome = Returned | Raised | Unanswered
"""What came of an invocation."""


def invoke(function: Function, payload: str, context: LambdaContext) -> Returned | Raised:
    """Call a function with an event. Blocks until it is done; nothing comes out of it.

    Args:
        function: the handler.
        payload: the event, a JSON text.
        context: its second argument.

    Returns:
        What the service is to be told. Errors are named as Lambda names them: by the bare
        class name, and by ``Runtime.…`` when the whole process would have ended.
    """
    try:
        event = json.loads(payload)
    except (ValueError, RecursionError) as error:
        message = f"Could not parse request body into json: {error}"
        return Raised(ErrorObject(message, "InvalidRequestContentException"))
    try:
        value = function(event, context)
    except Exception as error:
        return Raised(
            ErrorObject(
                error_message=str(error),
                error_type=type(error).__name__,
                stack_trace=tuple(traceback.format_tb(error.__traceback__)[1:]),
            )
        )
    except BaseException as error:  # the process would end; here only the invocation does
        return Raised(_exited(error, context.aws_request_id))
    try:
        return Returned(json.dumps(value, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError) as error:
        return Raised(ErrorObject(f"Unable to marshal response: {error}", "Runtime.MarshalError"))


def _exited(error: BaseException, request_id: str) -> ErrorObject:
    status = error.code if isinstance(error, SystemExit) else None
    how = f"exit status {status if isinstance(status, int) else 0 if status is None else 1}"
    if not isinstance(error, SystemExit):
        how = type(error).__name__
    return ErrorObject(
        f"RequestId: {request_id} Error: Runtime exited with error: {how}", "Runtime.ExitError"
    )
