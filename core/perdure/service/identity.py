"""Names: ARNs, versions, invocation ids, tokens. All derived, nothing random."""

from __future__ import annotations

import re
from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from .faults import invalid_parameter

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


def executed_version(qualifier: str) -> str:
    """The version that a qualifier leads to. An alias leads to ``$LATEST`` here."""
    return qualifier if _VERSION.fullmatch(qualifier) else "$LATEST"


def invocation_id(arn: str, count: int) -> str:
    """The id of an execution's n-th invocation, in the form of a UUID."""
    digest = sha256(f"{count} {arn}".encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))


def checkpoint_token(sequence: int, invocation: str) -> str:
    """The token that lets one invocation checkpoint once. Opaque to the client.

    The invocation id belongs to one execution alone, and so does the token.
    """
    return b64encode(f"{sequence}.{invocation}".encode()).decode()


_FUNCTION_NAME: Final = re.compile(
    r"(?:arn:[a-zA-Z0-9-]+:lambda:[a-z0-9-]+:)?(?:\d{12}:)?(?:function:)?"
    r"(?P<name>[a-zA-Z0-9_.-]+)(?::(?P<qualifier>[a-zA-Z0-9$._-]+))?",
    re.ASCII,
)


def read_function_name(text: str) -> tuple[str, str | None]:
    """The bare name and the qualifier, if any, of a function's name, partial ARN or ARN.

    Raises:
        ServiceFault: it is none of these.
    """
    match = _FUNCTION_NAME.fullmatch(text)
    if match is None:
        raise invalid_parameter(f"Invalid function name {text!r}")
    return match["name"], match["qualifier"]
