"""Between values and recorded text.

The default writes the bytes of the official SDK: primitives, and lists of nothing else,
are plain JSON; everything else is an envelope ``{"t": tag, "v": value}`` at every level,
which keeps tuples, bytes, dates, decimals and UUIDs what they are.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from json.encoder import encode_basestring_ascii as _quote
from typing import Any, Final, Protocol, TypeVar, cast

from .batch_completion import CompletionReason
from .batch_result import BatchResult, batch_item
from .errors import RetryableSerDesError, SerDesError
from .models.encode import to_wire

T = TypeVar("T")

Value = Any
"""The payload boundary: what users return from their steps."""


class SerDes(Protocol):
    """How the results of an operation are recorded. Write your own with two methods."""

    def encode(self, value: Value) -> str:
        """Turn a value into text. What it raises fails the operation."""
        ...

    def decode(self, text: str) -> Value:
        """Turn recorded text back into a value, equal on every run."""
        ...


class JsonSerDes:
    """Plain JSON, as ``json.dumps`` writes it. A tuple comes back as a list."""

    def encode(self, value: Value) -> str:
        return json.dumps(value)

    def decode(self, text: str) -> Value:
        return json.loads(text)


class PassThroughSerDes:
    """Text as it is. The value must be a string."""

    def encode(self, value: Value) -> str:
        if not isinstance(value, str):
            raise SerDesError(f"only a string passes through, not {type(value).__name__}")
        return value

    def decode(self, text: str) -> Value:
        return text


class TaggedSerDes:
    """The default: type-tagged JSON, byte for byte that of the official SDK.

    A set, a dataclass, an Enum that is no string or number, or a dict with a key that
    JSON has no word for, is refused. Dict keys come back as strings.
    """

    def encode(self, value: Value) -> str:
        if value.__class__ is dict:
            return _mapping(value)
        return _PLAIN.encode(value) if _is_plain(value) else _envelope(value)

    def decode(self, text: str) -> Value:
        value: Value
        value, end = _scan(text.lstrip())
        if end != len(text):
            value = json.loads(text)
        if value.__class__ is not dict:
            return value
        try:
            return _open(value)
        except (AttributeError, KeyError, TypeError):
            raise SerDesError(
                "what is recorded is no tagged value: another serdes wrote it"
            ) from None


TAGGED: Final[SerDes] = TaggedSerDes()
JSON: Final[SerDes] = JsonSerDes()
PASS_THROUGH: Final[SerDes] = PassThroughSerDes()


def encode(serdes: SerDes, value: Value) -> str:
    """Encode with any serdes.

    Raises:
        SerDesError: whatever it raised, with that as the cause.
        RetryableSerDesError: as it is.
    """
    try:
        text: Value = serdes.encode(value)
    except (SerDesError, RetryableSerDesError):
        raise
    except Exception as error:
        raise SerDesError(f"cannot encode {type(value).__name__}: {error}") from error
    if not isinstance(text, str):
        raise SerDesError(f"a serdes encodes to a string, not to {type(text).__name__}")
    return text


def decode(serdes: SerDes, text: str | None) -> Value:
    """Decode with any serdes; what was recorded without a payload is None.

    Raises:
        SerDesError: whatever it raised, with that as the cause.
        RetryableSerDesError: as it is.
    """
    if text is None:
        return None
    try:
        return serdes.decode(text)
    except (SerDesError, RetryableSerDesError):
        raise
    except Exception as error:
        raise SerDesError(f"cannot decode what is recorded: {error}") from error


# Without json.loads's search for white space, which recorded text hardly ever has.
_scan: Final = json.JSONDecoder().raw_decode
_PLAIN: Final = json.JSONEncoder(separators=(",", ":"))


def _is_plain(value: object) -> bool:
    if value is None or isinstance(value, (str, int, float)):
        return True
    if not isinstance(value, list):
        return False
    return all(map(_is_plain, cast("list[object]", value)))


def _envelope(value: Value) -> str:
    write = _WRITERS.get(value.__class__)
    if write is None:
        write = next(
            (each for each_kind, each in _SUBCLASSES if isinstance(value, each_kind)), None
        )
    if write is None:
        # Only where the class is in use can a value be of it; its module makes random ids.
        module = sys.modules.get("uuid")
        if module is None or not isinstance(value, module.UUID):
            raise SerDesError(f"cannot encode {type(value).__name__}: choose another serdes")
        return f'{{"t":"u","v":"{value}"}}'
    return write(value)


def _text(tag: str, show: Callable[[Value], str]) -> Callable[[Value], str]:
    head = f'{{"t":"{tag}","v":'
    return lambda value: head + _quote(show(value)) + "}"


def _json(tag: str) -> Callable[[Value], str]:
    head = f'{{"t":"{tag}","v":'
    return lambda value: head + _PLAIN.encode(value) + "}"


def _items(tag: str) -> Callable[[Value], str]:
    head = f'{{"t":"{tag}","v":['
    return lambda value: head + ",".join(map(_envelope, value)) + "]}"


def _mapping(value: Value) -> str:
    writer = _WRITERS.get
    members = [
        (_quote(key) if key.__class__ is str else _quote(_key(key)))
        + ":"
        + writer(item.__class__, _envelope)(item)
        for key, item in value.items()
    ]
    return '{"t":"m","v":{' + ",".join(members) + "}}"


def _key(key: Value) -> str:
    if isinstance(key, str):
        return key
    if key is None or isinstance(key, (bool, int, float)):
        return _PLAIN.encode(key)
    raise SerDesError(f"a dict key must be a string, not {type(key).__name__}")


def _bytes(value: Value) -> str:
    return base64.b64encode(value).decode()


def _batch(value: Value) -> str:
    batch: BatchResult[Value] = value
    # As `to_dict` has it, without the dicts: a large batch is written once for each invocation.
    items = [
        f'{{"t":"m","v":{{"index":{{"t":"i","v":{item.index}}},'
        f'"status":{{"t":"s","v":"{item.status}"}},"result":{_envelope(item.result)},'
        f'"error":{_NOTHING if item.error is None else _envelope(to_wire(item.error))}}}}}'
        for item in batch.all
    ]
    return (
        f'{{"t":"br","v":{{"all":{{"t":"l","v":[{",".join(items)}]}},'
        f'"completionReason":{{"t":"s","v":"{batch.completion_reason.value}"}}}}}}'
    )


_NOTHING: Final = '{"t":"n","v":null}'
_SUBCLASSES: Final[tuple[tuple[type, Callable[[Value], str]], ...]] = (
    (bool, _json("b")),
    (str, _json("s")),
    (int, _json("i")),
    (float, _json("f")),
    (bytes, _text("B", _bytes)),
    (bytearray, _text("B", _bytes)),
    (Decimal, _text("d", str)),
    (datetime, _text("dt", datetime.isoformat)),
    (date, _text("D", date.isoformat)),
    (tuple, _items("t")),
    (list, _items("l")),
    (dict, _mapping),
    (BatchResult, _batch),
)
_WRITERS: Final[dict[type, Callable[[Value], str]]] = {
    **dict(_SUBCLASSES),
    # The commonest ones once more, by the shortest way.
    str: lambda value: '{"t":"s","v":' + _quote(value) + "}",
    bool: lambda value: '{"t":"b","v":true}' if value else '{"t":"b","v":false}',
    int: lambda value: f'{{"t":"i","v":{value}}}',
    type(None): lambda value: _NOTHING,
}


def _open(envelope: dict[str, Value]) -> Value:
    tag, value = envelope["t"], envelope["v"]
    return value if tag in _AS_IT_IS else _READERS[tag](value)


# What is as it is, most of all there is, does without a call.
def _open_mapping(value: Value) -> Value:
    return {
        key: item["v"] if item["t"] in _AS_IT_IS else _open(item) for key, item in value.items()
    }


def _open_list(value: Value) -> Value:
    return [item["v"] if item["t"] in _AS_IT_IS else _open(item) for item in value]


def _open_batch(value: Value) -> Value:
    """The inverse of `_batch`: the members of an item are read without a dict of them."""
    items = [
        batch_item(
            item["index"]["v"],
            item["status"]["v"],
            _open(item["result"]),
            _open(item["error"]),
        )
        for item in (each["v"] for each in value["all"]["v"])
    ]
    return BatchResult(tuple(items), CompletionReason(value["completionReason"]["v"]))


_AS_IT_IS: Final = frozenset({"n", "s", "i", "f", "b"})
_READERS: Final[dict[str, Callable[[Value], Value]]] = {
    "B": base64.b64decode,
    "u": lambda value: import_module("uuid").UUID(value),
    "d": Decimal,
    "dt": datetime.fromisoformat,
    "D": date.fromisoformat,
    "t": lambda value: tuple(map(_open, value)),
    "l": _open_list,
    "m": _open_mapping,
    "br": _open_batch,
}
