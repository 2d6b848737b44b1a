"""Every vector of the spec, run against the core."""

from __future__ import annotations

from pathlib import Path

import pytest

from spec.runner import run
from spec.vector_files import read, vector_paths


@pytest.mark.parametrize("path", vector_paths(), ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_vector(path: Path) -> None:
    vector = read(path)
    assert vector["id"] == f"{path.parent.name}/{path.stem}"
    run(vector)
