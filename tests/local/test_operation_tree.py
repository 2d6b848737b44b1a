"""The tree of operations that a history tells, and its lines."""

from __future__ import annotations

from typing import Any

from perdure_local.terminal.operation_tree import operation_tree
from perdure_local.terminal.tables import tree_lines


def _event(at: float, kind: str, key: str, details: object = None, **more: Any) -> dict[str, Any]:
    return {
        "EventType": kind,
        "EventTimestamp": at,
        "Id": key,
        **more,
        f"{kind}Details": details or {},
    }


BUSY = {"Payload": {"ErrorType": "Busy", "ErrorMessage": "later\n"}, "Truncated": False}
HISTORY = [
    {"EventType": "ExecutionStarted", "EventTimestamp": 100.0, "Id": "e"},
    _event(100.0, "ContextStarted", "c", Name="all", SubType="Parallel"),
    _event(100.5, "StepStarted", "s", ParentId="c", Name="pay", SubType="Step"),
    _event(
        101.0,
        "StepFailed",
        "s",
        {"Error": BUSY, "RetryDetails": {"CurrentAttempt": 1, "NextAttemptDelaySeconds": 60}},
        ParentId="c",
    ),
    _event(101.0, "WaitStarted", "w", {"Duration": 5}, ParentId="c", SubType="Wait"),
    _event(106.0, "WaitSucceeded", "w", {"Duration": 5}, ParentId="c", SubType="Wait"),
    _event(106.0, "ContextFailed", "c", {"Error": BUSY}),
    _event(107.0, "CallbackStarted", "b", {"CallbackId": "Y2I="}),
    {"EventType": "InvocationCompleted", "EventTimestamp": 108.0},
]


def test_children_are_below_their_contexts_with_durations() -> None:
    assert list(tree_lines(operation_tree(HISTORY), now=111.0)) == [
        "├─ all  (Parallel)  FAILED  6 s  Busy: later\\n",
        "│  ├─ pay  (Step)  PENDING  10 s  attempt 1, again in 50 s  Busy: later\\n",
        "│  └─ Wait  SUCCEEDED  5 s",
        "└─ CALLBACK  STARTED  4 s  id Y2I=",
    ]


def test_as_json_it_is_nested_and_holds_what_is_known() -> None:
    whole = [node.to_json() for node in operation_tree(HISTORY)]
    assert [node["Id"] for node in whole] == ["c", "b"]
    step, wait = whole[0]["Operations"]
    assert step == {
        "Id": "s",
        "Type": "STEP",
        "SubType": "Step",
        "Name": "pay",
        "Status": "PENDING",
        "StartTimestamp": 100.5,
        "Attempt": 1,
        "NextAttemptTimestamp": 161.0,
        "Error": BUSY["Payload"],
    }
    assert (wait["DurationSeconds"], wait["EndTimestamp"]) == (5.0, 106.0)
    assert "Operations" not in whole[1]


def test_an_attempt_that_begins_again_is_not_waiting_any_more() -> None:
    again = [*HISTORY, _event(170.0, "StepStarted", "s"), _event(171.0, "StepStarted", "s")]
    assert "pay  (Step)  STARTED" in "\n".join(tree_lines(operation_tree(again), now=171.0))


def test_an_attempt_whose_time_has_come_is_due() -> None:
    assert "the next is due" in "\n".join(tree_lines(operation_tree(HISTORY), now=170.0))
