"""The durable context for asyncio functions."""

from __future__ import annotations

import asyncio
from typing import Any, Final, Self

from perdure.async_context import AsyncContext

from .execution import Execution


class DurableContext(AsyncContext):
    """What a durable function does its durable work with; see `AsyncContext`.

    Args:
        execution: the invocation.
        lambda_context: Lambda's own context object.
        prefix: the id of the operation that owns the context; None is the root.
        parent_id: what its operations name as their parent on the wire.
    """

    def __init__(
        self,
        execution: Execution,
        lambda_context: Any = None,
        *,
        prefix: str | None = None,
        parent_id: str | None = None,
    ) -> None:
        super().__init__(
            execution,
            lambda_context,
            flow=_current_task,
            draw=execution.sources.draw,
            prefix=prefix,
            parent_id=parent_id,
        )
        self.sources = execution.sources
        self._execution: Final = execution

    def open(self, prefix: str, parent_id: str | None) -> Self:
        return self.__class__(
            self._execution, self.lambda_context, prefix=prefix, parent_id=parent_id
        )


def _current_task() -> object:
    try:
        return asyncio.current_task()
    except RuntimeError:
        return None  # A thread without an event loop: nobody's.
