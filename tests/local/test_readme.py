"""The README's programs are tried: each of its Python examples runs to the end."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from local.running import perdure

README = Path(__file__).parents[2] / "README.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```$", README.read_text(), re.DOTALL | re.MULTILINE)
PROGRAMS = [block for block in BLOCKS if "def test_" not in block]


def test_there_is_a_program_for_each_runtime() -> None:
    imported = [re.findall(r"from (perdure_\w+) import", program) for program in PROGRAMS]
    assert imported == [["perdure_asyncio"], ["perdure_trio"], ["perdure_sync"]]


@pytest.mark.parametrize("program", PROGRAMS, ids=["asyncio", "trio", "sync"])
def test_a_program_of_the_readme_runs(program: str, tmp_path: Path) -> None:
    file = tmp_path / "program.py"
    file.write_text(program)
    done = perdure("run", str(file), "--input", '{"order_id": "42"}', "--skip-time", "--json")
    assert done.returncode == 0, done.stderr
    assert '"SUCCEEDED"' in done.stdout
