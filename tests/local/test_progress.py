"""Events in, news out: what a person is told, and what is shown as under way."""

from __future__ import annotations

import pytest

from perdure.models import ErrorObject, EventType
from perdure.models.history import (
    CallbackStartedDetails,
    CallbackTimedOutDetails,
    ChainedInvokeFailedDetails,
    ChainedInvokeStartedDetails,
    ContextFailedDetails,
    Event,
    EventError,
    EventResult,
    InvocationCompletedDetails,
    RetryDetails,
    StepFailedDetails,
    StepSucceededDetails,
    WaitStartedDetails,
    WaitSucceededDetails,
)
from perdure_local.terminal.progress import Happening, Mark, Open, Progress, error_text

ERROR = EventError(ErrorObject("no\nmugs", "OutOfStock"))
RESULT = EventResult("1")


def _at(time: float, kind: EventType, **more: object) -> Event:
    members = {"id": "a", "name": "charge", **more}
    return Event(kind, 1, time, **members)  # type: ignore[arg-type]  # members vary by kind


def _tell(*events: Event) -> list[tuple[Mark, str] | None]:
    progress = Progress("order")
    news = [progress.receive_event(event) for event in events]
    return [None if each is None else (each.mark, f"{each.label}: {each.text}") for each in news]


def test_a_step_that_is_retried() -> None:
    told = _tell(
        _at(10, EventType.STEP_STARTED),
        _at(
            12,
            EventType.STEP_FAILED,
            step_failed_details=StepFailedDetails(ERROR, RetryDetails(1, 60)),
        ),
        _at(72, EventType.STEP_STARTED),
        _at(
            73.5,
            EventType.STEP_SUCCEEDED,
            step_succeeded_details=StepSucceededDetails(RESULT, RetryDetails(2)),
        ),
    )
    assert told == [
        (Mark.BEGAN, "charge: running"),
        (Mark.AGAIN, r"charge: attempt 1 failed: OutOfStock: no\nmugs; again in 1 min"),
        (Mark.BEGAN, "charge: running again"),
        (Mark.DONE, "charge: done (attempt 2, 1 min 4 s in all)"),
    ]


def test_what_is_under_way_says_until_when() -> None:
    progress = Progress("order")
    progress.receive_event(_at(10, EventType.STEP_STARTED))
    assert progress.open == {"a": Open("charge", 0, 10, "running", 10, None)}
    failed = StepFailedDetails(ERROR, RetryDetails(1, 60))
    progress.receive_event(_at(12, EventType.STEP_FAILED, step_failed_details=failed))
    assert progress.open == {"a": Open("charge", 0, 10, "attempt 2", 12, 72)}
    wait = WaitStartedDetails(30, 43.0)
    progress.receive_event(
        _at(13, EventType.WAIT_STARTED, id="b", name="nap", wait_started_details=wait)
    )
    assert list(progress.open) == ["a", "b"]
    assert progress.open["b"] == Open("nap", 0, 13, "waiting 30 s", 13, 43)
    progress.receive_event(_at(15, EventType.EXECUTION_STOPPED))
    assert progress.open == {}


def test_a_poll_that_goes_on_is_no_failure() -> None:
    polled = StepSucceededDetails(RESULT, RetryDetails(1, 5))
    told = _tell(
        _at(0, EventType.STEP_STARTED),
        _at(1, EventType.STEP_SUCCEEDED, step_succeeded_details=polled),
    )
    assert told[1] == (Mark.NOTE, "charge: attempt 1 not yet; again in 5 s")


def test_a_step_that_was_never_seen_to_start_is_told_all_the_same() -> None:
    failed = StepFailedDetails(ERROR, RetryDetails(1))
    assert _tell(_at(4, EventType.STEP_FAILED, step_failed_details=failed)) == [
        (Mark.FAILED, r"charge: failed: OutOfStock: no\nmugs (0.00 s)")
    ]


def test_children_are_indented_under_their_context() -> None:
    progress = Progress("order")
    assert progress.receive_event(
        _at(1, EventType.CONTEXT_STARTED, id="p", name=None, sub_type="Parallel")
    ) == Happening(Mark.BEGAN, "Parallel", "running", 0)
    progress.receive_event(_at(1, EventType.CONTEXT_STARTED, id="q", parent_id="p"))
    news = progress.receive_event(
        _at(
            2,
            EventType.WAIT_STARTED,
            id="r",
            parent_id="q",
            name="nap",
            wait_started_details=WaitStartedDetails(5, 7.0),
        )
    )
    assert news == Happening(Mark.BEGAN, "nap", "waiting 5 s", 2)
    over = _at(
        7,
        EventType.WAIT_SUCCEEDED,
        id="r",
        parent_id="q",
        name="nap",
        wait_succeeded_details=WaitSucceededDetails(5),
    )
    assert progress.receive_event(over) == Happening(Mark.DONE, "nap", "over (5 s)", 2)


@pytest.mark.parametrize(
    ("event", "mark", "text"),
    [
        (
            _at(
                0,
                EventType.CALLBACK_STARTED,
                callback_started_details=CallbackStartedDetails("aWQ=", timeout=60),
            ),
            Mark.NOTE,
            "charge: waiting for an answer to aWQ=",
        ),
        (
            _at(
                0,
                EventType.CALLBACK_TIMED_OUT,
                callback_timed_out_details=CallbackTimedOutDetails(ERROR),
            ),
            Mark.FAILED,
            r"charge: timed out: OutOfStock: no\nmugs (0.00 s)",
        ),
        (
            _at(
                0,
                EventType.CHAINED_INVOKE_STARTED,
                chained_invoke_started_details=ChainedInvokeStartedDetails("ship"),
            ),
            Mark.BEGAN,
            "charge: invoking ship",
        ),
        (
            _at(
                0,
                EventType.CHAINED_INVOKE_FAILED,
                chained_invoke_failed_details=ChainedInvokeFailedDetails(EventError()),
            ),
            Mark.FAILED,
            "charge: failed: no error was given (0.00 s)",
        ),
        (
            _at(0, EventType.CONTEXT_FAILED, context_failed_details=ContextFailedDetails(ERROR)),
            Mark.FAILED,
            r"charge: failed: OutOfStock: no\nmugs (0.00 s)",
        ),
        (
            _at(
                0,
                EventType.INVOCATION_COMPLETED,
                invocation_completed_details=InvocationCompletedDetails(0, 1, "r", ERROR),
            ),
            Mark.AGAIN,
            r"invocation 1: failed: OutOfStock: no\nmugs",
        ),
        (_at(3, EventType.EXECUTION_PAUSED), Mark.NOTE, "order: paused"),
        (
            _at(3, EventType.EXECUTION_STOPPED),
            Mark.FAILED,
            "order: was stopped after 3 s, 0 invocations",
        ),
    ],
)
def test_each_kind_of_event_has_its_line(event: Event, mark: Mark, text: str) -> None:
    assert _tell(event) == [(mark, text)]


@pytest.mark.parametrize("kind", list(EventType))
def test_every_type_of_event_is_survived_even_without_details(kind: EventType) -> None:
    told = _tell(_at(5, kind))
    assert len(told) == 1
    assert (told[0] is None) == (kind is EventType.INVOCATION_COMPLETED)


def test_an_execution_from_start_to_end() -> None:
    completed = InvocationCompletedDetails(100, 101, "r")
    told = _tell(
        _at(100, EventType.EXECUTION_STARTED, name="o-17"),
        _at(101, EventType.INVOCATION_COMPLETED, invocation_completed_details=completed),
        _at(102, EventType.EXECUTION_SUCCEEDED),
    )
    assert told == [
        (Mark.NOTE, "order: started as o-17"),
        None,
        (Mark.DONE, "order: succeeded after 2 s, 1 invocation"),
    ]


def test_errors_are_told_by_what_they_have() -> None:
    assert error_text(None) == "no error was given"
    assert error_text(ErrorObject()) == "no error was given"
    assert error_text(ErrorObject("m")) == "m"
    assert error_text(ErrorObject(None, "T")) == "T"
    assert error_text(ErrorObject("\x1b[2J", "T")) == r"T: \x1b[2J"
