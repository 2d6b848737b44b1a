"""Between values and recorded text, in an invocation that a serdes can end."""

from __future__ import annotations

from .. import serdes as codec
from ..errors import RetryableSerDesError
from ..read_back import read_back
from ..serdes import SerDes, Value
from ..state import ExecutionState


def encode(state: ExecutionState, serdes: SerDes, value: Value) -> str:
    """Encode with any serdes.

    Raises:
        SerDesError: it cannot; the operation fails.
        RetryableSerDesError: it cannot now; the invocation is to be repeated.
    """
    try:
        return codec.encode(serdes, value)
    except RetryableSerDesError as error:
        state.fail(error)
        raise


def decode(state: ExecutionState, serdes: SerDes, text: str | None) -> Value:
    """Decode with any serdes; what was recorded without a payload is None.

    Raises:
        SerDesError: it cannot.
        RetryableSerDesError: it cannot now; the invocation is to be repeated.
    """
    try:
        return codec.decode(serdes, text)
    except RetryableSerDesError as error:
        # A function that swallows it must not go on as if it had read the record.
        state.fail(error)
        raise


def record(state: ExecutionState, serdes: SerDes, value: Value) -> tuple[str, Value]:
    """Encode with any serdes, and say what a replay will read.

    Raises:
        SerDesError: it cannot be written, or what was written not be read.
        RetryableSerDesError: it cannot now; the invocation is to be repeated.
    """
    try:
        text = codec.encode(serdes, value)
        return text, read_back(serdes, value, text)
    except RetryableSerDesError as error:
        state.fail(error)
        raise
