"""``--input``: JSON or a file of it, and one line about what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from perdure_local.terminal.input_json import read_input
from perdure_local.terminal.refused import Refused


def test_json_is_passed_on_as_it_was_written() -> None:
    assert read_input('{"a": 1.50}') == '{"a": 1.50}'
    assert read_input("null") == "null"


def test_a_file_is_read_as_utf_8(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_bytes('{"name": "Zoë"}'.encode())
    assert read_input(f"@{file}") == '{"name": "Zoë"}'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "--input is not JSON: Expecting value (line 1, column 1)"),
        ("{x}", "--input is not JSON: Expecting property name enclosed in double quotes"),
        ('{"a":\n1,}', "(line 2"),
        ("NaN", "--input is not JSON: NaN is not a JSON number"),
        ("[" * 100_000, "--input is nested too deeply"),
        ('"\udc80"', "--input is not UTF-8"),
        ("@/nowhere/event.json", "cannot read the input /nowhere/event.json: No such file"),
    ],
)
def test_what_is_no_json_is_refused_in_one_line(text: str, message: str) -> None:
    with pytest.raises(Refused) as refused:
        read_input(text)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_bytes(b'"\xff"')
    with pytest.raises(Refused, match=r"is not UTF-8"):
        read_input(f"@{file}")
