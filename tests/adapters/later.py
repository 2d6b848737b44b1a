"""Operations that are called and do not run yet, on every runtime."""

from __future__ import annotations

from typing import Any

from adapters.programs import Context
from adapters.runtime_sync import AwaitableContext


def later(ctx: Context, method: str, *args: Any, **options: Any) -> Any:
    """An operation that was called and does not run yet."""
    if isinstance(ctx, AwaitableContext):
        return ctx.later(method, *args, **options)
    return getattr(ctx, method)(*args, **options)
