"""Every action on every type of operation in every status, as one table.

A cell holds the status that follows, ``-`` for an action that the type does not have, or
``!`` for one that this status does not allow. A cell that is missing fails a test.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pytest

from perdure.models.enums import OperationAction, OperationStatus, OperationType
from perdure.models.update import OperationUpdate
from service.world import (
    BOOM,
    STALE,
    Handler,
    World,
    callback,
    cancel,
    chained,
    context,
    ending,
    step,
    step_in,
    wait,
)

ACTIONS: Final = ("START", "SUCCEED", "FAIL", "RETRY", "CANCEL")

TABLE: Final = """
EXECUTION       STARTED     -        SUCCEEDED  FAILED  -        -
CONTEXT         none        STARTED  SUCCEEDED  FAILED  -        -
CONTEXT         STARTED     !        SUCCEEDED  FAILED  -        -
CONTEXT         SUCCEEDED   !        !          !       -        -
CONTEXT         FAILED      !        !          !       -        -
STEP            none        STARTED  SUCCEEDED  FAILED  PENDING  -
STEP            STARTED     !        SUCCEEDED  FAILED  PENDING  -
STEP            PENDING     !        !          !       !        -
STEP            READY       STARTED  SUCCEEDED  FAILED  PENDING  -
STEP            SUCCEEDED   !        !          !       !        -
STEP            FAILED      !        !          !       !        -
WAIT            none        STARTED  -          -       -        !
WAIT            STARTED     !        -          -       -        CANCELLED
WAIT            SUCCEEDED   !        -          -       -        !
WAIT            CANCELLED   !        -          -       -        !
CALLBACK        none        STARTED  -          -       -        -
CALLBACK        STARTED     !        -          -       -        -
CALLBACK        SUCCEEDED   !        -          -       -        -
CALLBACK        FAILED      !        -          -       -        -
CALLBACK        TIMED_OUT   !        -          -       -        -
CHAINED_INVOKE  none        STARTED  -          -       -        -
CHAINED_INVOKE  STARTED     !        -          -       -        -
CHAINED_INVOKE  SUCCEEDED   !        -          -       -        -
CHAINED_INVOKE  FAILED      !        -          -       -        -
CHAINED_INVOKE  TIMED_OUT   !        -          -       -        -
CHAINED_INVOKE  STOPPED     !        -          -       -        -
"""

NO_TOKEN: Final = ("SUCCEEDED", "FAILED", "TIMED_OUT", "STOPPED")
"""The statuses of an EXECUTION in which nothing is heard: every token of it is spent."""

UNREACHED: Final[dict[str, set[str]]] = {
    "EXECUTION": {"none", "PENDING", "READY", "CANCELLED"},
    "CONTEXT": {"PENDING", "READY", "CANCELLED", "TIMED_OUT", "STOPPED"},
    "STEP": {"CANCELLED", "TIMED_OUT", "STOPPED"},
    "WAIT": {"PENDING", "READY", "FAILED", "TIMED_OUT", "STOPPED"},
    "CALLBACK": {"PENDING", "READY", "CANCELLED", "STOPPED"},
    "CHAINED_INVOKE": {"PENDING", "READY", "CANCELLED"},
}
"""The statuses that no operation of a type ever has."""

ILLEGAL: Final = "Invalid action for the given operation type."
REFUSALS: Final[dict[tuple[str, str], str]] = {
    ("CONTEXT", "START"): "Cannot start a CONTEXT that already exist.",
    ("CONTEXT", "SUCCEED"): "Invalid current CONTEXT state to close.",
    ("CONTEXT", "FAIL"): "Invalid current CONTEXT state to close.",
    ("STEP", "START"): "Invalid current STEP state to start.",
    ("STEP", "SUCCEED"): "Invalid current STEP state to close.",
    ("STEP", "FAIL"): "Invalid current STEP state to close.",
    ("STEP", "RETRY"): "Invalid current STEP state to re-attempt.",
    ("WAIT", "START"): "Cannot start a WAIT that already exist.",
    (
        "WAIT",
        "CANCEL",
    ): "Cannot cancel a WAIT that does not exist or has already completed.",
    ("CALLBACK", "START"): "Cannot start a CALLBACK that already exist.",
    ("CHAINED_INVOKE", "START"): "Cannot start a CHAINED_INVOKE operation that already exists.",
}

ROWS: Final = [tuple(line.split()) for line in TABLE.strip().splitlines()]
CELLS: Final = [
    (kind, status, action, cell)
    for kind, status, *cells in ROWS
    for action, cell in zip(ACTIONS, cells, strict=True)
]

IDS: Final = {
    "EXECUTION": "execution-result-1",
    "CONTEXT": "c",
    "STEP": "s",
    "WAIT": "w",
    "CALLBACK": "cb",
    "CHAINED_INVOKE": "i",
}


def update_of(kind: str, action: str) -> OperationUpdate:
    """An update that is right but for, perhaps, its action."""
    legal: dict[tuple[str, str], OperationUpdate] = {
        ("STEP", "RETRY"): step("RETRY", delay=3),
        ("WAIT", "START"): wait(5),
        ("WAIT", "CANCEL"): cancel(),
        ("CALLBACK", "START"): callback(),
        ("CHAINED_INVOKE", "START"): chained("child"),
    }
    bare = OperationUpdate(IDS[kind], OperationType(kind), OperationAction(action))
    return legal.get((kind, action), bare)


def _waiting(world: World, handler: Handler, status: str) -> None:
    handler.checkpoint(wait(5))
    if status == "SUCCEEDED":
        world.pass_time(5)
    elif status == "CANCELLED":
        handler.checkpoint(cancel())


def _calling(world: World, handler: Handler, status: str) -> None:
    handler.checkpoint(callback(timeout=9))
    reach: dict[str, Callable[[], None]] = {
        "SUCCEEDED": world.answer,
        "FAILED": lambda: world.answer(error=BOOM),
        "TIMED_OUT": lambda: world.pass_time(9),
    }
    reach.get(status, lambda: None)()


def _invoking(world: World, handler: Handler, status: str) -> None:
    handler.checkpoint(chained("short" if status == "TIMED_OUT" else "child"))
    world.pass_time(1)
    reach: dict[str, Callable[[], None]] = {
        "SUCCEEDED": lambda: world.invoked().succeeds("1"),
        "FAILED": lambda: world.invoked().returns({"Status": "FAILED"}),
        "TIMED_OUT": lambda: world.pass_time(60),
        "STOPPED": world.stop_child,
    }
    reach.get(status, lambda: None)()


def _in_context(world: World, handler: Handler, status: str) -> None:
    handler.checkpoint(context("START"))
    if status != "STARTED":
        handler.checkpoint(context("SUCCEED" if status == "SUCCEEDED" else "FAIL"))


REACH: Final[dict[str, Callable[[World, Handler, str], None]]] = {
    "CONTEXT": _in_context,
    "WAIT": _waiting,
    "CALLBACK": _calling,
    "CHAINED_INVOKE": _invoking,
}


def world_with(kind: str, status: str) -> tuple[World, Handler]:
    """A world in which the operation of this type has this status."""
    if kind == "STEP":
        return step_in(status)
    world = World()
    handler = world.begun()
    if kind != "EXECUTION" and status != "none":
        REACH[kind](world, handler, status)
        assert world.operation(IDS[kind]).status == status
    return world, handler


@pytest.mark.parametrize(("kind", "status", "action", "cell"), CELLS)
def test_a_cell(kind: str, status: str, action: str, cell: str) -> None:
    world, handler = world_with(kind, status)
    update = update_of(kind, action)
    if cell in "-!":
        operations, history = world.service.operations(world.arn), world.history()
        refusal = ILLEGAL if cell == "-" else REFUSALS[kind, action]
        assert handler.refused(update) == refusal
        assert (operations, history) == (world.service.operations(world.arn), world.history())
        # The token is still good.
        handler.checkpoint()
        return
    handler.checkpoint(update)
    assert world.operation("id-1" if kind == "EXECUTION" else IDS[kind]).status == cell


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("kind", IDS)
@pytest.mark.parametrize("status", NO_TOKEN)
def test_nothing_is_heard_after_the_end(status: str, kind: str, action: str) -> None:
    world = World()
    handler = world.begun(timeout_seconds=30)
    reach: dict[str, Callable[[], object]] = {
        "SUCCEEDED": lambda: handler.checkpoint(ending("SUCCEED")),
        "FAILED": lambda: handler.checkpoint(ending("FAIL")),
        "TIMED_OUT": lambda: world.pass_time(30),
        "STOPPED": world.stop,
    }
    reach[status]()
    assert world.status == status
    operations, history = world.service.operations(world.arn), world.history()
    assert handler.refused(update_of(kind, action)) == STALE
    assert (operations, history) == (world.service.operations(world.arn), world.history())


def test_no_cell_is_missing() -> None:
    """Each status of each type is a row, or is said to be no status of that type."""
    assert [action.value for action in OperationAction] == list(ACTIONS)
    rows = [(kind, status) for kind, status, *_ in ROWS]
    rows += [("EXECUTION", status) for status in NO_TOKEN]
    unreached = [(kind, status) for kind, statuses in UNREACHED.items() for status in statuses]
    statuses = ["none", *(status.value for status in OperationStatus)]
    every = [(kind.value, status) for kind in OperationType for status in statuses]
    assert sorted(rows + unreached) == sorted(every)


def test_every_refusal_is_in_a_cell() -> None:
    refused = {(kind, action) for kind, _, action, cell in CELLS if cell == "!"}
    assert refused == set(REFUSALS)
