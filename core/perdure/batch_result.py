"""What a batch came to: the branches that were started, in the order of their index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar, cast

from .batch_completion import BatchStatus, CompletionReason
from .errors import BatchError, ChildContextError
from .models.encode import to_wire
from .models.operation import ErrorObject
from .recorded_errors import recorded_error

T = TypeVar("T")

# Asked at every branch, and looking up a member of an Enum costs more than the rest.
_SUCCEEDED: Final = BatchStatus.SUCCEEDED


@dataclass(frozen=True, slots=True)
class BatchItem(Generic[T]):
    """One branch. `result` is None unless it succeeded, `error` unless it failed."""

    index: int
    status: BatchStatus
    result: T | None = None
    error: ErrorObject | None = None


class Ended(Protocol):
    """What the code of a branch came to: a value, or an error."""

    value: Any
    error: ErrorObject | None


def item_of(index: int, ended: Ended) -> BatchItem[Any]:
    """The item of a branch that has ended."""
    if ended.error is not None:
        return BatchItem(index, BatchStatus.FAILED, error=ended.error)
    return BatchItem(index, _SUCCEEDED, ended.value)


@dataclass(frozen=True, slots=True)
class BatchResult(Generic[T]):
    """The branches of a `parallel` or `map` that were started, and why it is complete.

    Branches that were never started do not occur. Those that still ran when the batch was
    complete are STARTED.
    """

    all: tuple[BatchItem[T], ...]
    completion_reason: CompletionReason

    def _with(self, status: BatchStatus) -> tuple[BatchItem[T], ...]:
        return tuple(item for item in self.all if item.status is status)

    @property
    def succeeded(self) -> tuple[BatchItem[T], ...]:
        """The branches that succeeded."""
        return self._with(BatchStatus.SUCCEEDED)

    @property
    def failed(self) -> tuple[BatchItem[T], ...]:
        """The branches that failed."""
        return self._with(BatchStatus.FAILED)

    @property
    def started(self) -> tuple[BatchItem[T], ...]:
        """The branches that still ran when the batch was complete."""
        return self._with(BatchStatus.STARTED)

    @property
    def status(self) -> BatchStatus:
        """FAILED if any branch failed, else SUCCEEDED."""
        return BatchStatus.FAILED if self.failed else BatchStatus.SUCCEEDED

    @property
    def results(self) -> list[T]:
        """The results of the branches that succeeded, in the order of their index."""
        return [cast("T", item.result) for item in self.succeeded]

    @property
    def errors(self) -> list[ErrorObject]:
        """The errors of the branches that failed, in the order of their index."""
        return [item.error or ErrorObject() for item in self.failed]

    def throw_if_error(self) -> None:
        """Raise if the batch did not end well.

        Raises:
            ChildContextError: the error of the first branch that failed.
            BatchError: a custom rule said that the batch failed.
        """
        if self.completion_reason is CompletionReason.CUSTOM_COMPLETION_FAILED:
            raise BatchError("the batch failed by its own rule")
        for item in self.failed:
            raise recorded_error(ChildContextError, item.error)

    def to_dict(self) -> dict[str, Any]:
        """The batch as plain values, with the member names that all SDKs share."""
        return {
            "all": [
                {
                    "index": item.index,
                    "status": item.status.value,
                    "result": item.result,
                    "error": None if item.error is None else to_wire(item.error),
                }
                for item in self.all
            ],
            "completionReason": self.completion_reason.value,
        }


def batch_item(
    index: int, status: str, result: object, error: Mapping[str, Any] | None
) -> BatchItem[Any]:
    """An item of its members in `BatchResult.to_dict`."""
    return BatchItem(index, BatchStatus(status), result, None if error is None else _error(error))


def _error(value: Mapping[str, Any]) -> ErrorObject:
    stack = value.get("StackTrace")
    return ErrorObject(
        value.get("ErrorMessage"),
        value.get("ErrorType"),
        value.get("ErrorData"),
        None if stack is None else tuple(stack),
    )
