"""Recorded text, byte by byte, and back."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.serdes_tables import CHANGED, REFUSED, TABLE, typed, values
from perdure.errors import SerDesError
from perdure.serdes import JSON, PASS_THROUGH, TAGGED, SerDes, Value, decode, encode


@pytest.mark.parametrize(("value", "text"), TABLE, ids=[text for _, text in TABLE])
def test_the_bytes_of_the_official_sdk(value: Value, text: str) -> None:
    assert encode(TAGGED, value) == text
    back = decode(TAGGED, text)
    assert (back, type(back)) == (value, type(value))


@pytest.mark.parametrize(("value", "text", "back"), CHANGED, ids=[text for _, text, _ in CHANGED])
def test_what_comes_back_plainer(value: Value, text: str, back: Value) -> None:
    assert encode(TAGGED, value) == text
    decoded = decode(TAGGED, text)
    assert (decoded, type(decoded)) == (back, type(back))


def test_no_number() -> None:
    assert encode(TAGGED, math.nan) == "NaN"
    assert math.isnan(decode(TAGGED, "NaN"))
    assert encode(TAGGED, (math.nan,)) == '{"t":"t","v":[{"t":"f","v":NaN}]}'


def test_nothing_recorded_is_none() -> None:
    assert decode(TAGGED, None) is None
    assert decode(PASS_THROUGH, None) is None


@pytest.mark.parametrize("text", [' "a" ', '"a"\n', '\t"a"'])
def test_white_space_around_the_text_does_not_matter(text: str) -> None:
    assert decode(TAGGED, text) == "a"


# -- refusals ------------------------------------------------------------------------------


def in_a_list(value: Value) -> Value:
    """A list of one."""
    return [value]


def in_a_tuple(value: Value) -> Value:
    """A tuple of one."""
    return (value,)


def in_a_dict(value: Value) -> Value:
    """A dict of one."""
    return {"a": value}


def nested(depth: int, wrap: Any) -> Value:
    """Something in something in something."""
    value: Value = 1
    for _ in range(depth):
        value = wrap(value)
    return value


def circular_list() -> Value:
    """A list that holds itself."""
    value: list[Value] = []
    value.append(value)
    return value


def circular_dict() -> Value:
    """A dict that holds itself."""
    value: dict[str, Value] = {}
    value["self"] = value
    return value


@pytest.mark.parametrize(("value", "message"), REFUSED, ids=[text for _, text in REFUSED])
def test_what_has_no_tag_is_refused(value: Value, message: str) -> None:
    with pytest.raises(SerDesError) as raised:
        encode(TAGGED, value)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    "value",
    [
        circular_list(),
        circular_dict(),
        nested(100_000, in_a_list),
        nested(100_000, in_a_tuple),
        nested(100_000, in_a_dict),
        10**5000,
        (10**5000,),
    ],
    ids=["list", "dict", "deep list", "deep tuple", "deep dict", "long", "long in tuple"],
)
def test_what_cannot_be_written_is_refused(value: Value) -> None:
    with pytest.raises(SerDesError, match=r"^cannot encode "):
        encode(TAGGED, value)


@pytest.mark.parametrize("text", ['{"a":1}', "{}", '{"t":"i"}', '{"v":1}', '{"t":"br","v":{}}',
                                  '{"t":["i"],"v":1}', '{"t":null,"v":1}', '{"t":"t","v":[1]}',
                                  '{"t":"m","v":{"a":1}}', '{"t":"l","v":["a"]}',
                                  '{"t":"m","v":[1]}',
                                  '{"t":"t","v":null}',
                                  '{"t":"l","v":1}',
                                  '{"t":"B","v":1}',
                                  '{"t":"dt","v":1}',
                                  '{"t":"u","v":1}'])  # fmt: skip
def test_another_serdes_wrote_it(text: str) -> None:
    with pytest.raises(SerDesError, match="no tagged value: another serdes wrote it"):
        decode(TAGGED, text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "}",
        "nonsense",
        '"a" "b"',
        '{"t":"u","v":"no uuid"}',
        '{"t":"d","v":"no number"}',
        '{"t":"dt","v":"yesterday"}',
        '{"t":"D","v":"2026-13-01"}',
        '{"t":"B","v":"A"}',
        "[" * 100_000,
        '{"t":"l","v":[' * 5000 + "]}" * 5000,
    ],
    ids=lambda text: text[:24],
)
def test_what_cannot_be_read(text: str) -> None:
    with pytest.raises(SerDesError, match=r"^cannot decode what is recorded: "):
        decode(TAGGED, text)


@given(st.text())
def test_reading_anything_raises_nothing_else(text: str) -> None:
    try:
        value = decode(TAGGED, text)
    except SerDesError:
        return
    assert decode(TAGGED, encode(TAGGED, value)) == value or value != value


# -- laws ----------------------------------------------------------------------------------


@given(values)
def test_what_goes_in_comes_out(value: Value) -> None:
    text = encode(TAGGED, value)
    assert typed(decode(TAGGED, text)) == typed(value)
    assert text.isascii()


@given(values)
def test_a_second_round_trip_changes_no_byte(value: Value) -> None:
    text = encode(TAGGED, value)
    assert encode(TAGGED, decode(TAGGED, text)) == text


@given(values)
def test_the_text_is_compact_json(value: Value) -> None:
    text = encode(TAGGED, value)
    assert json.dumps(json.loads(text), separators=(",", ":")) == text


@given(st.text())
def test_half_characters_survive(text: str) -> None:
    assert decode(TAGGED, encode(TAGGED, text + "\ud800")) == text + "\ud800"


# -- the others ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("serdes", "value", "text"),
    [
        (JSON, {"a": [1, "é"]}, '{"a": [1, "\\u00e9"]}'),
        (JSON, None, "null"),
        (PASS_THROUGH, '{"as": "it is"}', '{"as": "it is"}'),
        (PASS_THROUGH, "", ""),
        (PASS_THROUGH, "é", "é"),
    ],
)
def test_plain_json_and_pass_through(serdes: SerDes, value: Value, text: str) -> None:
    assert encode(serdes, value) == text
    assert decode(serdes, text) == value


def test_plain_json_makes_lists_of_tuples() -> None:
    assert decode(JSON, encode(JSON, (1, (2,)))) == [1, [2]]


@pytest.mark.parametrize(
    ("serdes", "value", "message"),
    [
        (JSON, {1}, "cannot encode set: Object of type set is not JSON serializable"),
        (PASS_THROUGH, 1, "only a string passes through, not int"),
    ],
)
def test_what_they_refuse(serdes: SerDes, value: Value, message: str) -> None:
    with pytest.raises(SerDesError) as raised:
        encode(serdes, value)
    assert str(raised.value) == message


class Broken:
    """A serdes of a user."""

    def __init__(self, result: Any) -> None:
        self.result = result

    def encode(self, value: Value) -> str:
        """Return or raise."""
        return self.decode("")  # type: ignore[no-any-return]  # that is the point

    def decode(self, text: str) -> Value:
        """Return or raise."""
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result


def test_the_error_of_a_users_serdes_is_the_cause() -> None:
    error = LookupError("who?")
    with pytest.raises(SerDesError, match=r"^cannot encode int: who\?$") as raised:
        encode(Broken(error), 1)
    assert raised.value.__cause__ is error
    with pytest.raises(SerDesError, match=r"^cannot decode what is recorded: who\?$") as raised:
        decode(Broken(error), "")
    assert raised.value.__cause__ is error


def test_a_serdes_error_stays_what_it_is() -> None:
    error = SerDesError("mine")
    for work in (encode, decode):
        with pytest.raises(SerDesError) as raised:
            work(Broken(error), "")
        assert raised.value is error


@pytest.mark.parametrize("result", [None, b"bytes", 5])
def test_a_serdes_encodes_to_a_string(result: Any) -> None:
    with pytest.raises(SerDesError, match="a serdes encodes to a string, not to"):
        encode(Broken(result), 1)


@pytest.mark.parametrize("signal", [KeyboardInterrupt(), SystemExit()])
def test_what_ends_the_process_passes(signal: BaseException) -> None:
    with pytest.raises(type(signal)):
        encode(Broken(signal), 1)
    with pytest.raises(type(signal)):
        decode(Broken(signal), "")


# -- beside the official SDK ---------------------------------------------------------------


def test_the_tables_are_what_the_official_sdk_does() -> None:
    official = pytest.importorskip(
        "aws_durable_execution_sdk_python.serdes", reason="the official SDK is not installed"
    )
    serdes = official.ExtendedTypeSerDes()
    for value, text in TABLE:
        assert serdes.serialize(value) == text
        assert typed(serdes.deserialize(text)) == typed(value)
    for value, text, back in CHANGED:
        assert serdes.serialize(value) == text
        assert typed(serdes.deserialize(text)) == typed(back)
    for value, _ in REFUSED:
        with pytest.raises(Exception):  # noqa: B017, PT011  # its own classes
            serdes.serialize(value)


@given(values)
def test_any_value_is_written_as_the_official_sdk_writes_it(value: Value) -> None:
    official = pytest.importorskip(
        "aws_durable_execution_sdk_python.serdes", reason="the official SDK is not installed"
    )
    assert official.ExtendedTypeSerDes().serialize(value) == encode(TAGGED, value)
