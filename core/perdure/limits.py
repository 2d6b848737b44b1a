"""Sizes and counts that this side keeps to. Bytes are bytes of UTF-8, never characters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .models.enums import OperationType as T

MAX_PAYLOAD_BYTES: Final[Mapping[T, int]] = {
    T.EXECUTION: 6_291_456,
    T.CONTEXT: 1_048_576,
    T.STEP: 1_048_576,
    T.WAIT: 1_048_576,
    T.CALLBACK: 1_048_576,
    T.CHAINED_INVOKE: 1_048_576,
}
"""The largest payload that the service records, by type of operation."""

MAX_ERROR_BYTES: Final = 32_768
"""The largest error object, as JSON. A longer one is shortened, see `fit_error`."""

MAX_OUTPUT_BYTES: Final = 6_291_456 - 50
"""The largest answer of a function; a longer result travels by checkpoint instead."""

MAX_RESPONSE_BYTES: Final = 16 * 1_048_576
"""The largest answer of the service that is read."""

MAX_CONTEXT_RESULT_BYTES: Final = 262_144
"""The largest result of a context that is recorded whole. A larger one is made again on
replay, by running the body over its recorded children."""

MAX_BATCH_BYTES: Final = 750 * 1024
MAX_BATCH_UPDATES: Final = 250
LINGER_SECONDS: Final = 0.1
"""How long an update that nobody waits for may stay unsent."""
