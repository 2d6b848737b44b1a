"""The pages about testing are tried: what they show is run by pytest, as they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "testing.md"


def blocks(text: str) -> dict[str, str]:
    """The programs of a page, by the file that their first line names."""
    found: list[str] = re.findall(r"^```python\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    named = [re.match(r"# (\w+\.py)\n", block) for block in found]
    return {
        name.group(1): block for name, block in zip(named, found, strict=True) if name is not None
    }


def test_the_tests_of_the_page_pass(pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nfilterwarnings = error\n")
    files = blocks(PAGE.read_text())
    assert list(files) == [
        "shop.py",
        "test_shop.py",
        "test_callbacks.py",
        "test_functions.py",
        "test_faults.py",
        "test_history.py",
    ]
    for name, text in files.items():
        (pytester.path / name).write_text(text)
    tests = sum(text.count("\ndef test_") for text in files.values())
    written = pytester.runpytest("-p", "no:cacheprovider", "--durable-update")
    written.assert_outcomes(passed=tests)
    path = pytester.path / "__histories__" / "test_history.test_its_history.json"
    written.stdout.fnmatch_lines([f"wrote {path}"])
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=tests)


def test_the_test_of_the_readme_passes(pytester: pytest.Pytester) -> None:
    readme = (ROOT / "README.md").read_text()
    programs: list[str] = re.findall(r"^```python\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    [test] = [program for program in programs if "def test_" in program]
    [program] = [program for program in programs if "from perdure_asyncio import" in program]
    pytester.makepyfile(orders=program, test_orders=test)
    pytester.runpytest("-p", "no:cacheprovider").assert_outcomes(passed=1)
