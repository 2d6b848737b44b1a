"""Suite wait_for_condition."""

from __future__ import annotations

from typing import Any

from perdure.errors import WaitForConditionError
from perdure.retries import Jitter
from perdure.waits import WaitStrategy, poll_until

from ..payloads import Wrapped
from .runtime import DurableContext, durable_execution


async def count(state: int) -> int:
    return state + 1


async def same(state: Any) -> Any:
    return state


async def longer(state: str) -> str:
    return state + "x"


async def broken(state: Any) -> Any:
    raise RuntimeError("the check itself fails")


async def tenfold(number: int) -> int:
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
async def counter(event: int, context: DurableContext) -> int:
    return await context.wait_for_condition(count, 0, reaches(event))


@durable_execution
async def met_at_once(event: int, context: DurableContext) -> Any:
    return await context.wait_for_condition(same, event, reaches(5))


@durable_execution
async def fixed_delay(event: int, context: DurableContext) -> int:
    return await context.wait_for_condition(count, 0, reaches(event, delay=2))


@durable_execution
async def never_met(event: int, context: DurableContext) -> int:
    return await context.wait_for_condition(count, 0, reaches(1000, max_attempts=3))


@durable_execution
async def check_fails(event: None, context: DurableContext) -> Any:
    try:
        return await context.wait_for_condition(broken, 0, reaches(1))
    except WaitForConditionError:
        return "recovered"


@durable_execution
async def null_state(event: None, context: DurableContext) -> Any:
    return await context.wait_for_condition(same, None, poll_until(lambda state: state is None))


@durable_execution
async def custom_serdes(event: None, context: DurableContext) -> str:
    strategy = poll_until(lambda state: len(state) >= 2, initial_delay=1, jitter=Jitter.NONE)
    return await context.wait_for_condition(longer, "", strategy, serdes=Wrapped())


@durable_execution
async def step_after(event: int, context: DurableContext) -> int:
    reached = await context.wait_for_condition(count, 0, reaches(event))
    return await context.step(tenfold, reached)


@durable_execution
async def sequential(event: None, context: DurableContext) -> int:
    reached = await context.wait_for_condition(count, 0, reaches(2))
    return await context.wait_for_condition(count, reached, reaches(4))
