"""The skipping clock jumps over idle time and over nothing else."""

from __future__ import annotations

import time

from perdure_local.clock import RealClock, SkippingClock


class Wall:
    def __init__(self) -> None:
        self.time = 1_000.0

    def __call__(self) -> float:
        return self.time


def test_it_jumps_to_the_deadline_when_nobody_works() -> None:
    clock = SkippingClock(Wall())
    assert clock.seconds_until(3_600.0, idle=True) == 0
    assert clock.now() == 3_600.0
    assert clock.skipped == 2_600.0


def test_it_runs_like_the_wall_while_an_invocation_is_in_flight() -> None:
    wall = Wall()
    clock = SkippingClock(wall)
    assert clock.seconds_until(1_010.0, idle=False) == 10.0
    wall.time += 4
    assert clock.now() == 1_004.0
    assert clock.seconds_until(1_010.0, idle=False) == 6.0
    assert clock.skipped == 0


def test_it_never_goes_back() -> None:
    clock = SkippingClock(Wall())
    assert clock.seconds_until(900.0, idle=True) == 0
    assert clock.now() == 1_000.0


def test_the_real_clock_sleeps_whether_idle_or_not() -> None:
    clock = RealClock()
    before = time.time()
    left = clock.seconds_until(before + 100, idle=True)
    assert before + 100 - time.time() <= left <= 100
    assert clock.seconds_until(before - 100, idle=True) == 0
