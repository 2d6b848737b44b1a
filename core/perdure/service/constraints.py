"""Reading a model from JSON, and saying what is wrong with it in the words of the front end.

A value of the right shape that breaks a rule is a ValidationException with one sentence
for each broken rule; what has not even the shape is a SerializationException.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from ..models.validate import adapter
from .faults import ServiceFault

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

M = TypeVar("M")

# Members that may hold a user's data or a secret: their values are not repeated in a message.
_SENSITIVE: Final = frozenset({"checkpointToken", "callbackId", "payload", "reason"})

_RULES: Final = {
    "string_too_short": "Member must have length greater than or equal to {min_length}",
    "string_too_long": "Member must have length less than or equal to {max_length}",
    "string_pattern_mismatch": "Member must satisfy regular expression pattern: {pattern}",
    "greater_than_equal": "Member must have value greater than or equal to {ge}",
    "less_than_equal": "Member must have value less than or equal to {le}",
    "enum": "Member must satisfy enum value set: [{expected}]",
    "missing": "Member must not be null",
}


def read_model(model: type[M], body: str | bytes) -> M:
    """The model that a JSON text holds; a null member counts as absent.

    Raises:
        ServiceFault: it is not JSON, not of that shape, or breaks a rule.
    """
    from pydantic import ValidationError as Refused

    try:
        return adapter(model).validate_json(body, strict=True)
    except Refused as refused:
        first = refused
    # Nulls are rare, so only a body that was refused is gone through for them.
    try:
        raw = json.loads(body)
    except (ValueError, RecursionError):
        raise ServiceFault("SerializationException", "The body is not JSON") from None
    bare = _without_nulls(raw)
    if bare != raw:
        try:
            return adapter(model).validate_json(json.dumps(bare), strict=True)
        except Refused as refused:
            first = refused
    raise _fault(first.errors(include_url=False)) from None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: _without_nulls(v) for k, v in value.items() if v is not None}  # pyright: ignore[reportUnknownVariableType]  # JSON
    if isinstance(value, list):
        return [_without_nulls(item) for item in value]  # pyright: ignore[reportUnknownVariableType]  # JSON
    return value


def _fault(errors: Sequence[ErrorDetails]) -> ServiceFault:
    sentences: list[str] = []
    for error in errors:
        where = _place(error["loc"])
        rule = _RULES.get(error["type"])
        if rule is None:
            return ServiceFault("SerializationException", f"{where or 'the body'}: {error['msg']}")
        sentences.append(_sentence(where, error, rule))
    count = len(sentences)
    errors_detected = "1 validation error" if count == 1 else f"{count} validation errors"
    return ServiceFault(
        "ValidationException", f"{errors_detected} detected: {'; '.join(sentences)}"
    )


def _sentence(where: str, error: ErrorDetails, rule: str) -> str:
    context: Mapping[str, Any] = error.get("ctx", {})
    if error["type"] == "enum":
        context = {"expected": str(context["expected"]).replace("'", "").replace(" or ", ", ")}
    elif error["type"] == "string_pattern_mismatch":
        context = {"pattern": str(context["pattern"]).removeprefix("^(?:").removesuffix(")$")}
    if error["type"] == "missing":
        shown = "Value null"
    elif where.rpartition(".")[2] in _SENSITIVE:
        shown = "Value"
    else:
        shown = f"Value '{error['input']}'"
    return f"{shown} at '{where}' failed to satisfy constraint: {rule.format(**context)}"


def _place(location: Sequence[int | str]) -> str:
    """Where, in the words of the front end: members in lower camel case, items from 1."""
    return ".".join(
        f"{part + 1}.member" if isinstance(part, int) else part[:1].lower() + part[1:]
        for part in location
    )
