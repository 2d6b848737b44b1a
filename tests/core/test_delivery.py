"""The pauses between attempts, as arithmetic."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perdure.delivery import Delivery, RequestRetries
from perdure.errors import RemoteProtocolError, ServiceError, TransportError

UNIT = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 40), UNIT, st.none() | st.floats(0, 1000))
def test_a_pause_is_between_half_and_all_of_its_measure(
    failures: int, jitter: float, retry_after: float | None
) -> None:
    retries = RequestRetries(base=0.1, cap=5.0)
    measure = min(5.0, 0.1 * 2 ** (failures - 1))
    pause = retries.delay(failures, jitter, retry_after)
    lowest = max(measure / 2, retry_after or 0.0)
    assert lowest <= pause <= max(measure, retry_after or 0.0)


@given(st.integers(1, 39), UNIT)
def test_pauses_never_shrink(failures: int, jitter: float) -> None:
    retries = RequestRetries()
    assert retries.delay(failures, jitter, None) <= retries.delay(failures + 1, jitter, None)


@pytest.mark.parametrize(
    ("error", "repeated"),
    [
        (TransportError("cut off"), True),
        (RemoteProtocolError("not JSON"), True),
        (ServiceError("busy", retryable=True), True),
        (ServiceError("refused"), False),
    ],
)
def test_what_is_repeated(error: ServiceError | RemoteProtocolError, repeated: bool) -> None:
    delivery = Delivery(RequestRetries(), None)
    assert delivery.failed(error, 1000.0, 0.0) is repeated
    assert delivery.is_resting is repeated
    delivery.pass_time(2000.0)
    assert delivery.take_repetition() is repeated
    assert delivery.take_repetition() is False
    assert delivery.is_resting is False


def test_the_rest_ends_in_its_time() -> None:
    delivery = Delivery(RequestRetries(base=2.0), None)
    delivery.failed(TransportError("cut off"), 1000.0, 0.0)
    assert delivery.retry_at == 1001.0
    delivery.pass_time(1000.9)
    assert not delivery.take_repetition()
    delivery.pass_time(1001.0)
    assert delivery.retry_at is None
    assert delivery.take_repetition()


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_attempts_count_the_first_one(attempts: int) -> None:
    delivery = Delivery(RequestRetries(max_attempts=attempts), None)
    answers = [delivery.failed(TransportError("x"), 1000.0, 0.0) for _ in range(attempts)]
    assert answers == [True] * (attempts - 1) + [False]


@given(st.floats(0, 10), st.floats(0, 10))
def test_no_rest_reaches_the_deadline(now: float, deadline: float) -> None:
    delivery = Delivery(RequestRetries(base=1.0), deadline)
    if delivery.failed(TransportError("x"), now, 0.5):
        assert delivery.retry_at is not None
        assert now < delivery.retry_at < deadline
    else:
        assert now + 0.75 >= deadline
