"""Step: run a function, record what came of it, try again where the strategy says so.

At-least-once: START travels with the result, so a crash in between runs the body again.
At-most-once: the body begins only after START is durable; one that was cut off counts as
a failed attempt, and the strategy decides whether there is another.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, TypeVar, assert_never, cast

from ..effects import call
from ..errors import (
    DurableError,
    OperationError,
    SerDesError,
    StepError,
    StepInterruptedError,
    UpdateTooLargeError,
    ValidationError,
    error_object,
)
from ..models.enums import OperationAction, OperationStatus
from ..models.operation import ErrorObject, Operation
from ..models.update import StepOptions
from ..modes import Need
from ..outbox import Ticket
from ..pydantic_serdes import serdes_for
from ..recorded_errors import fit_error, recorded_error
from ..retries import DEFAULT, RetryStrategy
from ..running import running_step
from ..serdes import TAGGED, SerDes
from ..state import ExecutionState
from ..step_context import StepContext
from ..transitions import OnReplay
from . import payloads
from .body import run_body
from .call import OperationCall

T = TypeVar("T")

SUB_TYPE: Final = "Step"


class StepSemantics(StrEnum):
    """How often the body of one attempt may run."""

    AT_LEAST_ONCE = "AT_LEAST_ONCE_PER_RETRY"
    """A crash may run it again. For bodies that may be repeated."""
    AT_MOST_ONCE = "AT_MOST_ONCE_PER_RETRY"
    """A crash ends the attempt. For bodies that must not be repeated unasked."""


# Asked at every step, and looking up a member of an Enum costs more than the rest.
_START: Final = OperationAction.START
_SUCCEED: Final = OperationAction.SUCCEED
_ANNOUNCE: Final = Need.ANNOUNCE
_RESULT: Final = Need.RESULT
_CORRECTNESS: Final = Need.CORRECTNESS
_AT_LEAST_ONCE: Final = StepSemantics.AT_LEAST_ONCE
_AT_MOST_ONCE: Final = StepSemantics.AT_MOST_ONCE


@dataclass(slots=True)
class StepConfig:
    """How a step behaves.

    Args:
        retry: asked after each failed attempt; the default strategy makes six attempts.
        semantics: how often the body of one attempt may run.
        serdes: how the result is recorded.
        sub_type: what kind of step the history shows.
    """

    retry: RetryStrategy = DEFAULT
    semantics: StepSemantics = StepSemantics.AT_LEAST_ONCE
    serdes: SerDes = TAGGED
    sub_type: str = SUB_TYPE


_USUAL: Final = StepConfig()


def step_config(
    func: Callable[..., Any],
    retry: RetryStrategy,
    semantics: StepSemantics,
    serdes: SerDes,
    sub_type: str,
) -> StepConfig:
    """How a step of `func` behaves; see `StepConfig`. All that are as usual share one."""
    serdes = serdes_for(func, serdes)
    if (
        retry is DEFAULT
        and semantics is _AT_LEAST_ONCE
        and serdes is TAGGED
        and sub_type == SUB_TYPE
    ):
        return _USUAL
    return StepConfig(retry, semantics, serdes, sub_type)


async def replay_step(state: ExecutionState, recorded: Operation, serdes: SerDes) -> Any:
    """Return the result of a step that has succeeded: the short way, with no effects.

    Raises:
        SerDesError: what is recorded cannot be read.
    """
    if state.error is not None:
        raise state.error
    return payloads.decode(state, serdes, _result(recorded))


async def run_step(
    this: OperationCall,
    config: StepConfig,
    draw: Callable[[], float],
    func: Callable[..., Awaitable[T] | T],
    args: tuple[Any, ...],
) -> T:
    """Carry out one step.

    Args:
        this: the call.
        config: how it behaves.
        draw: gives a random number in [0, 1), for the spread of retry delays.
        func: the body.
        args: its arguments.

    Returns:
        What a replay would return: the result after encoding and decoding.

    Raises:
        StepError: it failed for good.
        SerDesError: its result cannot be recorded, or what is recorded not be read.
    """
    while True:
        operation, decision = await this.find()
        attempt = _attempts(operation) + 1
        match decision:
            case OnReplay.BEGIN:
                need = _CORRECTNESS if config.semantics is _AT_MOST_ONCE else _ANNOUNCE
                started = this.send(_START, need)
                if need in this.state.waits:
                    await this.settle(started, need)
                if need is _CORRECTNESS and not _is_started(this):
                    continue  # The answer says that it is not ours to run.
            case OnReplay.RESUME:
                if config.semantics is StepSemantics.AT_MOST_ONCE:
                    error = StepInterruptedError(
                        f"Step operation_id={this.id} name={this.name} was previously interrupted"
                    )
                    await _attempt_failed(this, config.retry, draw, error, attempt)
                    continue
            case OnReplay.RETURN:
                return cast("T", payloads.decode(this.state, config.serdes, _result(operation)))
            case OnReplay.RAISE:
                raise recorded_error(StepError, _error(operation))
            case OnReplay.PARK:
                await this.wait_for_service(_next_attempt(operation))
                continue
            case _:
                assert_never(decision)
        running_step.set(StepContext(this.id, this.name, attempt))
        try:
            value: T = await run_body(this, attempt, call, func, args)
        except Exception as error:
            if isinstance(error, DurableError) and not isinstance(
                error, (OperationError, ValidationError)
            ):
                raise  # Not the step failed but the invocation: nothing to record.
            await _attempt_failed(this, config.retry, draw, error, attempt)
            continue
        finally:
            running_step.set(None)
        try:
            ticket, kept = _send_result(this, config.serdes, value)
        except (SerDesError, UpdateTooLargeError) as error:
            # Another attempt would make the same value again: no retry.
            await _fail(this, error)
            raise recorded_error(StepError, fit_error(error_object(error))) from error
        if _RESULT in this.state.waits:
            await this.settle(ticket, _RESULT)
        return kept


def _is_started(this: OperationCall) -> bool:
    return this.state.recorded(this.id).status == OperationStatus.STARTED


def _send_result(this: OperationCall, serdes: SerDes, value: T) -> tuple[Ticket, T]:
    """Record the result, and say what it decodes to; refuse it before it is recorded."""
    text, kept = payloads.record(this.state, serdes, value)
    return this.send(_SUCCEED, _RESULT, payload=text), kept


async def _attempt_failed(
    this: OperationCall,
    retry: RetryStrategy,
    draw: Callable[[], float],
    error: Exception,
    attempt: int,
) -> None:
    """Record a failed attempt: RETRY if the strategy says so, else FAIL and raise."""
    try:
        again = retry(error, attempt)
        delay = None if again is None else again.seconds(draw())
    except Exception as broken:
        # A strategy that raises must not leave the step open for ever.
        error, delay = broken, None
    if delay is None:
        recorded = await _fail(this, error)
        raise recorded_error(StepError, recorded) from error
    ticket = this.send(
        OperationAction.RETRY,
        Need.CORRECTNESS,
        error=fit_error(error_object(error)),
        step_options=StepOptions(delay),
    )
    await this.settle(ticket, Need.CORRECTNESS)
    if this.state.recorded(this.id).is_started:
        # Going on from there would run the body again at once, for ever.
        raise this.broken(f"the answer does not hold the RETRY of operation {this.id}")


async def _fail(this: OperationCall, error: Exception) -> ErrorObject:
    recorded = fit_error(error_object(error))
    await this.settle(this.send(OperationAction.FAIL, Need.RESULT, error=recorded), Need.RESULT)
    return recorded


def _result(operation: Operation | None) -> str | None:
    details = None if operation is None else operation.step_details
    return None if details is None else details.result


def _error(operation: Operation | None) -> ErrorObject | None:
    details = None if operation is None else operation.step_details
    return None if details is None else details.error


def _attempts(operation: Operation | None) -> int:
    details = None if operation is None else operation.step_details
    return 0 if details is None else details.attempt


def _next_attempt(operation: Operation | None) -> float | None:
    details = None if operation is None else operation.step_details
    return None if details is None else details.next_attempt_timestamp
