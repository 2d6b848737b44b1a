"""The pages about operations are tried: each example runs, and leaves the events it tells of."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from perdure_local.run import RunRequest, run_to_end

DOCS = Path(__file__).parents[2] / "docs" / "operations"
PAGES = sorted(DOCS.glob("*.md"))
HEADINGS = ["## The order of events", "## On replay", "## On failure"]


@pytest.fixture(autouse=True)
def _same_environment() -> Generator[None]:
    """The command sets what its functions see; here it runs in the process of the tests."""
    before, path = dict(os.environ), sys.path[:]
    yield
    sys.path[:] = path
    os.environ.clear()
    os.environ.update(before)


def block(text: str, language: str) -> str:
    """The one block of a page in a language."""
    blocks: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    [found] = blocks
    return found


def told(event: dict[str, Any]) -> str:
    """An event as the pages tell it."""
    kind, name = event["EventType"], event.get("Name")
    return kind if name is None or kind.startswith("Execution") else f"{kind} {name}"


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_a_page_tells_what_happens(
    page: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    text = page.read_text()
    assert [line for line in text.splitlines() if line.startswith("## ")] == HEADINGS
    file = tmp_path / f"{page.stem}_example.py"
    file.write_text(block(text, "python"))
    status = run_to_end(RunRequest(str(file), "{}", None, True, None, True))
    # The last line is the command's own; what an example prints comes before.
    whole = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert status == 0, whole
    assert whole["result"] == json.loads(block(text, "json"))
    assert [told(event) for event in whole["history"]] == block(text, "text").splitlines()


def test_results_are_what_the_page_says(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # The example keeps its files in the directory for such.
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    text = (DOCS.parent / "results.md").read_text()
    file = tmp_path / "results_example.py"
    file.write_text(block(text, "python"))
    assert run_to_end(RunRequest(str(file), "{}", None, True, None, True)) == 0
    whole = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert whole["result"] == json.loads(block(text, "json"))
    assert len(list((tmp_path / "perdure-results").iterdir())) == 1


def test_every_page_is_linked() -> None:
    readme = (DOCS.parents[1] / "README.md").read_text()
    assert PAGES
    assert [page.stem for page in PAGES if f"docs/operations/{page.name}" not in readme] == []
