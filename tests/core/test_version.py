"""One version, everywhere."""

from __future__ import annotations

import tomllib
from pathlib import Path

import perdure
from perdure.version import USER_AGENT, VERSION

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


def test_the_package_has_the_version_of_its_distribution() -> None:
    declared = tomllib.loads(PROJECT.read_text())["project"]["version"]
    assert declared == VERSION == perdure.__version__
    assert f"perdure/{declared}" == USER_AGENT
