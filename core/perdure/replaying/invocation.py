"""The invocation that replays: a record instead of a conversation with the service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

from ..errors import LocalProtocolError
from ..models.invocation import InvocationInput

if TYPE_CHECKING:
    from .findings import Findings
    from .recorded_end import RecordedEnd


def _findings() -> Findings:
    from .findings import Findings

    return Findings()


@dataclass(frozen=True, slots=True, repr=False)
class RecordedInvocation(InvocationInput):
    """Call a handler with it, once, in place of the event of Lambda.

    Args:
        end: how the execution ended, if it did.
        findings: look at them when the handler has returned, or raised.
    """

    end: RecordedEnd | None = None
    findings: Findings = field(default_factory=_findings)


class NoService:
    """The service of a replay, on every runtime: there is none, and nobody asks it."""

    def checkpoint(self, request: object) -> NoReturn:
        """Refuse."""
        raise LocalProtocolError("a replay has nothing to send")

    get_operations = checkpoint


NO_SERVICE: Final = NoService()
