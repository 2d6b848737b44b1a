"""Serializers of the kinds that users write, and how a batch is reported."""

from __future__ import annotations

import json
from typing import Any, cast

from perdure.batch_completion import BatchStatus, CompletionReason
from perdure.batch_result import BatchItem, BatchResult


class UppercaseStrings:
    """JSON whose strings are all in capitals."""

    def encode(self, value: Any) -> str:
        return json.dumps(_upper(value))

    def decode(self, text: str) -> Any:
        return json.loads(text)


def _upper(value: object) -> object:
    if isinstance(value, str):
        return value.upper()
    if isinstance(value, list):
        return [_upper(item) for item in cast("list[object]", value)]
    if isinstance(value, dict):
        return {key: _upper(item) for key, item in cast("dict[str, object]", value).items()}
    return value


class UppercaseText:
    """The recorded text as it is, in capitals."""

    def encode(self, value: str) -> str:
        return value

    def decode(self, text: str) -> str:
        return text.upper()


class Number:
    """The text of a whole number."""

    def encode(self, value: int) -> str:
        return str(value)

    def decode(self, text: str) -> int:
        return int(text)


class Wrapped:
    """JSON in an envelope of its own."""

    def encode(self, value: Any) -> str:
        return json.dumps({"wrapped": value})

    def decode(self, text: str) -> Any:
        return json.loads(text)["wrapped"]


class JoinedResults:
    """A batch as ``OPSERDE:`` and its results, which hold no comma."""

    def encode(self, value: BatchResult[str]) -> str:
        return "OPSERDE:" + ",".join(value.results)

    def decode(self, text: str) -> BatchResult[str]:
        results = text.removeprefix("OPSERDE:").split(",")
        return BatchResult(
            tuple(BatchItem(i, BatchStatus.SUCCEEDED, each) for i, each in enumerate(results)),
            CompletionReason.ALL_COMPLETED,
        )


def report(batch: BatchResult[Any], *members: str) -> dict[str, Any]:
    """The named ones of: completionReason, status, successCount, failureCount, totalCount."""
    everything = {
        "completionReason": batch.completion_reason.value,
        "status": batch.status.value,
        "successCount": len(batch.succeeded),
        "failureCount": len(batch.failed),
        "totalCount": len(batch.all),
    }
    return {member: everything[member] for member in members}
