"""Strict validation with pydantic, for whatever does not come from the service.

The service role's input, histories, vectors and the command line go through here; a
Lambda handler never does, because importing pydantic costs more than its whole cold start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from ..errors import ValidationError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

M = TypeVar("M")


_adapters: dict[type[Any], TypeAdapter[Any]] = {}


def adapter(model: type[M]) -> TypeAdapter[M]:
    """The TypeAdapter of a wire shape, built once."""
    from pydantic import TypeAdapter

    if model not in _adapters:
        _adapters[model] = TypeAdapter(model)
    return _adapters[model]


def validate_json(model: type[M], text: str | bytes) -> M:
    """Read a wire shape from JSON text, strictly.

    Raises:
        ValidationError: what is wrong and where, one line for each fault.
    """
    from pydantic import ValidationError as Refused

    try:
        return adapter(model).validate_json(text, strict=True)
    except Refused as refused:
        lines = (
            f"{'.'.join(map(str, fault['loc'])) or 'the document'}: {fault['msg']}"
            for fault in refused.errors(include_input=False, include_url=False)
        )
        raise ValidationError("\n".join(lines)) from None


def json_schema(model: type[Any]) -> dict[str, Any]:
    """The JSON Schema of a wire shape, with the member names of the wire."""
    return adapter(model).json_schema(by_alias=True)
