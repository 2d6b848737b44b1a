"""The rules of every type of operation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ...models.enums import OperationType
from .callback import CALLBACK
from .chained_invoke import CHAINED_INVOKE
from .context import CONTEXT
from .execution import EXECUTION
from .rules import OperationRules
from .step import STEP
from .wait import WAIT

RULES: Final[Mapping[OperationType | str, OperationRules]] = {
    OperationType.EXECUTION: EXECUTION,
    OperationType.CONTEXT: CONTEXT,
    OperationType.STEP: STEP,
    OperationType.WAIT: WAIT,
    OperationType.CALLBACK: CALLBACK,
    OperationType.CHAINED_INVOKE: CHAINED_INVOKE,
}
"""By type."""
