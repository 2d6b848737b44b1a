"""Ending an execution by checkpoint."""

from __future__ import annotations

import json

from perdure.batching import serialise
from perdure.completion import execution_failed, execution_succeeded
from perdure.limits import MAX_ERROR_BYTES
from perdure.models.operation import ErrorObject


def test_a_result_travels_as_it_is() -> None:
    assert (
        serialise(execution_succeeded('{"a": "é"}'))
        == (
            '{"Id":"execution-result","Type":"EXECUTION","Action":"SUCCEED",'
            '"Payload":"{\\"a\\": \\"é\\"}"}'
        ).encode()
    )


def test_an_error_travels_without_a_payload() -> None:
    assert json.loads(serialise(execution_failed(ErrorObject("no", "E")))) == {
        "Id": "execution-result",
        "Type": "EXECUTION",
        "Action": "FAIL",
        "Error": {"ErrorMessage": "no", "ErrorType": "E"},
    }


def test_a_long_error_is_shortened() -> None:
    sent = json.loads(serialise(execution_failed(ErrorObject("漢" * 40_000, "E"))))
    assert len(json.dumps(sent["Error"], ensure_ascii=False).encode()) <= MAX_ERROR_BYTES
    assert sent["Error"]["ErrorMessage"].endswith(" … (shortened)")
