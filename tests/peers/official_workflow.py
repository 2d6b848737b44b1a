"""Durable functions on AWS's own SDK for Python, as a user writes them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

sdk: Any = import_module("aws_durable_execution_sdk_python")
config: Any = import_module("aws_durable_execution_sdk_python.config")


def _gives(value: object) -> Callable[[object], object]:
    return lambda step: value


def _tell_nobody(callback_id: object, context: object) -> None:
    """The test finds the callback in the history."""


def _workflow(event: Any, ctx: Any) -> object:
    greeting = ctx.step(_gives(f"hello {event['name']}"), name="greet")
    ctx.wait(config.Duration.from_seconds(1), name="nap")
    callback = ctx.create_callback(
        name="direct", config=config.CallbackConfig(timeout=config.Duration.from_minutes(5))
    )
    announced = ctx.step(_gives(callback.callback_id), name="announce")
    direct = callback.result()
    approval = ctx.wait_for_callback(_tell_nobody, name="approval")
    doubled = ctx.invoke("double", event["number"], name="durable")
    stamped = ctx.invoke("stamp", {"a": 1}, name="plain")

    def each(child: Any, item: int, index: int, items: object) -> int:
        child.wait(config.Duration.from_seconds(1))
        squared: int = child.step(_gives(item * item), name="square")
        return squared

    squares = ctx.map([1, 2, 3], each, name="squares").get_results()
    return {
        "greeting": greeting,
        "announced": announced == callback.callback_id,
        "direct": direct,
        "approval": approval,
        "doubled": doubled,
        "stamped": stamped,
        "squares": squares,
    }


def _refused(event: Any, ctx: Any) -> object:
    reasons: list[str] = []
    try:
        ctx.invoke("fail", None, name="durable")
    except sdk.InvokeError as error:
        reasons.append(str(error))
    try:
        ctx.wait_for_callback(_tell_nobody, name="approval")
    except sdk.CallbackError as error:
        reasons.append(str(error))
    return reasons


def _double(event: Any, ctx: Any) -> object:
    return ctx.step(_gives(event * 2), name="double")


def _fail(event: Any, ctx: Any) -> object:
    raise LookupError("no mugs")


def _stamp(event: object, context: object) -> object:
    return {"stamped": event}


FUNCTIONS: Final[dict[str, Callable[[Any, Any], object]]] = {
    "workflow": sdk.durable_execution(_workflow),
    "refused": sdk.durable_execution(_refused),
    "double": sdk.durable_execution(_double),
    "fail": sdk.durable_execution(_fail),
    "stamp": _stamp,
}
