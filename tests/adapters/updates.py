"""Updates by hand, for those who drive an open execution themselves."""

from __future__ import annotations

from perdure.models.enums import OperationAction, OperationType
from perdure.models.update import OperationUpdate


def start(name: str) -> OperationUpdate:
    """START of a step; its name is its id, too."""
    return _step(name, OperationAction.START)


def succeed(name: str, payload: str = "1") -> OperationUpdate:
    """The end of a step."""
    return _step(name, OperationAction.SUCCEED, payload)


def _step(name: str, action: OperationAction, payload: str | None = None) -> OperationUpdate:
    return OperationUpdate(
        name, OperationType.STEP, action, name=name, sub_type="Step", payload=payload
    )
