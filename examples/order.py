"""An order, carried out durably: reserve the stock, wait, charge the card, ship.

The same workflow on three runtimes. All three leave the same history behind, so an
execution that one of them began could be finished by another.

    perdure run examples/order.py --input '{"order_id": "o-17", "items": {"mug": 2}}'
    perdure run examples/order.py --runtime trio --skip-time
    perdure run examples/order.py:handler_sync --json

The bank refuses the first attempt of every charge, so a retry can be watched.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import perdure_asyncio
import perdure_sync
from perdure import retries
from perdure.step_context import step_context

PRICES = {"mug": 12.5, "poster": 8.0}
COOL_OFF_SECONDS = 2
LATENCY_SECONDS = 0.3  # of the shop's other systems

PATIENT = retries.exponential(max_attempts=3, initial_delay=1)


class BankBusy(Exception):
    """The bank could not be reached; trying again helps."""


# What the shop does, whatever the runtime.


def reserved(order: dict[str, Any]) -> dict[str, Any]:
    items: dict[str, int] = order.get("items", {"mug": 1})
    total = sum(PRICES[item] * count for item, count in items.items())
    return {"order_id": order.get("order_id", "o-1"), "items": items, "total": total}


def charged(reservation: dict[str, Any]) -> str:
    # A real bank would be given step_context().operation_id as its idempotency key.
    if step_context().attempt == 1:
        raise BankBusy("the bank is busy, try again")
    return f"receipt-{reservation['order_id']}"


def shipped(reservation: dict[str, Any]) -> str:
    return f"parcel-{reservation['order_id']}"


# asyncio and trio: the steps are the same, with either's sleep.


class Shop:
    def __init__(self, sleep: Callable[[float], Awaitable[None]]) -> None:
        self._sleep = sleep

    async def reserve(self, order: dict[str, Any]) -> dict[str, Any]:
        await self._sleep(LATENCY_SECONDS)
        return reserved(order)

    async def charge(self, reservation: dict[str, Any]) -> str:
        await self._sleep(LATENCY_SECONDS)
        return charged(reservation)

    async def ship(self, reservation: dict[str, Any]) -> str:
        await self._sleep(LATENCY_SECONDS)
        return shipped(reservation)


@perdure_asyncio.durable_execution
async def handler_asyncio(
    event: dict[str, Any], ctx: perdure_asyncio.DurableContext
) -> dict[str, Any]:
    shop = Shop(asyncio.sleep)
    reservation = await ctx.step(shop.reserve, event, name="reserve")
    await ctx.wait(COOL_OFF_SECONDS, name="cool-off")
    receipt = await ctx.step(shop.charge, reservation, name="charge", retry=PATIENT)
    parcel = await ctx.step(shop.ship, reservation, name="ship")
    return {**reservation, "receipt": receipt, "parcel": parcel}


try:
    import trio

    import perdure_trio
except ImportError:
    pass  # trio is an extra: pip install 'perdure[trio]'
else:

    @perdure_trio.durable_execution
    async def handler_trio(
        event: dict[str, Any], ctx: perdure_trio.DurableContext
    ) -> dict[str, Any]:
        shop = Shop(trio.sleep)
        reservation = await ctx.step(shop.reserve, event, name="reserve")
        await ctx.wait(COOL_OFF_SECONDS, name="cool-off")
        receipt = await ctx.step(shop.charge, reservation, name="charge", retry=PATIENT)
        parcel = await ctx.step(shop.ship, reservation, name="ship")
        return {**reservation, "receipt": receipt, "parcel": parcel}


# Plain sync code.


def reserve(order: dict[str, Any]) -> dict[str, Any]:
    time.sleep(LATENCY_SECONDS)
    return reserved(order)


def charge(reservation: dict[str, Any]) -> str:
    time.sleep(LATENCY_SECONDS)
    return charged(reservation)


def ship(reservation: dict[str, Any]) -> str:
    time.sleep(LATENCY_SECONDS)
    return shipped(reservation)


@perdure_sync.durable_execution
def handler_sync(event: dict[str, Any], ctx: perdure_sync.DurableContext) -> dict[str, Any]:
    reservation = ctx.step(reserve, event, name="reserve")
    ctx.wait(COOL_OFF_SECONDS, name="cool-off")
    receipt = ctx.step(charge, reservation, name="charge", retry=PATIENT)
    parcel = ctx.step(ship, reservation, name="ship")
    return {**reservation, "receipt": receipt, "parcel": parcel}
