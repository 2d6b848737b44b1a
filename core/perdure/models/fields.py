"""What a field of the wire may hold, said once as an annotation.

``Annotated[str, Text(...)]`` costs nothing at run time. pydantic reads the rule when
a TypeAdapter is built over a model, so validation and the JSON Schemas come from the
same line; this module never imports pydantic before that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

_KNOWN_NAMES: Final = {
    "kms_key_arn": "KMSKeyArn",
    "lower_message": "message",
    "type_": "Type",
}


def wire_name(field: str) -> str:
    """The member name on the wire of a model's field: ``parent_id`` is ``ParentId``."""
    known = _KNOWN_NAMES.get(field)
    return known or "".join(part.capitalize() for part in field.split("_"))


class WireModel:
    """Base of every wire shape.

    It adds pydantic's settings (read only when a TypeAdapter is built: wire names,
    unknown members ignored) and a repr that names the class and its harmless fields.
    Tokens, payloads and errors never show in a repr, so that a log line or a traceback
    cannot leak them.
    """

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, object]] = {
        "alias_generator": wire_name,
        "extra": "ignore",
        "populate_by_name": True,
    }
    SHOWN: ClassVar[tuple[str, ...]] = ("id", "type", "name", "status", "action")

    def __repr__(self) -> str:
        shown = ", ".join(
            f"{name}={getattr(self, name)!s}"
            for name in self.SHOWN
            if getattr(self, name, None) is not None
        )
        return f"{type(self).__name__}({shown})"


@dataclass(frozen=True, slots=True)
class Text:
    """A string of bounded length, optionally of one pattern (matched whole)."""

    min_length: int = 0
    max_length: int | None = None
    pattern: str | None = None

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.str_schema(
            strict=True,
            min_length=self.min_length,
            max_length=self.max_length,
            pattern=None if self.pattern is None else f"^(?:{self.pattern})$",
        )


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two bounds, both allowed."""

    at_least: int
    at_most: int

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.int_schema(strict=True, ge=self.at_least, le=self.at_most)


class _Instant:
    """Marks a timestamp, so that pydantic reads every encoding of it."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(timestamp)

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {"anyOf": [{"type": "number"}, {"type": "string", "format": "date-time"}]}


Timestamp = Annotated[float, _Instant()]
"""An instant: UNIX seconds, whatever the wire said (see `timestamp`)."""

# Seconds reach this number in the year 5138; milliseconds had passed it in 1973.
MILLISECONDS_FROM: Final = 100_000_000_000

# Milliseconds reach this number in the year 33658. NaN and infinity are not below it either.
_NO_TIMESTAMP_FROM: Final = 1_000_000_000_000_000


def timestamp(value: Any) -> float:
    """Read one instant as UNIX seconds.

    Args:
        value: epoch seconds (API responses), epoch milliseconds (the invocation
            event), an ISO-8601 text with or without ``Z``, or a datetime (boto3).
            A text or datetime without a zone is UTC.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not abs(value) < _NO_TIMESTAMP_FROM:
            raise ValueError("not a timestamp: beyond all calendars")
        return value / 1000 if value >= MILLISECONDS_FROM else float(value)
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()
    raise ValueError(f"not a timestamp: {type(value).__name__}")


MAX_DELAY_SECONDS: Final = 31_622_400
"""The longest wait, retry delay and execution: 366 days."""

MAX_PAYLOAD_CHARACTERS: Final = 6_291_456

ARN_PATTERN: Final = (
    r"arn:([a-zA-Z0-9-]+):lambda:([a-zA-Z0-9-]+):([0-9]{12}):function:([a-zA-Z0-9_-]+):"
    r"(\$LATEST(?:\.PUBLISHED)?|[0-9]+)/durable-execution/([a-zA-Z0-9_-]+)/([a-zA-Z0-9_-]+)"
)

ExecutionArnText = Annotated[str, Text(1, 1024, ARN_PATTERN)]
Token = Annotated[str, Text(1, 2048, r"[A-Za-z0-9+/]+={0,2}")]
CallbackId = Annotated[str, Text(1, 1024, r"[A-Za-z0-9+/]+={0,2}")]
ClientToken = Annotated[str, Text(1, 64, r"[\x21-\x7E]+")]
OperationId = Annotated[str, Text(1, 64, r"[a-zA-Z0-9\-_]+")]
OperationName = Annotated[str, Text(1, 256, r"[\x20-\x7E]+")]
SubType = Annotated[str, Text(1, 32, r"[a-zA-Z0-9\-_]+")]
ExecutionName = Annotated[str, Text(1, 64, r"[a-zA-Z0-9\-_]+")]
TENANT_PATTERN: Final = r"[a-zA-Z0-9\._:\/=+\-@ ]+"
TenantId = Annotated[str, Text(1, 256, TENANT_PATTERN)]
FunctionName = Annotated[str, Text(1, 256)]
TraceId = Annotated[str, Text(0, 8192)]
Payload = Annotated[str, Text(0, MAX_PAYLOAD_CHARACTERS)]
DelaySeconds = Annotated[int, Whole(1, MAX_DELAY_SECONDS)]
TimeoutSeconds = Annotated[int, Whole(0, 99_999_999)]
PauseReason = Annotated[str, Text(0, 1024)]
PageSize = Annotated[int, Whole(0, 1000)]
