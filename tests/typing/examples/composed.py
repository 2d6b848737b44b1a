"""What the type checkers make of operations that are made of others."""

from __future__ import annotations

from typing import Any, reveal_type

import perdure_asyncio
import perdure_sync
import perdure_trio


def count(text: str) -> int:
    return len(text)


async def order(ctx: perdure_asyncio.DurableContext, number: int) -> str:
    return await ctx.step(str, number)


def sync_order(ctx: perdure_sync.DurableContext, number: int) -> str:
    return ctx.step(str, number)


async def on_asyncio(event: Any, ctx: perdure_asyncio.DurableContext) -> None:
    reveal_type(await ctx.gather(ctx.step(count, "a"), ctx.step(str, 1)))  # tuple[int, str]
    reveal_type(await ctx.gather(*[ctx.step(count, "a")]))  # tuple[int, ...]
    reveal_type(await ctx.race(ctx.step(count, "a"), ctx.step(count, "b")))  # int
    reveal_type(await ctx.any(ctx.step(count, "a")))  # int
    reveal_type((await ctx.all_settled(ctx.step(count, "a"))).results)  # list[int]
    reveal_type(await ctx.with_retry(order, 5))  # str
    reveal_type(await ctx.now())  # datetime
    reveal_type(await ctx.random())  # float
    reveal_type(await ctx.uuid())  # UUID
    ctx.at_end(count, "a", name="end")
    await ctx.gather(count, ctx.step(count, "a"))  # error: not an operation
    await ctx.with_retry(order, "5")  # error: not an int
    ctx.at_end(count, 5)  # error: not a str


async def on_trio(event: Any, ctx: perdure_trio.DurableContext) -> None:
    reveal_type(await ctx.gather(ctx.step(count, "a"), ctx.wait(1)))  # tuple[int, None]
    await ctx.race("a")  # error: not an operation


def in_sync(event: Any, ctx: perdure_sync.DurableContext) -> None:
    reveal_type(ctx.with_retry(sync_order, 5))  # str
    reveal_type(ctx.now())  # datetime
    reveal_type(ctx.defer(ctx.wait, 5))  # Deferred[None]
    reveal_type(ctx.defer(ctx.uuid))  # Deferred[
    reveal_type(ctx.defer(ctx.step, count, "a"))  # Deferred[int]
    reveal_type(ctx.race(ctx.defer(ctx.step, count, "a")))  # int
    ctx.defer(ctx.step, count, 5)  # error: not a str
    reveal_type(ctx.gather(ctx.defer(ctx.now), ctx.defer(ctx.random)))  # tuple[
    ctx.defer(ctx.wait, "1 day")  # error: not a duration
    ctx.gather(ctx.now())  # error: not deferred
