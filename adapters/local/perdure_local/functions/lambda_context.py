"""The second argument of a Lambda handler, with the attributes that Lambda gives it."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LambdaContext:
    """What a function may know about its invocation.

    Args:
        function_name: the name it was invoked under.
        invoked_function_arn: its ARN, with the qualifier it was invoked with.
        aws_request_id: of this invocation; a repeated one gets a new id.
        tenant_id: of the tenant it runs for, if the caller named one.
        seconds_left: until the invocation times out, counted from now.
        clock: what the seconds are counted by.
    """

    function_name: str
    invoked_function_arn: str
    aws_request_id: str
    seconds_left: float
    tenant_id: str | None = None
    function_version: str = "$LATEST"
    memory_limit_in_mb: str = "128"
    client_context: None = None
    identity: None = None
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    _born: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_born", self.clock())

    @property
    def log_group_name(self) -> str:
        """The log group of the function. Nothing is written there."""
        return f"/aws/lambda/{self.function_name}"

    @property
    def log_stream_name(self) -> str:
        """A log stream's name of the usual form. Nothing is written there."""
        return f"local/[{self.function_version}]{self.aws_request_id.replace('-', '')}"

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until this invocation times out; never below zero."""
        left = self.seconds_left - (self.clock() - self._born)
        return max(0, int(left * 1000))

    def log(self, message: str) -> None:
        """Write to standard output, as Lambda's own does."""
        sys.stdout.write(str(message))
