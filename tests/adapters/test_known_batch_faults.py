"""What other SDKs of this service got wrong where several things go on at once: not here.

Each test names the harm in its first line.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from adapters.conftest import ASYNC, MakeHandler
from adapters.programs import Context
from adapters.runtimes import Runtime
from adapters.world import World
from perdure.batch_completion import ALL_COMPLETED, FIRST_SUCCESSFUL, BatchStatus, Completion
from perdure.errors import ConcurrencyError
from perdure.retries import NO_RETRY


def value() -> str:
    return "value"


def refuse() -> str:
    raise LookupError("refused")


async def waits(ctx: Context) -> str:
    await ctx.wait(60, name="long")
    return "waited"


@pytest.mark.parametrize(
    ("completion", "ends", "reason"),
    [
        (Completion(min_successful=2), ["-", "-", "+", "+"], "ALL_COMPLETED"),
        (ALL_COMPLETED, ["-", "+", "-"], "ALL_COMPLETED"),
        (Completion(tolerated_failures=1), ["-", "-", "+"], "FAILURE_TOLERANCE_EXCEEDED"),
    ],
    ids=["min_successful", "all", "tolerated"],
)
def test_a_failing_branch_ends_a_batch_only_where_the_rule_says_so(
    world: World, make_handler: MakeHandler, completion: Completion, ends: list[str], reason: str
) -> None:
    """`min_successful=2` stopped after the first failure; "all completed" was fail-fast."""

    async def one(ctx: Context, item: str, index: int) -> str:
        return await ctx.step(value if item == "+" else refuse, retry=NO_RETRY)

    async def program(event: Any, ctx: Context) -> object:
        batch = await ctx.map(ends, one, completion=completion, max_concurrency=1)
        signs = {BatchStatus.SUCCEEDED: "+", BatchStatus.FAILED: "-", BatchStatus.STARTED: "."}
        return [batch.completion_reason, [signs[each.status] for each in batch.all]]

    recorded = ends if reason == "ALL_COMPLETED" else ends[:2]
    assert world.run(make_handler(program)).result == [reason, recorded]


def test_results_of_none_keep_their_places(world: World, make_handler: MakeHandler) -> None:
    """Results that were None were dropped: the others no longer lined up with their items."""

    async def odd(ctx: Context, item: int, index: int) -> int | None:
        return item if item % 2 else None

    async def program(event: Any, ctx: Context) -> object:
        before = (await ctx.map([1, 2, 3, 4], odd)).results
        await ctx.wait(1)
        return before

    assert world.run(make_handler(program)).result == [1, None, 3, None]


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_a_straggler_does_not_delay_the_answer(
    world: World, runtime: Runtime, make_handler: MakeHandler
) -> None:
    """The invocation waited for branches of a batch that was complete without them."""

    async def slow(ctx: Context) -> str:
        async def body() -> str:
            await runtime.sleep(30)
            return "late"

        return await ctx.step(body)

    async def quick(ctx: Context) -> str:
        return await ctx.step(value)

    async def program(event: Any, ctx: Context) -> object:
        batch = await ctx.parallel(slow, quick, completion=FIRST_SUCCESSFUL)
        return [each.result for each in batch.succeeded]

    began = time.monotonic()
    assert world.run(make_handler(program)).result == ["value"]
    assert time.monotonic() - began < 10


def test_a_suspended_branch_never_runs_on_beside_the_next_invocation(
    world: World, runtime: Runtime, make_handler: MakeHandler
) -> None:
    """PENDING was returned with a step still running: it ran on in the next invocation, twice."""
    running: list[int] = []
    at_once: list[int] = []

    async def body() -> str:
        running.append(1)
        at_once.append(len(running))
        await runtime.sleep(0.05)
        running.pop()
        return "slow"

    async def slow(ctx: Context) -> str:
        return await ctx.step(runtime.body(body), name="slow")

    async def program(event: Any, ctx: Context) -> object:
        return (await ctx.parallel(waits, slow)).results

    run = world.run(make_handler(program))
    assert run.statuses == ["PENDING", "SUCCEEDED"]
    assert run.result == ["waited", "slow"]
    assert at_once == [1]
    assert world.actions().count("STEP START") == 1


def test_what_failed_ends_before_the_answer(
    world: World, runtime: Runtime, make_handler: MakeHandler
) -> None:
    """FAILED was returned while a sibling was frozen in the middle of its step."""
    began: list[str] = []
    ended: list[str] = []

    async def body() -> str:
        began.append("slow")
        try:
            await runtime.sleep(0.2)
        finally:
            ended.append("slow")
        return "slow"

    async def slow(ctx: Context) -> str:
        return await ctx.step(runtime.body(body))

    async def meanwhile() -> None:
        await runtime.until(lambda: bool(began))

    async def fails(ctx: Context) -> str:
        await ctx.step(runtime.body(meanwhile))
        raise LookupError("in the middle")

    async def program(event: Any, ctx: Context) -> object:
        batch = await ctx.parallel(slow, fails)
        batch.throw_if_error()
        return None

    run = world.run(make_handler(program))
    assert run.status == "FAILED"
    assert ended == ["slow"]


def test_stragglers_known_only_from_history_write_nothing(
    world: World, runtime: Runtime, make_handler: MakeHandler
) -> None:
    """After a replay, branches of a batch that had completed were not blocked."""
    begun: list[str] = []
    ended: list[str] = []
    completed: list[str] = []

    async def slow() -> None:
        begun.append("slow")
        try:
            await runtime.until(lambda: bool(completed))
        finally:
            ended.append("slow")

    async def when_begun() -> None:
        await runtime.until(lambda: bool(begun))

    async def when_ended() -> None:
        await runtime.until(lambda: bool(ended))

    async def inner(ctx: Context) -> str:
        await ctx.wait(30, name="long")
        await ctx.step(runtime.body(slow), name="slow")
        return await ctx.step(value, name="too late")

    async def straggler(ctx: Context) -> object:
        return await ctx.run_in_child_context(inner, name="begun before")

    async def quick(ctx: Context) -> str:
        await ctx.wait(30, name="short")
        await ctx.step(runtime.body(when_begun))
        return "quick"

    async def program(event: Any, ctx: Context) -> object:
        batch = await ctx.parallel(straggler, quick, completion=FIRST_SUCCESSFUL)
        completed.append("batch")
        # Coroutines are cancelled; a thread goes on until its next durable call.
        await ctx.step(runtime.body(when_ended))
        await ctx.step(value)
        return [each.result for each in batch.succeeded]

    run = world.run(make_handler(program))
    assert run.statuses == ["PENDING", "SUCCEEDED"]
    assert run.result == ["quick"]
    recorded = world.recorded()
    assert "CONTEXT begun before STARTED" in recorded
    assert "STEP slow STARTED" in recorded
    assert not [each for each in recorded if "too late" in each]


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_tasks_of_ones_own_raise_instead_of_swapping_results(
    world: World, runtime: Runtime, make_handler: MakeHandler
) -> None:
    """Two chains in tasks took their ids in another order on replay: each got the other's data."""

    async def program(event: Any, ctx: Context) -> object:
        async def chain(name: str) -> list[str]:
            texts = [name * (1 + number) for number in range(3)]
            return [await ctx.step(str, text) for text in texts]

        outcomes = await runtime.at_once([lambda: chain("a"), lambda: chain("b")])
        return [type(each).__name__ for each in outcomes]

    run = world.run(make_handler(program))
    assert run.result == [ConcurrencyError.__name__] * 2
    assert world.recorded() == []


def test_a_wait_in_a_branch_lasts_until_its_recorded_end(
    world: World, runtime: Runtime, make_handler: MakeHandler
) -> None:
    """On resumption a wait began again for its whole length: each took twice as long."""

    async def program(event: Any, ctx: Context) -> object:
        return (await ctx.parallel(waits, waits)).results

    run = world.run(make_handler(program))
    assert run.result == ["waited"] * 2
    assert run.statuses == ["PENDING", "SUCCEEDED"]
    assert world.actions().count("WAIT START") == 2


def test_a_callback_may_be_awaited_by_branches(world: World, make_handler: MakeHandler) -> None:
    """It could be asked for only where it was made, or a START beside it was lost."""

    async def program(event: Any, ctx: Context) -> object:
        callback = await ctx.create_callback(name="approval")

        async def asks(ctx: Context) -> object:
            answer = await callback.result()
            return await ctx.step(str.upper, answer, name="after")

        return (await ctx.parallel(asks, asks)).results

    handler = make_handler(program)
    world.start()
    first = world.invocation()
    assert handler(json.loads(first.payload), None) == {"Status": "PENDING"}
    world.returned(first, {"Status": "PENDING"})
    world.answer_callback("yes")
    second = world.invocation()
    output = handler(json.loads(second.payload), None)
    assert json.loads(output["Result"]) == ["YES", "YES"]


@pytest.mark.parametrize("runtime", ASYNC, indirect=True)
def test_a_callback_is_not_awaited_by_a_task_of_ones_own(
    world: World, runtime: Runtime, make_handler: MakeHandler
) -> None:
    """Nobody counts such a task: the invocation would suspend while its function runs."""

    async def program(event: Any, ctx: Context) -> object:
        callback = await ctx.create_callback()

        async def elsewhere() -> object:
            return await callback.result()

        [outcome] = await runtime.at_once([elsewhere])
        return type(outcome).__name__

    assert world.run(make_handler(program)).result == "ConcurrencyError"


async def steps(ctx: Context, item: int, index: int) -> int:
    return await ctx.step(int, item)


def test_branches_that_wait_all_wait_at_once(world: World, make_handler: MakeHandler) -> None:
    """More of them than there are threads to run waited in turns, each for the whole time."""

    async def program(event: Any, ctx: Context) -> object:
        return sum((await ctx.map(range(300), suspends)).results)

    began = world.now
    done = world.run(make_handler(program))
    assert (done.statuses, done.result) == (["PENDING", "SUCCEEDED"], sum(range(300)))
    assert world.now - began < 120


async def suspends(ctx: Context, item: int, index: int) -> int:
    await ctx.wait(60)
    return item


# Threads whose branches wait for the service have others run in their place, up to 640 of them.
@pytest.mark.parametrize(("branch", "items", "bound"), [(steps, 300, 150), (suspends, 1500, 780)])
def test_many_branches_are_not_a_thread_each(
    world: World,
    make_handler: MakeHandler,
    branch: Callable[[Context, int, int], Awaitable[int]],
    items: int,
    bound: int,
) -> None:
    """A map of 300 items without a limit had 169 threads at once."""
    most: list[int] = []

    async def one(ctx: Context, item: int, index: int) -> int:
        most.append(threading.active_count())
        return await branch(ctx, item, index)

    async def program(event: Any, ctx: Context) -> object:
        before = threading.active_count()
        batch = await ctx.map(range(items), one)
        return [sum(batch.results), max(most) - before]

    total, threads = world.run(make_handler(program)).result
    assert total == sum(range(items))
    assert threads < bound
