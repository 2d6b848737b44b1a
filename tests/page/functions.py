"""Durable functions for the page to show: one for each thing that can be seen on it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, ClassVar

from perdure import retries
from perdure.batch_completion import ALL_COMPLETED
from perdure.handler import DurableHandler
from perdure.modes import CheckpointingMode
from perdure.step_context import step_context
from perdure.waits import poll_until
from perdure_sync import DurableContext, durable_execution

HOSTILE = "<img src=x onerror=\"document.title='owned'\">"

TWICE = retries.exponential(max_attempts=3, initial_delay=1, rate=1, jitter=retries.Jitter.NONE)
NEVER = retries.exponential(max_attempts=1)
READY = poll_until(lambda state: state == 3, initial_delay=1, max_attempts=9)


class BankBusy(Exception):
    """The bank could not be reached."""


def work(seconds: float, result: Any = "done") -> Any:
    time.sleep(seconds)
    return result


def refuse() -> str:
    time.sleep(0.12)
    raise BankBusy("the bank is busy, try again")


def charge(amount: float) -> dict[str, Any]:
    time.sleep(0.2)
    if step_context().attempt < 2:
        raise BankBusy("the bank is busy, try again")
    return {"receipt": "r-17", "amount": amount, "currency": "EUR", "final": True}


def hello(event: object, ctx: object) -> str:
    """Not durable."""
    return "hello"


@durable_execution
def order(event: dict[str, Any], ctx: DurableContext) -> dict[str, Any]:
    reserved = ctx.step(work, 0.3, {"stock": 3}, name="reserve")
    ctx.wait(event.get("seconds", 2), name="cool-off")
    receipt = ctx.step(charge, 25.5, name="charge", retry=TWICE)
    price = ctx.invoke("child", {"mugs": 3}, name="price")
    ctx.step(work, 0.15, name="ship")
    return {**reserved, "receipt": receipt, "price": price}


@durable_execution
def child(event: dict[str, Any], ctx: DurableContext) -> int:
    ctx.step(work, 0.1, name="look up")
    return 12 * int(event["mugs"])


@durable_execution
def fails(event: object, ctx: DurableContext) -> str:
    ctx.step(work, 0.1, name="reserve")
    return str(ctx.step(refuse, name="charge", retry=TWICE))


def tile(ctx: DurableContext, item: int, index: int) -> int:
    if index % 17 == 5:
        ctx.step(refuse, name="render", retry=NEVER)
    else:
        ctx.step(work, 0.02 + 0.11 * (index * 7 % 11) / 10, index, name="render")
    return item


@durable_execution
def atlas(event: dict[str, Any], ctx: DurableContext) -> dict[str, int]:
    ctx.step(work, 0.1, name="plan")
    batch = ctx.map(
        range(event.get("tiles", 50)),
        tile,
        name="tiles",
        max_concurrency=event.get("at_once", 8),
        completion=ALL_COMPLETED,
    )
    return {"rendered": len(batch.succeeded), "failed": len(batch.failed)}


@durable_execution
def approval(event: dict[str, Any], ctx: DurableContext) -> dict[str, Any]:
    ctx.step(work, 0.1, name="draft")

    def both(branch: DurableContext) -> Any:
        return branch.wait_for_callback(
            lambda callback_id: work(0.05),
            name=event.get("name", "manager"),
            timeout=3600,
            heartbeat_timeout=600,
        )

    answer = ctx.run_in_child_context(both, name="review")
    return {"answer": answer}


@durable_execution
def sleeper(event: dict[str, Any], ctx: DurableContext) -> str:
    ctx.step(work, 0.2, name="fall asleep")
    ctx.wait(event.get("seconds", 3600), name="sleep")
    return "awake"


@durable_execution
def condition(event: object, ctx: DurableContext) -> int:
    return ctx.wait_for_condition(lambda state: state + 1, 0, READY, name="cluster ready")


class Bare(DurableHandler):
    """A handler without an adapter: what it raises is a crash of the invocation."""

    runtime: ClassVar[str] = "sync"

    def __call__(self, event: Mapping[str, Any], context: object) -> dict[str, Any]:
        answer: dict[str, Any] = self.func(event, context)
        return answer


CRASHES = iter([ConnectionError("the connection is lost")])


def _crash_once(event: Mapping[str, Any], context: object) -> object:
    for crash in CRASHES:
        raise crash
    return {"Status": "SUCCEEDED", "Result": '"in the end"'}


crashes = Bare(_crash_once, CheckpointingMode.BATCHED)


@durable_execution
def hostile(event: object, ctx: DurableContext) -> str:
    ctx.step(work, 0.01, f"{HOSTILE}</script>", name=HOSTILE)
    raise BankBusy(HOSTILE)


@durable_execution
def many(event: dict[str, Any], ctx: DurableContext) -> int:
    """Operations by the thousand: half of them contexts, half steps."""

    def item(branch: DurableContext, number: int, index: int) -> int:
        return branch.step(lambda: number, name=f"step {index}")

    batch = ctx.map(range(event["items"]), item, name="thousands", max_concurrency=50)
    return len(batch.succeeded)
