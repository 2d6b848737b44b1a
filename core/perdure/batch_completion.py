"""When a batch of branches is complete, and why. Pure rules over counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .errors import ValidationError


class BatchStatus(StrEnum):
    """Where a branch stands, or the batch as a whole."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    STARTED = "STARTED"


class CompletionReason(StrEnum):
    """Why no further branch is started or waited for."""

    ALL_COMPLETED = "ALL_COMPLETED"
    MIN_SUCCESSFUL_REACHED = "MIN_SUCCESSFUL_REACHED"
    FAILURE_TOLERANCE_EXCEEDED = "FAILURE_TOLERANCE_EXCEEDED"
    CUSTOM_COMPLETION_SUCCEEDED = "CUSTOM_COMPLETION_SUCCEEDED"
    CUSTOM_COMPLETION_FAILED = "CUSTOM_COMPLETION_FAILED"


@dataclass(frozen=True, slots=True)
class BranchProgress:
    """One branch, as a custom rule sees it."""

    index: int
    name: str | None
    status: BatchStatus


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """A batch, as a custom rule sees it. `items` are the branches that were started."""

    success_count: int
    failure_count: int
    total_count: int
    items: tuple[BranchProgress, ...]

    @property
    def completed_count(self) -> int:
        """How many branches have ended."""
        return self.success_count + self.failure_count


class CompletionDecision(StrEnum):
    """What a custom rule says."""

    CONTINUE = "CONTINUE"
    SUCCEED = "SUCCEED"
    FAIL = "FAIL"


_CUSTOM: Final = {
    CompletionDecision.SUCCEED: CompletionReason.CUSTOM_COMPLETION_SUCCEEDED,
    CompletionDecision.FAIL: CompletionReason.CUSTOM_COMPLETION_FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """When a batch is complete. Without any rule the first failure ends it.

    Args:
        min_successful: it ends well once so many branches have succeeded.
        tolerated_failures: it ends once more than so many have failed.
        tolerated_failure_percentage: it ends once more than so many percent of all inputs
            have failed; exactly so many are tolerated.
        should_complete: a rule of your own, asked at the start and after each branch, in
            place of the others. It must depend on its argument alone.
    """

    min_successful: int | None = None
    tolerated_failures: int | None = None
    tolerated_failure_percentage: float | None = None
    should_complete: Callable[[BatchProgress], CompletionDecision] | None = None

    def __post_init__(self) -> None:
        thresholds = (
            self.min_successful,
            self.tolerated_failures,
            self.tolerated_failure_percentage,
        )
        if self.should_complete is not None and any(each is not None for each in thresholds):
            raise ValidationError("should_complete takes the place of the other rules")
        if self.min_successful is not None and self.min_successful < 1:
            raise ValidationError(f"min_successful is at least 1, not {self.min_successful}")
        if self.tolerated_failures is not None and self.tolerated_failures < 0:
            raise ValidationError(f"tolerated_failures is at least 0: {self.tolerated_failures}")
        percentage = self.tolerated_failure_percentage
        if percentage is not None and not 0 <= percentage <= 100:
            raise ValidationError(f"a percentage is between 0 and 100, not {percentage}")

    def check(self, total: int) -> None:
        """Check the rules against the number of inputs.

        Raises:
            ValidationError: more successes are asked for than there are branches.
        """
        if self.min_successful is not None and self.min_successful > total:
            raise ValidationError(
                f"min_successful {self.min_successful} is more than the {total} branches"
            )

    def reason(
        self, succeeded: int, failed: int, total: int, progress: Callable[[], BatchProgress]
    ) -> CompletionReason | None:
        """Why the batch is complete after so many ends; None while it is not."""
        everything = succeeded + failed >= total
        if not (failed or everything or self.should_complete or self.min_successful):
            return None
        if self.should_complete is not None:
            decision = _CUSTOM.get(self.should_complete(progress()))
            return decision or (CompletionReason.ALL_COMPLETED if everything else None)
        if self._exceeds_tolerance(failed, total):
            return CompletionReason.FAILURE_TOLERANCE_EXCEEDED
        if everything:
            return CompletionReason.ALL_COMPLETED
        if self.min_successful is not None and succeeded >= self.min_successful:
            return CompletionReason.MIN_SUCCESSFUL_REACHED
        return None

    def _exceeds_tolerance(self, failed: int, total: int) -> bool:
        count, percentage = self.tolerated_failures, self.tolerated_failure_percentage
        if self.min_successful is None and count is None and percentage is None:
            return failed > 0
        if count is not None and failed > count:
            return True
        return percentage is not None and total > 0 and failed / total * 100 > percentage


FIRST_SUCCESSFUL: Final = Completion(min_successful=1)
ALL_SUCCESSFUL: Final = Completion(tolerated_failures=0, tolerated_failure_percentage=0)
ALL_COMPLETED: Final = Completion(tolerated_failure_percentage=100)
