"""Reading back what `to_wire` wrote: its shape is checked, for a file may be damaged.

What comes from a peer goes through `decode`, what comes from people through `validate`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import partial
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from .decode import decode_operation
from .fields import WireModel, wire_name
from .operation import Operation

M = TypeVar("M", bound=WireModel)

_Reader = Callable[[Any], Any]

# JSON does not keep apart what is a number to Python.
_NUMBERS: Final = (int, float)
_OBJECT: Final = (dict,)
_LIST: Final = (list,)
_PLAIN: Final[dict[Any, tuple[type, ...]]] = {
    str: (str,),
    bool: (bool,),
    int: _NUMBERS,
    float: _NUMBERS,
}


@dataclass(frozen=True, slots=True)
class _Plan:
    """How to read one shape: by wire name the field and its reader; fields that None left out."""

    members: dict[str, tuple[str, _Reader]]
    absent: dict[str, None]


_plans: Final[dict[type[WireModel], _Plan]] = {}


def from_wire(model: type[M], raw: object) -> M:
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
    for member, value in _exactly(_OBJECT, raw).items():
        name, read = plan.members[member]
        given[name] = read(value)
    return model(**given)


def _plan(model: type[WireModel]) -> _Plan:
    hints = get_type_hints(model)
    every = fields(cast("Any", model))
    members = {wire_name(each.name): (each.name, _reader(hints[each.name])) for each in every}
    # A field that may be None and has no default has to be given all the same.
    absent = {each.name: None for each in every if NoneType in get_args(hints[each.name])}
    return _Plan(members, absent)


def _reader(hint: Any) -> _Reader:
    """How to read a value of this type."""
    if get_origin(hint) in (Union, UnionType):
        # There is a None only where the member is left out.
        [inner] = (each for each in get_args(hint) if each is not NoneType)
        return _reader(inner)
    if get_origin(hint) is tuple:
        each = _reader(get_args(hint)[0])
        return lambda value: tuple(map(each, _exactly(_LIST, value)))
    if hint in _PLAIN:
        return partial(_exactly, _PLAIN[hint])
    if issubclass(hint, Operation):
        return decode_operation
    if issubclass(hint, WireModel):
        return partial(from_wire, hint)
    return cast("_Reader", hint)  # an Enum


def _exactly(kinds: tuple[type, ...], value: Any) -> Any:
    if type(value) not in kinds:
        raise TypeError(f"{kinds[0].__name__} expected, not {type(value).__name__}")
    return value
