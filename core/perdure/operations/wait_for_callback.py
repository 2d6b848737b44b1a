"""Wait for callback: a callback, a step that hands out its id, and the wait for the answer.

On the wire it is a child context around the two, so a finished one is a single result.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

from ..errors import (
    CallbackExternalError,
    CallbackSubmitterError,
    CallbackTimeoutError,
    ChildContextError,
    OperationError,
    StepError,
)
from ..modes import Need
from ..serdes import TAGGED
from .call import OperationCall
from .callback import CallbackConfig, await_callback, create_callback
from .child import ChildConfig, child_outcome
from .step import StepConfig, run_step

SUB_TYPE: Final = "WaitForCallback"

# The recorded type of the inner error: what is raised for it.
_INNER: Final[dict[str, type[OperationError]]] = {
    CallbackExternalError.WIRE_TYPE: CallbackExternalError,
    CallbackTimeoutError.WIRE_TYPE: CallbackTimeoutError,
    StepError.WIRE_TYPE: CallbackSubmitterError,
}


def inner_names(name: str | None) -> tuple[str, str]:
    """The names of the callback and of the step that submits it."""
    prefix = "" if name is None else f"{name} "
    return f"{prefix}create callback id", f"{prefix}submitter"


async def run_wait_for_callback(
    this: OperationCall,
    callback: OperationCall,
    submission: OperationCall,
    config: CallbackConfig,
    submit: StepConfig,
    draw: Callable[[], float],
    submitter: Callable[[str], Awaitable[Any] | Any],
) -> Any:
    """Carry out one wait for a callback.

    Args:
        this: the call.
        callback: the callback in it.
        submission: the step in it.
        config: of the callback.
        submit: of the step.
        draw: gives a random number in [0, 1).
        submitter: hands the callback's id to whoever will answer. It is retried as a step
            is, and never runs again once it has succeeded.

    Raises:
        CallbackTimeoutError, CallbackExternalError: there was no answer, or a bad one.
        CallbackSubmitterError: the submitter failed for good.
    """

    async def body() -> Any:
        callback_id = await create_callback(callback, config)
        await run_step(submission, submit, draw, submitter, (callback_id,))
        return await await_callback(callback, config.serdes)

    outcome = await child_outcome(this, ChildConfig(TAGGED), body, keep_cause=True)
    if outcome.ticket is not None:
        await this.settle(outcome.ticket, Need.RESULT)
    if outcome.error is not None:
        # The context's error is the inner one; its recorded type says which that was.
        outcome.raise_as(_INNER.get(outcome.error.error_type or "", ChildContextError))
    return outcome.value
