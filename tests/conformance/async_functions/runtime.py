"""The runtime of these functions, by the environment: asyncio, or trio."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or os.environ.get("CONFORMANCE_RUNTIME") != "trio":
    from perdure_asyncio import DurableContext, durable_execution
else:
    from perdure_trio import DurableContext, durable_execution

Body = Callable[[DurableContext], Awaitable[Any]]
"""What a branch or a child context does."""

__all__ = ["Body", "DurableContext", "durable_execution"]
