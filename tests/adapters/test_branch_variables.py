"""Context variables of Python's: a branch has those of the flow that has it, and its own."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.world import World

TENANT: ContextVar[str] = ContextVar("tenant", default="nobody")


@pytest.mark.parametrize("limit", [None, 3])
def test_no_branch_sees_what_another_has_set(
    world: World, make_handler: MakeHandler, limit: int | None
) -> None:
    seen: list[str] = []

    async def branch(ctx: Context, item: int, index: int) -> None:
        seen.append(TENANT.get())
        TENANT.set(f"of branch {index}")
        if index % 2:
            await ctx.step(int)

    async def program(event: Any, ctx: Context) -> object:
        TENANT.set("of the function")
        await ctx.map(range(200), branch, max_concurrency=limit)
        return TENANT.get()

    done = world.run(make_handler(program))
    assert done.result == "of the function"
    assert seen == ["of the function"] * 200
