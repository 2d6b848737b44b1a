"""Suite map."""

from __future__ import annotations

from typing import Any

from perdure.batch_completion import Completion
from perdure.operations.batch import Nesting
from perdure.serdes import TAGGED

from ..payloads import JoinedResults, report
from .runtime import DurableContext, durable_execution


def say(words: str) -> str:
    return words


def greet(context: DurableContext, item: str, index: int) -> str:
    return context.step(say, f"Hello, {item}!")


def step(context: DurableContext, item: str, index: int) -> str:
    return context.step(say, item)


def double(context: DurableContext, item: int, index: int) -> int:
    return item * 2


def upper(context: DurableContext, item: str, index: int) -> str:
    return item.upper()


def large(context: DurableContext, item: str, index: int) -> str:
    return item * 70_000


def ok_or_fail(context: DurableContext, item: str, index: int) -> str:
    if item == "fail":
        raise RuntimeError("this item always fails")
    return item


def second_waits(context: DurableContext, item: str, index: int) -> str:
    if index == 1:
        context.wait(1)
    return context.step(say, item)


@durable_execution
def basic(event: list[str], context: DurableContext) -> list[str]:
    return (context.map(event, greet, name="map", max_concurrency=1)).results


@durable_execution
def unnamed(event: list[int], context: DurableContext) -> list[int]:
    return (context.map(event, double, max_concurrency=1)).results


@durable_execution
def fail_fast(event: None, context: DurableContext) -> dict[str, Any]:
    batch = context.map(
        ["ok", "fail", "never"],
        ok_or_fail,
        name="failfast",
        max_concurrency=1,
        completion=Completion(tolerated_failures=0),
    )
    return report(batch, "completionReason", "status", "successCount", "failureCount", "totalCount")


@durable_execution
def rethrown(event: None, context: DurableContext) -> list[str]:
    batch = context.map(
        ["fail", "never"],
        ok_or_fail,
        name="throwing",
        max_concurrency=1,
        completion=Completion(tolerated_failures=0),
    )
    batch.throw_if_error()
    return batch.results


@durable_execution
def min_successful(event: None, context: DurableContext) -> dict[str, Any]:
    batch = context.map(
        "abcd",
        upper,
        name="min-successful",
        max_concurrency=1,
        completion=Completion(min_successful=2),
    )
    return report(batch, "completionReason", "successCount", "totalCount")


@durable_execution
def failure_tolerated(event: None, context: DurableContext) -> dict[str, Any]:
    batch = context.map(
        ["ok", "fail", "fine"],
        ok_or_fail,
        name="tolerated",
        max_concurrency=1,
        completion=Completion(tolerated_failures=1),
    )
    return report(batch, "completionReason", "status", "successCount", "failureCount", "totalCount")


@durable_execution
def tolerance_exceeded(event: None, context: DurableContext) -> dict[str, Any]:
    batch = context.map(
        ["fail", "fail", "never"],
        ok_or_fail,
        name="tolerated-exceeded",
        max_concurrency=1,
        completion=Completion(tolerated_failures=1),
    )
    return report(batch, "completionReason", "successCount", "failureCount", "totalCount")


@durable_execution
def percentage_exceeded(event: None, context: DurableContext) -> dict[str, Any]:
    batch = context.map(
        ["fail", "fail", "never", "never"],
        ok_or_fail,
        name="tolerated-pct",
        max_concurrency=1,
        completion=Completion(tolerated_failure_percentage=25),
    )
    return report(batch, "completionReason", "successCount", "failureCount", "totalCount")


@durable_execution
def flat(event: None, context: DurableContext) -> list[str]:
    batch = context.map(["fa", "fb"], step, name="flat", max_concurrency=1, nesting=Nesting.FLAT)
    return batch.results


@durable_execution
def item_suspends(event: None, context: DurableContext) -> list[str]:
    items = ["r0", "r1"]
    return (context.map(items, second_waits, name="suspend", max_concurrency=1)).results


@durable_execution
def large_result(event: None, context: DurableContext) -> dict[str, Any]:
    batch = context.map("abcd", large, name="large", max_concurrency=1)
    return report(batch, "successCount", "totalCount")


@durable_execution
def wait_after(event: None, context: DurableContext) -> list[str]:
    batch = context.map("ab", upper, name="then-wait", max_concurrency=1)
    context.wait(1)
    return batch.results


@durable_execution
def whole_serdes(event: None, context: DurableContext) -> list[str]:
    batch = context.map(
        "xy",
        upper,
        name="op-serde",
        max_concurrency=1,
        serdes=JoinedResults(),
        item_serdes=TAGGED,
    )
    return batch.results


@durable_execution
def whole_serdes_replayed(event: None, context: DurableContext) -> list[str]:
    batch = context.map(
        "xy",
        upper,
        name="op-serde-replay",
        max_concurrency=1,
        serdes=JoinedResults(),
        item_serdes=TAGGED,
    )
    context.wait(1)
    return batch.results
