"""What a test can ask about an execution that has ended."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import trio

from adapters.programs import Context
from adapters.runtimes import Runtime
from perdure import retries
from perdure_local.testing import Durable, ExecutionFailed, MisuseError


async def order(event: Any, ctx: Context) -> Any:
    """A step, a wait, and two branches with a step each."""
    total = await ctx.step(lambda: {"total": len(event)}, name="sum")
    await ctx.wait(60, name="pause")

    def branch(name: str) -> Any:
        async def body(ctx: Context) -> Any:
            return await ctx.step(lambda: name, name="pack")

        return body

    batch = await ctx.parallel(branch("mug"), branch("poster"), name="parcels")
    return [total, batch.results]


async def broken(event: Any, ctx: Context) -> Any:
    """A step that fails for good."""

    def charge() -> None:
        raise PermissionError("card refused")

    return await ctx.step(charge, name="charge", retry=retries.NO_RETRY)


def test_a_good_end(runtime: Runtime, durable: Durable) -> None:
    run = durable.run(runtime.handler(order), ["mug", "poster"], name="order-42")
    assert (run.status, run.error) == ("SUCCEEDED", None)
    assert run.result == [{"total": 2}, ["mug", "poster"]]
    assert "/durable-execution/order-42/" in run.arn
    assert run.duration == 60


def test_a_bad_end(runtime: Runtime, durable: Durable) -> None:
    run = durable.run(runtime.handler(broken))
    assert run.status == "FAILED"
    assert run.error is not None
    assert run.error.message == "card refused"
    with pytest.raises(ExecutionFailed, match="card refused\n  Step charge FAILED Permission"):
        _ = run.result


def test_operations(runtime: Runtime, durable: Durable) -> None:
    run = durable.run(runtime.handler(order), ["mug"])
    total = run.operation("sum")
    assert (total.type, total.sub_type, total.status) == ("STEP", "Step", "SUCCEEDED")
    assert (total.result, total.error, total.attempts) == ({"total": 1}, None, 1)
    pause = run.operation("pause")
    assert (pause.type, pause.duration, pause.result) == ("WAIT", 60, None)
    parcels = run.operation("parcels")
    assert parcels.parent is None
    assert [each.sub_type for each in parcels.children] == ["ParallelBranch"] * 2
    steps = run.operations_named("pack")
    assert [each.result for each in steps] == ["mug", "poster"]
    assert [each.parent in parcels.children for each in steps] == [True, True]
    assert run.outline().splitlines()[:3] == [
        "  Step sum SUCCEEDED",
        "  Wait pause SUCCEEDED",
        "  Parallel parcels SUCCEEDED",
    ]


def test_an_operation_that_failed(runtime: Runtime, durable: Durable) -> None:
    charge = durable.run(runtime.handler(broken)).operation("charge")
    assert charge.error is not None
    assert (charge.status, charge.error.type) == ("FAILED", "PermissionError")
    assert str(charge.error) == "PermissionError: card refused"


def test_no_operation_or_several(runtime: Runtime, durable: Durable) -> None:
    run = durable.run(runtime.handler(order), [])
    with pytest.raises(LookupError, match="no operation is named 'summ'; there are: 'sum', 'pau"):
        run.operation("summ")
    with pytest.raises(LookupError, match="2 operations are named 'pack': use operations_named"):
        run.operation("pack")


def test_invocations_requests_and_events(runtime: Runtime, durable: Durable) -> None:
    run = durable.run(runtime.handler(order), [])
    assert [(each.number, each.status) for each in run.invocations] == [
        (1, "PENDING"),
        (2, "SUCCEEDED"),
    ]
    assert run.invocations[1].started - run.invocations[0].ended == 60
    assert str(run.requests[0]) == "STEP sum START, STEP sum SUCCEED"
    assert {each.invocation for each in run.requests} == {1, 2}
    assert run.told()[:4] == ["ExecutionStarted", "StepStarted sum", "StepSucceeded sum",
                              "WaitStarted pause"]  # fmt: skip
    assert [event["EventId"] for event in run.history()] == list(range(1, len(run.events) + 1))


def test_one_execution_by_its_name(runtime: Runtime, durable: Durable) -> None:
    handler = runtime.handler(order)
    first = durable.run(handler, [], name="once")
    again = durable.run(handler, [], name="once")
    assert (again.arn, len(again.invocations)) == (first.arn, 2)
    assert durable.run(handler, []).arn != first.arn


def test_a_function_without_end_is_given_up(runtime: Runtime, durable: Durable) -> None:
    async def program(event: Any, ctx: Context) -> None:
        while True:
            await ctx.wait(1)

    with pytest.raises(MisuseError, match="was invoked 20 times and has not ended"):
        durable.run(runtime.handler(program), most_invocations=20)


def test_what_is_no_durable_function(durable: Durable) -> None:
    with pytest.raises(MisuseError, match="decorate it with durable_execution"):
        durable.run(order)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]  # user input


def test_the_end_of_a_test_ends_the_run(runtime: Runtime, durable: Durable) -> None:
    async def program(event: Any, ctx: Context) -> Any:
        return await ctx.step(lambda: pytest.fail("seen by a step"), name="checks")

    with pytest.raises(pytest.fail.Exception, match="seen by a step"):
        durable.run(runtime.handler(program))


def test_in_a_test_that_is_a_coroutine(runtime: Runtime, durable: Durable) -> None:
    async def main() -> Any:
        return durable.run(runtime.handler(order), []).result

    expected = [{"total": 0}, ["mug", "poster"]]
    assert asyncio.run(main()) == expected
    assert trio.run(main) == expected
