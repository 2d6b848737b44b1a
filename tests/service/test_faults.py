"""Refusals: the words of the front end for bad bodies, and how a client reads any of them."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from perdure.service import ServiceFault, parsing
from perdure.service.faults import FAULTS
from service.lambda_model import read_as_boto, service_model
from service.world import World

ARN: Final = World().start()


def _update(**members: Any) -> bytes:
    update = {"Id": "s", "Type": "STEP", "Action": "START", **members}
    return json.dumps({"CheckpointToken": "AAAA", "Updates": [update]}).encode()


FAILED: Final = "failed to satisfy constraint: Member must"
ID_PATTERN: Final = r"satisfy regular expression pattern: [a-zA-Z0-9\-_]+"
VALIDATION: Final[list[tuple[bytes, str]]] = [
    (
        _update(SubType="x" * 33),
        f"Value '{'x' * 33}' at 'updates.1.member.subType' {FAILED} "
        "have length less than or equal to 32",
    ),
    (
        _update(Name=""),
        f"Value '' at 'updates.1.member.name' {FAILED} have length greater than or equal to 1",
    ),
    (_update(Id="a b"), f"Value 'a b' at 'updates.1.member.id' {FAILED} {ID_PATTERN}"),
    (_update(Id="a\n"), f"Value 'a\n' at 'updates.1.member.id' {FAILED} {ID_PATTERN}"),
    (
        _update(Action="GO"),
        f"Value 'GO' at 'updates.1.member.action' {FAILED} "
        "satisfy enum value set: [START, SUCCEED, FAIL, RETRY, CANCEL]",
    ),
    (
        _update(StepOptions={"NextAttemptDelaySeconds": 0}),
        f"Value '0' at 'updates.1.member.stepOptions.nextAttemptDelaySeconds' {FAILED} "
        "have value greater than or equal to 1",
    ),
    (
        _update(WaitOptions={"WaitSeconds": 31_622_401}),
        f"Value '31622401' at 'updates.1.member.waitOptions.waitSeconds' {FAILED} "
        "have value less than or equal to 31622400",
    ),
    (
        _update(Payload="x" * 6_291_457),
        f"Value at 'updates.1.member.payload' {FAILED} have length less than or equal to 6291456",
    ),
    (b"{}", f"Value null at 'checkpointToken' {FAILED} not be null"),
    (
        b'{"CheckpointToken":"secret-secret"}',
        f"Value at 'checkpointToken' {FAILED} "
        "satisfy regular expression pattern: [A-Za-z0-9+/]+={0,2}",
    ),
    (
        b'{"CheckpointToken":"AAAA","Updates":[{"Id":null,"Type":"STEP","Action":"START"}]}',
        f"Value null at 'updates.1.member.id' {FAILED} not be null",
    ),
]


@pytest.mark.parametrize(("body", "sentence"), VALIDATION, ids=[s[-60:] for _, s in VALIDATION])
def test_a_broken_constraint(body: bytes, sentence: str) -> None:
    with pytest.raises(ServiceFault) as caught:
        parsing.parse_checkpoint_request(ARN, body)
    fault = caught.value
    assert (fault.code, fault.status) == ("ValidationException", 400)
    assert fault.message == f"1 validation error detected: {sentence}"
    assert json.loads(fault.to_body()) == {"message": fault.message}


def test_several_broken_constraints() -> None:
    with pytest.raises(ServiceFault) as caught:
        parsing.parse_checkpoint_request(ARN, _update(Id="", SubType=""))
    least = f"{FAILED} have length greater than or equal to 1"
    assert caught.value.message == (
        "2 validation errors detected: "
        f"Value '' at 'updates.1.member.id' {least}; "
        f"Value '' at 'updates.1.member.subType' {least}"
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 100_000,
        b'{"CheckpointToken":5}',
        b'{"CheckpointToken":"AAAA","Updates":{}}',
        b'{"CheckpointToken":"AAAA","Updates":[5]}',
        b'{"CheckpointToken":"AAAA","ClientToken":"\\ud800"}',
        _update(StepOptions={"NextAttemptDelaySeconds": "5"}),
        _update(StepOptions={"NextAttemptDelaySeconds": 1.5}),
        _update(Error="boom"),
        _update(ContextOptions={"ReplayChildren": 1}),
    ],
)
def test_what_has_not_even_the_shape(body: bytes) -> None:
    with pytest.raises(ServiceFault) as caught:
        parsing.parse_checkpoint_request(ARN, body)
    assert (caught.value.code, caught.value.status) == ("SerializationException", 400)
    assert caught.value.message


FRONT_END: Final = {
    "IncompleteSignatureException",
    "InvalidSignatureException",
    "MissingAuthenticationTokenException",
    "SerializationException",
    "UnrecognizedClientException",
    "ValidationException",
}
DECLARED: Final = sorted(set(FAULTS) - FRONT_END)


@pytest.mark.parametrize("code", sorted(FAULTS))
def test_faults_as_boto_reads_them(code: str) -> None:
    fault = ServiceFault(code, "why", reason="because", retry_after=3)
    headers = dict(fault.headers())
    assert headers == {
        "content-type": "application/json",
        "x-amzn-errortype": code,
        "retry-after": "3",
    }
    read = read_as_boto(
        "CheckpointDurableExecution", fault.to_body(), status=fault.status, headers=headers
    )
    assert read["Error"]["Code"] == code
    assert read["Error"]["Message"] == "why"
    assert str(fault) == f"{code}: why"


@pytest.mark.parametrize("code", DECLARED)
def test_faults_have_status_and_spelling_of_the_service_model(code: str) -> None:
    shape: Any = service_model().shape_for(code)
    fault = ServiceFault(code, "why")
    assert fault.status == shape.metadata["error"]["httpStatusCode"]
    assert {"Type": code, "message": "why"} == {
        ("message" if name in ("message", "Message") else name): value
        for name, value in json.loads(fault.to_body()).items()
    }
    assert set(json.loads(fault.to_body())) <= set(shape.members)
    assert "retry-after" not in dict(fault.headers())
