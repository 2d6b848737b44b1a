"""Timestamps in all their encodings, and the names of the wire."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perdure.models.fields import timestamp, wire_name

INSTANT = 1768279889.004
MOMENT = datetime(2026, 1, 13, 4, 51, 29, 4000, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        1768279889.004,
        1768279889004,
        "2026-01-13T04:51:29.004Z",
        "2026-01-13T04:51:29.004+00:00",
        "2026-01-13T05:51:29.004+01:00",
        "2026-01-13T04:51:29.004",
        MOMENT,
        MOMENT.replace(tzinfo=None),
        MOMENT.astimezone(timezone(timedelta(hours=-5))),
    ],
    ids=str,
)
def test_one_instant_in_every_encoding(value: object) -> None:
    assert abs(timestamp(value) - INSTANT) < 1e-6


@pytest.mark.parametrize(
    ("value", "expected"),
    [(0, 0.0), (-1, -1.0), (99_999_999_999, 99_999_999_999.0), (100_000_000_000, 100_000_000.0)],
)
def test_seconds_and_milliseconds_are_told_apart_by_size(value: int, expected: float) -> None:
    assert timestamp(value) == expected


@pytest.mark.parametrize(
    "value",
    [True, None, [], {}, b"1", "", "soon", "13/01/2026", float("nan"), float("inf"), -float("inf"),
     10**400, -(10**400), 10**15],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r"timestamp|isoformat"):
        timestamp(value)


@given(st.one_of(st.integers(), st.floats(), st.text(), st.booleans(), st.datetimes()))
def test_a_value_is_an_instant_or_a_value_error(value: Any) -> None:
    try:
        result = timestamp(value)
    except ValueError:
        return
    assert isinstance(result, float)
    assert abs(result) < 1e15


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("id", "Id"),
        ("parent_id", "ParentId"),
        ("x_amzn_trace_id", "XAmznTraceId"),
        ("kms_key_arn", "KMSKeyArn"),
        ("type_", "Type"),
        ("lower_message", "message"),
    ],
)
def test_wire_names(field: str, name: str) -> None:
    assert wire_name(field) == name
