"""What is told from a value is what reading its text would give."""

from __future__ import annotations

import math
from collections import OrderedDict
from datetime import UTC, datetime
from decimal import Decimal
from enum import IntEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.serdes_tables import typed, values
from perdure.errors import SerDesError
from perdure.read_back import read_back
from perdure.serdes import JSON, TAGGED


class Colour(IntEnum):
    RED = 1


class Name(str):
    pass


HALVES = "\ud83d" + "\ude00"
UNLIKE: list[Any] = [
    Colour.RED,
    Name("a"),
    {Name("a"): 1},
    {1: "a", None: 2},
    OrderedDict(a=[1]),
    HALVES,
    {HALVES: 1},
    dict.fromkeys(["\ud83d", "\ude00"], 1),
    [HALVES],
    bytearray(b"x"),
    Decimal("1.50"),
    datetime(2026, 11, 1, 1, 30, tzinfo=UTC, fold=1),
    "café",
    {"café": "\ud83d"},
    -0.0,
    math.inf,
    [[], {}, ()],
]


@pytest.mark.parametrize("value", UNLIKE, ids=ascii)
def test_what_may_come_back_as_something_else(value: Any) -> None:
    text = TAGGED.encode(value)
    assert typed(read_back(TAGGED, value, text)) == typed(TAGGED.decode(text))


@given(values | st.dictionaries(st.characters(), st.characters() | values))
def test_it_is_what_the_text_says(value: Any) -> None:
    text = TAGGED.encode(value)
    assert typed(read_back(TAGGED, value, text)) == typed(TAGGED.decode(text))


def test_no_number_comes_back_as_none() -> None:
    assert math.isnan(read_back(TAGGED, [math.nan], TAGGED.encode([math.nan]))[0])


def test_what_is_changed_later_is_a_copy() -> None:
    numbers, members = [1], {"a": 1}
    value = {"list": numbers, "dict": members}
    kept = read_back(TAGGED, value, TAGGED.encode(value))
    numbers.append(2)
    members["b"] = 2
    assert kept == {"list": [1], "dict": {"a": 1}}


def test_another_serdes_reads_its_text() -> None:
    assert read_back(JSON, (1, 2), "[1, 2]") == [1, 2]
    with pytest.raises(SerDesError):
        read_back(JSON, 1, "no JSON")


def test_what_is_nested_too_deeply_is_read() -> None:
    deep: Any = 1
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(SerDesError):
        read_back(TAGGED, deep, "[")
