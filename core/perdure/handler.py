"""The durable function as Lambda calls it: what the three runtimes' handlers share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from functools import update_wrapper
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from .errors import DurableError, ValidationError
from .models.invocation import InvocationInput
from .modes import CheckpointingMode
from .state import ExecutionState

if TYPE_CHECKING:
    from .plugins.hooks import PluginFactory
    from .replaying.findings import Findings
    from .replaying.invocation import RecordedInvocation

InvocationEvent = InvocationInput | Mapping[str, Any]
"""What a handler is called with: the event as Lambda decoded it, or as a wire shape."""


class DurableHandler(ABC):
    """A durable function, ready to be a Lambda handler: ``handler(event, lambda_context)``.

    Args:
        func: the user's function of (event, context).
        mode: when its operations wait for durability.
        plugins: what makes the plugins of each invocation.

    Raises:
        ValidationError: `func` is no function, or a plugin no factory.
    """

    runtime: ClassVar[str]
    """``asyncio``, ``trio`` or ``sync``."""

    def __init__(
        self,
        func: Callable[..., Any],
        mode: CheckpointingMode,
        plugins: Iterable[PluginFactory] = (),
    ) -> None:
        if not callable(func):
            raise ValidationError(f"durable_execution decorates a function, not {func!r}")
        self.func: Final = func
        self.mode: Final = mode
        self.plugins: Final = tuple(plugins)
        if self.plugins:
            # Imported at need: most functions have none.
            from .plugins.dispatch import check_factories

            check_factories(self.plugins)
        update_wrapper(self, func)

    @abstractmethod
    def __call__(self, event: Mapping[str, Any], lambda_context: Any) -> dict[str, Any]:
        """Carry out one invocation: Lambda's own synchronous entry point.

        Args:
            event: the invocation event that the durable execution service sends.
            lambda_context: Lambda's context object.

        Returns:
            The answer, as Lambda serialises it.

        Raises:
            ServiceError: the service could not be reached or told us to stop; Lambda
                invokes again.
        """

    def replay(self, recorded: RecordedInvocation, lambda_context: Any = None) -> Findings:
        """Go through a recorded history, and do nothing but that.

        What is recorded returns, and where the history goes on no further the function
        stops. No body of a step runs, nothing is sent. What the function itself does
        outside of its operations it does here too.

        Args:
            recorded: from `perdure.replaying.recorded_invocation`; each is good for once.
            lambda_context: what the function sees as Lambda's context object.

        Returns:
            Whether the function does what it did, and where it does not.
        """
        findings = recorded.findings
        try:
            self(cast("Any", recorded), lambda_context)
        except DurableError as error:
            if findings.agrees:
                findings.fault = error
        return findings

    def report(
        self, state: ExecutionState, lambda_context: object, clock: Callable[[], float]
    ) -> None:
        """Have an invocation, all pages loaded, reported to new plugins, if there are any.

        One that only replays is not reported.

        Args:
            state: the invocation.
            lambda_context: Lambda's context object.
            clock: tells the time, UNIX seconds.
        """
        if self.plugins and state.comparison is None:
            from .plugins.watch import Watch

            request_id: str | None = getattr(lambda_context, "aws_request_id", None)
            state.watch = Watch(self.plugins, state, request_id, clock)

    def __repr__(self) -> str:
        return f"<durable {self.runtime} function {getattr(self.func, '__qualname__', self.func)}>"


def invocation_deadline(lambda_context: object, now: float) -> float | None:
    """When Lambda ends this invocation, in UNIX seconds; None where it does not say."""
    remaining: Callable[[], float] | None
    remaining = getattr(lambda_context, "get_remaining_time_in_millis", None)
    return None if remaining is None else now + remaining() / 1000


def no_client(event: InvocationEvent) -> Any:
    """For a replay, a client that refuses; None for an invocation, which needs a real one.

    So a replay needs no endpoint, no region and no credentials.
    """
    if isinstance(event, InvocationInput):
        # Imported here, for an event of Lambda has no use for it, nor for the service role.
        from .replaying.invocation import NO_SERVICE, RecordedInvocation

        if isinstance(event, RecordedInvocation):
            return NO_SERVICE
    return None
