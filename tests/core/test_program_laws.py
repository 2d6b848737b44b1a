"""Laws of whole programs: under every interleaving, and from every prefix of a history."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from core.flowing import Flowing, Program, TinyContext
from core.obedient import Wire
from perdure.batch_completion import ALL_COMPLETED
from perdure.errors import ChildContextError
from perdure.operations.batch import Nesting

Tree = Any
"""A small program: ("step",), ("wait",), ("child", trees), ("parallel", limit, flat, trees)."""

LEAF: Final = st.sampled_from([("step",), ("step",), ("wait",), ("fail",)])
TREES: Final = st.recursive(
    LEAF,
    lambda inner: (
        st.tuples(st.just("child"), st.lists(inner, max_size=3))
        | st.tuples(
            st.just("parallel"),
            st.none() | st.integers(1, 2),
            st.booleans(),
            st.lists(inner, max_size=3),
        )
    ),
    max_leaves=6,
)
Choose = Callable[[int], int]
CHOICES: Final[st.SearchStrategy[Choose]] = st.integers(0, 2**32).map(
    lambda seed: Random(seed).randrange
)
PROGRAMS: Final = st.lists(TREES, min_size=1, max_size=3)


async def perform(ctx: TinyContext, tree: Tree) -> object:
    """Carry out a program in a context; its result tells all that happened."""
    match tree:
        case ["step"]:
            return await ctx.step(lambda: "s")
        case ["wait"]:
            await ctx.wait(5)
            return "w"
        case ["fail"]:

            async def failing(inner: TinyContext) -> None:
                raise ValueError("x")

            try:
                return await ctx.run_in_child_context(failing)
            except ChildContextError as error:
                return str(error)
        case ["child", trees]:
            return await ctx.run_in_child_context(sequence, trees)
        case [_, limit, flat, trees]:
            result = await ctx.map(
                trees,
                lambda inner, tree, index: perform(inner, tree),
                max_concurrency=limit,
                nesting=Nesting.FLAT if flat else Nesting.NESTED,
                completion=ALL_COMPLETED,
            )
            return result.to_dict()
        case _:
            raise AssertionError(tree)


async def sequence(ctx: TinyContext, trees: list[Tree]) -> list[object]:
    """Carry out programs one after the other."""
    return [await perform(ctx, tree) for tree in trees]


def to_the_end(program: Program, recorded: list[Wire], choose: Choose) -> Any:
    """Invoke until the execution is over; its result, and who was told what."""
    updates: list[tuple[str, str]] = []
    for _ in range(40):
        flowing = Flowing(recorded, choose).run(program)
        sent = [update for request in flowing.updates for update in request]
        updates += [(update["Id"], update["Action"]) for update in sent]
        if flowing.output.status == "SUCCEEDED":
            return flowing.result, updates
        assert flowing.output.status == "PENDING", flowing.output.error
        open_waits = [
            each
            for each in flowing.service.operations.values()
            if (each["Type"], each["Status"]) == ("WAIT", "STARTED")
        ]
        assert open_waits, "PENDING only while the service has something to move"
        recorded = flowing.service.later()
    raise AssertionError("it does not come to an end")


@settings(max_examples=60)
@given(PROGRAMS, CHOICES)
def test_no_interleaving_changes_what_is_recorded(trees: list[Tree], choose: Choose) -> None:
    async def program(ctx: TinyContext) -> object:
        return await sequence(ctx, trees)

    result, updates = to_the_end(program, [], lambda ready: 0)
    other_result, other_updates = to_the_end(program, [], choose)
    assert other_result == result
    assert sorted(other_updates) == sorted(updates)
    assert len(set(updates)) == len(updates), "nothing is done twice"


@settings(max_examples=60)
@given(PROGRAMS, CHOICES, st.data())
def test_every_prefix_of_a_history_leads_to_the_same_end(
    trees: list[Tree], choose: Choose, data: st.DataObject
) -> None:
    async def program(ctx: TinyContext) -> object:
        return await sequence(ctx, trees)

    result, updates = to_the_end(program, [], lambda ready: 0)
    # An invocation is cut off after so many of its requests were answered.
    first = Flowing((), choose).run(program)
    upto = data.draw(st.integers(0, len(first.updates)))
    history = Flowing()
    for sent in first.updates[:upto]:
        history.service.apply(sent, history.loop.now)
    known = {(each["Id"], each["Action"]) for sent in first.updates[:upto] for each in sent}
    later_result, later_updates = to_the_end(program, history.service.later(), choose)
    assert later_result == result
    assert set(later_updates) | known == set(updates)
    assert not set(later_updates) & known, "what is recorded is not sent again"


@settings(max_examples=40)
@given(PROGRAMS)
def test_a_finished_execution_replays_without_a_word(trees: list[Tree]) -> None:
    async def program(ctx: TinyContext) -> object:
        return await sequence(ctx, trees)

    recorded: list[Wire] = []
    flowing = Flowing(recorded).run(program)
    while flowing.output.status == "PENDING":
        flowing = Flowing(flowing.service.later()).run(program)
    again = flowing.again(program)
    assert (again.result, again.updates) == (flowing.result, [])


@settings(max_examples=60)
@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=8),
    st.none() | st.integers(1, 4),
    CHOICES,
)
def test_never_more_branches_live_than_allowed(
    durations: list[int], limit: int | None, choose: Choose
) -> None:
    flowing = Flowing(choose=choose)
    live: set[int] = set()
    begun: list[int] = []

    async def item(ctx: TinyContext, duration: int, index: int) -> int:
        begun.append(index)
        live.add(index)
        assert limit is None or len(live) <= limit
        await flowing.loop.sleep(duration)
        live.remove(index)
        return duration

    async def program(ctx: TinyContext) -> list[int]:
        return (await ctx.map(durations, item, max_concurrency=limit)).results

    flowing.run(program)
    assert begun == list(range(len(durations))), "in the order of their index"
    assert flowing.result == durations
