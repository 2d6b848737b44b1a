"""Suite map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import CompletionConfig, MapConfig, NestingType
from aws_durable_execution_sdk_python.serdes import ExtendedTypeSerDes

from .payloads import JoinedResults, report, seconds

Items = Sequence[Any]
ONE = MapConfig(max_concurrency=1)


def until(**thresholds: int) -> MapConfig[Any]:
    return MapConfig(max_concurrency=1, completion_config=CompletionConfig(**thresholds))


def greet(context: DurableContext, item: str, index: int, items: Items) -> str:
    return context.step(lambda step: f"Hello, {item}!")


def step(context: DurableContext, item: str, index: int, items: Items) -> str:
    return context.step(lambda step: item)


def double(context: DurableContext, item: int, index: int, items: Items) -> int:
    return item * 2


def upper(context: DurableContext, item: str, index: int, items: Items) -> str:
    return item.upper()


def large(context: DurableContext, item: str, index: int, items: Items) -> str:
    return item * 70_000


def ok_or_fail(context: DurableContext, item: str, index: int, items: Items) -> str:
    if item == "fail":
        raise RuntimeError("this item always fails")
    return item


def second_waits(context: DurableContext, item: str, index: int, items: Items) -> str:
    if index == 1:
        context.wait(seconds(1))
    return context.step(lambda step: item)


@durable_execution
def basic(event: list[str], context: DurableContext) -> list[str]:
    return context.map(event, greet, name="map", config=ONE).get_results()


@durable_execution
def unnamed(event: list[int], context: DurableContext) -> list[int]:
    return context.map(event, double, config=ONE).get_results()


@durable_execution
def fail_fast(event: None, context: DurableContext) -> dict[str, Any]:
    config = until(tolerated_failure_count=0)
    batch = context.map(["ok", "fail", "never"], ok_or_fail, name="failfast", config=config)
    return report(batch, "completionReason", "status", "successCount", "failureCount", "totalCount")


@durable_execution
def rethrown(event: None, context: DurableContext) -> list[str]:
    config = until(tolerated_failure_count=0)
    batch = context.map(["fail", "never"], ok_or_fail, name="throwing", config=config)
    batch.throw_if_error()
    return batch.get_results()


@durable_execution
def min_successful(event: None, context: DurableContext) -> dict[str, Any]:
    batch = context.map("abcd", upper, name="min-successful", config=until(min_successful=2))
    return report(batch, "completionReason", "successCount", "totalCount")


@durable_execution
def failure_tolerated(event: None, context: DurableContext) -> dict[str, Any]:
    config = until(tolerated_failure_count=1)
    batch = context.map(["ok", "fail", "fine"], ok_or_fail, name="tolerated", config=config)
    return report(batch, "completionReason", "status", "successCount", "failureCount", "totalCount")


@durable_execution
def tolerance_exceeded(event: None, context: DurableContext) -> dict[str, Any]:
    config = until(tolerated_failure_count=1)
    items = ["fail", "fail", "never"]
    batch = context.map(items, ok_or_fail, name="tolerated-exceeded", config=config)
    return report(batch, "completionReason", "successCount", "failureCount", "totalCount")


@durable_execution
def percentage_exceeded(event: None, context: DurableContext) -> dict[str, Any]:
    config = until(tolerated_failure_percentage=25)
    items = ["fail", "fail", "never", "never"]
    batch = context.map(items, ok_or_fail, name="tolerated-pct", config=config)
    return report(batch, "completionReason", "successCount", "failureCount", "totalCount")


@durable_execution
def flat(event: None, context: DurableContext) -> list[str]:
    config = MapConfig(max_concurrency=1, nesting_type=NestingType.FLAT)
    return context.map(["fa", "fb"], step, name="flat", config=config).get_results()


@durable_execution
def item_suspends(event: None, context: DurableContext) -> list[str]:
    return context.map(["r0", "r1"], second_waits, name="suspend", config=ONE).get_results()


@durable_execution
def large_result(event: None, context: DurableContext) -> dict[str, Any]:
    batch = context.map("abcd", large, name="large", config=ONE)
    return report(batch, "successCount", "totalCount")


@durable_execution
def wait_after(event: None, context: DurableContext) -> list[str]:
    batch = context.map("ab", upper, name="then-wait", config=ONE)
    context.wait(seconds(1))
    return batch.get_results()


WHOLE = MapConfig(max_concurrency=1, serdes=JoinedResults(), item_serdes=ExtendedTypeSerDes())


@durable_execution
def whole_serdes(event: None, context: DurableContext) -> list[str]:
    return context.map("xy", upper, name="op-serde", config=WHOLE).get_results()


@durable_execution
def whole_serdes_replayed(event: None, context: DurableContext) -> list[str]:
    batch = context.map("xy", upper, name="op-serde-replay", config=WHOLE)
    context.wait(seconds(1))
    return batch.get_results()
