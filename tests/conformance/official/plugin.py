"""Suite plugin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_durable_execution_sdk_python import (
    DurableContext,
    ParallelBranch,
    StepContext,
    durable_execution,
)
from aws_durable_execution_sdk_python.config import ParallelConfig, StepConfig
from aws_durable_execution_sdk_python.retries import (
    RetryPresets,
    RetryStrategyConfig,
    create_retry_strategy,
)

from .payloads import seconds
from .plugins import Brief, Faulty, Full, Prints

NO_RETRY = StepConfig(retry_strategy=RetryPresets.none())
AGAIN = StepConfig(
    retry_strategy=create_retry_strategy(
        RetryStrategyConfig(max_attempts=2, initial_delay=seconds(1))
    )
)
ONE = ParallelConfig(max_concurrency=1)

Body = Callable[[DurableContext], Any]


def says(words: Any) -> Callable[[StepContext], Any]:
    return lambda step: words


def greets_and_logs(name: str) -> Callable[[StepContext], str]:
    def greet(step: StepContext) -> str:
        step.logger.info("Greeting step running for: %s", name)
        return f"Hello, {name}!"

    return greet


def fail(step: StepContext) -> None:
    raise RuntimeError("boom")


def fail_the_first_time(step: StepContext) -> str:
    if step.attempt == 1:
        raise RuntimeError("not yet")
    return "ok"


def returns(value: Any) -> Body:
    return lambda context: value


def waits(name: str, count: int) -> Body:
    def branch(context: DurableContext) -> Any:
        context.wait(seconds(count), name=name)
        return f"{name}-done"

    return branch


def step_and_wait(context: DurableContext) -> str:
    context.step(says("x"), name="inner")
    context.wait(seconds(2))
    return "a-done"


@durable_execution(plugins=[Prints(Brief)])
def invocation(event: str, context: DurableContext) -> str:
    return context.step(greets_and_logs(event))


@durable_execution(plugins=[Prints(Brief, "STEP")])
def step(event: str, context: DurableContext) -> str:
    return context.step(says(f"Hello, {event}!"))


@durable_execution(plugins=[Prints(Faulty, "STEP", "CONFPLUGIN-FAULTY")])
def faulty(event: str, context: DurableContext) -> str:
    return context.step(says(f"Hello, {event}!"))


@durable_execution(plugins=[Prints(Brief)])
def invocations(event: None, context: DurableContext) -> None:
    context.wait(seconds(2))


@durable_execution(plugins=[Prints(Brief)])
def invocation_fails(event: None, context: DurableContext) -> None:
    context.step(fail, config=NO_RETRY)


@durable_execution(plugins=[Prints(Brief, "WAIT")])
def wait(event: None, context: DurableContext) -> None:
    context.wait(seconds(2))


@durable_execution(plugins=[Prints(Brief, "ParallelBranch")])
def branches(event: None, context: DurableContext) -> list[Any]:
    both = [returns("task-1"), returns("task-2")]
    return context.parallel(both, name="parallel", config=ONE).get_results()


@durable_execution(plugins=[Prints(Brief, "STEP")])
def result_and_error(event: None, context: DurableContext) -> None:
    context.step(says("task-a"))
    context.step(fail, config=NO_RETRY)


@durable_execution(plugins=[Prints(Brief, "STEP")])
def retries_exhausted(event: None, context: DurableContext) -> None:
    context.step(fail, config=AGAIN)


@durable_execution(
    plugins=[
        Prints(Faulty, "STEP", "CONFPLUGIN-FAULTY"),
        Prints(Brief, "STEP", "CONFPLUGIN-HEALTHY"),
    ]
)
def faulty_and_healthy(event: str, context: DurableContext) -> str:
    return context.step(says(f"Hello, {event}!"))


@durable_execution(plugins=[Prints(Brief, "WAIT")])
def still_waiting(event: None, context: DurableContext) -> list[Any]:
    both = [waits("short", 2), waits("long", 8)]
    config = ParallelConfig(max_concurrency=2)
    return context.parallel(both, name="waits", config=config).get_results()


@durable_execution(plugins=[Prints(Full)])
def invocation_infos(event: str, context: DurableContext) -> str:
    context.wait(seconds(2))
    return f"done-{event}"


@durable_execution(plugins=[Prints(Full, "STEP")])
def attempt_infos(event: None, context: DurableContext) -> str:
    return context.step(fail_the_first_time, name="flaky", config=AGAIN)


@durable_execution(plugins=[Prints(Full, "CONTEXT")])
def context_infos(event: None, context: DurableContext) -> list[Any]:
    both = [
        ParallelBranch(step_and_wait, "branch-a"),
        ParallelBranch(returns("b-done"), "branch-b"),
    ]
    return context.parallel(both, name="ctx", config=ONE).get_results()
