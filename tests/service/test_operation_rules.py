"""What becomes of an operation; `test_cells` has the table of what is legal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from perdure.models.update import OperationUpdate
from perdure.service.operations.table import RULES
from perdure.transitions import TRANSITIONS
from service.world import (
    BOOM,
    World,
    callback,
    chained,
    context,
    ending,
    step,
    step_in,
    wait,
)

START_STEP: Final = "Invalid current STEP state to start."
CLOSE_STEP: Final = "Invalid current STEP state to close."
RETRY_STEP: Final = "Invalid current STEP state to re-attempt."


STEP_CELLS: Final = [
    ("none", "START", "STARTED", 0),
    ("none", "SUCCEED", "SUCCEEDED", 1),
    ("none", "FAIL", "FAILED", 1),
    ("none", "RETRY", "PENDING", 1),
    ("STARTED", "START", START_STEP, None),
    ("STARTED", "SUCCEED", "SUCCEEDED", 1),
    ("STARTED", "FAIL", "FAILED", 1),
    ("STARTED", "RETRY", "PENDING", 1),
    ("PENDING", "START", START_STEP, None),
    ("PENDING", "SUCCEED", CLOSE_STEP, None),
    ("PENDING", "FAIL", CLOSE_STEP, None),
    ("PENDING", "RETRY", RETRY_STEP, None),
    ("READY", "START", "STARTED", 1),
    ("READY", "SUCCEED", "SUCCEEDED", 2),
    ("READY", "FAIL", "FAILED", 2),
    ("READY", "RETRY", "PENDING", 2),
    ("STARTED again", "START", START_STEP, None),
    ("STARTED again", "SUCCEED", "SUCCEEDED", 2),
    ("STARTED again", "FAIL", "FAILED", 2),
    ("STARTED again", "RETRY", "PENDING", 2),
    ("SUCCEEDED", "START", START_STEP, None),
    ("SUCCEEDED", "SUCCEED", CLOSE_STEP, None),
    ("SUCCEEDED", "FAIL", CLOSE_STEP, None),
    ("SUCCEEDED", "RETRY", RETRY_STEP, None),
    ("FAILED", "START", START_STEP, None),
    ("FAILED", "SUCCEED", CLOSE_STEP, None),
    ("FAILED", "FAIL", CLOSE_STEP, None),
    ("FAILED", "RETRY", RETRY_STEP, None),
]


@pytest.mark.parametrize(("status", "action", "outcome", "attempt"), STEP_CELLS)
def test_step(status: str, action: str, outcome: str, attempt: int | None) -> None:
    world, handler = step_in(status)
    update = step(action, delay=3 if action == "RETRY" else None)
    if attempt is None:
        assert handler.refused(update) == outcome
        return
    handler.checkpoint(update)
    operation = world.operation("s")
    assert operation.status == outcome
    assert operation.step_details is not None
    assert operation.step_details.attempt == attempt
    ended = outcome in ("SUCCEEDED", "FAILED")
    assert operation.end_timestamp == (world.now if ended else None)
    due = world.now + 3 if outcome == "PENDING" else None
    assert operation.step_details.next_attempt_timestamp == due


def test_a_retry_keeps_start_result_and_error_until_the_next_attempt_ends() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(step("START", name="poll", sub_type="WaitForCondition"))
    began = world.now
    world.pass_time(1)
    handler.checkpoint(step("RETRY", delay=2, payload='"state 1"'))
    pending = {
        "Id": "s",
        "Type": "STEP",
        "Status": "PENDING",
        "StartTimestamp": began,
        "Name": "poll",
        "SubType": "WaitForCondition",
        "StepDetails": {
            "Attempt": 1,
            "NextAttemptTimestamp": world.now + 2,
            "Result": '"state 1"',
        },
    }
    assert world.wire("s") == pending
    world.pass_time(2)
    ready = {**pending, "Status": "READY", "StepDetails": {"Attempt": 1, "Result": '"state 1"'}}
    assert world.wire("s") == ready
    handler.checkpoint(step("START"))
    assert world.wire("s") == {**ready, "Status": "STARTED"}
    handler.checkpoint(step("RETRY", delay=2, error=BOOM))
    details = world.wire("s")["StepDetails"]
    assert details["Error"] == {"ErrorMessage": "boom", "ErrorType": "Boom"}
    assert "Result" not in details


def test_a_wait_ends_at_its_time() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(7))
    began = world.now
    started = {
        "Id": "w",
        "Type": "WAIT",
        "Status": "STARTED",
        "StartTimestamp": began,
        "WaitDetails": {"ScheduledEndTimestamp": began + 7},
    }
    assert world.wire("w") == started
    world.pass_time(6.9)
    assert world.wire("w") == started
    world.now = began + 7
    world.service.handle_timer(world.now)
    assert world.wire("w") == {**started, "Status": "SUCCEEDED", "EndTimestamp": began + 7}


@pytest.mark.parametrize(
    ("at_start", "at_end", "kept"),
    [
        (None, None, False),
        (True, None, True),
        (False, True, True),
        (True, False, False),
        (None, True, True),
    ],
)
def test_the_closing_update_decides_over_the_children(
    at_start: bool | None, at_end: bool | None, kept: bool
) -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(context("START", replay_children=at_start))
    assert world.wire("c")["ContextDetails"] == {}
    handler.checkpoint(context("SUCCEED", payload="1", replay_children=at_end))
    assert world.wire("c")["ContextDetails"] == {"ReplayChildren": kept, "Result": "1"}


@pytest.mark.parametrize(
    ("update", "status", "member"),
    [
        (ending("SUCCEED", payload="5"), "SUCCEEDED", {"Result": "5"}),
        (ending("SUCCEED"), "SUCCEEDED", {}),
        (
            ending("FAIL", error=BOOM),
            "FAILED",
            {"Error": {"ErrorMessage": "boom", "ErrorType": "Boom"}},
        ),
        (ending("FAIL"), "FAILED", {}),
    ],
)
def test_execution(update: OperationUpdate, status: str, member: dict[str, object]) -> None:
    world = World()
    handler = world.begun()
    response = handler.checkpoint(update)
    assert response.checkpoint_token is None
    shown = world.shown()
    assert shown["Status"] == status
    assert {k: v for k, v in shown.items() if k in ("Result", "Error")} == member
    assert len(world.service.operations(world.arn)) == 1
    assert world.operation("id-1").status == status


OTHER_TYPES: Final[list[tuple[Callable[[], OperationUpdate], OperationUpdate]]] = [
    (callback, wait(1, "cb")),
    (lambda: chained("child"), step("START", "i")),
    (lambda: wait(5), callback("w")),
    (lambda: step("START"), chained("child", "s")),
]


@pytest.mark.parametrize(("first", "second"), OTHER_TYPES)
def test_an_operation_keeps_its_type(
    first: Callable[[], OperationUpdate], second: OperationUpdate
) -> None:
    handler = World().begun()
    handler.checkpoint(first())
    assert handler.refused(second) == "Inconsistent operation type."


@pytest.mark.parametrize("update", [callback(), chained("child")])
def test_what_starts_once_in_a_batch(update: OperationUpdate) -> None:
    message = "Cannot checkpoint multiple operations with the same ID."
    assert World().begun().refused(update, update) == message


def test_the_shared_table_says_the_same() -> None:
    assert {
        (kind, action): rule.legal_from
        for kind, rules in RULES.items()
        for action, rule in rules.actions.items()
    } == {key: frozenset(rows) for key, rows in TRANSITIONS.items()}
