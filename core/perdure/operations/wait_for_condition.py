"""Wait for a condition: check, sleep without paying, check again with the state of before.

On the wire it is a STEP whose RETRY carries the state. A check that raises ends it; it is
not tried again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar, assert_never, cast

from ..effects import call
from ..errors import WaitForConditionError, error_object
from ..models.enums import OperationAction
from ..models.operation import StepDetails
from ..models.update import StepOptions
from ..modes import Need
from ..recorded_errors import fit_error, recorded_error
from ..running import running_step
from ..serdes import SerDes
from ..step_context import StepContext
from ..transitions import OnReplay
from ..waits import WaitStrategy
from . import payloads
from .body import run_body
from .call import OperationCall
from .child import is_fault

T = TypeVar("T")

SUB_TYPE: Final = "WaitForCondition"


async def run_wait_for_condition(
    this: OperationCall,
    serdes: SerDes,
    draw: Callable[[], float],
    check: Callable[[T], Awaitable[T] | T],
    initial: T,
    strategy: WaitStrategy,
) -> T:
    """Carry out one wait for a condition.

    Args:
        this: the call.
        serdes: how the state is recorded between checks.
        draw: gives a random number in [0, 1), for the spread of delays.
        check: makes the next state from the last one.
        initial: the state the first check gets, encoded and decoded.
        strategy: whether to check again.

    Returns:
        The state that met the condition, as a replay would return it.

    Raises:
        WaitForConditionError: a check or the strategy raised, or attempts were used up.
    """
    while True:
        operation, decision = await this.find()
        details = (operation and operation.step_details) or StepDetails()
        match decision:
            case OnReplay.RETURN:
                return cast("T", payloads.decode(this.state, serdes, details.result))
            case OnReplay.RAISE:
                raise recorded_error(WaitForConditionError, details.error)
            case OnReplay.PARK:
                await this.wait_for_service(details.next_attempt_timestamp)
                continue
            case OnReplay.BEGIN:
                await this.settle(this.send(OperationAction.START, Need.ANNOUNCE), Need.ANNOUNCE)
            case OnReplay.RESUME:
                pass
            case _:
                assert_never(decision)
        attempt = details.attempt + 1
        running_step.set(StepContext(this.id, this.name, attempt))
        try:
            # An empty text is a state like any other; only an absent one is none.
            last = (
                payloads.encode(this.state, serdes, initial)
                if details.result is None
                else details.result
            )
            known = payloads.decode(this.state, serdes, last)
            value = await run_body(this, attempt, call, check, (known,))
            text, state = payloads.record(this.state, serdes, value)
            again = strategy(state, attempt)
            if again is None:
                ticket, need = (
                    this.send(OperationAction.SUCCEED, Need.RESULT, payload=text),
                    Need.RESULT,
                )
            else:
                need = Need.CORRECTNESS
                ticket = this.send(
                    OperationAction.RETRY,
                    need,
                    payload=text,
                    step_options=StepOptions(again.seconds(draw())),
                )
        except Exception as error:
            if is_fault(error):
                raise
            recorded = fit_error(error_object(error))
            failed = this.send(OperationAction.FAIL, Need.RESULT, error=recorded)
            await this.settle(failed, Need.RESULT)
            raise recorded_error(WaitForConditionError, recorded) from error
        finally:
            running_step.set(None)
        await this.settle(ticket, need)
        if again is None:
            return cast("T", state)
