"""Suite wait_for_condition."""

from __future__ import annotations

from typing import Any

from perdure.errors import WaitForConditionError
from perdure.retries import Jitter
from perdure.waits import WaitStrategy, poll_until

from ..payloads import Wrapped
from .runtime import DurableContext, durable_execution


def count(state: int) -> int:
    return state + 1


def same(state: Any) -> Any:
    return state


def longer(state: str) -> str:
    return state + "x"


def broken(state: Any) -> Any:
    raise RuntimeError("the check itself fails")


def tenfold(number: int) -> int:
    return number * 10


def reaches(threshold: int, *, delay: int = 1, max_attempts: int = 10) -> WaitStrategy:
    """Poll at a fixed interval until a number is at least so large."""
    return poll_until(
        lambda state: state >= threshold,
        max_attempts=max_attempts,
        initial_delay=delay,
        rate=1,
        jitter=Jitter.NONE,
    )


@durable_execution
def counter(event: int, context: DurableContext) -> int:
    return context.wait_for_condition(count, 0, reaches(event))


@durable_execution
def met_at_once(event: int, context: DurableContext) -> Any:
    return context.wait_for_condition(same, event, reaches(5))


@durable_execution
def fixed_delay(event: int, context: DurableContext) -> int:
    return context.wait_for_condition(count, 0, reaches(event, delay=2))


@durable_execution
def never_met(event: int, context: DurableContext) -> int:
    return context.wait_for_condition(count, 0, reaches(1000, max_attempts=3))


@durable_execution
def check_fails(event: None, context: DurableContext) -> Any:
    try:
        return context.wait_for_condition(broken, 0, reaches(1))
    except WaitForConditionError:
        return "recovered"


@durable_execution
def null_state(event: None, context: DurableContext) -> Any:
    return context.wait_for_condition(same, None, poll_until(lambda state: state is None))


@durable_execution
def custom_serdes(event: None, context: DurableContext) -> str:
    strategy = poll_until(lambda state: len(state) >= 2, initial_delay=1, jitter=Jitter.NONE)
    return context.wait_for_condition(longer, "", strategy, serdes=Wrapped())


@durable_execution
def step_after(event: int, context: DurableContext) -> int:
    reached = context.wait_for_condition(count, 0, reaches(event))
    return context.step(tenfold, reached)


@durable_execution
def sequential(event: None, context: DurableContext) -> int:
    reached = context.wait_for_condition(count, 0, reaches(2))
    return context.wait_for_condition(count, reached, reaches(4))
