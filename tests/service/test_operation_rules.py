"""Every cell of (type, status, action): what becomes of the operation, or the refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from perdure.models.enums import OperationAction, OperationStatus, OperationType
from perdure.models.operation import ErrorObject
from perdure.models.update import OperationUpdate, StepOptions, WaitOptions
from perdure.service import ServiceFault
from service.world import BOOM, Handler, World, cancel, context, ending, step, wait

START_STEP: Final = "Invalid current STEP state to start."
CLOSE_STEP: Final = "Invalid current STEP state to close."
RETRY_STEP: Final = "Invalid current STEP state to re-attempt."
START_WAIT: Final = "Cannot start a WAIT that already exist."
CANCEL_WAIT: Final = "Cannot cancel a WAIT that does not exist or has already completed."
START_CONTEXT: Final = "Cannot start a CONTEXT that already exist."
CLOSE_CONTEXT: Final = "Invalid current CONTEXT state to close."


def _refusal(handler: Handler, *updates: OperationUpdate) -> str:
    with pytest.raises(ServiceFault) as caught:
        handler.checkpoint(*updates)
    assert caught.value.code == "InvalidParameterValueException"
    assert caught.value.status == 400
    return caught.value.message


def _step_in(status: str) -> tuple[World, Handler]:
    """A world whose step ``s`` has this status, after one failed attempt where it can."""
    world = World()
    handler = world.begun()
    if status == "none":
        return world, handler
    handler.checkpoint(step("START"))
    match status:
        case "PENDING" | "READY" | "STARTED again":
            handler.checkpoint(step("RETRY", delay=5, error=BOOM))
        case "SUCCEEDED":
            handler.checkpoint(step("SUCCEED"))
        case "FAILED":
            handler.checkpoint(step("FAIL"))
        case _:
            pass
    if status in ("READY", "STARTED again"):
        world.pass_time(5)
    if status == "STARTED again":
        handler.checkpoint(step("START"))
    assert world.operation("s").status == status.partition(" ")[0]
    return world, handler


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
    world, handler = _step_in(status)
    update = step(action, delay=3 if action == "RETRY" else None)
    if attempt is None:
        assert _refusal(handler, update) == outcome
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


WAIT_CELLS: Final = [
    ("none", "CANCEL", CANCEL_WAIT),
    ("STARTED", "START", START_WAIT),
    ("STARTED", "CANCEL", "CANCELLED"),
    ("SUCCEEDED", "START", START_WAIT),
    ("SUCCEEDED", "CANCEL", CANCEL_WAIT),
    ("CANCELLED", "START", START_WAIT),
    ("CANCELLED", "CANCEL", CANCEL_WAIT),
]


@pytest.mark.parametrize(("status", "action", "outcome"), WAIT_CELLS)
def test_wait(status: str, action: str, outcome: str) -> None:
    world = World()
    handler = world.begun()
    if status != "none":
        handler.checkpoint(wait(5))
    if status == "SUCCEEDED":
        world.pass_time(5)
    if status == "CANCELLED":
        handler.checkpoint(cancel())
    update = wait(5) if action == "START" else cancel()
    if outcome == "CANCELLED":
        handler.checkpoint(update)
        assert world.operation("w").status == outcome
        assert world.operation("w").end_timestamp == world.now
    else:
        assert _refusal(handler, update) == outcome


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


CONTEXT_CELLS: Final = [
    ("none", "START", "STARTED"),
    ("none", "SUCCEED", "SUCCEEDED"),
    ("none", "FAIL", "FAILED"),
    ("STARTED", "START", START_CONTEXT),
    ("STARTED", "SUCCEED", "SUCCEEDED"),
    ("STARTED", "FAIL", "FAILED"),
    ("SUCCEEDED", "START", START_CONTEXT),
    ("SUCCEEDED", "SUCCEED", CLOSE_CONTEXT),
    ("SUCCEEDED", "FAIL", CLOSE_CONTEXT),
    ("FAILED", "START", START_CONTEXT),
    ("FAILED", "SUCCEED", CLOSE_CONTEXT),
    ("FAILED", "FAIL", CLOSE_CONTEXT),
]


@pytest.mark.parametrize(("status", "action", "outcome"), CONTEXT_CELLS)
def test_context(status: str, action: str, outcome: str) -> None:
    world = World()
    handler = world.begun()
    if status != "none":
        handler.checkpoint(context("START"))
    if status in ("SUCCEEDED", "FAILED"):
        handler.checkpoint(context({"SUCCEEDED": "SUCCEED", "FAILED": "FAIL"}[status]))
    if outcome.isupper():
        handler.checkpoint(context(action))
        assert world.operation("c").status == outcome
    else:
        assert _refusal(handler, context(action)) == outcome


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


ILLEGAL_ACTIONS: Final = [
    *[("EXECUTION", action) for action in ("START", "RETRY", "CANCEL")],
    *[("CONTEXT", action) for action in ("RETRY", "CANCEL")],
    ("STEP", "CANCEL"),
    *[("WAIT", action) for action in ("SUCCEED", "FAIL", "RETRY")],
]


@pytest.mark.parametrize(("kind", "action"), ILLEGAL_ACTIONS)
def test_an_action_of_another_type(kind: str, action: str) -> None:
    update = OperationUpdate("x", OperationType(kind), OperationAction(action))
    message = "Invalid action for the given operation type."
    assert _refusal(World().begun(), update) == message


STEP_START: Final = step("START")
MEMBERS: Final[list[tuple[OperationUpdate, str]]] = [
    (step("FAIL", payload="1"), "Cannot provide a Payload for FAIL action."),
    (step("SUCCEED", error=BOOM), "Cannot provide an Error for SUCCEED action."),
    (context("FAIL", payload="1"), "Cannot provide a Payload for FAIL action."),
    (context("SUCCEED", error=BOOM), "Cannot provide an Error for SUCCEED action."),
    (ending("FAIL", payload="1"), "Cannot provide a Payload for FAIL action."),
    (ending("SUCCEED", error=BOOM), "Cannot provide an Error for SUCCEED action."),
    (step("RETRY"), "Invalid StepOptions for the given action."),
    (
        replace(step("RETRY"), step_options=StepOptions()),
        "Invalid StepOptions for the given action.",
    ),
    (
        step("RETRY", delay=1, payload="1", error=BOOM),
        "Cannot provide both error and payload to RETRY a STEP.",
    ),
    (replace(wait(1), wait_options=None), "Invalid WaitOptions for the given action."),
    (replace(wait(1), wait_options=WaitOptions()), "Invalid WaitOptions for the given action."),
    (
        step("FAIL", error=ErrorObject("x" * 32_768)),
        "Error object size must be less than 32768 bytes.",
    ),
]


@pytest.mark.parametrize(("update", "message"), MEMBERS)
def test_members_that_do_not_go_with_the_action(update: OperationUpdate, message: str) -> None:
    world = World()
    handler = world.begun()
    assert _refusal(handler, update) == message
    assert len(world.service.operations(world.arn)) == 1
    handler.checkpoint(STEP_START)


@pytest.mark.parametrize("status", ["STARTED", "READY"])
@pytest.mark.parametrize(
    ("update", "message"), [cell for cell in MEMBERS if cell[0].type is OperationType.STEP]
)
def test_they_are_looked_at_for_a_step_that_exists_too(
    status: str, update: OperationUpdate, message: str
) -> None:
    assert _refusal(_step_in(status)[1], update) == message


IDENTITY: Final[list[tuple[Callable[[], OperationUpdate], str]]] = [
    (lambda: context("SUCCEED", "s"), "Inconsistent operation type."),
    (lambda: step("SUCCEED", sub_type="Other"), "Inconsistent operation subtype."),
    (lambda: step("SUCCEED", name="other"), "Inconsistent operation name."),
    (lambda: step("SUCCEED", parent="c2"), "Inconsistent parent operation id."),
]


@pytest.mark.parametrize(("update", "message"), IDENTITY)
def test_an_operation_keeps_its_identity(
    update: Callable[[], OperationUpdate], message: str
) -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(
        context("START", "c1"),
        context("START", "c2"),
        step("START", parent="c1", name="n", sub_type="Step"),
    )
    assert _refusal(handler, update()) == message
    handler.checkpoint(step("SUCCEED", parent="c1", name="n", sub_type="Step"))
    operation = world.operation("s")
    assert (operation.parent_id, operation.name, operation.sub_type) == ("c1", "n", "Step")


def test_identity_that_a_later_update_leaves_out_stays() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(context("START", "c1"), step("START", parent="c1", name="n", sub_type="T"))
    handler.checkpoint(step("SUCCEED"))
    operation = world.operation("s")
    assert operation.status is OperationStatus.SUCCEEDED
    assert (operation.parent_id, operation.name, operation.sub_type) == ("c1", "n", "T")


@pytest.mark.parametrize("kind", ["CALLBACK", "CHAINED_INVOKE"])
def test_types_that_this_service_does_not_know(kind: str) -> None:
    update = OperationUpdate("x", OperationType(kind), OperationAction.START)
    assert _refusal(World().begun(), update) == "Unknown operation type."
