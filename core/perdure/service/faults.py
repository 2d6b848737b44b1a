"""How the service refuses: one table of codes, one exception."""

from __future__ import annotations

from typing import Final

from ..errors import DurableError
from ..models.encode import compact, to_wire
from ..models.executions import ErrorBody

_LOWER: Final = "message"
_CAPITAL: Final = "Message"

FAULTS: Final[dict[str, tuple[int, str]]] = {
    "CallbackTimeoutException": (400, _CAPITAL),
    "DurableExecutionAlreadyStartedException": (409, _CAPITAL),
    "IncompleteSignatureException": (403, _LOWER),
    "InvalidParameterValueException": (400, _LOWER),
    "InvalidRequestContentException": (400, _LOWER),
    "InvalidSignatureException": (403, _LOWER),
    "KMSAccessDeniedException": (502, _CAPITAL),
    "KMSDisabledException": (502, _CAPITAL),
    "KMSInvalidStateException": (502, _CAPITAL),
    "KMSNotFoundException": (502, _CAPITAL),
    "MissingAuthenticationTokenException": (403, _LOWER),
    "RequestTooLargeException": (413, _LOWER),
    "ResourceConflictException": (409, _LOWER),
    "ResourceNotFoundException": (404, _CAPITAL),
    "SerializationException": (400, _CAPITAL),
    "ServiceException": (500, _CAPITAL),
    "TooManyRequestsException": (429, _LOWER),
    "UnrecognizedClientException": (403, _LOWER),
    "ValidationException": (400, _LOWER),
}
"""Error code: (HTTP status, how the body spells its message member)."""

# The front end's own refusals know nothing of Lambda's error shapes.
_WITHOUT_TYPE: Final = frozenset(
    {
        "IncompleteSignatureException",
        "InvalidSignatureException",
        "MissingAuthenticationTokenException",
        "SerializationException",
        "UnrecognizedClientException",
        "ValidationException",
    }
)


class ServiceFault(DurableError):
    """The service refuses a request. Nothing has changed.

    Args:
        code: one of `FAULTS`; it is also the value of the header ``x-amzn-errortype``.
        message: what the client reads. Clients compare some of them to the letter.
        reason: of TooManyRequestsException only.
        retry_after: seconds, for the header ``Retry-After``.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        reason: str | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code: Final = code
        self.message: Final = message
        self.status: Final = FAULTS[code][0]
        self.reason: Final = reason
        self.retry_after: Final = retry_after

    def to_body(self) -> bytes:
        """The JSON body of the answer, with the message spelled as this code spells it."""
        kind = None if self.code in _WITHOUT_TYPE else self.code
        if FAULTS[self.code][1] == _LOWER:
            body = ErrorBody(kind, None, self.message, self.reason)
        else:
            body = ErrorBody(kind, self.message, None, self.reason)
        return compact(to_wire(body)).encode()

    def headers(self) -> tuple[tuple[str, str], ...]:
        """The headers of the answer that depend on the fault. The body is JSON."""
        headers = (("content-type", "application/json"), ("x-amzn-errortype", self.code))
        if self.retry_after is None:
            return headers
        return (*headers, ("retry-after", str(self.retry_after)))


def invalid_parameter(message: str) -> ServiceFault:
    """An argument that the model allows, and the state of things does not."""
    return ServiceFault("InvalidParameterValueException", message)


def invalid_token() -> ServiceFault:
    """Every checkpoint token but the current one gets this. Clients know it by its text."""
    return invalid_parameter("Invalid checkpoint token")


def invalid_marker() -> ServiceFault:
    """A marker that this service did not give out, or not for this."""
    return invalid_parameter("Invalid marker")


def unknown_execution() -> ServiceFault:
    """No execution has this ARN. Calls that carry a token get `invalid_token` instead."""
    return ServiceFault("ResourceNotFoundException", "Durable Execution does not exist")
