"""How the branches of a large batch begin: in order, a few at a time, all of them."""

from __future__ import annotations

import random

import pytest

from core.flowing import Flowing, TinyContext
from perdure.async_branching import AT_ONCE
from perdure.batch_completion import Completion
from perdure.limits import MAX_BATCH_UPDATES

MANY = 10 * AT_ONCE + 1


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_full_requests_leave_while_branches_begin(seed: int) -> None:
    begun: list[int] = []
    requests_before_the_last = -1

    async def program(ctx: TinyContext) -> object:
        async def branch(inner: TinyContext, item: int, index: int) -> int:
            nonlocal requests_before_the_last
            begun.append(index)
            requests_before_the_last = len(flowing.updates)
            return await inner.step(lambda: item, name="s")

        return sum((await ctx.map(range(MANY), branch, name="all")).results)

    flowing = Flowing(choose=random.Random(seed).randrange)
    assert flowing.run(program).result == sum(range(MANY))
    assert begun == list(range(MANY))
    assert requests_before_the_last > 0
    full = [len(sent) for sent in flowing.updates[:requests_before_the_last]]
    assert set(full) == {MAX_BATCH_UPDATES}


def test_tasks_that_run_as_soon_as_they_are_made_begin_in_order() -> None:
    begun: list[int] = []

    async def program(ctx: TinyContext) -> object:
        async def branch(inner: TinyContext, item: int, index: int) -> int:
            begun.append(index)
            return await inner.step(lambda: item, name="s")

        return sum((await ctx.map(range(MANY), branch, name="all")).results)

    assert Flowing(at_once=True).run(program).result == sum(range(MANY))
    assert begun == list(range(MANY))


def test_all_begin_that_only_wait_before_the_invocation_suspends() -> None:
    async def program(ctx: TinyContext) -> object:
        async def branch(inner: TinyContext, item: int, index: int) -> None:
            await inner.wait(60, name="w")

        return len((await ctx.map(range(MANY), branch, name="all")).results)

    first = Flowing().run(program)
    assert first.output.status == "PENDING"
    assert first.flat.count("w START") == MANY
    assert first.again(program).result == MANY


def test_a_batch_that_is_complete_begins_no_more() -> None:
    begun: list[int] = []

    async def program(ctx: TinyContext) -> object:
        async def branch(inner: TinyContext, item: int, index: int) -> int:
            begun.append(index)
            return index

        batch = await ctx.map(
            range(MANY), branch, name="all", completion=Completion(min_successful=1)
        )
        # Those that never began hold nothing up: the invocation can suspend.
        await ctx.wait(60, name="after")
        return [item.index for item in batch.all]

    first = Flowing().run(program)
    assert first.output.status == "PENDING", first.output.error
    assert begun == list(range(len(begun)))
    assert len(begun) <= 2 * AT_ONCE
    assert first.again(program).result == begun
