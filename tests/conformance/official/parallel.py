"""Suite parallel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_durable_execution_sdk_python import DurableContext, ParallelBranch, durable_execution
from aws_durable_execution_sdk_python.config import CompletionConfig, NestingType, ParallelConfig

from .payloads import Wrapped, report, seconds

Body = Callable[[DurableContext], Any]
ONE = ParallelConfig(max_concurrency=1)


def returns(value: Any) -> Body:
    return lambda context: value


def steps(value: Any) -> Body:
    return lambda context: context.step(lambda step: value)


def fails(context: DurableContext) -> Any:
    raise RuntimeError("this branch always fails")


def until(**thresholds: int) -> ParallelConfig:
    return ParallelConfig(max_concurrency=1, completion_config=CompletionConfig(**thresholds))


@durable_execution
def basic(event: None, context: DurableContext) -> list[Any]:
    branches = [steps("task-1"), steps("task-2")]
    return context.parallel(branches, name="parallel", config=ONE).get_results()


@durable_execution
def unnamed(event: None, context: DurableContext) -> list[Any]:
    return context.parallel([returns("alpha"), returns("beta")], config=ONE).get_results()


@durable_execution
def named_branches(event: None, context: DurableContext) -> list[Any]:
    branches = [ParallelBranch(returns("one"), "first"), ParallelBranch(returns("two"), "second")]
    return context.parallel(branches, name="named", config=ONE).get_results()


@durable_execution
def different_types(event: None, context: DurableContext) -> list[Any]:
    branches = [returns("hello"), returns(42), returns({"k": "v"})]
    return context.parallel(branches, name="hetero", config=ONE).get_results()


@durable_execution
def fail_fast(event: None, context: DurableContext) -> dict[str, Any]:
    branches = [returns("ok"), fails, returns("never")]
    batch = context.parallel(branches, name="failfast", config=until(tolerated_failure_count=0))
    return report(batch, "completionReason", "status", "successCount", "failureCount", "totalCount")


@durable_execution
def min_successful(event: None, context: DurableContext) -> dict[str, Any]:
    branches = [returns(each) for each in "abcd"]
    batch = context.parallel(branches, name="min-successful", config=until(min_successful=2))
    return report(batch, "completionReason", "successCount", "totalCount")


@durable_execution
def tolerance_exceeded(event: None, context: DurableContext) -> dict[str, Any]:
    branches = [fails, fails, returns("never")]
    config = until(tolerated_failure_count=1)
    batch = context.parallel(branches, name="tolerated-exceeded", config=config)
    return report(batch, "completionReason", "successCount", "failureCount", "totalCount")


@durable_execution
def concurrent(event: None, context: DurableContext) -> list[Any]:
    branches = [returns("r0"), returns("r1"), returns("r2")]
    config = ParallelConfig(max_concurrency=2)
    return context.parallel(branches, name="concurrent", config=config).get_results()


@durable_execution
def flat(event: None, context: DurableContext) -> list[Any]:
    config = ParallelConfig(max_concurrency=1, nesting_type=NestingType.FLAT)
    return context.parallel([steps("fa"), steps("fb")], name="flat", config=config).get_results()


def wait_and_return(context: DurableContext) -> str:
    context.wait(seconds(2))
    return "b1"


@durable_execution
def replayed(event: None, context: DurableContext) -> list[Any]:
    return context.parallel([steps("b0"), wait_and_return], name="replay", config=ONE).get_results()


@durable_execution
def item_serdes(event: None, context: DurableContext) -> list[Any]:
    config = ParallelConfig(max_concurrency=1, item_serdes=Wrapped())
    return context.parallel([returns("x"), returns("y")], name="serde", config=config).get_results()


@durable_execution
def both_thresholds(event: None, context: DurableContext) -> dict[str, Any]:
    branches = [fails, fails, returns("never"), returns("never")]
    config = until(min_successful=3, tolerated_failure_count=1)
    batch = context.parallel(branches, name="combined", config=config)
    return report(batch, "completionReason", "successCount", "failureCount", "totalCount")


@durable_execution
def no_concurrency(event: None, context: DurableContext) -> list[Any]:
    branches = [returns("a"), returns("b")]
    config = ParallelConfig(max_concurrency=0)
    return context.parallel(branches, name="bad-concurrency", config=config).get_results()


def inner(context: DurableContext) -> list[Any]:
    return context.parallel([steps("i1"), steps("i2")], name="inner", config=ONE).get_results()


@durable_execution
def nested(event: None, context: DurableContext) -> list[Any]:
    return context.parallel([inner], name="outer", config=ONE).get_results()


@durable_execution
def percentage_met(event: None, context: DurableContext) -> dict[str, Any]:
    branches = [fails, *map(returns, "bcd")]
    config = until(tolerated_failure_percentage=25)
    batch = context.parallel(branches, name="pct-boundary", config=config)
    return report(batch, "completionReason", "status", "successCount", "failureCount", "totalCount")
