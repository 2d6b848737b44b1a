"""The durable context for trio functions."""

from __future__ import annotations

from random import random
from typing import Any

import trio

from perdure.async_context import AsyncContext

from .execution import Execution


class DurableContext(AsyncContext):
    """What a durable function does its durable work with; see `AsyncContext`.

    Args:
        execution: the invocation.
        lambda_context: Lambda's own context object.
    """

    def __init__(self, execution: Execution, lambda_context: Any = None) -> None:
        super().__init__(execution, lambda_context, flow=_current_task, draw=random)


def _current_task() -> object:
    try:
        return trio.lowlevel.current_task()
    except RuntimeError:
        return None  # A thread outside of trio: nobody's.
