"""Suite parallel."""

from __future__ import annotations

from typing import Any

from perdure.batch_completion import Completion
from perdure.context import Branch
from perdure.operations.batch import Nesting

from ..payloads import Wrapped, report
from .runtime import Body, DurableContext, durable_execution


def returns(value: Any) -> Body:
    def branch(context: DurableContext) -> Any:
        return value

    return branch


def steps(value: Any) -> Body:
    def say() -> Any:
        return value

    def branch(context: DurableContext) -> Any:
        return context.step(say)

    return branch


def fails(context: DurableContext) -> Any:
    raise RuntimeError("this branch always fails")


@durable_execution
def basic(event: None, context: DurableContext) -> list[Any]:
    branches = (steps("task-1"), steps("task-2"))
    return (context.parallel(*branches, name="parallel", max_concurrency=1)).results


@durable_execution
def unnamed(event: None, context: DurableContext) -> list[Any]:
    return (context.parallel(returns("alpha"), returns("beta"), max_concurrency=1)).results


@durable_execution
def named_branches(event: None, context: DurableContext) -> list[Any]:
    branches = (Branch(returns("one"), "first"), Branch(returns("two"), "second"))
    return (context.parallel(*branches, name="named", max_concurrency=1)).results


@durable_execution
def different_types(event: None, context: DurableContext) -> list[Any]:
    branches = (returns("hello"), returns(42), returns({"k": "v"}))
    return (context.parallel(*branches, name="hetero", max_concurrency=1)).results


@durable_execution
def fail_fast(event: None, context: DurableContext) -> dict[str, Any]:
    batch = context.parallel(
        returns("ok"),
        fails,
        returns("never"),
        name="failfast",
        max_concurrency=1,
        completion=Completion(tolerated_failures=0),
    )
    return report(batch, "completionReason", "status", "successCount", "failureCount", "totalCount")


@durable_execution
def min_successful(event: None, context: DurableContext) -> dict[str, Any]:
    batch = context.parallel(
        *map(returns, "abcd"),
        name="min-successful",
        max_concurrency=1,
        completion=Completion(min_successful=2),
    )
    return report(batch, "completionReason", "successCount", "totalCount")


@durable_execution
def tolerance_exceeded(event: None, context: DurableContext) -> dict[str, Any]:
    batch = context.parallel(
        fails,
        fails,
        returns("never"),
        name="tolerated-exceeded",
        max_concurrency=1,
        completion=Completion(tolerated_failures=1),
    )
    return report(batch, "completionReason", "successCount", "failureCount", "totalCount")


@durable_execution
def concurrent(event: None, context: DurableContext) -> list[Any]:
    branches = (returns("r0"), returns("r1"), returns("r2"))
    return (context.parallel(*branches, name="concurrent", max_concurrency=2)).results


@durable_execution
def flat(event: None, context: DurableContext) -> list[Any]:
    batch = context.parallel(
        steps("fa"), steps("fb"), name="flat", max_concurrency=1, nesting=Nesting.FLAT
    )
    return batch.results


def wait_and_return(context: DurableContext) -> str:
    context.wait(2)
    return "b1"


@durable_execution
def replayed(event: None, context: DurableContext) -> list[Any]:
    branches = (steps("b0"), wait_and_return)
    return (context.parallel(*branches, name="replay", max_concurrency=1)).results


@durable_execution
def item_serdes(event: None, context: DurableContext) -> list[Any]:
    batch = context.parallel(
        returns("x"), returns("y"), name="serde", max_concurrency=1, item_serdes=Wrapped()
    )
    return batch.results


@durable_execution
def both_thresholds(event: None, context: DurableContext) -> dict[str, Any]:
    batch = context.parallel(
        fails,
        fails,
        returns("never"),
        returns("never"),
        name="combined",
        max_concurrency=1,
        completion=Completion(min_successful=3, tolerated_failures=1),
    )
    return report(batch, "completionReason", "successCount", "failureCount", "totalCount")


@durable_execution
def no_concurrency(event: None, context: DurableContext) -> list[Any]:
    branches = (returns("a"), returns("b"))
    return (context.parallel(*branches, name="bad-concurrency", max_concurrency=0)).results


def inner(context: DurableContext) -> list[Any]:
    branches = (steps("i1"), steps("i2"))
    return (context.parallel(*branches, name="inner", max_concurrency=1)).results


@durable_execution
def nested(event: None, context: DurableContext) -> list[Any]:
    return (context.parallel(inner, name="outer", max_concurrency=1)).results


@durable_execution
def percentage_met(event: None, context: DurableContext) -> dict[str, Any]:
    batch = context.parallel(
        fails,
        *map(returns, "bcd"),
        name="pct-boundary",
        max_concurrency=1,
        completion=Completion(tolerated_failure_percentage=25),
    )
    return report(batch, "completionReason", "status", "successCount", "failureCount", "totalCount")
