"""The hooks that a plugin may have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from .infos import (
    InvocationEndInfo,
    InvocationStartInfo,
    OperationChangeInfo,
    OperationEndInfo,
    OperationStartInfo,
    UserFunctionEndInfo,
    UserFunctionStartInfo,
)


class Plugin:
    """Base of plugins: override the hooks you want. Any object that has some will do, too.

    Hooks are plain functions, called one at a time, inline: asyncio and trio run nothing
    else meanwhile, and in the sync runtime no other branch goes on. So keep them short,
    and use no durable context in them. What a hook raises is logged and goes no further.
    """

    def on_invocation_start(self, info: InvocationStartInfo) -> None:
        """Before any user code."""

    def on_operation_start(self, info: OperationStartInfo) -> None:
        """Once for each operation of the invocation that is or becomes open."""

    def on_user_function_start(self, info: UserFunctionStartInfo) -> None:
        """In the task or thread of the function, right before it."""

    def on_user_function_end(self, info: UserFunctionEndInfo) -> None:
        """In the same task or thread, right after it."""

    def on_operation_change(self, info: OperationChangeInfo) -> None:
        """After each answer that brought operations."""

    def on_operation_end(self, info: OperationEndInfo) -> None:
        """Once it is recorded, and before the operation returns to user code."""

    def on_invocation_end(self, info: InvocationEndInfo) -> None:
        """When the answer of the invocation is decided."""

    def provide_propagation_metadata(self, info: OperationStartInfo) -> Mapping[str, str] | None:
        """What goes with an invocation of another function that is about to begin.

        Returns:
            Headers; X-Amzn-Trace-Id is passed on, unless the call itself names one. The
            first plugin that has it counts.
        """


class PluginFactory(Protocol):
    """What is registered: it makes a plugin for each invocation."""

    def create_plugin(self, info: InvocationStartInfo) -> object:
        """Make the plugin of one invocation."""
        ...
