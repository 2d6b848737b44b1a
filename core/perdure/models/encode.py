"""Writing the wire shapes: members that are None are left out, all others are sent."""

from __future__ import annotations

import json
from dataclasses import fields
from enum import StrEnum
from typing import Any, Final, cast

from .fields import WireModel, wire_name

compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
"""JSON without spaces, as everything here writes it. Encode the text as UTF-8."""

_BARE: Final = frozenset({str, int, float, bool})
"""Most members are of these types: they are what they are."""

_members: dict[type[WireModel], tuple[tuple[str, str], ...]] = {}


def to_wire(value: WireModel) -> dict[str, Any]:
    """The JSON-ready dict of a wire shape, in the order of its definition."""
    out: dict[str, Any] = {}
    model = type(value)
    if model not in _members:
        _members[model] = tuple(
            (each.name, wire_name(each.name)) for each in fields(cast("Any", model))
        )
    for name, member in _members[model]:
        item = getattr(value, name)
        if item is not None:
            out[member] = item if type(item) in _BARE else _plain(item)
    return out


def _plain(item: Any) -> Any:
    if isinstance(item, WireModel):
        return to_wire(item)
    if isinstance(item, StrEnum):
        return item.value
    if isinstance(item, (tuple, list)):
        return [_plain(each) for each in item]  # pyright: ignore[reportUnknownVariableType]  # wire values
    return item
