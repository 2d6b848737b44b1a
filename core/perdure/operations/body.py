"""The functions of the user's that an operation runs, as plugins see them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from .call import OperationCall

if TYPE_CHECKING:
    from ..plugins.watch import Watch

T = TypeVar("T")


def run_body(
    this: OperationCall,
    attempt: int,
    body: Callable[..., Awaitable[T]],
    *args: object,
    is_replay_children: bool = False,
) -> Awaitable[T]:
    """Run a body, and report it if there are plugins. Without any it costs no coroutine.

    Args:
        this: the operation that it belongs to.
        attempt: 1 for the first.
        body: makes its coroutine, of `args`.
        is_replay_children: it runs again over what it recorded.
    """
    watch = this.state.watch
    if watch is None:
        return body(*args)
    return _reported(watch, this, attempt, body, args, is_replay_children)


async def _reported(
    watch: Watch,
    this: OperationCall,
    attempt: int,
    body: Callable[..., Awaitable[T]],
    args: tuple[object, ...],
    is_replay_children: bool,
) -> T:
    started = watch.function_started(this, attempt, is_replay_children=is_replay_children)
    try:
        value = await body(*args)
    except BaseException as error:
        watch.function_ended(started, error)
        raise
    watch.function_ended(started)
    return value
