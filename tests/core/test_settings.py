"""Settings that could never work are refused, with a word of why."""

from __future__ import annotations

from typing import Any

import pytest

from perdure.admission import admit
from perdure.batching import Batcher
from perdure.delivery import RequestRetries
from perdure.errors import LocalProtocolError, ValidationError
from perdure.models import (
    OperationAction,
    OperationType,
    OperationUpdate,
    StepOptions,
    WaitOptions,
)


@pytest.mark.parametrize("wrong", [{"max_bytes": 0}, {"max_updates": 0}, {"linger": -0.1}])
def test_a_request_takes_at_least_one_update(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="at least one update"):
        Batcher(**wrong)


def test_rests_stay_finite_after_any_number_of_failures() -> None:
    assert RequestRetries().delay(100_000, 0.5, None) == 5.0 * 0.75


@pytest.mark.parametrize("seconds", [None, 0, -1, 31_622_401])
def test_delays_that_the_service_refuses(seconds: int | None) -> None:
    step = OperationUpdate(
        "s", OperationType.STEP, OperationAction.RETRY, step_options=StepOptions(seconds)
    )
    wait = OperationUpdate(
        "w", OperationType.WAIT, OperationAction.START, wait_options=WaitOptions(seconds)
    )
    for update in (step, wait):
        with pytest.raises(LocalProtocolError, match=r"needs \w+_options"):
            admit(update, None)
