"""Child contexts: what is sent, what a replay makes of it, and what becomes of errors."""

from __future__ import annotations

from typing import Any, Final

import pytest

from core.obedient import recorded
from core.transcript import FIRST, SECOND, Answer, Context, Counted, Play, Wire, fails_with, outcome
from perdure.errors import (
    ChildContextError,
    ConcurrencyError,
    DurableError,
    OrphanedError,
    RemoteProtocolError,
    ReplayError,
    SerDesError,
    StepError,
    Suspended,
    ValidationError,
)
from perdure.ids import operation_id
from perdure.modes import CheckpointingMode
from perdure.operations.child import ChildConfig
from perdure.operations.step import StepConfig
from perdure.retries import NO_RETRY
from perdure.serdes import JSON, PASS_THROUGH, JsonSerDes

INNER: Final = operation_id(1, FIRST)
NO: Final = StepConfig(NO_RETRY)
ERROR: Final = {"ErrorMessage": "no stock", "ErrorType": "shop.NoStock"}
LARGE: Final = "x" * (256 * 1024)


def child(status: str, id: str = FIRST, **details: object) -> Wire:
    """A recorded child context."""
    return recorded("CONTEXT", "RunInChildContext", status, id, details)


async def one_step(ctx: Context) -> object:
    return await ctx.step(lambda: "done", name="s")


def add(ctx: Context, a: int, b: int) -> int:
    return a + b


async def pure(ctx: Context) -> object:
    return {"a": (1, 2)}


def test_the_cheat_sheet() -> None:
    """child{step}: [C.START, S.START, S.SUCCEED] [C.SUCCEED]."""
    play = Play()
    assert play.do(play.context.child(one_step, name="c")) == "done"
    assert play.updates == [
        [
            {
                "Id": FIRST,
                "Type": "CONTEXT",
                "SubType": "RunInChildContext",
                "Action": "START",
                "Name": "c",
            },
            {
                "Id": INNER,
                "Type": "STEP",
                "SubType": "Step",
                "Action": "START",
                "Name": "s",
                "ParentId": FIRST,
            },
            {
                "Id": INNER,
                "Type": "STEP",
                "SubType": "Step",
                "Action": "SUCCEED",
                "Name": "s",
                "ParentId": FIRST,
                "Payload": '"done"',
            },
        ],
        [
            {
                "Id": FIRST,
                "Type": "CONTEXT",
                "SubType": "RunInChildContext",
                "Action": "SUCCEED",
                "Name": "c",
                "Payload": '"done"',
                "ContextOptions": {"ReplayChildren": False},
            }
        ],
    ]


def test_ids_follow_the_tree_of_contexts() -> None:
    async def body(ctx: Context) -> None:
        await ctx.step(lambda: None)
        await ctx.step(lambda: None)
        await ctx.child(one_step)

    play = Play()
    play.do(play.context.child(body))
    play.do(play.context.child(lambda ctx: ctx.child(one_step)))
    begun = [each["Id"] for sent in play.updates for each in sent if each["Action"] == "START"]
    inner = operation_id(3, FIRST)
    nested = "ec3d4d804a9c821cd71ea7db4d0002ce721e6eb106f4f1562d2af0b169a68324"
    assert begun == [
        FIRST,
        operation_id(1, FIRST),
        operation_id(2, FIRST),
        inner,
        operation_id(1, inner),
        SECOND,
        operation_id(1, SECOND),
        nested,
    ]


def test_arguments_are_handed_over() -> None:
    play = Play()
    assert play.do(play.context.child(add, 1, 2)) == 3


# -- every status in which it can be found --------------------------------------------------


@pytest.mark.parametrize(
    ("found", "actions", "runs"),
    [
        ([], [["CONTEXT START", "CONTEXT SUCCEED"]], 1),
        ([child("STARTED")], [["CONTEXT SUCCEED"]], 1),
        ([child("SUCCEEDED", Result='"run 1"')], [], 0),
        ([child("SUCCEEDED", Result="", ReplayChildren=True)], [], 1),
    ],
)
def test_a_context_that_can_end_well(found: list[Wire], actions: list[Any], runs: int) -> None:
    play, body = Play(found), Counted()
    assert play.do(play.context.child(lambda ctx: body())) == "run 1"
    assert (play.actions, body.runs) == (actions, runs)


def test_a_result_that_is_absent_is_none() -> None:
    play = Play([child("SUCCEEDED")])
    assert play.do(play.context.child(pure)) is None
    bare = child("SUCCEEDED")
    del bare["ContextDetails"]
    play = Play([bare])
    assert play.do(play.context.child(pure)) is None


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "STOPPED", "CANCELLED"])
@pytest.mark.parametrize("details", [{"Error": ERROR}, {}, None])
def test_a_context_that_ended_badly(status: str, details: Wire | None) -> None:
    found = child(status, **(details or {}))
    if details is None:
        del found["ContextDetails"]
    play = Play([found])
    error = outcome(play, play.context.child(pure))
    assert isinstance(error, ChildContextError)
    assert (error.message, error.error_type) == (
        ("no stock", "shop.NoStock") if details else (None, None)
    )
    assert play.requests == []


@pytest.mark.parametrize("status", ["PENDING", "READY", "BROKEN"])
def test_an_impossible_status_ends_the_invocation(status: str) -> None:
    play = Play([child(status)])
    assert isinstance(outcome(play, play.context.child(pure)), RemoteProtocolError)
    with pytest.raises(RemoteProtocolError):
        play.state.check_open()


# -- errors ---------------------------------------------------------------------------------


def test_an_error_is_recorded_and_raised_alike() -> None:
    """child{failing step}: [C.START, S.START, S.FAIL] [C.FAIL]."""

    async def body(ctx: Context) -> None:
        await ctx.step(fails_with(KeyError("k")), config=NO)

    play = Play()
    first = outcome(play, play.context.child(body, name="c"))
    assert play.actions == [["CONTEXT START", "STEP START", "STEP FAIL"], ["CONTEXT FAIL"]]
    assert play.updates[1][0]["Error"] == {
        "ErrorMessage": "'k'",
        "ErrorType": StepError.WIRE_TYPE,
    }
    again = Play(play.later())
    replayed = outcome(again, again.context.child(body, name="c"))
    for error in (first, replayed):
        assert isinstance(error, ChildContextError)
        assert (error.message, error.error_type) == ("'k'", StepError.WIRE_TYPE)
    assert isinstance(first, ChildContextError)
    assert isinstance(first.__cause__, StepError)


def test_a_result_that_cannot_be_encoded_is_a_failure() -> None:
    play = Play()
    error = outcome(play, play.context.child(lambda ctx: {1, 2}))
    assert isinstance(error, SerDesError)
    assert play.actions == [["CONTEXT START", "CONTEXT FAIL"]]
    again = Play(play.later())
    assert isinstance(outcome(again, again.context.child(pure)), SerDesError)


def test_a_result_is_decoded_before_it_is_recorded() -> None:
    class OneWay(JsonSerDes):
        def decode(self, text: str) -> Any:
            raise ValueError("no way back")

    play = Play()
    config = ChildConfig(OneWay())
    error = outcome(play, play.context.child(lambda ctx: 1, config=config))
    assert isinstance(error, SerDesError)
    assert play.actions == [["CONTEXT START", "CONTEXT FAIL"]]


@pytest.mark.parametrize("mode", list(CheckpointingMode))
def test_the_first_run_returns_what_a_replay_returns(mode: CheckpointingMode) -> None:
    config = ChildConfig(JSON)
    play = Play(mode=mode)
    assert play.run(lambda ctx: ctx.child(pure, config=config)).result == '{"a": [1, 2]}'
    assert (
        play.actions
        == {
            "EAGER": [["CONTEXT START"], ["CONTEXT SUCCEED"]],
            "BATCHED": [["CONTEXT START", "CONTEXT SUCCEED"]],
            "OPTIMISTIC": [["CONTEXT START", "CONTEXT SUCCEED"]],
        }[mode]
    )
    again = Play(play.later())
    assert again.do(again.context.child(pure, config=config)) == {"a": [1, 2]}


@pytest.mark.parametrize(
    "fault", [Suspended(), RemoteProtocolError("odd"), ConcurrencyError("two"), KeyboardInterrupt()]
)
@pytest.mark.parametrize("virtual", [True, False])
def test_a_fault_of_the_invocation_passes_through_unrecorded(
    fault: BaseException, virtual: bool
) -> None:
    play = Play()
    config = ChildConfig(virtual=virtual)
    with pytest.raises(type(fault)):
        play.do(play.context.child(fails_with(fault), config=config))
    assert play.requests == []


def test_a_bad_argument_in_the_body_fails_the_context() -> None:
    play = Play()
    error = outcome(play, play.context.child(lambda ctx: ctx.wait(0)))
    assert isinstance(error, ChildContextError)
    assert isinstance(error.__cause__, ValidationError)


def test_what_a_finished_context_still_tries_is_refused() -> None:
    kept: list[Context] = []
    play = Play()
    play.do(play.context.child(kept.append))
    assert isinstance(outcome(play, kept[0].step(lambda: 1)), OrphanedError)


# -- large results --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "large"),
    [("x" * (256 * 1024), False), ("x" * (256 * 1024 + 1), True), ("é" * (128 * 1024 + 1), True)],
)
def test_a_result_is_large_above_256_kibibytes(result: str, large: bool) -> None:
    config = ChildConfig(PASS_THROUGH)
    play = Play()
    assert play.do(play.context.child(lambda ctx: result, config=config)) == result
    (update,) = (each for each in play.updates[-1] if each["Action"] == "SUCCEED")
    assert update["Payload"] == ("" if large else result)
    assert update["ContextOptions"] == {"ReplayChildren": large}


def test_a_large_result_is_made_anew_from_its_children() -> None:
    ran = Counted()

    async def body(ctx: Context) -> str:
        return f"{LARGE}{await ctx.step(ran)}"

    config = ChildConfig(summary=lambda value: f"{len(value)} characters")
    play = Play()
    first = play.do(play.context.child(body, config=config))
    assert play.updates[-1][0]["Payload"] == f"{len(first)} characters"
    again = Play(play.later())
    assert again.do(again.context.child(body, config=config)) == first
    assert (again.requests, ran.runs) == ([], 1)


def test_a_large_context_whose_body_now_fails_raises() -> None:
    play = Play([child("SUCCEEDED", Result="", ReplayChildren=True)])
    error = outcome(play, play.context.child(fails_with(ValueError("new"))))
    assert isinstance(error, ChildContextError)
    assert play.requests == []


def endless(value: object) -> str:
    return "y" * 2_000_000


@pytest.mark.parametrize("summary", [fails_with(ZeroDivisionError()), endless])
def test_a_summary_that_cannot_be_had_fails_the_context(summary: Any) -> None:
    play = Play()
    config = ChildConfig(summary=summary)
    error = outcome(play, play.context.child(lambda ctx: LARGE, config=config))
    assert isinstance(error, ChildContextError)
    assert play.actions == [["CONTEXT START", "CONTEXT FAIL"]]
    again = Play(play.later())
    replayed = outcome(again, again.context.child(pure))
    assert isinstance(replayed, ChildContextError)
    assert replayed.error_type == error.error_type


def test_a_fault_in_a_summary_passes_through() -> None:
    def summary(value: object) -> str:
        play.state.fail(DurableError("over"))
        return ""

    play = Play()
    config = ChildConfig(summary=summary)
    error = outcome(play, play.context.child(lambda ctx: LARGE, config=config))
    assert str(error) == "over"


# -- virtual contexts -----------------------------------------------------------------------


def test_a_virtual_context_leaves_no_trace_but_ids() -> None:
    """virtual child{step}: [S.START, S.SUCCEED], without ParentId at the root."""
    play = Play()
    config = ChildConfig(virtual=True)
    assert play.do(play.context.child(one_step, config=config)) == "done"
    assert play.actions == [["STEP START", "STEP SUCCEED"]]
    assert [each["Id"] for each in play.updates[0]] == [INNER, INNER]
    assert "ParentId" not in play.updates[0][0]
    play.do(play.context.child(lambda ctx: ctx.child(one_step, config=config)))
    inner = operation_id(1, operation_id(1, SECOND))
    assert (play.updates[1][1]["Id"], play.updates[1][1]["ParentId"]) == (inner, SECOND)


def test_a_virtual_context_runs_on_every_replay_and_wraps_errors() -> None:
    config = ChildConfig(JSON, virtual=True)
    play, body = Play(), Counted()
    assert play.do(play.context.child(lambda ctx: (body(), 1), config=config)) == ["run 1", 1]
    error = outcome(play, play.context.child(fails_with(ValueError("x")), config=config))
    assert isinstance(error, ChildContextError)
    assert error.error_type == "ValueError"
    assert play.requests == []


@pytest.mark.parametrize("swallow", [False, True])
def test_a_record_at_the_id_of_a_virtual_context_ends_the_invocation(swallow: bool) -> None:
    async def body(ctx: Context) -> object:
        try:
            return await ctx.child(pure, config=ChildConfig(virtual=True))
        except ReplayError:
            if swallow:
                return await ctx.step(lambda: 1)
            raise

    play = Play([child("SUCCEEDED", Result="1")])
    answer = play.run(body)
    assert answer.status == "FAILED"
    assert answer.error is not None
    assert "virtual" in (answer.error.error_message or "")
    assert play.requests == []


def test_a_context_that_is_another_operation_in_the_history() -> None:
    play = Play([recorded("CONTEXT", "Map", "SUCCEEDED", FIRST, {"Result": "1"})])
    assert isinstance(outcome(play, play.context.child(pure)), ReplayError)
    assert play.run(lambda ctx: ctx.child(pure)).status == "FAILED"


def test_what_the_service_refuses_is_not_swallowed_by_a_context() -> None:
    play = Play(answers=[Answer(error=RemoteProtocolError("odd"))] * 99)
    error = outcome(play, play.context.child(one_step))
    assert isinstance(error, DurableError)
    assert not isinstance(error, ChildContextError)
