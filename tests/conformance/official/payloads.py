"""Serializers of the kinds that users write, and how a batch is reported."""

from __future__ import annotations

import json
from typing import Any

from aws_durable_execution_sdk_python.concurrency.models import (
    BatchItem,
    BatchItemStatus,
    BatchResult,
    CompletionReason,
)
from aws_durable_execution_sdk_python.config import Duration
from aws_durable_execution_sdk_python.serdes import SerDes, SerDesContext


class UppercaseStrings(SerDes[Any]):
    """JSON whose strings are all in capitals."""

    def serialize(self, value: Any, serdes_context: SerDesContext) -> str:
        return json.dumps(_upper(value))

    def deserialize(self, data: str, serdes_context: SerDesContext) -> Any:
        return json.loads(data)


def _upper(value: Any) -> Any:
    if isinstance(value, str):
        return value.upper()
    if isinstance(value, list):
        return [_upper(item) for item in value]
    if isinstance(value, dict):
        return {key: _upper(item) for key, item in value.items()}
    return value


class UppercaseText(SerDes[str]):
    """The recorded text as it is, in capitals."""

    def serialize(self, value: str, serdes_context: SerDesContext) -> str:
        return value

    def deserialize(self, data: str, serdes_context: SerDesContext) -> str:
        return data.upper()


class Number(SerDes[int]):
    """The text of a whole number."""

    def serialize(self, value: int, serdes_context: SerDesContext) -> str:
        return str(value)

    def deserialize(self, data: str, serdes_context: SerDesContext) -> int:
        return int(data)


class Wrapped(SerDes[Any]):
    """JSON in an envelope of its own."""

    def serialize(self, value: Any, serdes_context: SerDesContext) -> str:
        return json.dumps({"wrapped": value})

    def deserialize(self, data: str, serdes_context: SerDesContext) -> Any:
        return json.loads(data)["wrapped"]


class JoinedResults(SerDes[BatchResult[str]]):
    """A batch as ``OPSERDE:`` and its results, which hold no comma."""

    def serialize(self, value: BatchResult[str], serdes_context: SerDesContext) -> str:
        return "OPSERDE:" + ",".join(value.get_results())

    def deserialize(self, data: str, serdes_context: SerDesContext) -> BatchResult[str]:
        results = data.removeprefix("OPSERDE:").split(",")
        items = [
            BatchItem(index, BatchItemStatus.SUCCEEDED, result)
            for index, result in enumerate(results)
        ]
        return BatchResult(items, CompletionReason.ALL_COMPLETED)


def seconds(count: int) -> Duration:
    return Duration.from_seconds(count)


def report(batch: BatchResult[Any], *members: str) -> dict[str, Any]:
    """The named ones of: completionReason, status, successCount, failureCount, totalCount."""
    everything = {
        "completionReason": batch.completion_reason.value,
        "status": batch.status.value,
        "successCount": batch.success_count,
        "failureCount": batch.failure_count,
        "totalCount": batch.total_count,
    }
    return {member: everything[member] for member in members}
