"""Suite plugin."""

from __future__ import annotations

from typing import Any

from perdure import Branch, step_context
from perdure.retries import NO_RETRY, fixed

from ..plugins import Brief, Faulty, Full, Prints
from .runtime import Body, DurableContext, durable_execution


def greet(name: str) -> str:
    return f"Hello, {name}!"


def greet_and_log(name: str) -> str:
    step_context().logger.info("Greeting step running for: %s", name)
    return f"Hello, {name}!"


def say(words: Any) -> Any:
    return words


def fail() -> None:
    raise RuntimeError("boom")


def fail_the_first_time() -> str:
    if step_context().attempt == 1:
        raise RuntimeError("not yet")
    return "ok"


def returns(value: Any) -> Body:
    def branch(context: DurableContext) -> Any:
        return value

    return branch


def waits(name: str, seconds: int) -> Body:
    def branch(context: DurableContext) -> Any:
        context.wait(seconds, name=name)
        return f"{name}-done"

    return branch


def step_and_wait(context: DurableContext) -> str:
    context.step(say, "x", name="inner")
    context.wait(2)
    return "a-done"


@durable_execution(plugins=[Prints(Brief)])
def invocation(event: str, context: DurableContext) -> str:
    return context.step(greet_and_log, event)


@durable_execution(plugins=[Prints(Brief, "STEP")])
def step(event: str, context: DurableContext) -> str:
    return context.step(greet, event)


@durable_execution(plugins=[Prints(Faulty, "STEP", "CONFPLUGIN-FAULTY")])
def faulty(event: str, context: DurableContext) -> str:
    return context.step(greet, event)


@durable_execution(plugins=[Prints(Brief)])
def invocations(event: None, context: DurableContext) -> None:
    context.wait(2)


@durable_execution(plugins=[Prints(Brief)])
def invocation_fails(event: None, context: DurableContext) -> None:
    context.step(fail, retry=NO_RETRY)


@durable_execution(plugins=[Prints(Brief, "WAIT")])
def wait(event: None, context: DurableContext) -> None:
    context.wait(2)


@durable_execution(plugins=[Prints(Brief, "ParallelBranch")])
def branches(event: None, context: DurableContext) -> list[Any]:
    batch = context.parallel(
        returns("task-1"), returns("task-2"), name="parallel", max_concurrency=1
    )
    return batch.results


@durable_execution(plugins=[Prints(Brief, "STEP")])
def result_and_error(event: None, context: DurableContext) -> None:
    context.step(say, "task-a")
    context.step(fail, retry=NO_RETRY)


@durable_execution(plugins=[Prints(Brief, "STEP")])
def retries_exhausted(event: None, context: DurableContext) -> None:
    context.step(fail, retry=fixed(1, max_attempts=2))


@durable_execution(
    plugins=[
        Prints(Faulty, "STEP", "CONFPLUGIN-FAULTY"),
        Prints(Brief, "STEP", "CONFPLUGIN-HEALTHY"),
    ]
)
def faulty_and_healthy(event: str, context: DurableContext) -> str:
    return context.step(greet, event)


@durable_execution(plugins=[Prints(Brief, "WAIT")])
def still_waiting(event: None, context: DurableContext) -> list[Any]:
    batch = context.parallel(waits("short", 2), waits("long", 8), name="waits", max_concurrency=2)
    return batch.results


@durable_execution(plugins=[Prints(Full)])
def invocation_infos(event: str, context: DurableContext) -> str:
    context.wait(2)
    return f"done-{event}"


@durable_execution(plugins=[Prints(Full, "STEP")])
def attempt_infos(event: None, context: DurableContext) -> str:
    return context.step(fail_the_first_time, name="flaky", retry=fixed(1, max_attempts=2))


@durable_execution(plugins=[Prints(Full, "CONTEXT")])
def context_infos(event: None, context: DurableContext) -> list[Any]:
    batch = context.parallel(
        Branch(step_and_wait, "branch-a"),
        Branch(returns("b-done"), "branch-b"),
        name="ctx",
        max_concurrency=1,
    )
    return batch.results
