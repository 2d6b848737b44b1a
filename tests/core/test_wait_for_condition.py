"""Waiting for a condition: a step whose retries carry the state."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest

from core.flowing import Flowing, TinyContext
from core.obedient import recorded
from core.transcript import FIRST, NOW, Context, Play, Wire, fails_with, outcome
from perdure.effects import persist
from perdure.errors import (
    ConcurrencyError,
    LocalProtocolError,
    RemoteProtocolError,
    ReplayError,
    SerDesError,
    Suspended,
    ValidationError,
    WaitForConditionError,
)
from perdure.operations.wait_for_condition import SUB_TYPE
from perdure.retries import Jitter, Retry
from perdure.serdes import JSON, PASS_THROUGH, TAGGED, SerDes
from perdure.waits import PollUntil, WaitStrategy, poll_until

ERROR: Final = {"ErrorMessage": "boom", "ErrorType": "Other"}


def step(status: str, **details: object) -> Wire:
    """A recorded wait for a condition."""
    return recorded("STEP", SUB_TYPE, status, FIRST, details)


def increment(state: int) -> int:
    return state + 1


def set_of(state: int) -> set[int]:
    return {state}


def at_least(limit: int, delay: float = 2) -> WaitStrategy:
    """Check again after some seconds until the state has a size."""
    return lambda state, attempts: None if state >= limit else Retry(delay)


def run(
    play: Play,
    check: Callable[[Any], Any] = increment,
    initial: object = 0,
    strategy: WaitStrategy | None = None,
    serdes: SerDes = TAGGED,
    name: str | None = None,
) -> Any:
    """What the first wait for a condition comes to."""
    strategy = strategy or at_least(2)
    return outcome(
        play, play.context.begin_wait_for_condition(check, initial, strategy, name, serdes)
    )


def test_the_cheat_sheet() -> None:
    """[S.START, S.RETRY{Payload}] PENDING, then [S.START, S.SUCCEED]."""
    play = Play()
    assert isinstance(run(play, name="poll"), Suspended)
    base = {"Id": FIRST, "Type": "STEP", "SubType": "WaitForCondition", "Name": "poll"}
    assert play.updates == [
        [
            {**base, "Action": "START"},
            {
                **base,
                "Action": "RETRY",
                "Payload": "1",
                "StepOptions": {"NextAttemptDelaySeconds": 2},
            },
        ]
    ]
    assert [(park.ids, park.until) for park in play.parks] == [((FIRST,), NOW + 2)]
    again = Play(play.later())
    assert run(again, name="poll") == 2
    assert again.updates == [
        [{**base, "Action": "START"}, {**base, "Action": "SUCCEED", "Payload": "2"}]
    ]
    last = Play(again.later())
    assert run(last, fails_with(AssertionError()), name="poll") == 2


@pytest.mark.parametrize(
    ("found", "actions"),
    [
        ([], [["STEP START", "STEP SUCCEED"]]),
        ([step("STARTED", Attempt=0)], [["STEP SUCCEED"]]),
        ([step("STARTED", Attempt=1, Result="5")], [["STEP SUCCEED"]]),
        ([step("READY", Attempt=1, Result="5")], [["STEP START", "STEP SUCCEED"]]),
    ],
)
def test_it_goes_on_with_the_recorded_state(found: list[Wire], actions: list[Any]) -> None:
    play = Play(found)
    expected = 6 if found and "Result" in found[0]["StepDetails"] else 1
    assert run(play, strategy=at_least(0)) == expected
    assert play.actions == actions


@pytest.mark.parametrize("details", [{}, None])
def test_a_result_that_is_absent_is_none(details: Wire | None) -> None:
    found = step("SUCCEEDED")
    if details is None:
        del found["StepDetails"]
    assert run(Play([found])) is None


def test_pending_parks_until_the_recorded_time() -> None:
    play = Play(
        [step("PENDING", Attempt=1, NextAttemptTimestamp=NOW + 9)],
        news=[[step("READY", Attempt=1, Result="8")]],
    )
    assert run(play) == 9
    assert [park.until for park in play.parks] == [NOW + 9]


@pytest.mark.parametrize("status", ["FAILED", "TIMED_OUT", "STOPPED", "CANCELLED"])
@pytest.mark.parametrize("details", [{"Error": ERROR}, {}])
def test_one_that_ended_badly(status: str, details: Wire) -> None:
    error = run(Play([step(status, **details)]))
    assert isinstance(error, WaitForConditionError)
    assert error.message == ("boom" if details else None)


def test_an_impossible_status() -> None:
    assert isinstance(run(Play([step("BROKEN")])), RemoteProtocolError)
    assert isinstance(run(Play([step("STARTED")]), name="other"), ReplayError)


def test_an_empty_text_is_a_state_like_any_other() -> None:
    """It was taken for none, and the next check began anew from the initial state."""
    found = [step("READY", Attempt=1, Result="")]
    strategy: WaitStrategy = lambda state, attempts: None  # noqa: E731  # as users write it
    play = Play(found)
    assert run(play, lambda state: f"<{state}>", "initial", strategy, PASS_THROUGH) == "<>"


def test_a_delay_of_nothing_is_a_second() -> None:
    play = Play()
    run(play, strategy=at_least(2, 0))
    assert play.updates[0][1]["StepOptions"] == {"NextAttemptDelaySeconds": 1}
    assert play.parks[0].until == NOW + 1


def test_the_first_check_gets_what_a_replay_would() -> None:
    seen: list[object] = []

    def check(state: object) -> object:
        seen.append(state)
        return state

    strategy: WaitStrategy = lambda state, attempts: None  # noqa: E731  # as users write it
    assert run(Play(), check, (1, 2), strategy, JSON) == [1, 2]
    assert seen == [[1, 2]]


# -- failures -------------------------------------------------------------------------------


def raising(state: object, attempts: int) -> None:
    raise KeyError("strategy")


@pytest.mark.parametrize(
    ("check", "initial", "strategy", "kind"),
    [
        (fails_with(ValueError("check")), 0, at_least(0), "ValueError"),
        (increment, 0, raising, "KeyError"),
        (increment, "no number", at_least(0), "TypeError"),
    ],
)
def test_what_raises_ends_it_for_good(
    check: Any, initial: object, strategy: WaitStrategy, kind: str
) -> None:
    play = Play()
    first = run(play, check, initial, strategy)
    assert play.actions == [["STEP START", "STEP FAIL"]]
    again = Play(play.later())
    for error in (first, run(again, check, initial, strategy)):
        assert isinstance(error, WaitForConditionError)
        assert error.error_type == kind
    assert again.requests == []


@pytest.mark.parametrize(
    ("check", "initial"), [(increment, {1, 2}), (set_of, 0)], ids=["first", "next"]
)
def test_a_state_that_cannot_be_recorded(check: Any, initial: object) -> None:
    play = Play()
    assert isinstance(run(play, check, initial), SerDesError)
    assert play.actions == [["STEP START", "STEP FAIL"]]


def test_a_state_that_is_too_large_fails_it() -> None:
    play = Play()
    error = run(play, lambda state: "x" * 2_000_000, strategy=lambda state, attempts: None)
    assert isinstance(error, WaitForConditionError)
    assert play.actions == [["STEP START", "STEP FAIL"]]


def test_attempts_are_used_up() -> None:
    strategy = poll_until(lambda state: False, max_attempts=2, jitter=Jitter.NONE)
    play = Play()
    assert isinstance(run(play, strategy=strategy), Suspended)
    again = Play(play.later())
    error = run(again, strategy=strategy)
    assert isinstance(error, WaitForConditionError)
    assert error.message == "the condition was not met in 2 attempts"
    assert again.actions == [["STEP START", "STEP FAIL"]]


@pytest.mark.parametrize("fault", [Suspended(), ConcurrencyError("two"), KeyboardInterrupt()])
def test_a_fault_of_the_invocation_passes_through(fault: BaseException) -> None:
    play = Play()
    operation = play.context.begin_wait_for_condition(
        fails_with(fault), 0, at_least(0), None, TAGGED
    )
    with pytest.raises(type(fault)):
        play.do(operation)

    async def flush() -> None:
        await persist(play.state.flush())

    play.do(flush())
    assert play.actions == [["STEP START"]]


def test_no_durable_operation_begins_in_a_check() -> None:
    async def body(ctx: Context) -> object:
        async def check(state: int) -> int:
            await ctx.step(lambda: 1)
            return state

        return await ctx.begin_wait_for_condition(check, 0, at_least(0), None, TAGGED)

    play = Play()
    assert isinstance(outcome(play, body(play.context)), LocalProtocolError)


# -- strategies -----------------------------------------------------------------------------


def test_polling_until_a_predicate_holds() -> None:
    strategy = PollUntil(predicate=lambda state: bool(state == "done"))
    assert strategy("done", 60) is None, "the predicate is asked first"
    assert [strategy("", made) for made in (1, 2, 3, 59)] == [
        Retry(5, Jitter.FULL),
        Retry(7.5, Jitter.FULL),
        Retry(11.25, Jitter.FULL),
        Retry(300, Jitter.FULL),
    ]
    with pytest.raises(WaitForConditionError, match="in 60 attempts"):
        strategy("", 60)


@pytest.mark.parametrize("settings", [{"max_attempts": 0}, {"initial_delay": -1}])
def test_a_strategy_that_cannot_be(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        poll_until(bool, **settings)
    with pytest.raises(ValidationError, match="takes a function"):
        poll_until("no function")  # type: ignore[arg-type]  # what is tested


def test_in_a_branch_it_is_checked_again_in_process() -> None:
    flowing = Flowing()

    async def polling(ctx: TinyContext) -> int:
        return await ctx.wait_for_condition(increment, 0, at_least(3), name="poll")

    async def busy(ctx: TinyContext) -> None:
        await flowing.loop.sleep(60)

    async def program(ctx: TinyContext) -> object:
        return (await ctx.parallel(polling, busy)).results

    flowing.run(program)
    assert flowing.result == [3, None]
    times = dict(zip(flowing.times, flowing.actions, strict=True))
    assert list(times) == [0, 2, 4, 60]


def test_in_a_branch_a_delay_of_nothing_does_not_ask_without_end() -> None:
    """The branch came back at once, and again, until the service had the state ready."""
    flowing = Flowing(lag=0.4)

    async def polling(ctx: TinyContext) -> int:
        return await ctx.wait_for_condition(increment, 0, at_least(2, 0), name="poll")

    async def busy(ctx: TinyContext) -> None:
        await flowing.loop.sleep(60)

    async def program(ctx: TinyContext) -> object:
        return (await ctx.parallel(polling, busy)).results

    flowing.run(program)
    assert flowing.result == [2, None]
    asked = zip(flowing.times, flowing.updates, strict=True)
    # The shortest delay there is, and a rest before each further question.
    assert [time for time, sent in asked if not sent] == [1, 1.25, 1.5]
