"""The runtime of these functions: none but Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from perdure_sync import DurableContext, durable_execution

Body = Callable[[DurableContext], Any]
"""What a branch or a child context does."""

__all__ = ["Body", "DurableContext", "durable_execution"]
