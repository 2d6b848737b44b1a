"""What the body of a step may know about itself."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import LocalProtocolError
from .replay_logging import ContextLogger, running_logger
from .running import running_step


@dataclass(slots=True)
class StepContext:
    """The attempt that is running.

    Args:
        operation_id: the step's id: the same on every attempt and in every run, so it
            serves as an idempotency key for other services.
        name: the step's name.
        attempt: 1 for the first.
    """

    operation_id: str
    name: str | None
    attempt: int

    @property
    def logger(self) -> ContextLogger:
        """The logger of the context around, with the fields of the step that is running."""
        return running_logger()


def step_context() -> StepContext:
    """The step that is running here.

    Raises:
        LocalProtocolError: no step is: it was called outside the body of one.
    """
    running = running_step.get(None)
    if running is None:
        raise LocalProtocolError("step_context() is for the body of a step")
    return running
