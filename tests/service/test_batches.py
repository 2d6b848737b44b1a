"""What a batch may hold, and that a refused one changes nothing."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pytest

from perdure.models.enums import OperationAction, OperationType
from perdure.models.update import OperationUpdate
from perdure.service import ServiceFault
from service.world import BOOM, World, cancel, context, ending, step, wait

SAME_ID: Final = "Cannot checkpoint multiple operations with the same ID."
PARENT: Final = "Invalid parent operation id."

REFUSED: Final[list[tuple[str, tuple[OperationUpdate, ...], str]]] = [
    (
        "two EXECUTION updates",
        (ending("SUCCEED"), ending("FAIL")),
        "Cannot checkpoint multiple EXECUTION updates.",
    ),
    (
        "EXECUTION before another",
        (ending("SUCCEED"), step("START")),
        "EXECUTION checkpoint must be the last update.",
    ),
    ("one step twice", (step("START"), step("START")), SAME_ID),
    ("two ends", (step("SUCCEED"), step("FAIL")), SAME_ID),
    ("the end before the start", (step("SUCCEED"), step("START")), SAME_ID),
    ("three of one id", (step("START"), step("SUCCEED"), step("FAIL")), SAME_ID),
    ("a wait started and cancelled", (wait(1), cancel()), SAME_ID),
    ("two types", (step("START", "x"), context("SUCCEED", "x")), SAME_ID),
    ("an unknown parent", (step("START", parent="nobody"),), PARENT),
    ("a parent that comes later", (step("START", parent="c"), context("START")), PARENT),
    ("a parent that is a step", (step("START", "p"), step("START", parent="p")), PARENT),
    ("a parent that is a recorded step", (step("START", parent="old"),), PARENT),
    ("its own parent", (context("START", "c", parent="c"),), PARENT),
    ("a parent that only ends here", (context("SUCCEED"), step("START", parent="c")), PARENT),
    (
        "parents are looked at before statuses",
        (step("SUCCEED", "old"), step("START", parent="nobody")),
        PARENT,
    ),
    (
        "the first fault in the order of updates wins",
        (step("RETRY", "a"), step("SUCCEED", "b", error=BOOM)),
        "Invalid StepOptions for the given action.",
    ),
]


@pytest.mark.parametrize(
    ("updates", "message"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED]
)
def test_a_refused_batch_changes_nothing(
    updates: tuple[OperationUpdate, ...], message: str
) -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(step("SUCCEED", "old"))
    before = (world.service.operations(world.arn), world.history(), world.service.next_deadline())
    with pytest.raises(ServiceFault) as caught:
        handler.checkpoint(step("START", "legal"), *updates)
    assert caught.value.message == message
    after = (world.service.operations(world.arn), world.history(), world.service.next_deadline())
    assert after == before
    assert handler.ids(step("START", "legal")) == ["legal"]


def test_start_and_end_in_one_batch() -> None:
    world = World()
    handler = world.begun()
    ids = handler.ids(
        context("START", "a"),
        step("START", "b", parent="a"),
        context("START", "c", parent="a"),
        step("RETRY", "b", delay=1),
        context("FAIL", "c", error=BOOM),
        context("SUCCEED", "a"),
    )
    assert ids == ["a", "b", "c"]
    statuses = [world.operation(i).status for i in ids]
    assert statuses == ["SUCCEEDED", "PENDING", "FAILED"]
    assert world.event_types(after=1) == [
        "ContextStarted",
        "StepStarted",
        "ContextStarted",
        "StepSucceeded",
        "ContextFailed",
        "ContextSucceeded",
    ]


def test_the_second_of_a_pair_keeps_what_the_first_said() -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(
        step("START", name="n", sub_type="Step"), step("SUCCEED", name="n", payload="1")
    )
    operation = world.operation("s")
    assert (operation.name, operation.sub_type, operation.status) == ("n", "Step", "SUCCEEDED")


@pytest.mark.parametrize("action", ["SUCCEED", "FAIL"])
def test_children_of_an_ended_context_are_taken(action: str) -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(context("START"), context(action))
    assert handler.ids(step("START", parent="c")) == ["s"]


def test_the_id_of_an_execution_update_names_no_operation() -> None:
    world = World()
    handler = world.begun()
    update = replace(ending("SUCCEED"), id=handler.initial[0]["Id"])
    assert handler.checkpoint(update).checkpoint_token is None
    assert world.shown()["Status"] == "SUCCEEDED"


def test_the_execution_operation_is_no_other_type() -> None:
    handler = World().begun()
    update = OperationUpdate("id-1", OperationType.STEP, OperationAction.SUCCEED)
    with pytest.raises(ServiceFault, match=r"Inconsistent operation type\."):
        handler.checkpoint(update)


def test_the_limit_of_errors_is_the_policys() -> None:
    from perdure.models.operation import ErrorObject
    from perdure.service import ServicePolicy

    handler = World(ServicePolicy(max_error_bytes=40)).begun()
    fits = ErrorObject("x" * (40 - len('{"ErrorMessage":""}')))
    handler.checkpoint(step("FAIL", "a", error=fits))
    with pytest.raises(ServiceFault, match=r"Error object size must be less than 40 bytes\."):
        handler.checkpoint(step("FAIL", "b", error=ErrorObject(f"{fits.error_message}x")))
