"""Durable functions on async-durable-execution, as a user writes them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from importlib import import_module
from typing import Any, Final

sdk: Any = import_module("async_durable_execution")


def _gives(value: object) -> Callable[[], Awaitable[object]]:
    async def give() -> object:
        return value

    return give


async def _tell_nobody() -> None:
    """The test finds the callback in the history."""


async def _square(item: int) -> object:
    await sdk.wait(duration=timedelta(seconds=1))
    return await sdk.step(_gives(item * item), name="square")


async def _workflow(event: Any) -> object:
    greeting = await sdk.step(_gives(f"hello {event['name']}"), name="greet")
    await sdk.wait(duration=timedelta(seconds=1), name="nap")
    callback = await sdk.create_callback(name="direct", timeout=timedelta(minutes=5))
    announced = await sdk.step(_gives(callback.callback_id), name="announce")
    direct = await callback.result()
    approval = await sdk.wait_for_callback(_tell_nobody, name="approval")
    doubled = await sdk.invoke("double", event["number"], name="durable")
    stamped = await sdk.invoke("stamp", {"a": 1}, name="plain")
    squares = await sdk.map(_square, [1, 2, 3], name="squares")
    return {
        "greeting": greeting,
        "announced": announced == callback.callback_id,
        "direct": direct,
        "approval": approval,
        "doubled": doubled,
        "stamped": stamped,
        "squares": squares.get_results(),
    }


async def _refused(event: Any) -> object:
    reasons: list[str] = []
    try:
        await sdk.invoke("fail", None, name="durable")
    except sdk.DurableExecutionsError as error:
        reasons.append(str(error))
    try:
        await sdk.wait_for_callback(_tell_nobody, name="approval")
    except sdk.DurableExecutionsError as error:
        reasons.append(str(error))
    return reasons


async def _double(event: int) -> object:
    return await sdk.step(_gives(event * 2), name="double")


async def _fail(event: object) -> object:
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
