"""Histories as people have them: which are read, and what is said of the others."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from perdure.errors import ValidationError
from perdure.models.enums import EventType, ExecutionStatus
from perdure.models.operation import ErrorObject
from perdure.replaying import RecordedEnd, operations_of, read_history, recorded_invocation
from perdure.replaying.recorded_end import end_of, failed, same_ending, succeeded

Wire = dict[str, Any]
WHOLE: Final = "; fetch all of it (follow NextMarker) with IncludeExecutionData=true"


def event(number: int, kind: str, details: Wire | None = None, **members: Any) -> Wire:
    """An event as on the wire."""
    return {
        "EventType": kind,
        "EventId": number,
        "EventTimestamp": 1_700_000_000.0 + number,
        f"{kind}Details": details or {},
        **members,
    }


STARTED: Final = event(
    1,
    "ExecutionStarted",
    {"Input": {"Payload": "{}", "Truncated": False}, "ExecutionTimeout": 60},
    Id="e",
    Name="order",
)
STEP: Final = {"Id": "s", "Name": "charge", "SubType": "Step"}
BEGUN: Final = event(2, "StepStarted", None, **STEP)
DONE: Final = event(
    3,
    "StepSucceeded",
    {"Result": {"Payload": "1", "Truncated": False}, "RetryDetails": {"CurrentAttempt": 1}},
    **STEP,
)
EVENTS: Final = [STARTED, BEGUN, DONE]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(EVENTS),
        json.dumps(EVENTS[::-1]),
        json.dumps({"Events": EVENTS}),
        json.dumps({"Events": EVENTS, "NextMarker": None}),
        json.dumps({"status": "SUCCEEDED", "history": EVENTS}),
        json.dumps([{"Events": EVENTS[:1], "NextMarker": "a"}, {"Events": EVENTS[1:]}]),
        json.dumps({"Events": EVENTS[:2], "NextMarker": "a"})
        + "\n "
        + json.dumps({"Events": EVENTS[1:]}),
        json.dumps({"Events": EVENTS[1:][::-1], "NextMarker": "a"})
        + json.dumps({"Events": EVENTS[:1]}),
        "\ufeff" + json.dumps(EVENTS, indent=2) + "\n",
    ],
)
def test_it_is_read_in_whatever_form_it_comes(text: str) -> None:
    events = read_history(text)
    assert [each.event_id for each in events] == [1, 2, 3]
    assert events[0].event_type is EventType.EXECUTION_STARTED
    assert events[2].name == "charge"


def test_times_may_be_texts() -> None:
    text = json.dumps([{**STARTED, "EventTimestamp": "2023-11-14T22:13:21+00:00"}])
    assert read_history(text)[0].event_timestamp == 1_700_000_001.0


HIDDEN: Final = {"Payload": None, "Truncated": True}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "it holds no events"),
        ("[]", "it is no history: a list of events, or answers of GetDurableExecutionHistory"),
        ("{}", "it is no history: a list of events, or answers of GetDurableExecutionHistory"),
        ("nonsense", "it is not JSON: Expecting value: line 1 column 1 (char 0)"),
        ("[" * 100_000, "it is not JSON: nested too deeply"),
        ('{"Events": []}', "it holds no events"),
        (
            json.dumps([{**STARTED, "EventType": "Cooked"}]),
            "an event is not as it should be: 0.EventType: Input should be 'ExecutionStarted'",
        ),
        (
            json.dumps([{"Events": EVENTS}, 7]),
            "it is no history: a list of events, or answers of GetDurableExecutionHistory",
        ),
        (json.dumps([STARTED, DONE]), f"event 2 is missing{WHOLE}"),
        (json.dumps([BEGUN, DONE]), f"event 1 is missing{WHOLE}"),
        (
            json.dumps({"Events": EVENTS, "NextMarker": "more"}),
            f"what follows event 3 is missing{WHOLE}",
        ),
        (
            json.dumps({"Events": [STARTED], "NextMarker": "more"}),
            f"what follows event 1 is missing{WHOLE}",
        ),
        (
            json.dumps([*EVENTS, {**DONE, "Name": "other"}]),
            "two different events have the id 3",
        ),
        (
            json.dumps(
                [{**STARTED, "ExecutionStartedDetails": {"Input": HIDDEN, "ExecutionTimeout": 60}}]
            ),
            f"event 1 (ExecutionStarted) is without its data{WHOLE}",
        ),
        (
            json.dumps(
                [
                    STARTED,
                    BEGUN,
                    {**DONE, "StepSucceededDetails": {"Result": HIDDEN, "RetryDetails": {}}},
                ]
            ),
            f"event 3 (StepSucceeded) is without its data{WHOLE}",
        ),
        (
            json.dumps(
                [STARTED, event(2, "ContextFailed", {"Error": {"Truncated": True}}, Id="c")]
            ),
            f"event 2 (ContextFailed) is without its data{WHOLE}",
        ),
    ],
)
def test_what_is_no_whole_history_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read_history(text)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_it_begins_with_the_start_of_an_execution() -> None:
    with pytest.raises(ValidationError, match="first event of a history"):
        recorded_invocation(read_history(json.dumps([event(1, "StepStarted", None, **STEP)])))
    with pytest.raises(ValidationError, match="first event of a history"):
        recorded_invocation(())


def test_the_function_sees_an_arn_of_the_execution() -> None:
    recorded = recorded_invocation(read_history(json.dumps(EVENTS)), "orders")
    assert recorded.durable_execution_arn == (
        "arn:aws:lambda:us-east-1:123456789012:function:orders:$LATEST/durable-execution/order/e"
    )
    bare = {name: value for name, value in STARTED.items() if name not in ("Id", "Name")}
    unnamed = recorded_invocation(read_history(json.dumps([bare])))
    assert unnamed.durable_execution_arn.endswith(":$LATEST/durable-execution/recorded/recorded")


NO_DETAILS: Final = [
    "ExecutionStarted",
    "StepStarted",
    "StepSucceeded",
    "WaitStarted",
    "WaitSucceeded",
    "CallbackStarted",
    "CallbackSucceeded",
    "ContextStarted",
    "ContextSucceeded",
    "ChainedInvokeStarted",
]


@pytest.mark.parametrize("kind", NO_DETAILS)
def test_an_event_may_lack_its_details(kind: str) -> None:
    one = event(1, kind, Id="x")
    del one[f"{kind}Details"]
    [operation] = operations_of(read_history(json.dumps([one])), 0.0)
    ends = "Succeeded" in kind
    assert (operation.id, operation.status) == ("x", "SUCCEEDED" if ends else "STARTED")


INNER: Final = {"Id": "c", "SubType": "Map"}


@pytest.mark.parametrize(
    ("result", "keeps"),
    [
        ('{"type": "MapResult", "totalCount": 3}', True),
        ('{"type": "ParallelResult", "totalCount": 3}', True),
        ('{"type": "MapResult"}', None),
        ('{"totalCount": 3}', None),
        ("[1]", None),
        ("not JSON", None),
        ("[" * 100_000, None),
        (None, None),
    ],
)
def test_the_short_record_of_a_batch_is_known(result: str | None, keeps: bool | None) -> None:
    ended = event(2, "ContextSucceeded", {"Result": {"Payload": result}}, **INNER)
    events = read_history(json.dumps([STARTED, ended]))
    details = operations_of(events, 0.0)[1].context_details
    assert details is not None
    assert details.replay_children is keeps
    assert details.result == result


BAD: Final = ErrorObject("away", "OSError")


@pytest.mark.parametrize(
    ("events", "end"),
    [
        ([STARTED], None),
        (
            [STARTED, event(2, "ExecutionSucceeded", {"Result": {"Payload": "1"}})],
            RecordedEnd(ExecutionStatus.SUCCEEDED, True, "1"),
        ),
        (
            [
                STARTED,
                event(
                    2,
                    "ExecutionFailed",
                    {"Error": {"Payload": {"ErrorMessage": "away", "ErrorType": "OSError"}}},
                ),
            ],
            RecordedEnd(ExecutionStatus.FAILED, True, None, BAD),
        ),
        (
            [
                STARTED,
                event(
                    2,
                    "InvocationCompleted",
                    {
                        "StartTimestamp": 1.0,
                        "EndTimestamp": 2.0,
                        "RequestId": "r",
                        "Error": {"Payload": {"ErrorType": "Runtime.ExitError"}},
                    },
                ),
                event(3, "ExecutionFailed", {"Error": {}}),
            ],
            RecordedEnd(ExecutionStatus.FAILED, False),
        ),
        (
            [STARTED, event(2, "ExecutionTimedOut")],
            RecordedEnd(ExecutionStatus.TIMED_OUT, False),
        ),
        (
            [STARTED, event(2, "ExecutionStopped", {"Error": {}})],
            RecordedEnd(ExecutionStatus.STOPPED, False),
        ),
    ],
)
def test_how_an_execution_ended(events: list[Wire], end: RecordedEnd | None) -> None:
    assert end_of(read_history(json.dumps(events))) == end


@pytest.mark.parametrize(
    ("recorded", "attempted", "same"),
    [
        (succeeded('{"a":1,"b":2}'), succeeded('{"b": 2, "a": 1}'), True),
        (succeeded("1"), succeeded("2"), False),
        (succeeded("text"), succeeded("text"), True),
        (succeeded("text"), succeeded("[" * 100_000), False),
        (succeeded(None), succeeded("null"), True),
        (succeeded(""), succeeded("null"), True),
        (succeeded("1"), failed(BAD), False),
        (failed(BAD), failed(ErrorObject("away", "OSError", "more", ("a stack",))), True),
        (failed(BAD), failed(ErrorObject("gone", "OSError")), False),
        (failed(None), failed(BAD), True),
    ],
)
def test_endings_are_equal_by_what_they_mean(
    recorded: dict[str, str | None], attempted: dict[str, str | None], same: bool
) -> None:
    assert same_ending(recorded, attempted) is same
