"""The functions that the service knows: which exist, and which of them are durable."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, ClassVar, Final, cast

from ..errors import ValidationError
from ..models.encode import compact
from ..models.executions import DurableConfig
from ..models.fields import WireModel
from ..models.validate import validate_json


@dataclass(frozen=True, slots=True, repr=False)
class FunctionConfig(WireModel):
    """One function, as Lambda describes it. Without a DurableConfig it is a plain one."""

    SHOWN: ClassVar = ("durable_config",)

    durable_config: DurableConfig | None = None


DURABLE: Final = FunctionConfig(DurableConfig())
"""A durable function; timeout and retention of its executions are the policy's."""

PLAIN: Final = FunctionConfig()
"""A function that is not durable."""


def read_function_configs(text: str | bytes) -> dict[str, FunctionConfig]:
    """Read ``{"name": {"DurableConfig": {…}}, "plain": {}}``.

    Raises:
        ValidationError: it is not of that form; the message names the function.
    """
    try:
        raw: Any = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValidationError(f"the functions are not JSON: {error}") from None
    if not isinstance(raw, dict):
        raise ValidationError("the functions are no JSON object")
    configs: dict[str, FunctionConfig] = {}
    for name, config in cast("dict[str, Any]", raw).items():
        try:
            configs[name] = validate_json(FunctionConfig, compact(config))
        except ValidationError as error:
            raise ValidationError(f"function {name}: {error}") from None
    return configs
