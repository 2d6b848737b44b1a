"""The recorded operation is the one that the function asks for, or nothing goes on."""

from __future__ import annotations

import pytest

from core.transcript import FIRST, Context, Play, Wire, step, wait
from perdure.errors import OperationError, ReplayError
from perdure.identity import check_identity
from perdure.models.decode import decode_operation
from perdure.models.enums import InvocationStatus, OperationType

RECORDED: Wire = {**step("SUCCEEDED", Result="1"), "Name": "pay", "ParentId": "ctx"}


@pytest.mark.parametrize("name", [None, ""])
def test_no_name_and_an_empty_one_are_the_same(name: str | None) -> None:
    check_identity(
        decode_operation({**RECORDED, "Name": name}),
        type=OperationType.STEP,
        sub_type="Step",
        name=None,
        parent_id="ctx",
    )


@pytest.mark.parametrize(
    ("changed", "lines", "differing"),
    [
        ({"Type": "WAIT"}, ["  type: recorded 'WAIT', attempted 'STEP'"], ("type",)),
        ({"Type": "NEW_KIND"}, ["  type: recorded 'NEW_KIND', attempted 'STEP'"], ("type",)),
        (
            {"SubType": "WaitForCondition"},
            ["  subtype: recorded 'WaitForCondition', attempted 'Step'"],
            ("subtype",),
        ),
        ({"SubType": None}, ["  subtype: recorded None, attempted 'Step'"], ("subtype",)),
        ({"Name": "bill"}, ["  name: recorded 'bill', attempted 'pay'"], ("name",)),
        ({"Name": ""}, ["  name: recorded None, attempted 'pay'"], ("name",)),
        ({"ParentId": "other"}, ["  parent: recorded 'other', attempted 'ctx'"], ("parent",)),
        ({"ParentId": None}, ["  parent: recorded None, attempted 'ctx'"], ("parent",)),
        (
            {"Type": "WAIT", "SubType": "Wait", "Name": None},
            [
                "  type: recorded 'WAIT', attempted 'STEP'",
                "  subtype: recorded 'Wait', attempted 'Step'",
                "  name: recorded None, attempted 'pay'",
            ],
            ("type", "subtype", "name"),
        ),
    ],
)
def test_a_difference_shows_both_sides(
    changed: Wire, lines: list[str], differing: tuple[str, ...]
) -> None:
    operation = decode_operation({**RECORDED, **changed})
    with pytest.raises(ReplayError) as raised:
        check_identity(
            operation, type=OperationType.STEP, sub_type="Step", name="pay", parent_id="ctx"
        )
    first = f"this run differs from the recorded one in context ctx, operation {FIRST}:"
    assert str(raised.value).split("\n") == [first, *lines]
    assert raised.value.differing == differing
    assert not isinstance(raised.value, OperationError)


def test_the_root_context_is_called_so() -> None:
    play = Play([wait("SUCCEEDED")])
    with pytest.raises(ReplayError) as raised:
        play.do(play.context.step(lambda: 1))
    assert str(raised.value).startswith(
        "this run differs from the recorded one in the root context"
    )
    assert raised.value.operation_id == FIRST


@pytest.mark.parametrize("status", ["STARTED", "SUCCEEDED", "FAILED", "READY", "PENDING", "WHAT"])
def test_identity_is_checked_whatever_the_status(status: str) -> None:
    play = Play([{**step(status), "Name": "pay"}])
    with pytest.raises(ReplayError, match="name: recorded 'pay', attempted 'bill'"):
        play.do(play.context.step(lambda: 1, name="bill"))
    assert play.requests == []


def test_a_run_that_differs_fails_the_execution_and_records_nothing() -> None:
    async def body(context: Context) -> None:
        await context.wait(1)

    play = Play([step("SUCCEEDED", Result="1")])
    output = play.run(body)
    assert output.status is InvocationStatus.FAILED
    assert output.error is not None
    assert output.error.error_type == "perdure.errors.ReplayError"
    assert play.requests == []
