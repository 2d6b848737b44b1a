"""Durable functions of one step, as `perdure dev` hosts them: one for each runtime."""

from __future__ import annotations

import perdure_asyncio
import perdure_sync
import perdure_trio


def step():
    return {"i": 1, "ok": True}


@perdure_sync.durable_execution
def on_sync(event, ctx):
    return ctx.step(step)


@perdure_asyncio.durable_execution
async def on_asyncio(event, ctx):
    return await ctx.step(step)


@perdure_trio.durable_execution
async def on_trio(event, ctx):
    return await ctx.step(step)
