"""What the type checkers make of branches, children and calls; run by test_examples.py."""

from __future__ import annotations

from typing import Any, reveal_type

import perdure_asyncio
import perdure_sync
import perdure_trio
from perdure.context import Branch
from perdure.waits import poll_until


async def size(ctx: perdure_asyncio.DurableContext, item: str, index: int) -> int:
    return len(item) + index


async def trio_size(ctx: perdure_trio.DurableContext, item: str, index: int) -> int:
    return len(item) + index


def sync_size(ctx: perdure_sync.DurableContext, item: str, index: int) -> int:
    return len(item) + index


async def left(ctx: perdure_asyncio.DurableContext) -> str:
    return "left"


async def right(ctx: perdure_asyncio.DurableContext) -> str:
    return "right"


async def trio_left(ctx: perdure_trio.DurableContext) -> bytes:
    return b"left"


def sync_left(ctx: perdure_sync.DurableContext) -> bytes:
    return b"left"


async def child(ctx: perdure_asyncio.DurableContext, times: int) -> list[str]:
    return ["a"] * times


def longer(state: str) -> str:
    return f"{state}x"


def send(callback_id: str) -> None:
    pass


READY = poll_until(lambda state: state == "xx")


async def on_asyncio(event: Any, ctx: perdure_asyncio.DurableContext) -> None:
    reveal_type(await ctx.map(["a", "b"], size))  # BatchResult[int]
    reveal_type((await ctx.map(["a", "b"], size)).results)  # list[int]
    reveal_type(await ctx.parallel(left, right))  # BatchResult[str]
    reveal_type(await ctx.parallel(Branch(left, "l"), right))  # BatchResult[str]
    reveal_type(await ctx.run_in_child_context(child, 2))  # list[str]
    reveal_type(await ctx.wait_for_condition(longer, "", READY))  # str
    reveal_type(await ctx.invoke("other", {"id": 1}))  # Any
    reveal_type(await ctx.create_callback())  # Callback
    reveal_type((await ctx.create_callback()).id)  # str
    await ctx.map([1, 2], size)  # error: the items are no texts
    await ctx.map("ab", size, max_concurrency="2")  # error: not a number
    await ctx.parallel(size)  # error: a branch takes the context alone
    await ctx.run_in_child_context(child)  # error: an argument is missing
    await ctx.wait_for_condition(longer, 5, READY)  # error: the check takes a text
    await ctx.wait_for_callback(send, timeout="1 day")  # error: not a duration
    await ctx.invoke(5)  # error: not a name
    await ctx.gather(left)  # error: not an operation


async def on_trio(event: Any, ctx: perdure_trio.DurableContext) -> None:
    reveal_type(await ctx.map(["a", "b"], trio_size))  # BatchResult[int]
    reveal_type(await ctx.parallel(trio_left, trio_left))  # BatchResult[bytes]
    reveal_type(await ctx.invoke("other"))  # Any
    await ctx.map(["a"], size)  # error: made for another runtime


def in_sync(event: Any, ctx: perdure_sync.DurableContext) -> None:
    reveal_type(ctx.map(["a", "b"], sync_size))  # BatchResult[int]
    reveal_type(ctx.parallel(sync_left).results)  # list[bytes]
    reveal_type(ctx.invoke("other"))  # Any
    reveal_type(ctx.create_callback().id)  # str
    ctx.map([1], sync_size)  # error: the items are no texts
    ctx.parallel(left)  # error: made for another runtime
