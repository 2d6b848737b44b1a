"""One invocation from its input to its answer, written once for every runtime."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final

from .completion import execution_succeeded
from .effects import flush, persist
from .errors import DurableError, Suspended, UpdateTooLargeError, error_object
from .limits import MAX_OUTPUT_BYTES
from .models.encode import compact
from .models.invocation import InvocationOutput
from .models.operation import ErrorObject
from .outcome import Failed, Outcome, Pending, Succeeded
from .recorded_errors import fit_error
from .replay_logging import LoggingContext
from .running import running_in
from .state import ExecutionState

_ENVELOPE_BYTES: Final = 64

Event = Any
"""What the user's function gets: the input of the execution, decoded from JSON."""


async def run_invocation(
    state: ExecutionState,
    func: Callable[[Event, Any], Awaitable[object] | object],
    context: LoggingContext | None,
) -> InvocationOutput:
    """Run the user's function and decide the answer.

    Args:
        state: the invocation, with all pages loaded.
        func: the durable function, of (event, context).
        context: what it gets as its second argument.

    Raises:
        ServiceError: the invocation is to be repeated: let it out of the Lambda handler.
    """
    watch = state.watch
    if watch is None:
        return await _run(state, func, context)
    watch.invocation_started()
    try:
        output = await _run(state, func, context)
    except BaseException as error:
        watch.invocation_ended(error)
        raise
    else:
        watch.invocation_ended(output)
        return output
    finally:
        state.watch = None  # The two hold each other.


async def _run(
    state: ExecutionState,
    func: Callable[[Event, Any], Awaitable[object] | object],
    context: LoggingContext | None,
) -> InvocationOutput:
    if state.error is not None:
        return state.close(Pending())
    outcome = await _outcome(state, func, context)
    try:
        await flush(state)
        outcome = await _record_if_large(state, outcome)
        # A thread that the function left behind may have recorded more meanwhile.
        state.finish()
        if state.has_pending:
            await flush(state)
    except (DurableError, Suspended):
        pass  # It sticks, and closing says what becomes of it.
    return state.close(outcome)


async def _outcome(
    state: ExecutionState,
    func: Callable[[Event, Any], Awaitable[object] | object],
    context: LoggingContext | None,
) -> Outcome:
    raw = state.original_input_raw
    try:
        event: Event = json.loads(raw) if raw else {}
    except (ValueError, RecursionError) as error:
        # Invoking again would not mend it, so the execution fails at once.
        return Failed(ErrorObject(f"the input is not JSON: {error}", "ValueError"))
    try:
        result = await running_in(context, func, event, context, convert=json.dumps)
        outcome: Outcome = Succeeded(result)
    except Suspended:
        outcome = Pending()
    except Exception as error:
        # Its frames would keep all that the function held; only a replay looks at them.
        cause = None if state.comparison is None else error
        outcome = Failed(fit_error(error_object(error)), cause)
    except BaseExceptionGroup as group:
        # Task groups and nurseries wrap the signal in a group of their own.
        if not state.is_suspended or group.subgroup(_is_foreign) is not None:
            raise
        outcome = Pending()
    # The state knows better than the function, which may have swallowed the signal.
    return Pending() if state.is_suspended else outcome


def _is_foreign(error: BaseException) -> bool:
    return not isinstance(error, (Exception, Suspended, BaseExceptionGroup))


async def _record_if_large(state: ExecutionState, outcome: Outcome) -> Outcome:
    """Record a result that is too large to be returned, as the end of the execution."""
    if not isinstance(outcome, Succeeded):
        return outcome
    # Embedded in the answer every quote and backslash of the result takes two bytes.
    if len(compact(outcome.result).encode()) + _ENVELOPE_BYTES <= MAX_OUTPUT_BYTES:
        return outcome
    try:
        ticket = state.checkpoint(execution_succeeded(outcome.result))
    except UpdateTooLargeError as refused:
        return Failed(fit_error(error_object(refused)))
    await persist(ticket)
    state.check_durable(ticket)
    return outcome
