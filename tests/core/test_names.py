"""Names in the history: a function's own name is none, or no other SDK could go on from it."""

from __future__ import annotations

from core.flowing import Flowing, TinyContext
from perdure.context import Branch


def named_step() -> None: ...


def named_submitter(callback_id: str) -> None: ...


def named_check(state: int) -> int:
    return state


def met(state: int, attempts: int) -> None: ...


async def named_child(ctx: TinyContext) -> None: ...


async def named_item(ctx: TinyContext, item: int, index: int) -> None: ...


def names(flowing: Flowing) -> list[tuple[str, str | None]]:
    """Subtype and name of whatever was begun."""
    return [
        (update["SubType"], update.get("Name"))
        for sent in flowing.updates
        for update in sent
        if update["Action"] == "START"
    ]


def test_what_is_not_named_has_no_name_but_what_the_wire_gives_it() -> None:
    """A name that is made of the function's ends every execution begun by the official SDK."""

    async def program(ctx: TinyContext) -> None:
        await ctx.step(named_step)
        await ctx.run_in_child_context(named_child)
        await ctx.with_retry(named_child)
        await ctx.wait_for_condition(named_check, 1, met)
        await ctx.map([1, 2], named_item, max_concurrency=1)
        await ctx.parallel(named_child, Branch(named_child), Branch(named_child, "own"))
        await ctx.wait_for_callback(named_submitter)

    assert names(Flowing().run(program)) == [
        ("Step", None),
        ("RunInChildContext", None),
        ("RunInChildContext", None),
        ("WaitForCondition", None),
        ("Map", None),
        ("MapIteration", "map-item-0"),
        ("MapIteration", "map-item-1"),
        ("Parallel", None),
        ("ParallelBranch", "parallel-branch-0"),
        ("ParallelBranch", "parallel-branch-1"),
        ("ParallelBranch", "own"),
        ("WaitForCallback", None),
        ("Callback", "create callback id"),
        ("Step", "submitter"),
    ]


def test_what_only_the_service_moves_has_no_name_either() -> None:
    """The same, of what suspends the invocation."""

    async def waits(ctx: TinyContext) -> None:
        await ctx.wait(60)

    async def invokes(ctx: TinyContext) -> None:
        await ctx.invoke("named-function")

    async def asks(ctx: TinyContext) -> None:
        await (await ctx.create_callback()).result()

    async def asks_by_name(ctx: TinyContext) -> None:
        await ctx.wait_for_callback(named_submitter, name="bank")

    for program, expected in (
        (waits, [("Wait", None)]),
        (invokes, [("ChainedInvoke", None)]),
        (asks, [("Callback", None)]),
        (
            asks_by_name,
            [
                ("WaitForCallback", "bank"),
                ("Callback", "bank create callback id"),
                ("Step", "bank submitter"),
            ],
        ),
    ):
        assert names(Flowing().run(program)) == expected
