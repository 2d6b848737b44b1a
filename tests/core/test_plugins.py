"""What is reported to plugins, and what is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import pytest

from core.transcript import FIRST, SECOND, Answer, Context, Play, Wire, step, wait
from perdure.errors import ServiceError, Suspended, ValidationError
from perdure.handler import DurableHandler
from perdure.models.checkpoint import StatePage
from perdure.models.invocation import InvocationInput
from perdure.modes import CheckpointingMode
from perdure.operations.child import ChildConfig
from perdure.operations.step import StepConfig
from perdure.plugins import (
    InvocationEndInfo,
    InvocationStartInfo,
    OperationEndInfo,
    OperationStartInfo,
    Plugin,
    PluginFactory,
    UserFunctionEndInfo,
    UserFunctionStartInfo,
)
from perdure.retries import fixed
from perdure.state_for import state_for

ARN: Final = "arn:aws:lambda:us-east-1:123456789012:function:f:1/durable-execution/order/e-1"


class Notes(Plugin):
    """A plugin that is its own factory and writes down what ends and begins."""

    def __init__(self) -> None:
        self.infos: list[Any] = []

    def create_plugin(self, info: InvocationStartInfo) -> Plugin:
        return self

    def on_invocation_end(self, info: InvocationEndInfo) -> None:
        self.infos.append(info)

    def on_operation_start(self, info: OperationStartInfo) -> None:
        self.infos.append(info)

    def on_operation_end(self, info: OperationEndInfo) -> None:
        self.infos.append(info)

    def on_user_function_start(self, info: UserFunctionStartInfo) -> None:
        self.infos.append(info)

    def on_user_function_end(self, info: UserFunctionEndInfo) -> None:
        self.infos.append(info)

    def of(self, kind: type[Any]) -> list[Any]:
        return [info for info in self.infos if type(info) is kind]


class Handler(DurableHandler):
    """Lambda's entry point without a runtime."""

    runtime = "none"

    def __call__(self, event: Mapping[str, Any], lambda_context: Any) -> dict[str, Any]:
        raise NotImplementedError


def handler(*plugins: Any) -> Handler:
    return Handler(print, CheckpointingMode.BATCHED, plugins)


def watched(play: Play) -> Notes:
    notes = Notes()
    handler(notes).report(play.state, None, lambda: play.now)
    return notes


# -- registration ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "plugin", [Notes, Plugin(), "notes", None], ids=["class", "instance", "text", "None"]
)
def test_what_is_registered_makes_plugins(plugin: object) -> None:
    with pytest.raises(ValidationError, match="objects with create_plugin"):
        handler(plugin)


def test_without_plugins_nothing_is_watched() -> None:
    play = Play()
    handler().report(play.state, None, float)
    assert play.state.watch is None


def test_a_factory_is_checked_by_its_type() -> None:
    factory: PluginFactory = Notes()
    assert handler(factory).plugins == (factory,)


# -- what the service moved meanwhile ----------------------------------------------------------


def test_only_what_the_service_moved_meanwhile_ends_in_a_replay() -> None:
    def state(*updated: str) -> Play:
        play = Play([step("SUCCEEDED", Result="1"), wait("SUCCEEDED", SECOND)])
        play.state.updated_operation_ids = updated
        return play

    async def body(ctx: Context) -> None:
        await ctx.step(lambda: 1)
        await ctx.wait(60)

    for updated, ended in [((), []), ((SECOND, "unknown"), [SECOND])]:
        play = state(*updated)
        notes = watched(play)
        play.run(body)
        assert [info.operation_id for info in notes.of(OperationEndInfo)] == ended
        assert notes.of(OperationStartInfo) == []


def test_the_state_knows_what_the_event_says_was_moved() -> None:
    invocation = InvocationInput(ARN, "t", StatePage(()), ("a", "b"))
    state = state_for(invocation, CheckpointingMode.BATCHED, None, None, None)
    assert state.updated_operation_ids == ("a", "b")


def test_a_step_that_is_ready_starts_once() -> None:
    play = Play([step("READY", Attempt=1)])
    notes = watched(play)
    play.run(lambda ctx: ctx.step(lambda: 1))
    (start,) = notes.of(OperationStartInfo)
    assert (start.is_replayed, start.attempt, start.status) == (True, 2, "READY")
    (end,) = notes.of(OperationEndInfo)
    assert (end.attempt, end.is_replayed, end.end_time) == (2, True, None)


def test_a_step_retried_within_the_invocation_starts_and_ends_once() -> None:
    outcomes = iter([ValueError("no"), None])

    def body() -> None:
        error = next(outcomes)
        if error is not None:
            raise error

    play = Play(news=[[step("READY", Attempt=1)]])
    notes = watched(play)
    play.run(lambda ctx: ctx.step(body, config=StepConfig(fixed(1))))
    assert len(notes.of(OperationStartInfo)) == len(notes.of(OperationEndInfo)) == 1
    assert [each.attempt for each in notes.of(UserFunctionEndInfo)] == [1, 2]


def test_what_ended_before_does_not_end_again() -> None:
    done = step("SUCCEEDED", Result="1")
    play = Play([done], answers=[Answer([done, step("SUCCEEDED", SECOND, Result="2")])])
    notes = watched(play)

    async def body(ctx: Context) -> None:
        await ctx.step(lambda: 1)
        await ctx.step(lambda: 2)

    play.run(body)
    assert [info.operation_id for info in notes.of(OperationEndInfo)] == [SECOND]


def test_the_execution_itself_is_no_operation_of_the_function() -> None:
    ended: Wire = {
        "Id": "e-1",
        "Type": "EXECUTION",
        "Status": "SUCCEEDED",
        "StartTimestamp": 0,
        "ExecutionDetails": {},
    }
    play = Play(answers=[Answer([ended, step("SUCCEEDED", Result="1")])])
    notes = watched(play)
    play.run(lambda ctx: ctx.step(lambda: 1))
    assert [info.operation_id for info in notes.of(OperationEndInfo)] == [FIRST]


# -- functions --------------------------------------------------------------------------------


def _suspends() -> None:
    raise Suspended


def _is_refused() -> None:
    raise ServiceError("gone")


def _is_wrong() -> None:
    raise ValidationError("wrong")


@pytest.mark.parametrize(
    ("body", "outcome", "error"),
    [
        (_suspends, "INCOMPLETE", None),
        (_is_refused, "INCOMPLETE", "gone"),
        (_is_wrong, "FAILED", "wrong"),
    ],
)
def test_how_a_body_ended(body: Callable[[], None], outcome: str, error: str | None) -> None:
    def run(child: Context) -> None:
        body()

    play = Play()
    notes = watched(play)
    play.run(lambda ctx: ctx.begin_child(run, (), "c", ChildConfig()))
    (end,) = notes.of(UserFunctionEndInfo)
    assert (end.outcome, end.error and end.error.error_message) == (outcome, error)


def test_a_context_that_runs_again_over_its_children_says_so() -> None:
    kept = {
        "Id": FIRST,
        "Type": "CONTEXT",
        "SubType": "RunInChildContext",
        "Status": "SUCCEEDED",
        "StartTimestamp": 0,
        "ContextDetails": {"ReplayChildren": True},
    }

    def body(child: Context) -> int:
        return 1

    play = Play([kept])
    notes = watched(play)
    play.run(lambda ctx: ctx.begin_child(body, (), None, ChildConfig()))
    (start,) = notes.of(UserFunctionStartInfo)
    assert (start.is_replay_children, start.is_replayed, start.attempt) == (True, True, 1)
    assert start.status == "STARTED"


# -- the end -----------------------------------------------------------------------------------


def test_an_invocation_that_is_to_be_repeated() -> None:
    error = ServiceError("throttled", retryable=False)
    play = Play(answers=[Answer(error=error)])
    notes = watched(play)
    with pytest.raises(ServiceError):
        play.run(lambda ctx: ctx.step(lambda: 1))
    (end,) = notes.of(InvocationEndInfo)
    assert (end.status, end.error.error_message) == ("RETRY", "throttled")


def test_an_interrupt_is_no_error_of_the_function() -> None:
    play = Play()
    notes = watched(play)

    async def interrupted(ctx: Context) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play.run(interrupted)
    (end,) = notes.of(InvocationEndInfo)
    assert (end.status, end.error, end.execution_result) == ("RETRY", None, None)


def test_infos_do_not_show_payloads() -> None:
    play = Play([step("SUCCEEDED", Result='"secret"')], input='"secret"')
    play.state.updated_operation_ids = (FIRST,)
    notes = watched(play)
    play.run(lambda ctx: ctx.step(lambda: 1))
    assert {type(each).__name__ for each in notes.infos} == {
        "OperationEndInfo",
        "InvocationEndInfo",
    }
    assert "secret" not in repr(notes.infos)
    assert cast("str", notes.infos[0].result) == '"secret"'
