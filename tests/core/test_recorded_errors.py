"""Errors on their way into the record: within the limit, and readable."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perdure.errors import OperationError, SerDesError, StepError
from perdure.limits import MAX_ERROR_BYTES
from perdure.models.encode import to_wire
from perdure.models.operation import ErrorObject
from perdure.recorded_errors import fit_error, recorded_error

MARK = " … (shortened)"


def size(error: ErrorObject) -> int:
    """Bytes of an error as it travels."""
    return len(json.dumps(to_wire(error), ensure_ascii=False, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    "error",
    [
        ErrorObject(),
        ErrorObject("no", "ValueError", "{}", ("a",)),
        ErrorObject("x" * (MAX_ERROR_BYTES - len('{"ErrorMessage":""}'))),
    ],
)
def test_what_fits_stays_as_it_is(error: ErrorObject) -> None:
    assert fit_error(error) is error


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (
            ErrorObject("no", "E", "data", ("line" * 10_000,)),
            ErrorObject(f"no{MARK}", "E", "data", None),
        ),
        (ErrorObject("no", "E", "d" * 40_000, ("l",)), ErrorObject(f"no{MARK}", "E", None, None)),
        (ErrorObject(None, None, "d" * 40_000), ErrorObject(MARK)),
        (ErrorObject("no", "E" * 40_000), ErrorObject(f"no{MARK}", "E" * 1024)),
        (ErrorObject("m" * 40_000, "E"), ErrorObject("m" * 20_000 + MARK, "E")),
        (ErrorObject('"' * 30_000), ErrorObject('"' * 15_000 + MARK)),
        (ErrorObject("漢" * 30_000), ErrorObject("漢" * 7_500 + MARK)),
    ],
    ids=["stack", "data", "data alone", "type", "message", "escapes", "bytes"],
)
def test_the_least_useful_goes_first_and_the_message_says_so(
    error: ErrorObject, kept: ErrorObject
) -> None:
    assert fit_error(error) == kept
    assert size(kept) <= MAX_ERROR_BYTES


texts = st.none() | st.text(st.characters(), max_size=60)
errors = st.builds(
    ErrorObject, texts, texts, texts, st.none() | st.lists(st.text(), max_size=3).map(tuple)
)


@given(errors, st.integers(min_value=4200, max_value=40_000), st.integers(1, 2000))
def test_every_error_fits(error: ErrorObject, limit: int, times: int) -> None:
    long = ErrorObject((error.error_message or "") * times, error.error_type, error.error_data)
    fitted = fit_error(long, limit)
    assert size(fitted) <= limit
    if fitted.error_message is not None and fitted.error_message.endswith(MARK):
        whole = (long.error_message or "").encode(errors="backslashreplace").decode()
        assert whole.startswith(fitted.error_message.removesuffix(MARK))


half_characters = st.text(st.characters(categories=("Cs", "Ll")), min_size=1)


@given(half_characters, half_characters)
def test_half_characters_are_escaped(message: str, line: str) -> None:
    fitted = fit_error(ErrorObject(message, "E", None, (line,)))
    assert fitted.error_message == message.encode(errors="backslashreplace").decode()
    assert fitted.stack_trace == (line.encode(errors="backslashreplace").decode(),)
    size(fitted)


def test_half_characters_in_a_long_error() -> None:
    fitted = fit_error(ErrorObject("\udce9" * 40_000))
    assert size(fitted) <= MAX_ERROR_BYTES
    assert fitted.error_message is not None
    assert fitted.error_message.startswith("\\udce9\\udce9")
    assert fitted.error_message.endswith(MARK)


def test_no_limit_is_too_small_to_come_to_an_end() -> None:
    assert fit_error(ErrorObject("message", "E" * 2000), 10) == ErrorObject(MARK, "E" * 1024)


@pytest.mark.parametrize("kind", [StepError, OperationError])
def test_a_recorded_error_comes_back_as_the_operations_own(kind: type[OperationError]) -> None:
    error = recorded_error(kind, ErrorObject("no", "a.B", "data", ("line",)))
    assert type(error) is kind
    assert (error.message, error.error_type, error.data, error.stack_trace) == (
        "no",
        "a.B",
        "data",
        ("line",),
    )
    assert str(error) == "no"


@pytest.mark.parametrize(
    ("recorded", "text"),
    [
        (None, "the operation failed"),
        (ErrorObject(), "the operation failed"),
        (ErrorObject("", ""), "the operation failed"),
        (ErrorObject(None, "a.B"), "a.B"),
    ],
)
def test_a_recorded_error_without_a_message(recorded: ErrorObject | None, text: str) -> None:
    assert str(recorded_error(StepError, recorded)) == text


def test_a_recorded_serdes_error_is_one_again() -> None:
    error = recorded_error(StepError, ErrorObject("cannot", SerDesError.WIRE_TYPE))
    assert type(error) is SerDesError
    assert str(error) == "cannot"
