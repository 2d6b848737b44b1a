"""Limits, what nobody has settled about the real service, and what a test may want otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class ServicePolicy:
    """The numbers the service works by.

    The limits are those that AWS documents; where it documents none, the defaults are
    those of the official emulator.

    Args:
        invocation_attempts: how many failed invocations in a row end the execution.
        invocation_retry_seconds: the pause after a failed invocation.
        empty_suspensions: how many times in a row a function may answer PENDING with
            nothing pending before that ends the execution; each is invoked again after
            `invocation_retry_seconds`.
        invocation_timeout_seconds: how long one invocation may take; Lambda's limit is 900.
        execution_timeout_seconds: for executions started without one, at most 366 days.
        retention_days: for executions started without one, 1 to 90.
        forgetting: whether executions are forgotten at the end of their retention period.
        deletion_seconds: how long a deleted execution still shows as DELETING.
        idempotency_seconds: how long a repeated ClientToken is recognised.
        chained_invoke_seconds: what a CHAINED_INVOKE calls begins when its caller has
            suspended, or after this long. So histories do not depend on who is faster.
        initial_page_bytes: how much of the recorded operations travels with an invocation;
            the rest is fetched page by page. At least one operation always does.
        max_operations: how many operations an execution may record; one more ends it.
        max_error_bytes: how large the JSON of an update's Error may be.
        max_input_bytes: how large the input of an execution may be.
        max_event_input_bytes: likewise, of one that is started by an Event invocation.
        max_result_bytes: how large the result of an execution may be.
        max_payload_bytes: how large any other payload may be, and what a chained invoke
            hands over in either direction.
    """

    invocation_attempts: int = 5
    invocation_retry_seconds: float = 5.0
    empty_suspensions: int = 3
    invocation_timeout_seconds: int = 900
    execution_timeout_seconds: int = 31_622_400
    retention_days: int = 14
    forgetting: bool = True
    deletion_seconds: float = 1.0
    idempotency_seconds: float = 900.0
    chained_invoke_seconds: float = 0.5
    initial_page_bytes: int = 5 * 1024 * 1024
    max_operations: int = 25_000
    max_error_bytes: int = 32_768
    max_input_bytes: int = 6 * 1024 * 1024
    max_event_input_bytes: int = 1024 * 1024
    max_result_bytes: int = 6 * 1024 * 1024
    max_payload_bytes: int = 1024 * 1024


DEFAULT_POLICY: Final = ServicePolicy()
