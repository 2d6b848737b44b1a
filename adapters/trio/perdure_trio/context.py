"""The durable context for trio functions."""

from __future__ import annotations

from perdure.async_context import AsyncContext


class DurableContext(AsyncContext):
    """What a durable function does its durable work with; see `AsyncContext`."""
