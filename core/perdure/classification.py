"""What a refused request means: send it again, fail the invocation, or fail the execution.

Getting a row wrong kills executions that would have recovered, or repeats for ever what
cannot be mended, so the rule is one table, read from the top; the first row that fits
decides. `spec/tables/error_classes.json` is the same table for other languages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .errors import Scope, ServiceError


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """One row. An empty condition fits everything.

    Args:
        name: what the row is called in the specification.
        code: the error code; a ``*`` at the end fits any continuation.
        status: the lowest and highest HTTP status.
        message: how the message begins, compared without regard to case.
        retryable: the same request may be sent again.
        scope: what becomes of the invocation when it is not, or no longer, sent again.
    """

    name: str
    code: str | None
    status: tuple[int, int] | None
    message: str | None
    retryable: bool
    scope: Scope

    def fits(self, status: int, code: str | None, message: str) -> bool:
        """Whether this row decides about an answer."""
        if self.code is not None:
            wanted, got = self.code, code or ""
            if not (got.startswith(wanted[:-1]) if wanted.endswith("*") else got == wanted):
                return False
        if self.status is not None and not self.status[0] <= status <= self.status[1]:
            return False
        return self.message is None or message.lower().startswith(self.message)


_CLIENT: Final = (400, 499)

ERROR_CLASSES: Final = (
    # A key that is gone or forbidden stays so, although the status says bad gateway.
    ErrorClass("kms", "KMS*", None, None, False, Scope.EXECUTION),
    # A stale token belongs to this invocation only; the next one gets a fresh token.
    ErrorClass(
        "stale-token",
        "InvalidParameterValueException",
        _CLIENT,
        "invalid checkpoint token",
        False,
        Scope.INVOCATION,
    ),
    ErrorClass("throttled", None, (429, 429), None, True, Scope.INVOCATION),
    ErrorClass("throttled-code", "TooManyRequests*", None, None, True, Scope.INVOCATION),
    ErrorClass("throttling-code", "Throttl*", None, None, True, Scope.INVOCATION),
    ErrorClass("request-timeout", None, (408, 408), None, True, Scope.INVOCATION),
    # Expired credentials are this sandbox's trouble, not the execution's.
    ErrorClass("expired-credentials", "ExpiredToken*", _CLIENT, None, False, Scope.INVOCATION),
    ErrorClass("refused", None, _CLIENT, None, False, Scope.EXECUTION),
    ErrorClass("service-fault", None, (500, 599), None, True, Scope.INVOCATION),
    # Redirects and other answers that this API never gives: something stands in between.
    ErrorClass("unexpected-status", None, None, None, True, Scope.INVOCATION),
)


def error_class(status: int, code: str | None, message: str) -> ErrorClass:
    """The row that decides about an answer."""
    return next(row for row in ERROR_CLASSES if row.fits(status, code, message))


def classify(
    status: int, code: str | None, message: str, retry_after: float | None = None
) -> ServiceError:
    """Turn an answer that is no success into the error to give to `request_failed`.

    Args:
        status: the HTTP status.
        code: the error code, from the header or the body; None where there is none.
        message: what the service said.
        retry_after: the pause it asked for, in seconds.
    """
    row = error_class(status, code, message)
    return ServiceError(
        message or f"HTTP status {status}",
        code=code,
        status=status,
        retryable=row.retryable,
        scope=row.scope,
        retry_after=retry_after,
    )
