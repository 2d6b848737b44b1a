"""Names: ARNs, versions, ids of invocations and callbacks, tokens. All derived, nothing random."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ..models.encode import compact
from .faults import invalid_parameter
from .origin import Caller

_VERSION: Final = re.compile(r"\$LATEST\.PUBLISHED|[0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Region:
    """Where the service is."""

    account: str
    region: str
    partition: str

    def function_arn(self, function_name: str, version: str) -> str:
        """The ARN of a function, qualified by a version."""
        return (
            f"arn:{self.partition}:lambda:{self.region}:{self.account}:"
            f"function:{function_name}:{version}"
        )


def function_of(arn: str) -> str:
    """The bare name of the function in the ARN of an execution."""
    return arn.split(":", 7)[6]


def executed_version(qualifier: str) -> str:
    """The version that a qualifier leads to. An alias leads to ``$LATEST`` here."""
    return qualifier if _VERSION.fullmatch(qualifier) else "$LATEST"


def invocation_id(arn: str, count: int) -> str:
    """The id of an execution's n-th invocation, in the form of a UUID."""
    return _as_uuid(f"{count} {arn}")


def _as_uuid(text: str) -> str:
    digest = sha256(text.encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))


def checkpoint_token(sequence: int, invocation: str) -> str:
    """The token that lets one invocation checkpoint once. Opaque to the client.

    The invocation id belongs to one execution alone, and so does the token.
    """
    return b64encode(f"{sequence}.{invocation}".encode()).decode()


_FUNCTION_NAME: Final = re.compile(
    r"(?:arn:[a-zA-Z0-9-]+:lambda:(?P<region>[a-z0-9-]+):(?=\d{12}:function:)|(?!arn:))"
    r"(?:(?P<account>\d{12}):)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9_.-]+)(?::(?P<qualifier>[a-zA-Z0-9$._-]+))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class FunctionReference:
    """A function as somebody named it: by name, partial ARN or ARN, maybe qualified."""

    name: str
    qualifier: str | None
    account: str | None
    region: str | None


def find_reference(text: str) -> FunctionReference | None:
    """Take the name of a function apart; None if it is not one."""
    match = _FUNCTION_NAME.fullmatch(text)
    if match is None:
        return None
    return FunctionReference(match["name"], match["qualifier"], match["account"], match["region"])


def read_function_name(text: str) -> tuple[str, str | None]:
    """The bare name and the qualifier, if any, of a function's name, partial ARN or ARN.

    Raises:
        ServiceFault: it is none of these.
    """
    reference = find_reference(text)
    if reference is None:
        raise invalid_parameter(f"Invalid function name {text!r}")
    return reference.name, reference.qualifier


def derived_id(arn: str, operation_id: str) -> str:
    """The id of what a CHAINED_INVOKE starts, in the form of a UUID. Always the same one."""
    return _as_uuid(f"{operation_id} of {arn}")


def callback_id(arn: str, operation_id: str) -> str:
    """The id that outsiders answer a callback with. Opaque to them."""
    return b64encode(compact([arn, operation_id]).encode()).decode()


def read_callback_id(text: str) -> Caller:
    """Which operation a callback id is of; whether it exists is another question.

    Raises:
        ServiceFault: this service never gave out such an id.
    """
    try:
        match json.loads(b64decode(text, validate=True)):
            case [str(arn), str(operation_id)]:
                return Caller(arn, operation_id)
            case _:
                pass
    except (ValueError, RecursionError):
        pass
    raise invalid_parameter("Invalid callback ID")
