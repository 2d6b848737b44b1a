"""A service that is opened anew from its store answers as one that went on."""

from __future__ import annotations

from hypothesis import settings

from perdure.service.memory_store import MemoryStore
from perdure.service.store import Store
from service.reopening import ReopeningMachine


class InMemory(ReopeningMachine):
    """With the store in memory, which outlives its services here."""

    def open_store(self) -> Store:
        if not hasattr(self, "store"):
            self.store = MemoryStore()
        return self.store


TestInMemory = InMemory.TestCase
TestInMemory.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
