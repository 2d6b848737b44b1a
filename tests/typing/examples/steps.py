"""What the type checkers make of durable operations; run by test_examples.py."""

from __future__ import annotations

from typing import Any, reveal_type

import perdure_asyncio
import perdure_sync
import perdure_trio


async def fetch(key: str, times: int) -> list[bytes]:
    return [key.encode()] * times


def count(text: str) -> int:
    return len(text)


async def on_asyncio(event: Any, ctx: perdure_asyncio.DurableContext) -> None:
    reveal_type(await ctx.step(fetch, "a", 2))  # list[bytes]
    reveal_type(await ctx.step(count, "a"))  # int
    reveal_type(await ctx.step(lambda: 1.5))  # float
    reveal_type(ctx.wait(1))  # DurableOperation[None]
    await ctx.step(fetch, "a")  # error: an argument is missing
    await ctx.step(count, 5)  # error: not a str


async def on_trio(event: Any, ctx: perdure_trio.DurableContext) -> None:
    reveal_type(await ctx.step(fetch, "a", 2))  # list[bytes]
    await ctx.step(count, None)  # error: not a str


def in_sync(event: Any, ctx: perdure_sync.DurableContext) -> None:
    reveal_type(ctx.step(count, "a"))  # int
    ctx.step(count, "a", retry=3)  # error: not a strategy
    ctx.wait("1 day")  # error: not a duration
