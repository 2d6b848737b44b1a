"""Plugins: objects that are told what happens in an invocation, for tracing and metrics."""

from .hooks import Plugin, PluginFactory
from .infos import (
    InvocationEndInfo,
    InvocationEndStatus,
    InvocationStartInfo,
    OperationChangeInfo,
    OperationEndInfo,
    OperationStartInfo,
    UserFunctionEndInfo,
    UserFunctionOutcome,
    UserFunctionStartInfo,
)

__all__ = [
    "InvocationEndInfo",
    "InvocationEndStatus",
    "InvocationStartInfo",
    "OperationChangeInfo",
    "OperationEndInfo",
    "OperationStartInfo",
    "Plugin",
    "PluginFactory",
    "UserFunctionEndInfo",
    "UserFunctionOutcome",
    "UserFunctionStartInfo",
]
