"""What was written with the names of the wire is read back as it was."""

from __future__ import annotations

import json
from dataclasses import fields
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from perdure.models.encode import to_wire
from perdure.models.enums import OperationStatus, OperationType
from perdure.models.fields import WireModel
from perdure.models.history import Event
from perdure.models.operation import Operation, StepDetails
from perdure.models.reread import from_wire
from perdure.models.update import (
    CallbackOptions,
    ChainedInvokeOptions,
    ContextOptions,
    WaitOptions,
)
from perdure.service.effects import FunctionToCall
from perdure.service.origin import Origin
from perdure.service.standing import Answer, Standing

STEP = Operation(
    "s",
    OperationType.STEP,
    OperationStatus.PENDING,
    1_700_000_000.25,
    name="n",
    step_details=StepDetails(1, 1_700_000_001.5, "\ud800"),
)
SCALARS: dict[type, st.SearchStrategy[Any]] = {
    str: st.text(),
    bool: st.booleans(),
    int: st.integers(0, 2**53),
    float: st.floats(0, 1e10),
    NoneType: st.none(),
    Operation: st.just(STEP),
}


def anything(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that shapes are made of."""
    if get_origin(hint) in (Union, UnionType):
        return st.one_of(*map(anything, get_args(hint)))
    if get_origin(hint) is tuple:
        return st.lists(anything(get_args(hint)[0]), max_size=2).map(tuple)
    if hint in SCALARS:
        return SCALARS[hint]
    return st.sampled_from(hint) if issubclass(hint, Enum) else shapes(hint)


def shapes(model: type[Any]) -> st.SearchStrategy[Any]:
    """Any value of a shape."""
    hints = get_type_hints(model)
    return st.builds(model, **{each.name: anything(hints[each.name]) for each in fields(model)})


def values(shape: WireModel) -> list[object]:
    return [getattr(shape, each.name) for each in fields(type(shape))]  # type: ignore[arg-type]  # every shape is a dataclass


@pytest.mark.parametrize(
    "model",
    [
        Answer,
        CallbackOptions,
        ChainedInvokeOptions,
        ContextOptions,
        Event,
        FunctionToCall,
        Origin,
        Standing,
        WaitOptions,
    ],
)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_every_shape_comes_back(model: type[WireModel], data: st.DataObject) -> None:
    shape: WireModel = data.draw(shapes(model))
    again = from_wire(model, json.loads(json.dumps(to_wire(shape))))
    assert type(again) is model
    assert values(again) == values(shape)


@pytest.mark.parametrize("raw", [{"WaitMinutes": 1}, {"WaitSeconds": 1, "x": 2}])
def test_what_is_no_such_shape(raw: dict[str, object]) -> None:
    with pytest.raises(KeyError):
        from_wire(WaitOptions, raw)


@pytest.mark.parametrize(
    ("model", "raw", "message"),
    [
        (WaitOptions, None, "dict expected, not NoneType"),
        (WaitOptions, [], "dict expected, not list"),
        (WaitOptions, {"WaitSeconds": None}, "int expected, not NoneType"),
        (WaitOptions, {"WaitSeconds": "5"}, "int expected, not str"),
        (Standing, {"Told": 1}, "bool expected, not int"),
        (Standing, {"TimeoutAt": True}, "int expected, not bool"),
        (Standing, {"Token": None}, "str expected, not NoneType"),
        (Standing, {"Accepted": "x"}, "list expected, not str"),
        (Standing, {"Accepted": [None]}, "dict expected, not NoneType"),
    ],
)
def test_what_has_a_member_of_another_type(
    model: type[WireModel], raw: object, message: str
) -> None:
    with pytest.raises(TypeError, match=message):
        from_wire(model, raw)
