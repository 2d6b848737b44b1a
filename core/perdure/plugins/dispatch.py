"""From an info to the hooks of the plugins: a fault of one disturbs nobody."""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from typing import Any, Final, cast

from ..errors import ValidationError
from .hooks import Plugin, PluginFactory
from .infos import (
    Info,
    InvocationEndInfo,
    InvocationStartInfo,
    OperationChangeInfo,
    OperationEndInfo,
    OperationStartInfo,
    UserFunctionEndInfo,
    UserFunctionStartInfo,
)

HOOKS: Final[Mapping[type[Info], str]] = {
    InvocationStartInfo: "on_invocation_start",
    InvocationEndInfo: "on_invocation_end",
    OperationStartInfo: "on_operation_start",
    OperationEndInfo: "on_operation_end",
    UserFunctionStartInfo: "on_user_function_start",
    UserFunctionEndInfo: "on_user_function_end",
    OperationChangeInfo: "on_operation_change",
}
"""info: the hook that gets it."""

_PROPAGATION: Final = "provide_propagation_metadata"
_TRACE_HEADER: Final = "x-amzn-trace-id"
_LOGGER: Final = logging.getLogger("perdure.plugins")


def check_factories(factories: Iterable[object]) -> None:
    """Check what was registered.

    Raises:
        ValidationError: it is no factory, but for example a plugin's class.
    """
    for each in factories:
        if isinstance(each, type) or not callable(getattr(each, "create_plugin", None)):
            raise ValidationError(
                f"plugins are given as objects with create_plugin(info), not as {each!r}"
            )


class Dispatcher:
    """The plugins of one invocation.

    Args:
        factories: what makes them.
        info: of the invocation.
    """

    __slots__ = ("_hooks",)

    def __init__(self, factories: Iterable[PluginFactory], info: InvocationStartInfo) -> None:
        made = [_carry_out(each.create_plugin, info) for each in factories]
        self._hooks: Final = {
            name: tuple(_hooks(made, name)) for name in (*HOOKS.values(), _PROPAGATION)
        }

    def wants(self, kind: type[Info]) -> bool:
        """Whether any plugin has the hook: else the info need not be made."""
        return bool(self._hooks[HOOKS[kind]])

    def tell(self, info: Info) -> None:
        """Hand an info to every plugin that has the hook for it."""
        for hook in self._hooks[HOOKS[type(info)]]:
            _carry_out(hook, info)

    def trace_id(self, info: OperationStartInfo) -> str | None:
        """The trace header that plugins want passed on to another function."""
        for hook in self._hooks[_PROPAGATION]:
            metadata = _carry_out(hook, info)
            if isinstance(metadata, Mapping):
                for name, value in cast("Mapping[object, object]", metadata).items():
                    if str(name).lower() == _TRACE_HEADER:
                        return str(value)
        return None


def _hooks(plugins: Iterable[object], name: str) -> Iterator[Callable[[Any], object]]:
    for plugin in plugins:
        hook = getattr(plugin, name, None)
        inherited = getattr(type(plugin), name, None) is getattr(Plugin, name)
        if callable(hook) and not inherited:
            yield hook


def _carry_out(hook: Callable[[Any], object], info: object) -> object:
    try:
        answer = hook(info)
        if isinstance(answer, Coroutine):
            answer.close()
            raise TypeError("a hook is a plain function, not an async one")
    except Exception:
        _LOGGER.exception("a plugin failed in %s", getattr(hook, "__qualname__", hook))
        return None
    return answer
