"""The pytest plugin: the fixture `durable`. It imports nothing heavy until that is used."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .testing import Durable


@pytest.fixture
def durable() -> Generator[Durable]:
    """Run durable functions in this process, on a time that jumps over all waiting."""
    from .testing import Durable

    world = Durable()
    yield world
    unused = world.unused()
    if unused:
        pytest.fail("\n".join(unused), pytrace=False)
