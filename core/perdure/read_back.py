"""What a value is once it was recorded: encoded and decoded, as every replay reads it.

A first run returns that too. For the default encoding it is told from the value itself
where that is beyond doubt, which costs a quarter of reading the text: whatever is plain
data comes back as an equal copy of its own. For all else the text is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from .serdes import TAGGED, SerDes, Value, decode


class _Unsure(Exception):
    """The value may come back as another one."""


def read_back(serdes: SerDes, value: Value, text: str) -> Value:
    """What decoding a text gives.

    Args:
        serdes: made the text, and would read it.
        value: what the text was made of.
        text: what is recorded.

    Raises:
        SerDesError: as `perdure.serdes.decode`.
        RetryableSerDesError: as there.
    """
    if serdes is TAGGED:
        try:
            return value if value.__class__ in _SAME else _copy(value)
        except (_Unsure, RecursionError):
            pass
    return decode(serdes, text)


def _copy(value: Value) -> Value:
    # By the very class: one that is derived from it comes back as the plain one.
    copy = _COPIERS.get(value.__class__)
    if copy is None:
        raise _Unsure
    return copy(value)


def _text(value: Value) -> Value:
    # Two halves of a character that JSON escapes side by side come back as the whole one.
    if not value.isascii() and _HALVES(value):
        raise _Unsure
    return value


def _dict(value: Value) -> Value:
    if not _TEXTS.issuperset(map(type, value)):
        raise _Unsure
    _text("".join(value))
    return {key: item if item.__class__ in _SAME else _copy(item) for key, item in value.items()}


def _list(value: Value) -> Value:
    return [item if item.__class__ in _SAME else _copy(item) for item in value]


_SAME: Final = frozenset({int, float, bool, type(None)})
_TEXTS: Final = frozenset({str})
_HALVES: Final = re.compile("[\ud800-\udbff][\udc00-\udfff]").search
_COPIERS: Final[dict[type, Callable[[Value], Value]]] = {
    str: _text,
    dict: _dict,
    list: _list,
    tuple: lambda value: tuple(_list(value)),
}
