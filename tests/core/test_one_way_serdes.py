"""A serdes that cannot read what it wrote, or reads it as something else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Final

import pytest

from core.flowing import Flowing, TinyContext
from perdure.errors import SerDesError
from perdure.retries import Retry
from perdure.serdes import JSON, SerDes, Value

BAD: Final = "bad"
"""What can be written and not be read."""


class OneWay:
    """Plain JSON, but for one value."""

    def encode(self, value: Value) -> str:
        return JSON.encode(value)

    def decode(self, text: str) -> Value:
        if BAD in text:
            raise ValueError("who wrote this?")
        return JSON.decode(text)


def returns(value: object) -> Callable[..., Any]:
    def body(*args: object) -> Any:
        return value

    return body


def child(value: object) -> Callable[[TinyContext], Awaitable[Any]]:
    async def body(ctx: TinyContext) -> Any:
        return value

    return body


def branch(value: object) -> Callable[[TinyContext, int, int], Awaitable[Any]]:
    async def body(ctx: TinyContext, item: int, index: int) -> Any:
        return value

    return body


class Shown:
    """Batches as texts, for a serdes of the whole result."""

    def __init__(self, serdes: SerDes) -> None:
        self.serdes = serdes

    def encode(self, value: Value) -> str:
        return self.serdes.encode([item.result for item in value.all])

    def decode(self, text: str) -> Value:
        return self.serdes.decode(text)


async def item(ctx: TinyContext, serdes: SerDes, value: object) -> object:
    batch = await ctx.map([1], branch(value), item_serdes=serdes)
    batch.throw_if_error()
    return batch.results[0]


Operation = Callable[[TinyContext, SerDes, object], Awaitable[object]]

OPERATIONS: Final[dict[str, Operation]] = {
    "step": lambda ctx, serdes, value: ctx.step(returns(value), serdes=serdes),
    "child": lambda ctx, serdes, value: ctx.run_in_child_context(child(value), serdes=serdes),
    "virtual child": lambda ctx, serdes, value: ctx.run_in_child_context(
        child(value), serdes=serdes, virtual=True
    ),
    "with_retry": lambda ctx, serdes, value: ctx.with_retry(
        child(value), serdes=serdes, retry=lambda error, attempts: None
    ),
    "item": item,
    "map": lambda ctx, serdes, value: ctx.map(
        [1], branch(value), serdes=Shown(serdes), item_serdes=JSON
    ),
    "condition": lambda ctx, serdes, value: ctx.wait_for_condition(
        returns(value), None, lambda state, attempts: None, serdes=serdes
    ),
    "condition, not met": lambda ctx, serdes, value: ctx.wait_for_condition(
        returns(value), None, lambda state, attempts: Retry(5), serdes=serdes
    ),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_cannot_be_read_again_is_never_recorded(name: str) -> None:
    """It was recorded, and from then on no invocation could read it: the execution was lost."""

    async def program(ctx: TinyContext) -> object:
        try:
            await OPERATIONS[name](ctx, OneWay(), BAD)
        except SerDesError as error:
            return str(error)
        return "no error"

    flowing = Flowing().run(program)
    assert flowing.result == "cannot decode what is recorded: who wrote this?"
    payloads = [each.get("Payload") for sent in flowing.updates for each in sent]
    # The item of the map is another operation, with a serdes that reads it.
    assert (JSON.encode(BAD) in payloads) is (name == "map")
    assert flowing.again(program).result == flowing.result


@pytest.mark.parametrize("name", [name for name in OPERATIONS if name != "condition, not met"])
def test_the_first_run_goes_on_with_what_a_replay_reads(name: str) -> None:
    """It went on with the value itself: a tuple, and a list ever after."""
    seen: list[object] = []

    async def program(ctx: TinyContext) -> object:
        seen.append(await OPERATIONS[name](ctx, JSON, {1: (2, 3)}))
        await ctx.wait(60)
        return None

    flowing = Flowing().run(program)
    assert flowing.output.status == "PENDING"
    flowing.again(program)
    expected: object = {"1": [2, 3]}
    assert seen == [[expected] if name == "map" else expected] * 2
