"""Histories of the service, replayed: what agrees, what diverges, and that nothing ever runs."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.flowing import TinyContext
from core.test_program_laws import PROGRAMS, Tree, sequence
from perdure import retries, waits
from perdure.batch_completion import FIRST_SUCCESSFUL
from perdure.effects import Park
from perdure.errors import (
    BatchError,
    CallbackError,
    ChildContextError,
    InvokeError,
    OperationError,
    RemoteProtocolError,
    Suspended,
)
from perdure.models.enums import OperationType
from perdure.models.operation import ErrorObject
from perdure.modes import CheckpointingMode
from perdure.operations.batch import Nesting
from perdure.operations.call import OperationCall
from perdure.outcome import Failed, Pending, Succeeded
from perdure.replaying import Findings, RecordedInvocation, recorded_invocation
from perdure.replaying.state import ReplayOnlyState
from perdure.serdes import TAGGED
from service.played import Died, Played, Program, replayed, stops

T = TypeVar("T")
Body = Callable[[TinyContext, "Effects"], Awaitable[Any]]
"""A program whose steps have their effects through the second argument."""


class Counted:
    """Records how many results a batch has, and nothing of them."""

    def encode(self, value: Any) -> str:
        return str(len(value.all))

    def decode(self, text: str) -> Any:
        return int(text)


class Effects:
    """The bodies of steps. In a replay none of them may run."""

    def __init__(self, *, allowed: bool) -> None:
        self.allowed: Final = allowed
        self.ran: Final[list[str]] = []

    def __call__(self, value: T) -> Callable[..., T]:
        def body(*args: object) -> T:
            assert self.allowed, f"a replay ran a body: {value!r}"
            self.ran.append(str(value))
            return value

        return body

    def failing(self, *args: object) -> None:
        """A body that fails."""
        assert self.allowed, "a replay ran a body that fails"
        raise ValueError("no")


def live(body: Body) -> Program:
    return lambda ctx: body(ctx, Effects(allowed=True))


def harmless(body: Body) -> Program:
    return lambda ctx: body(ctx, Effects(allowed=False))


def check(recorded: Body, today: Body | None = None, **options: Any) -> Findings:
    """Play one program, and replay its history with another, or itself."""
    played = Played(live(recorded), **options)
    return replayed(played.history, harmless(today or recorded))


def kept(findings: Findings) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """What differs: recorded and attempted, the members that differ alone."""
    error = findings.divergence
    assert error is not None, "it agrees"
    assert findings.fault is None
    assert not findings.agrees
    names = [*error.differing, *(each for each in error.attempted if each not in error.recorded)]
    return (
        {name: error.recorded[name] for name in names if name in error.recorded},
        {name: error.attempted[name] for name in names},
    )


# -- programs of every kind ------------------------------------------------------


async def steps(ctx: TinyContext, do: Effects) -> Any:
    first = await ctx.step(do("a"), name="first")
    await ctx.wait(5, name="pause")
    return [first, await ctx.step(do("b"), name="second")]


async def retried(ctx: TinyContext, do: Effects) -> Any:
    patient = retries.exponential(max_attempts=2, initial_delay=2)
    try:
        await ctx.step(do.failing, name="fails", retry=patient)
    except OperationError as error:
        return str(error)


async def callbacks(ctx: TinyContext, do: Effects) -> Any:
    callback = await ctx.create_callback(name="asked")
    submitted = await ctx.wait_for_callback(do("sent"), name="submitted")
    return [await callback.result(), submitted]


async def refused_callbacks(ctx: TinyContext, do: Effects) -> Any:
    said: list[str] = []
    for _ in range(2):
        try:
            await ctx.wait_for_callback(do("sent"), name="late", timeout=9)
        except CallbackError as error:
            said.append(type(error).__name__)
    return said


async def invokes(ctx: TinyContext, do: Effects) -> Any:
    durable = await ctx.invoke("child", {"a": 1}, name="durable")
    plain = await ctx.invoke("plain", {"b": 2}, name="plain")
    try:
        await ctx.invoke("nobody", name="missing")
    except InvokeError as error:
        return [durable, plain, str(error)]


async def polls(ctx: TinyContext, do: Effects) -> Any:
    strategy = waits.poll_until(lambda state: state == "met", max_attempts=4)
    return await ctx.wait_for_condition(do("met"), "not", strategy, name="polled")


async def never_met(ctx: TinyContext, do: Effects) -> Any:
    strategy = waits.poll_until(lambda state: False, max_attempts=2)
    try:
        await ctx.wait_for_condition(do("not"), "not", strategy, name="polled")
    except OperationError as error:
        return type(error).__name__


async def large(ctx: TinyContext, do: Effects) -> Any:
    async def body(inner: TinyContext) -> str:
        return await inner.step(do("x" * 200_000), name="half") * 2

    one = await ctx.run_in_child_context(body, name="large")
    many = await ctx.map([1, 2], lambda inner, item, index: body(inner), name="many")
    told = await ctx.run_in_child_context(body, name="told", summary=lambda value: "a lot")
    return [len(one), [len(text) for text in many.results], len(told)]


async def failing_children(ctx: TinyContext, do: Effects) -> Any:
    async def body(inner: TinyContext) -> None:
        await inner.step(do("a"), name="before")
        raise ValueError("broken")

    said: list[str] = []
    try:
        await ctx.run_in_child_context(body, name="broken")
    except ChildContextError as error:
        said.append(str(error))
    batch = await ctx.map([1, 2, 3], lambda inner, item, index: body(inner), name="batch")
    return [said, batch.to_dict()]


async def huge_child(ctx: TinyContext, do: Effects) -> Any:
    async def body(inner: TinyContext) -> str:
        return "x" * 300_000

    try:
        await ctx.run_in_child_context(body, summary=lambda text: text * 5)
    except ChildContextError as error:
        return error.error_type


async def refused_batch(ctx: TinyContext, do: Effects) -> Any:
    def broken(result: object) -> str:
        raise RuntimeError("no summary")

    async def body(inner: TinyContext, item: int, index: int) -> str:
        return await inner.step(do("x" * 300_000), name="half")

    try:
        await ctx.map([1], body, summary=broken)
    except BatchError as error:
        return str(error)


async def races(ctx: TinyContext, do: Effects) -> Any:
    async def slow(inner: TinyContext) -> str:
        await inner.wait(500, name="slow")
        return await inner.step(do("slow"))

    first = await ctx.race(
        ctx.run_in_child_context(slow, name="loser"), ctx.step(do("fast"), name="winner")
    )
    both = await ctx.gather(ctx.step(do("c")), ctx.wait(3))
    settled = await ctx.all_settled(ctx.step(do("d")), ctx.wait(3))
    return [first, both, settled.to_dict()]


async def first_of(ctx: TinyContext, do: Effects) -> Any:
    async def body(inner: TinyContext, item: int, index: int) -> int:
        await inner.wait(item, name=f"for {item}")
        return await inner.step(do(item), name="then")

    nested = await ctx.map([50, 2, 70], body, completion=FIRST_SUCCESSFUL, name="nested")
    flat = await ctx.map(
        [50, 2, 70], body, completion=FIRST_SUCCESSFUL, name="flat", nesting=Nesting.FLAT
    )
    return [nested.to_dict(), flat.to_dict()]


async def composed(ctx: TinyContext, do: Effects) -> Any:
    attempts: list[int] = []

    async def body(inner: TinyContext) -> str:
        attempts.append(1)
        await inner.step(do("tried"), name="try")
        if len(attempts) < 2:
            raise ValueError("again")
        return "done"

    async def virtual(inner: TinyContext) -> str:
        return await inner.step(do("inside"), name="inside")

    ctx.at_end(do("cleaned"), name="clean up")
    attempts.clear()
    tried = await ctx.with_retry(body, name="all of it")
    return [tried, await ctx.run_in_child_context(virtual, virtual=True)]


async def fails(ctx: TinyContext, do: Effects) -> Any:
    await ctx.step(do("a"), name="first")
    raise LookupError("nothing there")


async def too_large_to_return(ctx: TinyContext, do: Effects) -> Any:
    text = await ctx.step(do('"' * 400_000), name="quotes")
    return text * 7


KINDS: Final[list[Body]] = [
    steps,
    retried,
    callbacks,
    refused_callbacks,
    invokes,
    polls,
    never_met,
    large,
    failing_children,
    huge_child,
    refused_batch,
    races,
    first_of,
    composed,
    fails,
    too_large_to_return,
]


def answers(name: str) -> str | ErrorObject | None:
    if name.startswith("late"):
        return None
    return '"yes"'


def played(body: Body) -> Played:
    return Played(live(body), answers)


@pytest.mark.parametrize("body", KINDS, ids=[body.__name__ for body in KINDS])
def test_the_same_code_agrees_to_the_end_and_runs_nothing(body: Body) -> None:
    record = played(body)
    findings = replayed(record.history, harmless(body))
    assert findings.divergence is None
    assert findings.fault is None
    assert findings.agrees
    assert findings.stops == []
    ended = record.service.operations(record.arn)[0].status
    expected = Failed if body is fails else Succeeded
    assert (type(findings.outcome), ended) == (
        expected,
        "FAILED" if body is fails else "SUCCEEDED",
    )


@pytest.mark.parametrize("body", KINDS, ids=[body.__name__ for body in KINDS])
def test_every_part_of_a_history_agrees_as_far_as_it_goes(body: Body) -> None:
    events = played(body).events
    for length in range(1, len(events)):
        findings = replayed(recorded_invocation(events[:length]), harmless(body))
        assert findings.divergence is None, (length, events[length - 1])
        assert findings.fault is None
        assert findings.outcome is not None


def program(trees: list[Tree]) -> Program:
    async def run(ctx: TinyContext) -> object:
        return await sequence(ctx, trees)

    return run


@settings(max_examples=60)
@given(PROGRAMS, st.data())
def test_whatever_the_program_its_history_agrees(trees: list[Tree], data: st.DataObject) -> None:
    record = Played(program(trees))
    findings = replayed(record.history, program(trees))
    assert findings.agrees
    assert isinstance(findings.outcome, Succeeded)
    length = data.draw(st.integers(1, len(record.events)))
    part = recorded_invocation(record.events[:length])
    assert replayed(part, program(trees)).agrees


# -- where it stops --------------------------------------------------------------


def test_it_stops_where_nothing_is_recorded() -> None:
    events = played(steps).events
    at = {event.event_type.value: event.event_id for event in events}
    first = replayed(recorded_invocation(events[:1]), harmless(steps))
    assert stops(first) == [("first", None)]
    assert isinstance(first.outcome, Pending)
    begun = replayed(recorded_invocation(events[:2]), harmless(steps))
    assert stops(begun) == [("first", "STARTED")]
    waiting = replayed(recorded_invocation(events[: at["WaitStarted"]]), harmless(steps))
    assert stops(waiting) == [("pause", "STARTED")]


def test_every_flow_stops_by_itself() -> None:
    async def flows(ctx: TinyContext, do: Effects) -> Any:
        async def body(inner: TinyContext, item: int, index: int) -> object:
            if item == 0:
                return await (await inner.create_callback(name="asked")).result()
            if item == 1:
                return await inner.invoke("plain", name="called")
            return await inner.wait_for_condition(
                do("no"), "no", waits.poll_until(lambda state: False), name="polled"
            )

        await ctx.map([0, 1, 2], body)

    record = Played(live(flows), lambda name: None, invocations=1)
    events = [each for each in record.events if each.name != "called" or "S" in each.event_type]
    findings = replayed(recorded_invocation(events[:8]), harmless(flows))
    assert sorted(stops(findings), key=str) == [
        ("asked", "STARTED"),
        ("called", "STARTED"),
        ("polled", "STARTED"),
    ]


@pytest.mark.parametrize("how", ["stopped", "crashed"])
def test_an_execution_that_was_cut_off_agrees_as_far_as_it_went(how: str) -> None:
    async def cut(ctx: TinyContext, do: Effects) -> Any:
        await ctx.step(do("a"), name="first")
        if how == "crashed" and do.allowed:
            raise Died
        await ctx.wait(10_000_000, name="for ever")

    record = Played(live(cut), invocations=6 if how == "crashed" else 1)
    record.stop()
    assert record.service.operations(record.arn)[0].status in ("FAILED", "STOPPED")
    findings = replayed(record.history, harmless(cut))
    assert findings.agrees
    assert isinstance(findings.outcome, Pending)
    assert stops(findings) == [("for ever", None if how == "crashed" else "STARTED")]


def test_a_function_may_end_where_its_history_has_not_yet() -> None:
    async def shorter(ctx: TinyContext, do: Effects) -> Any:
        await ctx.step(do("a"), name="first")
        return 1

    events = played(steps).events
    findings = replayed(recorded_invocation(events[:3]), harmless(shorter))
    assert findings.agrees
    assert isinstance(findings.outcome, Succeeded)


# -- where it diverges -----------------------------------------------------------


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


@pytest.mark.parametrize("error", [None, RemoteProtocolError("odd")])
def test_a_flow_that_is_woken_where_it_stopped_gets_no_further(
    error: RemoteProtocolError | None,
) -> None:
    recorded = recorded_invocation(played(steps).events[:1])
    state = ReplayOnlyState(recorded, CheckpointingMode.BATCHED)
    call = OperationCall(state, "x", None, "x", OperationType.STEP, "Step")
    finding = call.find()
    assert finding.send(None) == Park(("x",), None)
    if error is None:
        with pytest.raises(Suspended):
            finding.send(None)
    else:
        state.fail(error)
        state.fail(RemoteProtocolError("the second one counts no more"))
        with pytest.raises(RemoteProtocolError, match="odd"):
            finding.send(None)
    assert recorded.findings.fault is error


def test_nothing_is_ever_to_be_sent() -> None:
    state = ReplayOnlyState(recorded_invocation(played(steps).events), CheckpointingMode.EAGER)
    state.poll_at(0.0)
    assert state.next_deadline() is None
    assert state.next_request(1e12) is None
