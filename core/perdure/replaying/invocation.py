"""The invocation that replays: a record instead of a conversation with the service."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn

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


_NO_SERVICE: Final = NoService()


def no_client(event: object) -> Any:
    """For a replay, a client that refuses; None for an invocation, which needs a real one.

    So a replay needs no endpoint, no region and no credentials.
    """
    return _NO_SERVICE if isinstance(event, RecordedInvocation) else None
