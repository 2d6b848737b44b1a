"""The programs of test_take_over on AWS's own SDK; `peers/python_endpoint.py` serves them.

Runs in a Python that has the SDK, and imports nothing of ours.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

sdk: Any = import_module("aws_durable_execution_sdk_python")
config: Any = import_module("aws_durable_execution_sdk_python.config")
retries: Any = import_module("aws_durable_execution_sdk_python.retries")
waits: Any = import_module("aws_durable_execution_sdk_python.waits")


def _seconds(count: int) -> Any:
    return config.Duration.from_seconds(count)


def _doubles(number: int) -> Callable[[object], int]:
    return lambda step: number * 2


def _again_once(error: object, attempts: int) -> Any:
    if attempts < 2:
        return retries.RetryDecision.retry(_seconds(1))
    return retries.RetryDecision.no_retry()


def _step(event: Any, ctx: Any) -> object:
    def refuse(step: object) -> object:
        raise ValueError("no")

    policy = config.StepConfig(retry_strategy=_again_once)
    first = ctx.step(_doubles(1), name="double")
    try:
        ctx.step(refuse, name="refused", config=policy)
    except sdk.DurableExecutionsError as error:
        return [first, str(error)]
    return None


def _wait(event: Any, ctx: Any) -> object:
    ctx.wait(_seconds(1), name="one")
    ctx.wait(_seconds(2), name="two")
    return ctx.step(_doubles(3), name="double")


def _child(event: Any, ctx: Any) -> object:
    def inner(child: Any) -> object:
        child.wait(_seconds(1), name="in it")
        return child.step(_doubles(4), name="double")

    found = ctx.run_in_child_context(inner, name="inner")
    ctx.wait(_seconds(1), name="after")
    return found


def _callback(event: Any, ctx: Any) -> object:
    callback = ctx.create_callback(name="approval")
    ctx.wait(_seconds(1), name="meanwhile")
    return callback.result()


def _wait_for_callback(event: Any, ctx: Any) -> object:
    def submit(callback_id: object, context: object) -> None:
        """Tell nobody: the test finds the callback in the records."""

    found = ctx.wait_for_callback(submit, name="approval")
    ctx.wait(_seconds(1), name="after")
    return found


def _invoke(event: Any, ctx: Any) -> object:
    found = ctx.invoke("stamp", {"a": 1}, name="stamped")
    ctx.wait(_seconds(1), name="after")
    return found


def _wait_for_condition(event: Any, ctx: Any) -> object:
    def check(state: int, context: object) -> int:
        return state * 2

    def strategy(state: int, attempts: int) -> Any:
        if state >= 8:
            return waits.WaitForConditionDecision.stop_polling()
        return waits.WaitForConditionDecision.continue_waiting(_seconds(1))

    found = ctx.wait_for_condition(
        check, waits.WaitForConditionConfig(wait_strategy=strategy, initial_state=1), name="ready"
    )
    ctx.wait(_seconds(1), name="after")
    return found


def _map(event: Any, ctx: Any) -> object:
    def each(child: Any, item: int, index: int, items: object) -> object:
        child.wait(_seconds(index + 1), name="pause")
        return child.step(_doubles(item), name="double")

    found = ctx.map([1, 2, 3], each, name="all").get_results()
    ctx.wait(_seconds(1), name="after")
    return found


def _parallel(event: Any, ctx: Any) -> object:
    def steps(child: Any) -> object:
        return child.step(_doubles(5), name="double")

    def waits(child: Any) -> object:
        child.wait(_seconds(2), name="pause")
        return "waited"

    found = ctx.parallel([steps, waits], name="both").get_results()
    ctx.wait(_seconds(1), name="after")
    return found


def _large(event: Any, ctx: Any) -> object:
    def each(child: Any, item: int, index: int, items: object) -> object:
        def repeated(step: object) -> str:
            return str(item) * 100_000

        return child.step(repeated, name="large")

    found = ctx.map([1, 2, 3, 4], each, name="all").get_results()
    ctx.wait(_seconds(1), name="after")
    return [len(text) for text in found]


PROGRAMS: Final = {
    "step": _step,
    "wait": _wait,
    "child": _child,
    "callback": _callback,
    "wait_for_callback": _wait_for_callback,
    "invoke": _invoke,
    "wait_for_condition": _wait_for_condition,
    "map": _map,
    "parallel": _parallel,
    "large": _large,
}

FUNCTIONS: Final = {name: sdk.durable_execution(func) for name, func in PROGRAMS.items()}
