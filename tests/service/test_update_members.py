"""What an update must hold, and must not, whatever the status of its operation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import pytest

from perdure.models.enums import OperationStatus, OperationType
from perdure.models.operation import ErrorObject
from perdure.models.update import OperationUpdate, StepOptions, WaitOptions
from service.world import BOOM, World, chained, context, ending, step, step_in, wait

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
    (
        step("SUCCEED", payload="x" * 1_048_577),
        "STEP payload size must be less than or equal to 1048576 bytes.",
    ),
    (
        context("SUCCEED", payload="é" * 524_289),
        "CONTEXT payload size must be less than or equal to 1048576 bytes.",
    ),
    (
        ending("SUCCEED", payload="x" * 6_291_457),
        "EXECUTION payload size must be less than or equal to 6291456 bytes.",
    ),
    (
        chained("child", payload="x" * 1_048_577),
        "CHAINED_INVOKE input payload size must be less than or equal to 1048576 bytes.",
    ),
    (
        replace(chained("child"), chained_invoke_options=None),
        "Update for CHAINED_INVOKE operation requires ChainedInvokeOptions.",
    ),
    (chained("arn:nonsense"), "Invalid function ARN 'arn:nonsense'"),
    (
        chained("arn:aws:lambda:us-east-1:child"),
        "Invalid function ARN 'arn:aws:lambda:us-east-1:child'",
    ),
    (
        chained("arn:aws:lambda:us-east-1:999999999999:function:child"),
        "Cannot start a CHAINED_INVOKE on a function in another account.",
    ),
    (
        chained("999999999999:function:child"),
        "Cannot start a CHAINED_INVOKE on a function in another account.",
    ),
    (
        chained("arn:aws:lambda:eu-west-1:123456789012:function:child"),
        "Cannot start a CHAINED_INVOKE on a function in another region.",
    ),
    (
        chained("child", tenant=""),
        "TenantId must be 1 to 256 characters matching [a-zA-Z0-9._:/=+-@ ].",
    ),
    (
        chained("child", tenant="*"),
        "TenantId must be 1 to 256 characters matching [a-zA-Z0-9._:/=+-@ ].",
    ),
    (
        chained("child", tenant="x" * 257),
        "TenantId must be 1 to 256 characters matching [a-zA-Z0-9._:/=+-@ ].",
    ),
]


@pytest.mark.parametrize(("update", "message"), MEMBERS)
def test_members_that_do_not_go_with_the_action(update: OperationUpdate, message: str) -> None:
    world = World()
    handler = world.begun()
    assert handler.refused(update) == message
    assert len(world.service.operations(world.arn)) == 1
    handler.checkpoint(STEP_START)


@pytest.mark.parametrize("status", ["STARTED", "READY"])
@pytest.mark.parametrize(
    ("update", "message"), [cell for cell in MEMBERS if cell[0].type is OperationType.STEP]
)
def test_they_are_looked_at_for_a_step_that_exists_too(
    status: str, update: OperationUpdate, message: str
) -> None:
    assert step_in(status)[1].refused(update) == message


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
    assert handler.refused(update()) == message
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
