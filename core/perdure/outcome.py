"""How an invocation may end, and what it then answers the service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import assert_never

from .errors import DurableError, ReplayError, Scope, ServiceError, error_object
from .models.enums import InvocationStatus
from .models.invocation import InvocationOutput
from .models.operation import ErrorObject


@dataclass(frozen=True, slots=True, repr=False)
class Succeeded:
    """The function returned; `result` is its value as JSON text."""

    result: str


@dataclass(frozen=True, slots=True, repr=False)
class Failed:
    """The function raised, and no repetition would help."""

    error: ErrorObject
    cause: BaseException | None = field(default=None, compare=False)
    """Kept where somebody looks at its traceback."""


@dataclass(frozen=True, slots=True, repr=False)
class Pending:
    """Nothing can move until the service invokes again."""


Outcome = Succeeded | Failed | Pending


def output_for(outcome: Outcome, *, finished: bool) -> InvocationOutput:
    """The answer for an outcome.

    Args:
        outcome: what the function came to.
        finished: a checkpoint has ended the execution already. The recorded end counts
            then, so the answer holds no second copy of it.
    """
    match outcome:
        case Pending():
            return InvocationOutput(InvocationStatus.PENDING)
        case Succeeded(result):
            return InvocationOutput(InvocationStatus.SUCCEEDED, result="" if finished else result)
        case Failed(error=error):
            return InvocationOutput(InvocationStatus.FAILED, error=None if finished else error)
        case _:
            assert_never(outcome)


def output_for_error(error: DurableError) -> InvocationOutput:
    """The answer after a request failed for good, if there is one.

    Raises:
        DurableError: the error itself, where the invocation is to be repeated: let it out
            of the Lambda handler.
    """
    is_final = isinstance(error, ServiceError) and error.scope is Scope.EXECUTION
    if is_final or isinstance(error, ReplayError):
        return InvocationOutput(InvocationStatus.FAILED, error=error_object(error))
    raise error
