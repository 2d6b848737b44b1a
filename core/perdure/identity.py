"""Is the recorded operation the one that the function asks for now?"""

from __future__ import annotations

from .errors import ReplayError
from .models.enums import OperationType
from .models.operation import Operation


def identity_of(operation: Operation) -> dict[str, str | None]:
    """What is compared of a recorded operation, as a `ReplayError` shows it."""
    return {
        "type": str(operation.type),
        "subtype": operation.sub_type,
        "name": operation.name or None,
        "parent": operation.parent_id,
    }


def where_of(parent_id: str | None) -> str:
    """The context of an operation, for a message."""
    return "the root context" if parent_id is None else f"context {parent_id}"


def is_same(
    operation: Operation, type: OperationType, sub_type: str, name: str | None, parent: str | None
) -> bool:
    """Whether type, subtype, name and parent of a recorded operation are those of the call."""
    return (
        operation.type == type
        and operation.sub_type == sub_type
        and (operation.name or None) == name
        and operation.parent_id == parent
    )


def check_identity(
    operation: Operation,
    *,
    type: OperationType,
    sub_type: str,
    name: str | None,
    parent_id: str | None,
) -> None:
    """Refuse a call that is not the recorded one.

    Raises:
        ReplayError: they differ, so the function is not the one that made this history.
    """
    if is_same(operation, type, sub_type, name, parent_id):
        return
    raise ReplayError(
        operation.id,
        identity_of(operation),
        {"type": str(type), "subtype": sub_type, "name": name, "parent": parent_id},
        where_of(parent_id),
    )
