"""A service that is opened anew from its store, beside one that never is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

from hypothesis.stateful import rule

from perdure.service import Service, ServiceFault
from perdure.service.store import Store
from service.law_machine import POLICY, Machine
from service.world import FUNCTIONS, World


class Beside:
    """Looks like a service. Each call goes to two, and they have to answer the same.

    Args:
        open_store: opens the store that one of them keeps its executions in.
        close_store: closes it.
    """

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._open_store: Final = open_store
        self._plain: Final = Service(policy=POLICY, functions=FUNCTIONS)
        self._kept = self._opened()

    def _opened(self) -> Service:
        # It keeps nothing at rest in memory, so that everything comes from the store.
        return Service(
            policy=POLICY, functions=FUNCTIONS, store=self._open_store(), loaded_operations=0
        )

    def reopen(self) -> None:
        """Give one of them up, and go on with another on the same store."""
        self._kept = self._opened()

    def __getattr__(self, name: str) -> Any:
        plain, kept = getattr(self._plain, name), getattr(self._kept, name)
        if not callable(plain):
            assert kept == plain, name
            return plain

        def both(*args: Any, **kwargs: Any) -> Any:
            expected, found = (_outcome(each, args, kwargs) for each in (plain, kept))
            if isinstance(expected, ServiceFault):
                assert isinstance(found, ServiceFault), name
                assert found.to_body() == expected.to_body()
                raise expected
            assert found == expected, name
            return expected

        return both


def _outcome(call: Callable[..., Any], args: Any, kwargs: Any) -> Any:
    try:
        return call(*args, **kwargs)
    except ServiceFault as fault:
        return fault


class ReopeningMachine(Machine):
    """The random clients, and a service that is opened anew at any time."""

    def open_store(self) -> Store:
        """The store, closed before if it was open."""
        raise NotImplementedError

    def a_world(self) -> World:
        self.beside = Beside(self.open_store)
        # It has every method and property of a service.
        return World(service=cast("Service", self.beside))

    @rule()
    def reopen(self) -> None:
        self.beside.reopen()
