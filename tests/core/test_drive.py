"""The send/throw loop, for both colours of function."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import coroutine

import pytest

from perdure.drive import drive_async, drive_sync

Drive = Callable[[Coroutine[int, object, object], Callable[[int], object]], object]


@coroutine
def ask(effect: int) -> Generator[int, object, object]:
    """Hand one effect out."""
    return (yield effect)


async def awaited(waiting: Awaitable[object]) -> object:
    """A coroutine to be sent to, of anything that can be awaited."""
    return await waiting


def driven_async(
    operation: Coroutine[int, object, object], perform: Callable[[int], object]
) -> object:
    """`drive_async` without any loop."""

    async def perform_async(effect: int) -> object:
        return perform(effect)

    waiting = awaited(drive_async(operation, perform_async))
    try:
        waiting.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits for something")


COLOURS = pytest.mark.parametrize("drive", [drive_sync, driven_async])


@COLOURS
def test_effects_go_out_and_answers_come_back(drive: Drive) -> None:
    async def operation() -> object:
        return [await ask(1), await ask(2)]

    assert drive(operation(), lambda effect: effect * 10) == [10, 20]


@COLOURS
def test_an_operation_without_effects(drive: Drive) -> None:
    async def operation() -> object:
        return "at once"

    assert drive(operation(), lambda effect: pytest.fail("no effect")) == "at once"


@COLOURS
@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt()])
def test_what_an_effect_raises_is_thrown_where_it_was_asked(
    drive: Drive, error: BaseException
) -> None:
    async def operation() -> object:
        try:
            await ask(1)
        except BaseException as caught:
            return caught, await ask(2)
        return "nothing was raised"

    def perform(effect: int) -> object:
        if effect == 1:
            raise error
        return effect

    assert drive(operation(), perform) == (error, 2)


@COLOURS
def test_an_uncaught_error_of_an_effect_comes_out(drive: Drive) -> None:
    left: list[str] = []

    async def operation() -> object:
        try:
            return await ask(1)
        finally:
            left.append("cleaned up")

    def perform(effect: int) -> object:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        drive(operation(), perform)
    assert left == ["cleaned up"]


@COLOURS
def test_an_error_of_the_operation_comes_out(drive: Drive) -> None:
    async def operation() -> object:
        await ask(1)
        raise LookupError("own")

    with pytest.raises(LookupError, match="own"):
        drive(operation(), lambda effect: None)


def test_an_asynchronous_effect_may_wait() -> None:
    async def operation() -> object:
        return await ask(1)

    async def perform(effect: int) -> object:
        return await ask(effect + 100)

    waiting = awaited(drive_async(operation(), perform))
    assert waiting.send(None) == 101
    with pytest.raises(StopIteration) as end:
        waiting.send("news")
    assert end.value.value == "news"


def test_a_cancelled_wait_unwinds_the_operation() -> None:
    left: list[str] = []

    async def operation() -> object:
        try:
            return await ask(1)
        finally:
            left.append("cleaned up")

    async def perform(effect: int) -> object:
        return await ask(effect)

    waiting = awaited(drive_async(operation(), perform))
    waiting.send(None)
    waiting.close()
    assert left == ["cleaned up"]
