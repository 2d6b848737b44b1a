"""The operations of an execution as a tree, told by its history. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_ENDS: Final = {
    "Succeeded": "SUCCEEDED",
    "Failed": "FAILED",
    "TimedOut": "TIMED_OUT",
    "Stopped": "STOPPED",
    "Cancelled": "CANCELLED",
}
_KINDS: Final = {
    "Context": "CONTEXT",
    "Step": "STEP",
    "Wait": "WAIT",
    "Callback": "CALLBACK",
    "ChainedInvoke": "CHAINED_INVOKE",
}


@dataclass(slots=True)
class Node:
    """One operation.

    Args:
        id: of the operation.
        kind: its type, such as ``STEP``.
        began: when, UNIX seconds.
        name: if it has one.
        sub_type: likewise.
        status: as the service would show it; ``PENDING`` between two attempts.
        ended: when; None while it is open.
        attempts: of a step, those that ended.
        next_attempt: when the next one is due, UNIX seconds.
        callback_id: of a callback.
        error: what it ended with, or its last attempt did.
        children: in the order they began.
    """

    id: str
    kind: str
    began: float
    name: str | None = None
    sub_type: str | None = None
    status: str = "STARTED"
    ended: float | None = None
    attempts: int = 0
    next_attempt: float | None = None
    callback_id: str | None = None
    error: Mapping[str, Any] | None = None
    children: list[Node] = field(default_factory=list["Node"])

    @property
    def label(self) -> str:
        """What a person calls it."""
        return self.name or self.sub_type or self.kind

    def to_json(self) -> dict[str, Any]:
        """For programs; members that are not set are left out."""
        members = {
            "Id": self.id,
            "Type": self.kind,
            "SubType": self.sub_type,
            "Name": self.name,
            "Status": self.status,
            "StartTimestamp": self.began,
            "EndTimestamp": self.ended,
            "DurationSeconds": None if self.ended is None else self.ended - self.began,
            "Attempt": self.attempts or None,
            "NextAttemptTimestamp": self.next_attempt,
            "CallbackId": self.callback_id,
            "Error": self.error,
            "Operations": [child.to_json() for child in self.children] or None,
        }
        return {name: value for name, value in members.items() if value is not None}


def operation_tree(events: Iterable[Mapping[str, Any]]) -> list[Node]:
    """The operations without a parent, each with its children.

    Args:
        events: of GetDurableExecutionHistory, as on the wire, in their order.
    """
    nodes: dict[str, Node] = {}
    roots: list[Node] = []
    for event in events:
        kind, end = _split(event["EventType"])
        if kind is None:
            continue
        node = nodes.get(event["Id"])
        if node is None:
            node = nodes[event["Id"]] = Node(
                event["Id"],
                kind,
                event["EventTimestamp"],
                event.get("Name"),
                event.get("SubType"),
            )
            parent = nodes.get(event.get("ParentId", ""))
            (roots if parent is None else parent.children).append(node)
        _apply(node, end, event)
    return roots


def _split(event_type: str) -> tuple[str | None, str]:
    """``StepFailed`` is (``STEP``, ``Failed``); what is of no operation has no kind."""
    for prefix, kind in _KINDS.items():
        if event_type.startswith(prefix):
            return kind, event_type.removeprefix(prefix)
    return None, ""


def _apply(node: Node, end: str, event: Mapping[str, Any]) -> None:
    details: Mapping[str, Any] = event.get(f"{event['EventType']}Details") or {}
    node.callback_id = details.get("CallbackId", node.callback_id)
    node.next_attempt = None
    if end not in _ENDS:
        node.status = "STARTED"
        return
    retry: Mapping[str, Any] = details.get("RetryDetails") or {}
    node.attempts = retry.get("CurrentAttempt", node.attempts)
    error: Mapping[str, Any] = details.get("Error") or {}
    node.error = error.get("Payload")
    delay = retry.get("NextAttemptDelaySeconds")
    if delay:
        node.status = "PENDING"
        node.next_attempt = event["EventTimestamp"] + delay
    else:
        node.status = _ENDS[end]
        node.ended = event["EventTimestamp"]
