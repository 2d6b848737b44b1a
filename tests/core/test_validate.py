"""Strict validation of what does not come from the service."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.samples import ARN, operation, update
from perdure.errors import ValidationError
from perdure.models import CheckpointRequest, Operation, OperationUpdate, WaitOptions
from perdure.models.encode import to_wire
from perdure.models.validate import adapter, json_schema, validate_json

UPDATE = {"Id": "w1", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 5}}


def test_a_wire_shape() -> None:
    expected = update("w1", "WAIT", wait_options=WaitOptions(5))
    assert validate_json(OperationUpdate, json.dumps(UPDATE)) == expected


def test_unknown_members_are_passed_over() -> None:
    text = json.dumps({**UPDATE, "Mood": "calm"})
    assert validate_json(OperationUpdate, text).id == "w1"


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"Id": ""}, "Id"),
        ({"Id": "a b"}, "Id"),
        ({"Id": "a\n"}, "Id"),
        ({"Id": "x" * 65}, "Id"),
        ({"Type": "FETCH"}, "Type"),
        ({"Action": None}, "Action"),
        ({"Name": "Größe"}, "Name"),
        ({"SubType": "x" * 33}, "SubType"),
        ({"Payload": 7}, "Payload"),
        ({"WaitOptions": {"WaitSeconds": 0}}, "WaitOptions.WaitSeconds"),
        ({"WaitOptions": {"WaitSeconds": 31_622_401}}, "WaitOptions.WaitSeconds"),
        ({"WaitOptions": {"WaitSeconds": "5"}}, "WaitOptions.WaitSeconds"),
        ({"WaitOptions": {"WaitSeconds": 5.5}}, "WaitOptions.WaitSeconds"),
        ({"ChainedInvokeOptions": {}}, "ChainedInvokeOptions.FunctionName"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(change: dict[str, Any], place: str) -> None:
    with pytest.raises(ValidationError) as caught:
        validate_json(OperationUpdate, json.dumps({**UPDATE, **change}))
    assert str(caught.value).startswith(f"{place}: ")


def test_every_fault_has_its_line() -> None:
    with pytest.raises(ValidationError) as caught:
        validate_json(OperationUpdate, "{}")
    assert [line.partition(":")[0] for line in str(caught.value).splitlines()] == [
        "Id",
        "Type",
        "Action",
    ]


@pytest.mark.parametrize("text", ["", "[]", "nul", b"\xff"])
def test_no_object(text: str | bytes) -> None:
    with pytest.raises(ValidationError, match="the document: "):
        validate_json(OperationUpdate, text)


def test_refusals_show_no_payload() -> None:
    text = json.dumps({**UPDATE, "Payload": ["s3cret"], "Error": "s3cret"})
    with pytest.raises(ValidationError) as caught:
        validate_json(OperationUpdate, text)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("instant", [1768279889.004, 1768279889004, "2026-01-13T04:51:29.004Z"])
def test_timestamps(instant: object) -> None:
    raw = {"Id": "s1", "Type": "STEP", "Status": "STARTED", "StartTimestamp": instant}
    read = validate_json(Operation, json.dumps(raw))
    assert abs(read.start_timestamp - 1768279889.004) < 1e-6
    with pytest.raises(ValidationError, match="StartTimestamp"):
        validate_json(Operation, json.dumps({**raw, "StartTimestamp": "soon"}))


def test_written_and_read_again() -> None:
    request = CheckpointRequest(ARN, "T0", (update("s1"), update("s2", action="FAIL")), "c1")
    assert validate_json(CheckpointRequest, json.dumps(to_wire(request))) == request
    recorded = operation("s1")
    assert validate_json(Operation, json.dumps(to_wire(recorded))) == recorded


def test_an_adapter_is_made_once() -> None:
    assert adapter(OperationUpdate) is adapter(OperationUpdate)


def test_a_schema_has_the_names_of_the_wire() -> None:
    schema = json_schema(OperationUpdate)
    assert schema["required"] == ["Id", "Type", "Action"]
    assert "ParentId" in schema["properties"]
