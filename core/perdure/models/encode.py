"""Writing the wire shapes: members that are None are left out, all others are sent."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import cache
from typing import Any

from .fields import WireModel, wire_name

compact = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
"""JSON without spaces, as everything here writes it. Encode the text as UTF-8."""


@cache
def _members(model: type[Any]) -> tuple[tuple[str, str], ...]:
    return tuple((field.name, wire_name(field.name)) for field in fields(model))


def to_wire(value: WireModel) -> dict[str, Any]:
    """The JSON-ready dict of a wire shape, in the order of its definition."""
    out: dict[str, Any] = {}
    for name, member in _members(type(value)):
        item = getattr(value, name)
        if item is not None:
            out[member] = _plain(item)
    return out


def _plain(item: Any) -> Any:
    if isinstance(item, WireModel):
        return to_wire(item)
    if isinstance(item, (tuple, list)):
        return [_plain(each) for each in item]  # pyright: ignore[reportUnknownVariableType]  # wire values
    return item
