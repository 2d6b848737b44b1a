"""The plugins that suite plugin asks for: each hook prints one line of JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from typing import Any

from aws_durable_execution_sdk_python.plugin import (
    DurableInstrumentationPlugin,
    InvocationEndInfo,
    InvocationInfo,
    InvocationStartInfo,
    OperationChangeInfo,
    OperationEndInfo,
    OperationInfo,
    OperationStartInfo,
    UserFunctionEndInfo,
    UserFunctionStartInfo,
)

ENDED = ("SUCCEEDED", "FAILED")


class Printing(DurableInstrumentationPlugin):
    """Prints lines that carry the execution's ARN.

    Args:
        name: of the plugin, in each line.
        kind: the type or subtype of the operations that are told; None for none.
    """

    def __init__(self, name: str, kind: str | None) -> None:
        self.name = name
        self.kind = kind
        self.execution_arn: str | None = ""

    def tell(self, hook: str, **fields: Any) -> None:
        """Print what a hook was told."""
        line = {"plugin": self.name, "hook": hook, "durableExecutionArn": self.execution_arn}
        sys.stdout.write(json.dumps(line | fields) + "\n")
        sys.stdout.flush()

    def is_told(self, info: OperationInfo) -> bool:
        """Whether an operation is of the kind that is told."""
        return self.kind in (info.operation_type.value, info.sub_type)


class Brief(Printing):
    """Prints what matters of each hook; NONE stands for what is absent."""

    def on_invocation_start(self, info: InvocationStartInfo) -> None:
        self.execution_arn = info.execution_arn
        self.tell("invocation-start", first=info.is_first_invocation)

    def on_invocation_end(self, info: InvocationEndInfo) -> None:
        status = info.status.value
        first = info.is_first_invocation
        self.tell("invocation-end", first=first, terminal=status in ENDED, status=status)

    def on_operation_start(self, info: OperationStartInfo) -> None:
        if self.is_told(info):
            self.tell(
                "operation-start",
                op=info.operation_id,
                type=info.operation_type.value,
                name=info.name,
                replay=info.is_replayed,
                pending=info.status.value not in ENDED,
            )

    def on_operation_end(self, info: OperationEndInfo) -> None:
        if self.is_told(info):
            self.tell(
                "operation-end",
                op=info.operation_id,
                type=info.operation_type.value,
                name=info.name,
                status=info.status.value,
                result="NONE" if info.result is None else info.result,
                error="NONE" if info.error is None else info.error.message,
            )

    def on_operation_change(self, info: OperationChangeInfo) -> None:
        for each in info.updated_operations.values():
            if each.operation_type.value == self.kind:
                known = each.operation_id in info.operations
                status = each.status.value
                self.tell(
                    "operation-change", op=each.operation_id, status=status, in_full_map=known
                )

    def on_user_function_start(self, info: UserFunctionStartInfo) -> None:
        if self.is_told(info):
            self.tell(_body(info, "start"), **_attempt(info))

    def on_user_function_end(self, info: UserFunctionEndInfo) -> None:
        if self.is_told(info):
            self.tell(_body(info, "end"), **_attempt(info), outcome=info.outcome.value)


class Faulty(Brief):
    """Fails in every hook, once it has printed its line."""

    def tell(self, hook: str, **fields: Any) -> None:
        super().tell(hook)
        raise RuntimeError(f"this plugin fails in {hook}")


class Full(Printing):
    """Prints each field of an info under its canonical name; what is absent is left out."""

    def on_invocation_start(self, info: InvocationStartInfo) -> None:
        self.execution_arn = info.execution_arn
        updated = len(info.updated_operations)
        self.tell("invocation-start", **_invocation(info), updatedOperationsCount=updated)

    def on_invocation_end(self, info: InvocationEndInfo) -> None:
        end = {"status": info.status.value, "terminal": info.status.value in ENDED}
        error = {} if info.error is None else {"executionError": info.error.message}
        self.tell("invocation-end", **_invocation(info), **end, **error)

    def on_operation_start(self, info: OperationStartInfo) -> None:
        if self.is_told(info):
            self.tell("operation-start", **_operation(info))

    def on_user_function_start(self, info: UserFunctionStartInfo) -> None:
        if self.is_told(info):
            self.tell(_body(info, "start"), **_function(info, info.is_replay_children))

    def on_user_function_end(self, info: UserFunctionEndInfo) -> None:
        if self.is_told(info):
            fields = _function(info, info.is_replay_children)
            self.tell(_body(info, "end"), **fields, outcome=info.outcome.value)


@dataclass(frozen=True)
class Prints:
    """Makes a printing plugin for each invocation."""

    plugin: type[Printing]
    kind: str | None = None
    name: str = "CONFPLUGIN"

    def create_plugin(self, info: InvocationStartInfo) -> Printing:
        return self.plugin(self.name, self.kind)


def _body(info: OperationInfo, moment: str) -> str:
    return f"{'attempt' if info.operation_type.value == 'STEP' else 'fn'}-{moment}"


def _attempt(info: OperationInfo) -> dict[str, Any]:
    parent = "NONE" if info.parent_id is None else info.parent_id
    return {"n": info.attempt, "op": info.operation_id, "parent": parent}


def _invocation(info: InvocationInfo) -> dict[str, Any]:
    start = info.execution_start_time
    return _present(
        isFirstInvocation=info.is_first_invocation,
        requestId=info.request_id,
        operationsCount=len(info.operations),
        executionStartTimestamp=None if start is None else start.isoformat(),
    )


def _operation(info: OperationInfo) -> dict[str, Any]:
    return _present(
        id=info.operation_id,
        name=info.name,
        type=info.operation_type.value,
        subType=info.sub_type,
        parentId=info.parent_id,
        attempt=info.attempt,
        status=info.status.value,
        isReplay=info.is_replayed,
        startTimestamp=None if info.start_time is None else info.start_time.isoformat(),
        endTimestamp=None if info.end_time is None else info.end_time.isoformat(),
        result=info.result,
        error=None if info.error is None else info.error.message,
    )


def _function(info: OperationInfo, is_replaying_children: bool) -> dict[str, Any]:
    return {**_operation(info), "isReplayingChildren": is_replaying_children}


def _present(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
