"""What the executions of a test can invoke, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from perdure.handler import DurableHandler
from perdure.models.history import Event
from perdure.service.functions import DURABLE, PLAIN, FunctionConfig
from perdure.service.identity import find_reference

from ..functions.lambda_context import LambdaContext
from ..functions.loading import function_name_of
from .failure import Failure, MisuseError, hides_frames, listed

__tracebackhide__ = hides_frames

PlainFunction = Callable[[Any, LambdaContext], object]
"""A Lambda handler that is not durable: of an event and a context."""


class Failing(Exception):
    """Leaves a function whose failure a test has given."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(str(failure))
        self.failure = failure


@dataclass(slots=True)
class Functions:
    """The registered functions."""

    by_name: dict[str, DurableHandler | PlainFunction] = field(
        default_factory=dict[str, DurableHandler | PlainFunction]
    )
    configs: dict[str, FunctionConfig] = field(default_factory=dict[str, FunctionConfig])
    invoked: list[str] = field(default_factory=list[str])
    _expected: list[str] = field(default_factory=list[str])

    def add(self, name: str, function: DurableHandler | PlainFunction) -> None:
        """Let a function be invoked under a name.

        Raises:
            MisuseError: Lambda would not accept the name.
        """
        if function_name_of(name) != name:
            raise MisuseError(f"{name!r} is no name of a function: letters, digits, - and _")
        self.by_name[name] = function
        self.configs[name] = DURABLE if isinstance(function, DurableHandler) else PLAIN

    def add_unnamed(self, handler: DurableHandler) -> str:
        """Let a durable function be invoked under its own name; which that is here.

        Others may have the same name, in other modules: then it gets one like it.
        """
        name = function_name_of(getattr(handler.func, "__name__", "function"))
        while self.by_name.get(name, handler) is not handler:
            name += "_"
        self.add(name, handler)
        return name

    def expect(self, name: str) -> None:
        """Complain at the end unless it was invoked."""
        self._expected.append(name)

    def receive_event(self, event: Event) -> None:
        """Take note of what happened in an execution.

        Raises:
            MisuseError: it invoked what is not registered.
        """
        details = event.chained_invoke_started_details
        if details is None:
            return
        reference = find_reference(details.function_name)
        name = details.function_name if reference is None else reference.name
        self.invoked.append(name)
        if name not in self.by_name:
            raise MisuseError(
                f"{details.function_name!r} was invoked, and no function of that name is "
                f"registered; there are: {listed(self.by_name)}"
            )

    def unused(self) -> list[str]:
        """A complaint for each function that was expected in vain."""
        there = listed(self.invoked)
        return [
            f"no function named {name!r} was invoked; there were: {there}"
            for name in dict.fromkeys(self._expected)
            if name not in self.invoked
        ]


def returning(result: object) -> PlainFunction:
    """A function that always returns this."""
    return lambda event, context: result


def failing(failure: Failure) -> PlainFunction:
    """A function that always fails like this."""

    def fail(event: Mapping[str, Any], context: LambdaContext) -> object:
        raise Failing(failure)

    return fail
