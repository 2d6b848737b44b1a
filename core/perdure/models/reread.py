"""Reading back what `to_wire` wrote and nobody else touched: no checks, for none are needed.

What comes from a peer goes through `decode`, what comes from people through `validate`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from .decode import decode_operation
from .fields import WireModel, wire_name
from .operation import Operation

M = TypeVar("M", bound=WireModel)

_Reader = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Plan:
    """How to read one shape: by wire name the field and its reader; fields that None left out."""

    members: dict[str, tuple[str, _Reader | None]]
    absent: dict[str, None]


_plans: Final[dict[type[WireModel], _Plan]] = {}


def from_wire(model: type[M], raw: Mapping[str, Any]) -> M:
    """The wire shape whose JSON-ready dict `to_wire` made.

    Args:
        model: the class of the shape.
        raw: the dict, or what JSON made of it.

    Raises:
        KeyError, TypeError, ValueError: it is something else.
    """
    plan = _plans.get(model)
    if plan is None:
        plan = _plans[model] = _plan(model)
    given: dict[str, Any] = {**plan.absent}
    for member, value in raw.items():
        name, read = plan.members[member]
        given[name] = value if read is None else read(value)
    return model(**given)


def _plan(model: type[WireModel]) -> _Plan:
    hints = get_type_hints(model)
    every = fields(cast("Any", model))
    members = {wire_name(each.name): (each.name, _reader(hints[each.name])) for each in every}
    # A field that may be None and has no default has to be given all the same.
    absent = {each.name: None for each in every if NoneType in get_args(hints[each.name])}
    return _Plan(members, absent)


def _reader(hint: Any) -> _Reader | None:
    """How to read a value of this type; None where JSON made the very value."""
    if get_origin(hint) in (Union, UnionType):
        readers = (_reader(each) for each in get_args(hint) if each is not NoneType)
        return next(filter(None, readers), None)
    if get_origin(hint) is tuple:
        each = _reader(get_args(hint)[0])
        return tuple if each is None else lambda value: tuple(map(each, value))
    if issubclass(hint, Operation):
        return decode_operation
    if issubclass(hint, WireModel):
        return lambda value: from_wire(hint, value)
    return hint if issubclass(hint, Enum) else None
