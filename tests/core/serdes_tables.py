"""Values, and the text that the default serdes records for them."""

from __future__ import annotations

import enum
import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final, NamedTuple, cast
from uuid import UUID

from hypothesis import strategies as st

from perdure.serdes import Value


class Pair(NamedTuple):
    """A named tuple."""

    a: int
    b: int


class Word(str, enum.Enum):  # noqa: UP042  # both kinds are in use
    """An Enum of strings, the old way."""

    X = "x"


class Number(enum.IntEnum):
    """An Enum of numbers."""

    THREE = 3


class Colour(enum.Enum):
    """An Enum of neither."""

    RED = "red"


@dataclass
class Point:
    """A dataclass."""

    x: int


class Text(str):
    """A string of its own kind."""


class Whole(int):
    """A number of its own kind."""


TABLE: Final[list[tuple[Value, str]]] = [
    (None, "null"),
    (True, "true"),
    (False, "false"),
    ("hi", '"hi"'),
    ("", '""'),
    ("é漢", '"\\u00e9\\u6f22"'),
    ('"\\\n\x00', '"\\"\\\\\\n\\u0000"'),
    ("\U0001f600", '"\\ud83d\\ude00"'),
    (42, "42"),
    (2**70, "1180591620717411303424"),
    (1.5, "1.5"),
    (1.0, "1.0"),
    (-0.0, "-0.0"),
    (1e300, "1e+300"),
    (math.inf, "Infinity"),
    (-math.inf, "-Infinity"),
    ([1, "a", None, True, 1.5], '[1,"a",null,true,1.5]'),
    ([[1], [2]], "[[1],[2]]"),
    ([], "[]"),
    ({}, '{"t":"m","v":{}}'),
    ({"a": 1}, '{"t":"m","v":{"a":{"t":"i","v":1}}}'),
    (
        {"a": {"b": [1, "x", None]}},
        '{"t":"m","v":{"a":{"t":"m","v":{"b":{"t":"l","v":[{"t":"i","v":1},{"t":"s","v":"x"},'
        '{"t":"n","v":null}]}}}}}',
    ),
    ([{"a": 1}], '{"t":"l","v":[{"t":"m","v":{"a":{"t":"i","v":1}}}]}'),
    ((1, "a"), '{"t":"t","v":[{"t":"i","v":1},{"t":"s","v":"a"}]}'),
    ((), '{"t":"t","v":[]}'),
    (((),), '{"t":"t","v":[{"t":"t","v":[]}]}'),
    ((True, 1.5, 2**70), '{"t":"t","v":[{"t":"b","v":true},{"t":"f","v":1.5},'
     '{"t":"i","v":1180591620717411303424}]}'),
    ((math.inf,), '{"t":"t","v":[{"t":"f","v":Infinity}]}'),
    (b"\x00\xff", '{"t":"B","v":"AP8="}'),
    (b"", '{"t":"B","v":""}'),
    (datetime(2026, 1, 2, 3, 4, 5, 6), '{"t":"dt","v":"2026-01-02T03:04:05.000006"}'),
    (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), '{"t":"dt","v":"2026-01-02T03:04:05+00:00"}'),
    (date(2026, 1, 2), '{"t":"D","v":"2026-01-02"}'),
    (Decimal("1.10"), '{"t":"d","v":"1.10"}'),
    (Decimal("-Infinity"), '{"t":"d","v":"-Infinity"}'),
    (UUID(int=1), '{"t":"u","v":"00000000-0000-0000-0000-000000000001"}'),
    ({"é": "漢"}, '{"t":"m","v":{"\\u00e9":{"t":"s","v":"\\u6f22"}}}'),
    (
        [UUID(int=1), Decimal(1), b"a"],
        '{"t":"l","v":[{"t":"u","v":"00000000-0000-0000-0000-000000000001"},{"t":"d","v":"1"},'
        '{"t":"B","v":"YQ=="}]}',
    ),
]  # fmt: skip
"""Values that come back as they were."""

CHANGED: Final[list[tuple[Value, str, Value]]] = [
    (bytearray(b"ab"), '{"t":"B","v":"YWI="}', b"ab"),
    ({1: "a"}, '{"t":"m","v":{"1":{"t":"s","v":"a"}}}', {"1": "a"}),
    (
        {None: 1, True: 2, False: 3, 1.5: 4},
        '{"t":"m","v":{"null":{"t":"i","v":1},"true":{"t":"i","v":2},"false":{"t":"i","v":3},'
        '"1.5":{"t":"i","v":4}}}',
        {"null": 1, "true": 2, "false": 3, "1.5": 4},
    ),
    ({Word.X: 1}, '{"t":"m","v":{"x":{"t":"i","v":1}}}', {"x": 1}),
    ({Number.THREE: 1}, '{"t":"m","v":{"3":{"t":"i","v":1}}}', {"3": 1}),
    (Word.X, '"x"', "x"),
    (Number.THREE, "3", 3),
    (Text("x"), '"x"', "x"),
    ([Whole(3), Text("x")], '[3,"x"]', [3, "x"]),
    (
        (Word.X, Number.THREE, Text("y"), Whole(4)),
        '{"t":"t","v":[{"t":"s","v":"x"},{"t":"i","v":3},{"t":"s","v":"y"},{"t":"i","v":4}]}',
        ("x", 3, "y", 4),
    ),
    (Pair(1, 2), '{"t":"t","v":[{"t":"i","v":1},{"t":"i","v":2}]}', (1, 2)),
    (OrderedDict(a=1), '{"t":"m","v":{"a":{"t":"i","v":1}}}', {"a": 1}),
]
"""Values that come back as something plainer."""

REFUSED: Final = [
    ({1, 2}, "cannot encode set: choose another serdes"),
    (frozenset({1}), "cannot encode frozenset: choose another serdes"),
    (time(1, 2), "cannot encode time: choose another serdes"),
    (timedelta(1), "cannot encode timedelta: choose another serdes"),
    (Point(1), "cannot encode Point: choose another serdes"),
    (Colour.RED, "cannot encode Colour: choose another serdes"),
    (1j, "cannot encode complex: choose another serdes"),
    (Fraction(1, 2), "cannot encode Fraction: choose another serdes"),
    (object(), "cannot encode object: choose another serdes"),
    (print, "cannot encode builtin_function_or_method: choose another serdes"),
    ([{1}], "cannot encode set: choose another serdes"),
    ({"a": ({1},)}, "cannot encode set: choose another serdes"),
    ({(1,): 2}, "a dict key must be a string, not tuple"),
    ({b"a": 2}, "a dict key must be a string, not bytes"),
]
"""Values that have no tag, and what is said about them."""

_leaves = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary()
    | st.decimals(allow_nan=False)
    | st.datetimes()
    | st.dates()
    | st.uuids()
)
values = st.recursive(
    _leaves,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=20,
)
"""Anything that the default serdes gives back as it was."""


def typed(value: Value) -> Value:
    """A value with the types of all its parts, for 1 == True == 1.0."""
    if isinstance(value, (list, tuple)):
        items = cast("list[Value]", value)
        return type(items), [typed(item) for item in items]
    if isinstance(value, dict):
        members = cast("dict[str, Value]", value)
        return type(members), [(type(key), key, typed(item)) for key, item in members.items()]
    return type(value), value
