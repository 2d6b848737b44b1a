"""Suite wait_for_condition."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_durable_execution_sdk_python import (
    DurableContext,
    DurableOperationError,
    durable_execution,
)
from aws_durable_execution_sdk_python.config import JitterStrategy
from aws_durable_execution_sdk_python.serdes import SerDes
from aws_durable_execution_sdk_python.types import WaitForConditionCheckContext
from aws_durable_execution_sdk_python.waits import (
    WaitForConditionConfig,
    WaitStrategyConfig,
    create_wait_strategy,
)

from .payloads import Wrapped, seconds


def count(state: int, check: WaitForConditionCheckContext) -> int:
    return state + 1


def same(state: Any, check: WaitForConditionCheckContext) -> Any:
    return state


def longer(state: str, check: WaitForConditionCheckContext) -> str:
    return state + "x"


def broken(state: Any, check: WaitForConditionCheckContext) -> Any:
    raise RuntimeError("the check itself fails")


def until(
    met: Callable[[Any], bool],
    initial: Any,
    *,
    delay: int = 1,
    max_attempts: int = 10,
    serdes: SerDes[Any] | None = None,
) -> WaitForConditionConfig[Any]:
    """Poll at a fixed interval until a state is as it should be."""
    strategy = create_wait_strategy(
        WaitStrategyConfig(
            should_continue_polling=lambda state: not met(state),
            max_attempts=max_attempts,
            initial_delay=seconds(delay),
            backoff_rate=1,
            jitter_strategy=JitterStrategy.NONE,
        )
    )
    return WaitForConditionConfig(strategy, initial, serdes)


def reaches(
    threshold: int, initial: int = 0, *, delay: int = 1, max_attempts: int = 10
) -> WaitForConditionConfig[Any]:
    return until(lambda state: state >= threshold, initial, delay=delay, max_attempts=max_attempts)


@durable_execution
def counter(event: int, context: DurableContext) -> int:
    return context.wait_for_condition(count, reaches(event))


@durable_execution
def met_at_once(event: int, context: DurableContext) -> Any:
    return context.wait_for_condition(same, reaches(5, event))


@durable_execution
def fixed_delay(event: int, context: DurableContext) -> int:
    return context.wait_for_condition(count, reaches(event, delay=2))


@durable_execution
def never_met(event: int, context: DurableContext) -> int:
    return context.wait_for_condition(count, reaches(1000, max_attempts=3))


@durable_execution
def check_fails(event: None, context: DurableContext) -> Any:
    try:
        return context.wait_for_condition(broken, reaches(1))
    except DurableOperationError:
        return "recovered"


@durable_execution
def null_state(event: None, context: DurableContext) -> Any:
    return context.wait_for_condition(same, until(lambda state: state is None, None))


@durable_execution
def custom_serdes(event: None, context: DurableContext) -> str:
    config = until(lambda state: len(state) >= 2, "", serdes=Wrapped())
    return context.wait_for_condition(longer, config)


@durable_execution
def step_after(event: int, context: DurableContext) -> int:
    reached = context.wait_for_condition(count, reaches(event))
    return context.step(lambda step: reached * 10)


@durable_execution
def sequential(event: None, context: DurableContext) -> int:
    reached = context.wait_for_condition(count, reaches(2))
    return context.wait_for_condition(count, reaches(4, reached))
