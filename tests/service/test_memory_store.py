"""The store in memory, with services that come and go."""

from __future__ import annotations

import pytest

from perdure.service.memory_store import MemoryStore
from service.store_tests import Place, StoreTests
from service.store_view_tests import StoreViewTests


@pytest.fixture
def place() -> Place:
    store = MemoryStore()
    return Place(lambda: store)


class TestMemoryStore(StoreTests):
    """See there."""


class TestMemoryStoreViews(StoreViewTests):
    """See there."""
