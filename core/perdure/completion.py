"""Ending an execution by checkpoint: for results too large to be returned, and by request."""

from __future__ import annotations

from typing import Final

from .models.enums import OperationAction, OperationType
from .models.operation import ErrorObject
from .models.update import OperationUpdate
from .recorded_errors import fit_error

# Any id will do: the service applies the update to the execution itself.
_ID: Final = "execution-result"


def execution_succeeded(result: str) -> OperationUpdate:
    """The update that ends an execution with a result, a JSON text."""
    return OperationUpdate(_ID, OperationType.EXECUTION, OperationAction.SUCCEED, payload=result)


def execution_failed(error: ErrorObject) -> OperationUpdate:
    """The update that ends an execution with an error, shortened to what is allowed."""
    return OperationUpdate(
        _ID, OperationType.EXECUTION, OperationAction.FAIL, error=fit_error(error)
    )
