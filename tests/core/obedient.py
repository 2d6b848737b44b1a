"""A service that does what it is told and nothing else: updates in, operations out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

Wire = dict[str, Any]

_ENDED: Final = {"SUCCEED": "SUCCEEDED", "FAIL": "FAILED"}
_DUE: Final = {"WAIT STARTED": "SUCCEEDED", "STEP PENDING": "READY"}


class Obedient:
    """What is recorded of one execution.

    Args:
        recorded: the operations so far, on the wire.
        lag: how many seconds late what falls due is reported.
    """

    def __init__(self, recorded: Sequence[Wire] = (), lag: float = 0.0) -> None:
        self.operations: Final[dict[str, Wire]] = {each["Id"]: each for each in recorded}
        self.lag: Final = lag

    def apply(self, updates: Sequence[Mapping[str, Any]], now: float) -> list[Wire]:
        """Record updates; the operations that have changed."""
        changed: dict[str, Wire] = {}
        for update in updates:
            if update["Type"] != "EXECUTION":
                changed[update["Id"]] = self.record(_obey(self._known(update), update, now))
        return list(changed.values())

    def record(self, operation: Wire) -> Wire:
        """Record an operation as it is."""
        self.operations[operation["Id"]] = operation
        return operation

    def fall_due(self, now: float) -> list[Wire]:
        """Move what has fallen due until now; the operations that have changed."""
        return [
            self.record({**each, "Status": _DUE[f"{each['Type']} {each['Status']}"]})
            for each in tuple(self.operations.values())
            if _due_at(each) + self.lag <= now
        ]

    def later(self) -> list[Wire]:
        """What the next invocation finds recorded, once everything pending fell due.

        What lies below a finished context is not sent, unless it asked for that.
        """
        found: dict[str, Wire] = {}
        for each in self.operations.values():
            parent = self.operations.get(each.get("ParentId", ""))
            if parent is None or (parent["Id"] in found and _shows_children(parent)):
                status = _DUE.get(f"{each['Type']} {each['Status']}", each["Status"])
                found[each["Id"]] = {**each, "Status": status}
        return list(found.values())

    def _known(self, update: Mapping[str, Any]) -> Wire:
        return self.operations.get(update["Id"], {})


def _due_at(operation: Wire) -> float:
    never = float("inf")
    match operation["Type"], operation["Status"]:
        case "WAIT", "STARTED":
            return float(operation["WaitDetails"].get("ScheduledEndTimestamp", never))
        case "STEP", "PENDING":
            return float(operation["StepDetails"].get("NextAttemptTimestamp", never))
        case _:
            return never


def _shows_children(operation: Wire) -> bool:
    if operation["Status"] == "STARTED":
        return True
    return bool(operation["ContextDetails"].get("ReplayChildren"))


def _obey(known: Wire, update: Mapping[str, Any], now: float) -> Wire:
    kept = ("Id", "Type", "SubType", "Name", "ParentId")
    operation: Wire = {name: update[name] for name in kept if name in update}
    operation["StartTimestamp"] = now
    result = {name: update[key] for name, key in _RESULT if key in update}
    action = update["Action"]
    status = _ENDED.get(action, "STARTED")
    attempt = known.get("StepDetails", {}).get("Attempt", 0)
    match update["Type"], action:
        case "WAIT", "START":
            end = now + update["WaitOptions"]["WaitSeconds"]
            operation["WaitDetails"] = {"ScheduledEndTimestamp": end}
        case "CALLBACK", "START":
            operation["CallbackDetails"] = {"CallbackId": f"id of {update['Id'][:8]}"}
        case "CHAINED_INVOKE", "START":
            operation["ChainedInvokeDetails"] = {}
        case "STEP", "START":
            last = known.get("StepDetails", {}).get("Result")
            kept_state = {} if last is None else {"Result": last}
            operation["StepDetails"] = {"Attempt": attempt, **kept_state}
        case "STEP", "RETRY":
            status = "PENDING"
            delay = update["StepOptions"]["NextAttemptDelaySeconds"]
            operation["StepDetails"] = {
                "Attempt": attempt + 1,
                "NextAttemptTimestamp": now + delay,
                **result,
            }
        case "STEP", _:
            operation["StepDetails"] = {"Attempt": attempt + 1, **result}
        case kind, _:
            assert kind == "CONTEXT", f"{action} of a {kind}"
            options = update.get("ContextOptions", {})
            operation["ContextDetails"] = {**result, **options}
    return {**operation, "Status": status}


_RESULT: Final = (("Result", "Payload"), ("Error", "Error"))


def recorded(
    kind: str, sub_type: str, status: str, id: str, details: Wire, **members: object
) -> Wire:
    """A recorded operation; `details` are the wire members of its own details."""
    key = "".join(word.capitalize() for word in kind.split("_")) + "Details"
    return {
        "Id": id,
        "Type": kind,
        "SubType": sub_type,
        "Status": status,
        "StartTimestamp": 1_700_000_000.0,
        key: details,
        **members,
    }
