"""Invocations that the service, or an operation, makes fail."""

from __future__ import annotations

from typing import Any

import pytest

from core.durable_functions import answer, failed, raises, returns
from core.transcript import FIRST, NOW, Answer, Context, Play, Wire, execution
from perdure.errors import (
    OrphanedError,
    RemoteProtocolError,
    Scope,
    ServiceError,
    StepError,
    TransportError,
)
from perdure.limits import MAX_OUTPUT_BYTES
from perdure.modes import CheckpointingMode
from perdure.operations.step import StepConfig
from perdure.retries import NO_RETRY

# -- errors of the service -----------------------------------------------------------------

KILLED = ServiceError("refused", status=400, code="X", scope=Scope.EXECUTION)
REPEATED = ServiceError("stale", status=400, code="X", scope=Scope.INVOCATION)


async def one_step(context: Context) -> object:
    """A function with one step."""
    return await context.step(lambda: 1)


async def stubborn(context: Context) -> object:
    """A function that swallows whatever its steps raise."""
    for _ in range(3):
        try:
            await context.step(lambda: 1)
        except Exception:
            continue
    return "done"


@pytest.mark.parametrize("body", [one_step, stubborn])
def test_a_refusal_for_good_fails_the_execution(body: Any) -> None:
    play = Play(answers=[Answer(error=KILLED)])
    assert answer(play.run(body)) == failed("perdure.errors.ServiceError", "400 X: refused")
    assert len(play.requests) == 1


@pytest.mark.parametrize("body", [one_step, stubborn])
def test_a_refusal_of_this_invocation_comes_out(body: Any) -> None:
    play = Play(answers=[Answer(error=REPEATED)])
    with pytest.raises(ServiceError) as raised:
        play.run(body)
    assert raised.value is REPEATED
    assert len(play.requests) == 1


@pytest.mark.parametrize("error", [TransportError("cut"), RemoteProtocolError("garbage")])
def test_what_may_help_is_repeated_unchanged(error: TransportError | RemoteProtocolError) -> None:
    play = Play(answers=[Answer(error=error)] * 2)
    assert answer(play.run(one_step)) == {"Status": "SUCCEEDED", "Result": "1"}
    assert play.requests[0] == play.requests[1] == play.requests[2]
    assert "ClientToken" in play.requests[0]
    assert play.now > NOW


def test_six_failures_are_enough() -> None:
    play = Play(answers=[Answer(error=TransportError("cut"))] * 6)
    with pytest.raises(TransportError):
        play.run(one_step)
    assert len(play.requests) == 6


@pytest.mark.parametrize("scope", list(Scope))
def test_an_error_of_the_flush_counts_more_than_the_result(scope: Scope) -> None:
    error = ServiceError("no", scope=scope)
    play = Play(answers=[Answer(error=error)], mode=CheckpointingMode.OPTIMISTIC)
    if scope is Scope.INVOCATION:
        with pytest.raises(ServiceError):
            play.run(one_step)
        return
    assert answer(play.run(one_step)) == failed("perdure.errors.ServiceError", "no")


@pytest.mark.parametrize("scope", list(Scope))
def test_an_error_while_loading_runs_nothing(scope: Scope) -> None:
    play = Play()
    play.state.fail(ServiceError("no page", scope=scope))
    body = raises(AssertionError("it ran"))
    if scope is Scope.INVOCATION:
        with pytest.raises(ServiceError, match="no page"):
            play.run(body)
        return
    assert answer(play.run(body)) == failed("perdure.errors.ServiceError", "no page")


@pytest.mark.parametrize("body", [one_step, stubborn])
def test_an_answer_without_token_makes_the_invocation_pending(body: Any) -> None:
    play = Play(answers=[Answer(revoked=True)])
    assert answer(play.run(body)) == {"Status": "PENDING"}
    assert len(play.requests) == 1


def test_a_flush_that_is_answered_without_token_is_pending_too() -> None:
    play = Play(answers=[Answer(revoked=True)], mode=CheckpointingMode.OPTIMISTIC)
    assert answer(play.run(one_step)) == {"Status": "PENDING"}


def test_the_answer_to_the_end_of_the_execution_needs_no_token() -> None:
    play = Play(answers=[Answer(revoked=True)])
    assert answer(play.run(returns("x" * MAX_OUTPUT_BYTES)))["Status"] == "SUCCEEDED"


def test_a_large_result_that_is_refused_for_good_fails_the_execution() -> None:
    play = Play(answers=[Answer(error=KILLED)])
    told = answer(play.run(returns("x" * MAX_OUTPUT_BYTES)))
    assert told == failed("perdure.errors.ServiceError", "400 X: refused")


# -- errors of operations ------------------------------------------------------------------


def test_a_step_that_failed_for_good_may_be_caught() -> None:
    async def body(context: Context) -> str:
        try:
            await context.step(lambda: 1 / 0, config=StepConfig(NO_RETRY))
        except StepError as error:
            return str(error)
        return "no error"

    first = Play()
    assert first.run(body).result == '"division by zero"'
    assert Play(first.later()).run(body).result == '"division by zero"'


def test_a_step_error_that_nobody_catches_fails_the_execution() -> None:
    async def body(context: Context) -> None:
        await context.step(lambda: 1 / 0, config=StepConfig(NO_RETRY))

    told = answer(Play().run(body))
    assert told == failed(
        "aws_durable_execution_sdk_python.exceptions.StepError", "division by zero"
    )


def test_a_branch_of_a_context_that_has_ended_is_orphaned() -> None:
    context: Wire = {**execution(), "Id": "ctx", "Type": "CONTEXT", "SubType": "Map"}
    play = Play([context])
    play.state.mark_parent_done("ctx")
    straggler = Context(play.state, flow=lambda: 1, draw=float, prefix="ctx", parent_id="ctx")
    with pytest.raises(OrphanedError):
        play.do(straggler.begin_step(int, (), None, StepConfig()))
    assert FIRST not in play.service.operations
