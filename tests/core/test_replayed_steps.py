"""A finished step on replay: it asks for nothing, and what is unusual is still found out."""

from __future__ import annotations

from typing import Any

import pytest

from core.transcript import FIRST, SECOND, Context, Play, step
from perdure.errors import (
    ConcurrencyError,
    ReplayError,
    SerDesError,
    Suspended,
    TransportError,
)
from perdure.ids import operation_id
from perdure.operations.step import StepConfig
from perdure.serdes import JSON

DONE = step("SUCCEEDED", Result="1")

THIRD = operation_id(3)


def second(**fields: Any) -> Context:
    """A replaying context whose first step is over, before its second."""
    return begun(Play([DONE, {**step("SUCCEEDED", SECOND, Result="[2]"), **fields}])).context


def begun(play: Play) -> Play:
    """The first step of a context is over."""
    operation = play.context.step(lambda: 0)
    play.context.enter()
    play.do(operation)
    play.context.leave()
    return play


def never() -> int:
    raise AssertionError("a finished step ran again")


def test_it_has_no_effect_and_decodes_with_its_serdes() -> None:
    operation = second().step(never, config=StepConfig(serdes=JSON))
    with pytest.raises(StopIteration) as end:
        operation.send(None)
    assert end.value.value == [2]


def test_what_its_serdes_cannot_read() -> None:
    operation = second(StepDetails={"Result": "{"}).step(never)
    with pytest.raises(SerDesError, match="cannot decode what is recorded"):
        operation.send(None)


@pytest.mark.parametrize(
    ("recorded", "name", "told"),
    [
        ({"Name": "a"}, "b", "name"),
        ({"Name": "a"}, None, "name"),
        ({"SubType": "WaitForCondition"}, None, "subtype"),
        ({"ParentId": FIRST}, None, "parent"),
        ({"Type": "WAIT"}, None, "type"),
    ],
)
def test_another_operation_in_its_place(
    recorded: dict[str, Any], name: str | None, told: str
) -> None:
    operation = second(**recorded).step(never, name=name)
    with pytest.raises(ReplayError, match=told):
        operation.send(None)


def test_an_error_that_stuck_between_the_call_and_the_await() -> None:
    play = begun(Play([DONE, step("SUCCEEDED", SECOND, Result="2")]))
    operation = play.context.step(never)
    play.state.fail(TransportError("gone"))
    with pytest.raises(TransportError, match="gone"):
        operation.send(None)


def test_it_is_refused_where_every_call_is() -> None:
    play = begun(Play([DONE, step("SUCCEEDED", SECOND, Result="2")]))
    play.context.enter()
    with pytest.raises(ConcurrencyError, match="one of its own operations runs"):
        _ = play.context.step(never)
    play.context.leave()
    play.state.suspend()
    with pytest.raises(Suspended):
        _ = play.context.step(never)


def test_two_that_are_called_before_either_is_awaited() -> None:
    done = [step("SUCCEEDED", id, Result=text) for id, text in ((SECOND, "2"), (THIRD, "3"))]
    play = begun(Play([DONE, *done]))
    two, three = play.context.step(never), play.context.step(never)
    assert (play.do(two), play.do(three)) == (2, 3)
