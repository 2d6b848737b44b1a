"""The pytest plugin: the fixture `durable`. It imports nothing heavy until that is used."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from .testing import Durable

_WRITTEN: Final = pytest.StashKey[list[Path]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ours to the command line."""
    group = parser.getgroup("durable", "durable functions")
    group.addoption(
        "--durable-update",
        action="store_true",
        help="write the histories that durable.snapshot compares with",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Prepare the count of what is written."""
    config.stash[_WRITTEN] = []


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Tell what was written."""
    for path in config.stash[_WRITTEN]:
        terminalreporter.write_line(f"wrote {path}")


@pytest.fixture
def durable(request: pytest.FixtureRequest) -> Generator[Durable]:
    """Run durable functions in this process, on a time that jumps over all waiting."""
    from .testing import Durable
    from .testing.snapshots import Snapshots

    update = bool(request.config.getoption("--durable-update"))
    snapshots = Snapshots(request.path, request.node.name, update)
    world = Durable(snapshots)
    yield world
    request.config.stash[_WRITTEN].extend(snapshots.written)
    unused = world.unused()
    if unused:
        pytest.fail("\n".join(unused), pytrace=False)
