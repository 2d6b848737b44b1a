"""What people read: durations, and foreign text made harmless."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perdure_local.terminal.durations import spoken
from perdure_local.terminal.printable import printable


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0.00 s"),
        (0, "0.00 s"),
        (0.254, "0.25 s"),
        (0.9951, "1 s"),
        (1.26, "1.3 s"),
        (9.99, "10 s"),
        (59.6, "1 min"),
        (90, "1 min 30 s"),
        (3_600, "1 h"),
        (3_661, "1 h 1 min"),
        (86_400, "1 day"),
        (2_592_000, "30 days"),
        (2_595_600.4, "30 days 1 h"),
        (2_592_059, "30 days"),
    ],
)
def test_durations_are_said_in_two_units(seconds: float, words: str) -> None:
    assert spoken(seconds) == words


@given(st.text(alphabet=st.characters()))
def test_foreign_text_stays_on_its_line_and_commands_nothing(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable() or not shown
    assert "\x1b" not in shown
    assert "\n" not in shown


def test_ordinary_text_is_left_alone() -> None:
    assert printable("Größe: 3 – ✓") == "Größe: 3 – ✓"
    assert printable("a\x1b[31mb\n\udc80") == r"a\x1b[31mb\n\udc80"
