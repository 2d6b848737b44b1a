"""The table of error classes as a whole; its rows one by one are vectors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perdure.classification import ERROR_CLASSES, classify, error_class
from perdure.errors import Scope

CODES = st.one_of(
    st.none(),
    st.sampled_from(
        ["KMSDisabledException", "InvalidParameterValueException", "TooManyRequestsException", "x"]
    ),
    st.text(),
)


@given(st.integers(100, 999), CODES, st.text())
def test_every_answer_has_a_class(status: int, code: str | None, message: str) -> None:
    row = error_class(status, code, message)
    error = classify(status, code, message, 2.5)
    assert (error.retryable, error.scope) == (row.retryable, row.scope)
    assert (error.status, error.code, error.retry_after) == (status, code, 2.5)
    assert str(status) in str(error)


@given(st.integers(500, 599), st.text().filter(lambda code: not code.startswith("KMS")), st.text())
def test_a_fault_of_the_service_never_ends_the_execution(
    status: int, code: str, message: str
) -> None:
    error = classify(status, code, message)
    assert error.retryable
    assert error.scope is Scope.INVOCATION


def test_names_are_unique() -> None:
    assert len({row.name for row in ERROR_CLASSES}) == len(ERROR_CLASSES)


@pytest.mark.parametrize("row", ERROR_CLASSES, ids=lambda row: row.name)
def test_no_row_is_hidden_by_those_above(row: object) -> None:
    answers = [
        (status, code, message)
        for status in (200, 302, 400, 403, 404, 408, 409, 429, 500, 502, 503)
        for code in (None, "KMSx", "InvalidParameterValueException", "Throttled", "TooManyRequests",
                     "ExpiredToken")
        for message in ("", "Invalid checkpoint token")
    ]  # fmt: skip
    assert any(error_class(*answer) is row for answer in answers)


def test_what_ends_the_execution_is_never_repeated() -> None:
    assert [row for row in ERROR_CLASSES if row.retryable and row.scope is Scope.EXECUTION] == []
