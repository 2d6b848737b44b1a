"""The error tree: who may catch what, what is recorded, what is said."""

from __future__ import annotations

import pytest

from perdure import errors
from perdure.errors import (
    DurableError,
    OperationError,
    ReplayError,
    Scope,
    SerDesError,
    ServiceError,
    StepError,
    StepInterruptedError,
    Suspended,
    TransportError,
    UpdateTooLargeError,
    ValidationError,
    error_object,
    error_type_name,
)
from perdure.models import ErrorObject, InvocationStatus
from perdure.outcome import Failed, Pending, Succeeded, output_for, output_for_error

SDK = "aws_durable_execution_sdk_python.exceptions"


@pytest.mark.parametrize("name", errors.__all__)
def test_everything_but_suspension_is_a_durable_error(name: str) -> None:
    kind = getattr(errors, name)
    if name == "Scope":
        return
    assert issubclass(kind, DurableError) != (name == "Suspended")


def test_suspension_passes_by_every_except_exception() -> None:
    assert not issubclass(Suspended, Exception)


def test_bad_arguments_are_value_errors_too() -> None:
    assert issubclass(ValidationError, ValueError)


def test_replay_error_says_what_differs() -> None:
    error = ReplayError(
        "s1",
        {"type": "STEP", "name": "charge", "sub_type": None},
        {"type": "STEP", "name": "refund"},
        "context c1",
    )
    assert error.differing == ("name",)
    assert str(error) == (
        "this run differs from the recorded one in context c1, operation s1:\n"
        "  name: recorded 'charge', attempted 'refund'"
    )
    assert (error.operation_id, error.where) == ("s1", "context c1")
    assert error.recorded["name"] == "charge"
    assert error.attempted["name"] == "refund"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ServiceError("no", code="X", status=400), "400 X: no"),
        (ServiceError("no", status=400), "400: no"),
        (ServiceError("no", code="X"), "X: no"),
        (ServiceError("no"), "no"),
        (TransportError("cut off"), "cut off"),
    ],
)
def test_service_errors_say_status_and_code(error: ServiceError, text: str) -> None:
    assert str(error) == text


def test_a_transport_error_may_be_repeated() -> None:
    error = TransportError("cut off")
    assert (error.retryable, error.scope, error.status) == (True, Scope.INVOCATION, None)


class Refused(Exception):
    """An error of a user."""


class Tagged(Exception):
    """A user's error that happens to have a member of that name."""

    WIRE_TYPE = "not.ours"


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ValueError("x"), "ValueError"),
        (KeyError("x"), "KeyError"),
        (Refused("x"), f"{__name__}.Refused"),
        (Tagged("x"), f"{__name__}.Tagged"),
        (StepError("x"), f"{SDK}.StepError"),
        (StepInterruptedError("x"), f"{SDK}.StepInterruptedError"),
        (OperationError("x"), f"{SDK}.DurableOperationError"),
        (UpdateTooLargeError("x"), f"{SDK}.DurableOperationError"),
        (ReplayError("s1", {}, {}), "perdure.errors.ReplayError"),
    ],
)
def test_recorded_type_of_an_error(error: Exception, name: str) -> None:
    assert error_type_name(error) == name


def test_what_is_recorded_of_an_error() -> None:
    assert error_object(Refused("no")) == ErrorObject("no", f"{__name__}.Refused")
    assert error_object(StepError(None, "ValueError", "d", ("a",))) == ErrorObject(
        None, f"{SDK}.StepError", "d", ("a",)
    )
    assert SerDesError("x").error_type == f"{SDK}.SerDesError"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (OperationError("no", "X"), "no"),
        (OperationError(None, "X"), "X"),
        (OperationError(None), "the operation failed"),
    ],
)
def test_an_operation_error_always_says_something(error: OperationError, text: str) -> None:
    assert str(error) == text


@pytest.mark.parametrize("finished", [False, True])
def test_answers(finished: bool) -> None:
    error = ErrorObject("no")
    succeeded = output_for(Succeeded("1"), finished=finished)
    assert (succeeded.status, succeeded.error) == (InvocationStatus.SUCCEEDED, None)
    assert succeeded.result == ("" if finished else "1")
    failed = output_for(Failed(error), finished=finished)
    assert (failed.status, failed.result) == (InvocationStatus.FAILED, None)
    assert failed.error == (None if finished else error)
    pending = output_for(Pending(), finished=finished)
    assert (pending.status, pending.result, pending.error) == ("PENDING", None, None)


def test_an_error_of_the_execution_is_answered_and_any_other_raised() -> None:
    output = output_for_error(ServiceError("no", scope=Scope.EXECUTION))
    assert output.error == ErrorObject("no", "perdure.errors.ServiceError")
    for error in (ServiceError("no"), TransportError("cut off"), errors.RemoteProtocolError("no")):
        with pytest.raises(type(error)):
            output_for_error(error)
