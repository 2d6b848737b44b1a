"""The files of spec/ are what the code makes, and nothing else lies there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from spec.make import ROOT, files, layout
from spec.vector_files import vector_paths

MADE = files()


@pytest.mark.parametrize("path", sorted(MADE), ids=lambda path: path.name)
def test_file_equals_what_the_code_makes(path: Path) -> None:
    assert path.read_text("utf-8") == MADE[path], "run python -m tests.spec.make"


def test_nothing_else_lies_in_the_folders_of_made_files() -> None:
    lying = {*ROOT.glob("schemas/*"), *ROOT.glob("tables/*")}
    assert lying == {*MADE, ROOT / "schemas/vector.schema.json"} - {ROOT / "index.json"}


def test_the_manifest_lists_exactly_the_vectors() -> None:
    listed = [
        each["id"] for each in json.loads((ROOT / "index.json").read_text("utf-8"))["vectors"]
    ]
    assert listed == [f"{path.parent.name}/{path.stem}" for path in vector_paths()]
    assert sorted(ROOT.glob("vectors/**/*.*")) == sorted(vector_paths())


@pytest.mark.parametrize("path", vector_paths(), ids=lambda path: path.stem)
def test_vectors_are_laid_out_alike(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text == layout(json.loads(text)) + "\n"
