"""When a failed step is tried again: the presets, the arithmetic, and its laws."""

from __future__ import annotations

import math
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perdure.errors import ValidationError
from perdure.retries import (
    PRESETS,
    Backoff,
    Jitter,
    Retry,
    RetryStrategy,
    exponential,
    fixed,
    linear,
)

LONGEST = 31_622_400
ERROR = ValueError("the shop is closed")


def schedule(strategy: RetryStrategy) -> list[float]:
    """The delays of a strategy, not spread, until it gives up."""
    delays: list[float] = []
    while (again := strategy(ERROR, len(delays) + 1)) is not None:
        delays.append(again.delay)
    return delays


PRESET_TABLE: list[tuple[str, list[float], Jitter]] = [
    ("none", [], Jitter.FULL),
    ("default", [5, 10, 20, 40, 60], Jitter.FULL),
    ("transient", [5, 10], Jitter.HALF),
    ("resource_availability", [5, 10, 20, 40], Jitter.FULL),
    ("critical", [1.5**n for n in range(9)], Jitter.NONE),
    ("linear", [1, 2, 3, 4, 5], Jitter.NONE),
    ("fixed", [5, 5, 5, 5], Jitter.NONE),
]


@pytest.mark.parametrize(("name", "delays", "jitter"), PRESET_TABLE)
def test_presets(name: str, delays: list[float], jitter: Jitter) -> None:
    strategy = PRESETS[name]
    assert schedule(strategy) == delays
    if delays:
        first = strategy(ERROR, 1)
        assert first is not None
        assert first.jitter is jitter


def test_there_are_no_other_presets() -> None:
    assert set(PRESETS) == {name for name, _, _ in PRESET_TABLE}


@pytest.mark.parametrize(
    ("strategy", "delays"),
    [
        (exponential(), [5, 10]),
        (linear(), [1, 2, 3, 4, 5]),
        (fixed(), [5, 5, 5, 5]),
        (fixed(2, max_attempts=3), [2, 2]),
        (exponential(max_attempts=6, initial_delay=1, max_delay=10, rate=3), [1, 3, 9, 10, 10]),
        (linear(max_attempts=5, initial_delay=2, max_delay=6, increment=3), [2, 5, 6, 6]),
        (exponential(max_attempts=4, rate=1), [5, 5, 5]),
        (exponential(max_attempts=4, rate=0), [5, 0, 0]),
        (exponential(max_attempts=3, initial_delay=0), [0, 0]),
    ],
)  # fmt: skip
def test_growth(strategy: RetryStrategy, delays: list[float]) -> None:
    assert schedule(strategy) == delays


@pytest.mark.parametrize("strategy", [exponential(), linear()])
def test_a_spread_is_the_default(strategy: RetryStrategy) -> None:
    assert strategy(ERROR, 1) == Retry(5 if strategy == exponential() else 1, Jitter.FULL)


@pytest.mark.parametrize("rate", [2, 2.0, 1e300])
def test_a_delay_beyond_all_numbers_is_the_longest(rate: float) -> None:
    strategy = Backoff(max_attempts=100_000, rate=rate, max_delay=77)
    assert strategy(ERROR, 5000) == Retry(77, Jitter.FULL)


# -- whether to try again at all -----------------------------------------------------------

PATTERN = re.compile(r"clos\w+$")


@pytest.mark.parametrize(
    ("filters", "again"),
    [
        ({}, True),
        ({"retryable_errors": ("shop",)}, True),
        ({"retryable_errors": ("Shop",)}, False),
        ({"retryable_errors": ("s.op",)}, False),
        ({"retryable_errors": (PATTERN,)}, True),
        ({"retryable_errors": (re.compile("^shop"),)}, False),
        ({"retryable_errors": ("x", PATTERN)}, True),
        ({"retryable_errors": ()}, False),
        ({"retryable_error_types": (ValueError,)}, True),
        ({"retryable_error_types": (Exception,)}, True),
        ({"retryable_error_types": (KeyError,)}, False),
        ({"retryable_error_types": (KeyError, ValueError)}, True),
        ({"retryable_error_types": ()}, False),
        ({"retryable_errors": ("shop",), "retryable_error_types": (KeyError,)}, True),
        ({"retryable_errors": ("x",), "retryable_error_types": (ValueError,)}, True),
        ({"retryable_errors": ("x",), "retryable_error_types": (KeyError,)}, False),
        ({"retryable_errors": (), "retryable_error_types": ()}, False),
    ],
)
@pytest.mark.parametrize("make", [exponential, linear])
def test_which_errors_are_tried_again(make: Any, filters: Any, again: bool) -> None:
    assert (make(**filters)(ERROR, 1) is not None) is again


@pytest.mark.parametrize(("attempts", "again"), [(1, True), (2, True), (3, False), (4, False)])
def test_the_first_attempt_counts(attempts: int, again: bool) -> None:
    assert (exponential(max_attempts=3)(ERROR, attempts) is not None) is again


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"max_attempts": 0}, "max_attempts is at least 1, not 0"),
        ({"initial_delay": -1}, "initial_delay is a number from 0 up, not -1"),
        ({"max_delay": math.inf}, "max_delay is a number from 0 up, not inf"),
        ({"rate": math.nan}, "rate is a number from 0 up, not nan"),
        ({"increment": -0.5}, "increment is a number from 0 up, not -0.5"),
    ],
)
def test_arguments_that_make_no_sense(arguments: Any, message: str) -> None:
    with pytest.raises(ValidationError) as raised:
        Backoff(**arguments)
    assert str(raised.value) == message


# -- the delay that is recorded ------------------------------------------------------------


@pytest.mark.parametrize(
    ("retry", "draw", "seconds"),
    [
        (Retry(5), 0.7, 5),
        (Retry(2.25), 0.0, 3),
        (Retry(0), 0.5, 1),
        (Retry(-3), 0.5, 1),
        (Retry(0.2), 0.5, 1),
        (Retry(10, Jitter.FULL), 0.0, 1),
        (Retry(10, Jitter.FULL), 0.55, 6),
        (Retry(10, Jitter.FULL), 0.999, 10),
        (Retry(10, Jitter.HALF), 0.0, 5),
        (Retry(10, Jitter.HALF), 0.5, 8),
        (Retry(10, Jitter.HALF), 0.999, 10),
        (Retry(1e12), 0.0, LONGEST),
    ],
)
def test_whole_seconds(retry: Retry, draw: float, seconds: int) -> None:
    assert retry.seconds(draw) == seconds


draws = st.floats(0, 1, exclude_max=True)
delays = st.floats(0, LONGEST)


@given(delays, st.sampled_from(Jitter), draws)
def test_every_draw_is_within_bounds(delay: float, jitter: Jitter, draw: float) -> None:
    seconds = Retry(delay, jitter).seconds(draw)
    least = {Jitter.NONE: delay, Jitter.HALF: delay / 2, Jitter.FULL: 0}[jitter]
    assert max(1, math.floor(least)) <= seconds <= max(1, math.ceil(delay))


@given(
    st.integers(1, 50),
    st.floats(0, 1000),
    st.floats(0, 1000),
    st.floats(1, 10),
    st.floats(0, 100),
)
def test_delays_grow_up_to_the_longest(
    attempts: int, initial: float, longest: float, rate: float, increment: float
) -> None:
    strategy = Backoff(
        max_attempts=attempts,
        initial_delay=initial,
        max_delay=longest,
        rate=rate,
        increment=increment,
    )
    told = schedule(strategy)
    assert len(told) == attempts - 1
    assert told == sorted(told)
    assert all(delay <= longest for delay in told)
