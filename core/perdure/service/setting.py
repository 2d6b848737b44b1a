"""What all executions of one service have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .functions import FunctionConfig
from .identity import Region
from .policy import ServicePolicy


@dataclass(frozen=True, slots=True)
class Setting:
    """Where the service is, what it works by, and which functions there are.

    Args:
        region: where.
        policy: limits, retries and defaults.
        functions: by bare name; whoever holds the mapping may add to it.
    """

    region: Region
    policy: ServicePolicy
    functions: Mapping[str, FunctionConfig]

    def durations(self, config: FunctionConfig | None) -> tuple[int, int]:
        """The timeout (seconds) and retention (days) of an execution that names neither."""
        durable = None if config is None else config.durable_config
        seconds = None if durable is None else durable.execution_timeout
        days = None if durable is None else durable.retention_period_in_days
        return (
            self.policy.execution_timeout_seconds if seconds is None else seconds,
            self.policy.retention_days if days is None else days,
        )
