"""When a context stops repeating its history: never too late for a log line, or too early."""

from __future__ import annotations

import logging

import pytest

from core.transcript import ARN, FIRST, SECOND, Context, Play, Wire, step, wait
from perdure.errors import Suspended
from perdure.ids import operation_id
from perdure.operations.callback import CallbackConfig
from perdure.operations.child import ChildConfig
from perdure.replay_logging import LOGGER_NAME, ContextLogger, ReplayFilter
from perdure.step_context import StepContext

DONE = step("SUCCEEDED", Result="1")
CHILD: Wire = {
    "Id": FIRST,
    "Type": "CONTEXT",
    "SubType": "RunInChildContext",
    "Status": "STARTED",
    "StartTimestamp": 0,
}
CALLBACK: Wire = {
    "Id": FIRST,
    "Type": "CALLBACK",
    "SubType": "Callback",
    "Status": "SUCCEEDED",
    "StartTimestamp": 0,
    "CallbackDetails": {"CallbackId": "c", "Result": "x"},
}


def one_step(play: Play, context: Context, name: str | None = None) -> None:
    """A step from its call to its end, as a runtime does it."""
    operation = context.step(lambda: 1, name=name)
    context.enter()
    play.do(operation)
    context.leave()


def test_the_code_after_the_last_recorded_operation_is_new() -> None:
    play = Play([DONE, step("SUCCEEDED", SECOND, Result="1")])
    told = [play.context.is_replaying()]
    for _ in range(3):
        one_step(play, play.context)
        told.append(play.context.is_replaying())
    assert told == [True, True, False, False]


@pytest.mark.parametrize("status", ["STARTED", "READY"])
def test_the_body_of_a_step_is_new(status: str) -> None:
    play = Play([step(status)])
    told: list[bool] = []
    operation = play.context.step(lambda: told.append(play.context.is_replaying()))
    play.do(operation)
    assert told == [False]


def test_what_follows_a_pending_wait_is_new() -> None:
    play = Play([wait("STARTED")])
    operation = play.context.wait(60)
    assert play.context.is_replaying()
    play.context.enter()
    with pytest.raises(Suspended):
        play.do(operation)
    play.context.leave()
    assert not play.context.is_replaying()


def test_what_stands_between_a_callback_and_its_answer_ran_before() -> None:
    play = Play([CALLBACK])
    context = play.context
    _, creation = context.begin_callback(None, CallbackConfig())
    context.enter()
    assert play.do(creation) == "c"
    context.leave()
    assert context.is_replaying()
    context.enter()
    context.leave()  # The answer was awaited.
    assert not context.is_replaying()


def inside(play: Play, *, virtual: bool = False) -> list[bool]:
    """What a child context says before and after its one step, then the root before more."""
    told: list[bool] = []

    async def body(child: Context) -> None:
        told.append(child.is_replaying())
        one_step(play, child)
        told.append(child.is_replaying())

    operation = play.context.begin_child(body, (), None, ChildConfig(virtual=virtual))
    told.append(play.context.is_replaying())
    play.do(operation)
    return told


@pytest.mark.parametrize(
    ("recorded", "told"),
    [
        ([], [False, False, False]),
        ([CHILD], [True, True, False]),
        ([CHILD, {**step("SUCCEEDED", operation_id(1, FIRST)), "ParentId": FIRST}], [True] * 2),
    ],
    ids=["new", "begun", "with its step"],
)
def test_a_child_context_begins_as_the_one_around_it(
    recorded: list[Wire], told: list[bool]
) -> None:
    assert inside(Play(recorded))[: len(told)] == told


def test_a_virtual_context_says_nothing_about_the_history() -> None:
    inner = step("SUCCEEDED", operation_id(1, FIRST), Result="1")
    assert inside(Play([inner]), virtual=True) == [True, True, False]


# -- logging -------------------------------------------------------------------------------


def test_contexts_below_log_where_the_one_above_was_told_to(
    caplog: pytest.LogCaptureFixture,
) -> None:
    play = Play()
    play.context.set_logger(logging.getLogger("tests.elsewhere"))

    async def body(child: Context) -> None:
        child.logger.warning("here", extra={"order": 7, "parentId": "mine"})

    play.do(play.context.begin_child(body, (), None, ChildConfig()))
    (record,) = caplog.records
    assert record.name == "tests.elsewhere"
    assert {"executionArn": ARN, "order": 7, "parentId": "mine"}.items() <= vars(record).items()


def test_levels_count_as_ever(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, LOGGER_NAME)
    logger = Play().context.logger
    assert (logger.isEnabledFor(logging.ERROR), logger.isEnabledFor(logging.INFO)) == (True, False)


def test_outside_of_a_durable_function_everything_is_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logger = logging.getLogger("tests.outside")
    once = ReplayFilter()
    logger.addFilter(once)
    logger.warning("plain")
    StepContext("id", "name", 1).logger.warning("of a step")
    logger.removeFilter(once)
    assert [(each.name, each.getMessage()) for each in caplog.records] == [
        ("tests.outside", "plain"),
        (LOGGER_NAME, "of a step"),
    ]


def test_what_is_logged_names_the_line_of_the_user(caplog: pytest.LogCaptureFixture) -> None:
    play = Play()
    assert isinstance(play.context.logger, ContextLogger)
    play.context.logger.warning("here")
    assert caplog.records[0].filename == "test_replay_flag.py"
