"""The name of an execution: ``arn:…:function:F:V/durable-execution/NAME/ID``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from .errors import ValidationError

_PARTS: Final = (
    ("partition", r"[a-zA-Z0-9-]+"),
    ("service", r"lambda"),
    ("region", r"[a-zA-Z0-9-]+"),
    ("account", r"[0-9]{12}"),
    ("kind", r"function"),
    ("function", r"[a-zA-Z0-9_-]+"),
)
_QUALIFIER: Final = r"\$LATEST(?:\.PUBLISHED)?|[0-9]+"
_WORD: Final = r"[a-zA-Z0-9_-]+"


@dataclass(frozen=True, slots=True)
class ExecutionArn:
    """The parts of an execution's ARN. `qualifier` is a resolved version, never an alias."""

    partition: str
    region: str
    account: str
    function: str
    qualifier: str
    name: str
    id: str

    def __str__(self) -> str:
        return (
            f"arn:{self.partition}:lambda:{self.region}:{self.account}:function:{self.function}:"
            f"{self.qualifier}/durable-execution/{self.name}/{self.id}"
        )

    @property
    def function_arn(self) -> str:
        """The ARN of the function version that this execution runs on."""
        return str(self).partition("/")[0]


def parse_execution_arn(text: str) -> ExecutionArn:
    """Take an ARN apart.

    Raises:
        ValidationError: it is not the ARN of a durable execution; the message names the
            first part that is wrong.
    """
    function_arn, *path = text.split("/")
    prefix, *parts = function_arn.split(":")
    if prefix != "arn" or len(parts) != len(_PARTS) + 1:
        raise ValidationError(f"not the ARN of a durable execution: {text!r}")
    for (name, pattern), value in zip(_PARTS, parts, strict=False):
        _demand(name, pattern, value, text)
    _demand("qualifier", _QUALIFIER, parts[-1], text)
    if len(path) != 3 or path[0] != "durable-execution":
        raise ValidationError(f"the ARN must end in /durable-execution/NAME/ID: {text!r}")
    _demand("execution name", _WORD, path[1], text)
    _demand("execution id", _WORD, path[2], text)
    return ExecutionArn(parts[0], parts[2], parts[3], parts[5], parts[6], path[1], path[2])


def _demand(name: str, pattern: str, value: str, text: str) -> None:
    if not re.fullmatch(pattern, value):
        raise ValidationError(f"wrong {name} {value!r} in the ARN {text!r}")
