"""Driving an operation: hand each effect to the runtime, and its answer back.

Subtle enough to exist exactly twice, once for each colour of function.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Coroutine, Generator
from types import CoroutineType, coroutine
from typing import Any, TypeVar, cast

T = TypeVar("T")
E = TypeVar("E")


def drive_sync(operation: Coroutine[E, Any, T], perform: Callable[[E], object]) -> T:
    """Run an operation to its end; `perform` carries out one effect.

    Whatever `perform` raises is thrown into the operation at the point where it asked.
    """
    try:
        effect = operation.send(None)
        while True:
            try:
                answer = perform(effect)
            except BaseException as error:
                effect = operation.throw(error)
            else:
                effect = operation.send(answer)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        operation.close()


@coroutine
def drive_async(
    operation: Coroutine[E, Any, T], perform: Callable[[E], object]
) -> Generator[Any, Any, T]:
    """As `drive_sync`; what `perform` returns is awaited, if it can be. Knows no event loop.

    Await it, or yield from it where `__await__` is a generator.
    """
    try:
        effect = operation.send(None)
        while True:
            try:
                answer = perform(effect)
                del effect  # A thousand branches that wait need not hold what they asked for.
                # Coroutines first: the question is far cheaper than that for an abstract class.
                if isinstance(answer, CoroutineType):
                    answer = yield from cast("Generator[Any, Any, object]", answer)
                elif isinstance(answer, Awaitable):
                    answer = yield from cast("Awaitable[object]", answer).__await__()
            except BaseException as error:
                effect = operation.throw(error)
            else:
                effect = operation.send(answer)
    except StopIteration as end:
        value: T = end.value
        return value
    finally:
        operation.close()
