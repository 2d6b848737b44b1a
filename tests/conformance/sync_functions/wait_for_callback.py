"""Suite wait_for_callback."""

from __future__ import annotations

from typing import Any

from perdure.errors import CallbackExternalError
from perdure.retries import fixed

from .runtime import DurableContext, durable_execution


def submit(callback_id: str) -> None:
    """Nothing to do: the answer comes from somebody who reads the history."""


def fail_to_submit(callback_id: str) -> None:
    raise RuntimeError("nobody took the id")


def work() -> str:
    return "worked"


@durable_execution
def basic(event: str, context: DurableContext) -> Any:
    return context.wait_for_callback(submit, name=event)


@durable_execution
def named(event: None, context: DurableContext) -> Any:
    return context.wait_for_callback(submit, name="approval")


@durable_execution
def failure_caught(event: str, context: DurableContext) -> Any:
    try:
        return context.wait_for_callback(submit, name=event)
    except CallbackExternalError:
        return "recovered"


@durable_execution
def submitter_fails(event: str, context: DurableContext) -> Any:
    retry = fixed(1, max_attempts=2)
    return context.wait_for_callback(fail_to_submit, name=event, retry=retry)


def wait_inside(child: DurableContext, name: str) -> Any:
    return child.wait_for_callback(submit, name=name)


@durable_execution
def inside_child(event: str, context: DurableContext) -> Any:
    return context.run_in_child_context(wait_inside, event, name="wrapper")


@durable_execution
def sequential(event: None, context: DurableContext) -> Any:
    context.wait_for_callback(submit, name="first")
    return context.wait_for_callback(submit, name="second")


@durable_execution
def among_others(event: str, context: DurableContext) -> Any:
    context.wait(1)
    context.step(work)
    return context.wait_for_callback(submit, name=event)


@durable_execution
def heartbeat_stops(event: str, context: DurableContext) -> Any:
    return context.wait_for_callback(submit, name=event, heartbeat_timeout=5)


@durable_execution
def heartbeat(event: str, context: DurableContext) -> Any:
    return context.wait_for_callback(submit, name=event, heartbeat_timeout=10)
