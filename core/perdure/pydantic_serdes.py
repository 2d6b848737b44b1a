"""Results that are pydantic models: recorded as the JSON of the model.

Nothing here imports pydantic before a model is really used. A function whose return
annotation holds a model gets this serdes by itself, where the default one was asked for:
the default could not record a model at all.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, get_args, get_type_hints

from .serdes import TAGGED, SerDes, Value

if TYPE_CHECKING:
    from pydantic import TypeAdapter


class PydanticSerDes:
    """The JSON of a pydantic model, validated on the way back.

    Aliases are written, as validation expects them. A value that is not of the type is
    refused.

    Args:
        model: a model, or any type that pydantic knows: ``list[Order]``, ``Order | None``.
    """

    def __init__(self, model: Any) -> None:
        from pydantic import TypeAdapter

        self._adapter: Final[TypeAdapter[Any]] = TypeAdapter(model)

    def encode(self, value: Value) -> str:
        return self._adapter.dump_json(value, by_alias=True, warnings="error").decode()

    def decode(self, text: str) -> Value:
        return self._adapter.validate_json(text)


_made: Final[dict[object, SerDes]] = {}


def serdes_for(func: Callable[..., Any], serdes: SerDes) -> SerDes:
    """The serdes for the results of a function.

    Args:
        func: its return annotation counts.
        serdes: what was asked for; anything but the default stays.
    """
    # Where pydantic was never imported no annotation can hold a model of it.
    if serdes is not TAGGED or "pydantic" not in sys.modules:
        return serdes
    if getattr(func, "__annotations__", {}).get("return") is None:
        return serdes
    try:
        annotation = get_type_hints(func).get("return")
    except Exception:
        return serdes  # A name that is there for type checkers only.
    if not _holds_model(annotation):
        return serdes
    if annotation not in _made:
        _made[annotation] = PydanticSerDes(annotation)
    return _made[annotation]


def _holds_model(annotation: object) -> bool:
    from pydantic import BaseModel

    if isinstance(annotation, type) and not get_args(annotation):
        return issubclass(annotation, BaseModel)
    return any(_holds_model(each) for each in get_args(annotation))
