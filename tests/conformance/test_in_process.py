"""All requirements of the folder ``PERDURE_CONFORMANCE``, in this process, on virtual time."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

import pytest

from conformance.in_process import Conformance, Functions

FOLDER: Final = Path(
    os.environ.get("PERDURE_CONFORMANCE") or Path(__file__).parents[3] / "shared" / "conformance"
)


@pytest.fixture(scope="module")
def conformance() -> Conformance:
    if not (FOLDER / "requirements").is_dir():
        pytest.skip(f"no conformance requirements in {FOLDER}: PERDURE_CONFORMANCE names them")
    pytest.importorskip("yaml", reason="their validator needs PyYAML")
    return Conformance(FOLDER)


@pytest.mark.heavy
@pytest.mark.parametrize("runtime", ["asyncio", "trio", "sync"])
def test_a_runtime_meets_the_requirements(
    runtime: str, conformance: Conformance, capsys: pytest.CaptureFixture[str]
) -> None:
    began = time.perf_counter()
    functions = Functions(runtime)
    failures = {
        each.id: errors
        for each in conformance.requirements
        if (errors := conformance.failures(each, functions))
    }
    seconds = time.perf_counter() - began
    passed = len(conformance.requirements) - len(failures)
    with capsys.disabled():
        print(f"\n{runtime}: {passed} passed, {len(failures)} failed, {seconds:.1f} s")  # noqa: T201  # for who runs it
    assert failures == {}
