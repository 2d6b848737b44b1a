"""Histories of the service, replayed by other code: where that differs, and how it is told."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from core.flowing import TinyContext
from perdure.errors import (
    RemoteProtocolError,
)
from perdure.operations.batch import Nesting
from perdure.outcome import Failed
from perdure.replaying import RecordedInvocation, recorded_invocation
from perdure.serdes import TAGGED
from service.played import replayed
from service.replayed_programs import Body, Effects, check, harmless, kept, played, steps


class Counted:
    """Records how many results a batch has, and nothing of them."""

    def encode(self, value: Any) -> str:
        return str(len(value.all))

    def decode(self, text: str) -> Any:
        return int(text)


async def renamed(ctx: TinyContext, do: Effects) -> Any:
    await ctx.step(do("a"), name="first")
    await ctx.wait(5, name="nap")


async def exchanged(ctx: TinyContext, do: Effects) -> Any:
    await ctx.wait(5, name="pause")
    await ctx.step(do("a"), name="first")


async def longer(ctx: TinyContext, do: Effects) -> Any:
    result = await steps(ctx, do)
    await ctx.step(do("c"), name="third")
    return result


async def shortened(ctx: TinyContext, do: Effects) -> Any:
    await ctx.step(do("a"), name="first")
    return ["a", "b"]


async def other_result(ctx: TinyContext, do: Effects) -> Any:
    return [await steps(ctx, do)]


async def raising(ctx: TinyContext, do: Effects) -> Any:
    await steps(ctx, do)
    raise KeyError("gone")


async def raising_early(ctx: TinyContext, do: Effects) -> Any:
    await ctx.step(do("a"), name="first")
    raise KeyError("gone")


NOTHING: Final = dict.fromkeys(("type", "subtype", "name"))
PAUSE: Final = {"type": "WAIT", "subtype": "Wait", "name": "pause"}
AB: Final = '["a", "b"]'


@pytest.mark.parametrize(
    ("today", "recorded", "attempted"),
    [
        (renamed, {"name": "pause"}, {"name": "nap"}),
        (
            exchanged,
            {"type": "STEP", "subtype": "Step", "name": "first"},
            PAUSE,
        ),
        (longer, NOTHING, {"type": "STEP", "subtype": "Step", "name": "third"}),
        (shortened, PAUSE, NOTHING),
        (other_result, {"result": AB}, {"result": f"[{AB}]"}),
        (
            raising,
            {"status": "SUCCEEDED", "result": AB, "error": None},
            {"status": "FAILED", "result": None, "error": "KeyError: 'gone'"},
        ),
        (
            raising_early,
            {**PAUSE, "error": None},
            {**NOTHING, "error": "KeyError: 'gone'"},
        ),
    ],
)
def test_other_code_diverges(today: Body, recorded: object, attempted: object) -> None:
    assert kept(check(steps, today)) == (recorded, attempted)


def test_the_cause_of_a_failure_is_kept_for_its_traceback() -> None:
    outcome = check(steps, raising).outcome
    assert isinstance(outcome, Failed)
    assert isinstance(outcome.cause, KeyError)


def test_where_it_diverges_leads_to_the_line() -> None:
    error = check(steps, renamed).divergence
    assert error is not None
    trace, names = error.__traceback__, list[str]()
    while trace is not None:
        names.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    assert "renamed" in names


def test_a_divergence_cannot_be_swallowed() -> None:
    async def swallowing(ctx: TinyContext, do: Effects) -> Any:
        try:
            await renamed(ctx, do)
        except Exception:
            await ctx.step(do("worse"), name="worse")
        return ["a", "b"]

    assert kept(check(steps, swallowing)) == ({"name": "pause"}, {"name": "nap"})


def test_what_an_ended_function_did_not_wait_for_is_not_waited_for() -> None:
    async def idle(ctx: TinyContext, do: Effects) -> Any:
        await ctx.create_callback(name="asked")

    async def waiting(ctx: TinyContext, do: Effects) -> Any:
        callback = await ctx.create_callback(name="asked")
        await callback.result()

    assert kept(check(idle, waiting)) == (
        {"status": "STARTED, and not waited for"},
        {"status": "waited for"},
    )


async def parent(ctx: TinyContext, do: Effects, inner: Body = steps) -> Any:
    result = await ctx.run_in_child_context(lambda child: inner(child, do), name="parent")
    await ctx.wait(9, name="after")
    return result


@pytest.mark.parametrize(
    ("today", "recorded", "attempted"),
    [
        (renamed, {"name": "pause"}, {"name": "nap"}),
        (longer, NOTHING, {"type": "STEP", "subtype": "Step", "name": "third"}),
        (shortened, PAUSE, NOTHING),
        (other_result, {"result": AB}, {"result": f"[{AB}]"}),
        (
            raising,
            {"status": "SUCCEEDED", "result": AB, "error": None},
            {"status": "FAILED", "result": None, "error": "KeyError: 'gone'"},
        ),
    ],
)
def test_the_code_of_an_ended_context_is_compared(
    today: Body, recorded: object, attempted: object
) -> None:
    async def changed(ctx: TinyContext, do: Effects) -> Any:
        return await parent(ctx, do, today)

    left, right = kept(check(parent, changed))
    # Whatever is below a context has that as its parent, or has none.
    left.pop("parent", None)
    right.pop("parent", None)
    for side in (left, right):
        if side.get("result"):
            side["result"] = json.dumps(json.loads(side["result"] or ""))
    assert (left, right) == (recorded, attempted)


@pytest.mark.parametrize("nesting", list(Nesting))
def test_the_branches_of_an_ended_batch_are_compared(nesting: Nesting) -> None:
    def batch(name: str, items: int) -> Body:
        async def run(ctx: TinyContext, do: Effects) -> Any:
            async def branch(inner: TinyContext, item: int, index: int) -> object:
                return await inner.step(do(1), name=name)

            await ctx.map(range(items), branch, nesting=nesting)
            await ctx.wait(5)

        return run

    assert check(batch("a", 3)).agrees
    assert kept(check(batch("a", 3), batch("b", 3))) == ({"name": "a"}, {"name": "b"})
    more = kept(check(batch("a", 3), batch("a", 4)))[1]
    assert more["name"] == ("map-item-3" if nesting is Nesting.NESTED else "a")
    fewer = check(batch("a", 3), batch("a", 2))
    if nesting is Nesting.NESTED:
        recorded, _ = kept(fewer)
        assert recorded["name"] == "map-item-2"
    else:
        # Nothing tells which recorded operation belongs to which branch.
        assert fewer.agrees


@pytest.mark.parametrize("nesting", list(Nesting))
def test_a_batch_may_be_recorded_as_its_serdes_likes(nesting: Nesting) -> None:
    async def run(ctx: TinyContext, do: Effects) -> Any:
        async def branch(inner: TinyContext, item: int, index: int) -> object:
            return await inner.step(do(1), name="in it")

        await ctx.map(range(2), branch, nesting=nesting, serdes=Counted(), item_serdes=TAGGED)
        await ctx.wait(5)

    assert check(run).agrees


def test_a_loser_of_a_race_is_compared_by_name() -> None:
    def race(loser: str) -> Body:
        async def run(ctx: TinyContext, do: Effects) -> Any:
            await ctx.race(ctx.wait(500, name=loser), ctx.step(do(1), name="winner"))

        return run

    assert kept(check(race("slow"), race("slower"))) == ({"name": "slow"}, {"name": "slower"})


def test_a_record_that_cannot_be_is_a_fault() -> None:
    record = played(steps)
    text = record.history.replace("WaitSucceeded", "WaitCancelled")
    assert replayed(text, harmless(steps)).agrees, "a cancelled wait is over"
    recorded = recorded_invocation(record.events)
    odd = [
        each
        if each.name != "first"
        else type(each)(each.id, each.type, "ODD", 0.0, name="first", sub_type="Step")
        for each in recorded.initial_execution_state.operations
    ]
    page = type(recorded.initial_execution_state)(tuple(odd))
    broken = RecordedInvocation(recorded.durable_execution_arn, "recorded", page)
    with pytest.raises(RemoteProtocolError):
        replayed(broken, harmless(steps))
    assert isinstance(broken.findings.fault, RemoteProtocolError)
    assert not broken.findings.agrees
