"""Signatures checked: what the signer makes passes; the rest is refused in the words of AWS."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from perdure.endpoints import parse_endpoint
from perdure.http import HttpRequest
from perdure.service import ServiceFault
from perdure.service.signatures import SignatureCheck
from perdure.signing import Credentials, Signer

NOW: Final = 1_772_000_000.0
MOMENT: Final = "20260225T061320Z"
KEY: Final = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
SESSION: Final = Credentials("ASIDEXAMPLE", "secret", "Ab/+=token")
HERE: Final = parse_endpoint("http://127.0.0.1:9014")
REQUEST: Final = HttpRequest(
    "POST",
    "/2025-12-01/durable-executions/arn%3Aaws%3A%24LATEST/stop?b=2&a=%2F%201",
    (("Content-Type", "application/json"), ("X-Y", "  a   b ")),
    b'{"ErrorType": "\xc3\xa9"}',
)


def signed(
    request: HttpRequest = REQUEST,
    keys: Credentials = KEY,
    *,
    region: str = "us-east-1",
    at: float = NOW,
) -> HttpRequest:
    return Signer(HERE, region, "tests").sign(request, keys, at)


def demand(
    request: HttpRequest,
    keys: Credentials = KEY,
    *,
    target: str | None = None,
    body: bytes | None = None,
    method: str | None = None,
    **headers: str | None,
) -> None:
    """Have a request checked, with something changed on its way."""
    found = {name.lower(): value for name, value in request.headers}
    for name, value in headers.items():
        key = name.replace("_", "-")
        if value is None:
            found.pop(key)
        else:
            found[key] = value
    SignatureCheck(keys, "us-east-1").demand(
        method or request.method,
        target or request.target,
        found,
        request.body if body is None else body,
        NOW,
    )


def refused(*arguments: Any, **changes: Any) -> str:
    """Code and message of the refusal."""
    with pytest.raises(ServiceFault) as caught:
        demand(*arguments, **changes)
    fault = caught.value
    assert fault.status == 403
    assert json.loads(fault.to_body()) == {"message": fault.message}
    assert dict(fault.headers())["x-amzn-errortype"] == fault.code
    return str(fault)


@pytest.mark.parametrize("keys", [KEY, SESSION], ids=["key", "session"])
@pytest.mark.parametrize("offset", [-300, 0, 300])
@pytest.mark.parametrize(
    "request_",
    [REQUEST, HttpRequest("GET", "/"), HttpRequest("GET", "/a?Statuses=A&Statuses=B&x=%24")],
    ids=["post", "bare", "query"],
)
def test_what_is_signed_with_the_keys_passes(
    keys: Credentials, offset: float, request_: HttpRequest
) -> None:
    demand(signed(request_, keys, at=NOW + offset), keys)


def authorization(request: HttpRequest | None = None) -> str:
    return dict((request or signed()).headers)["Authorization"]


MISMATCH: Final = (
    "InvalidSignatureException: The request signature we calculated does not match the "
    "signature you provided. Check your AWS Secret Access Key and signing method. Consult the "
    "service documentation for details."
)
UNKNOWN: Final = (
    "UnrecognizedClientException: The security token included in the request is invalid."
)


@pytest.mark.parametrize(
    "changes",
    [
        {"body": b"other"},
        {"target": "/2025-12-01/durable-executions/other/stop"},
        {"target": REQUEST.target.replace("b=2", "b=3")},
        {"method": "PUT"},
        {"content_type": "text/plain"},
        {"content_type": None},
        {"host": "127.0.0.1:1"},
    ],
    ids=str,
)
def test_what_was_changed_on_its_way_is_refused(changes: dict[str, Any]) -> None:
    assert refused(signed(), **changes) == MISMATCH


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (Credentials(KEY.access_key, "wrong"), MISMATCH),
        (Credentials("AKIDOTHER", KEY.secret_key), UNKNOWN),
        (Credentials(KEY.access_key, KEY.secret_key, "a session"), UNKNOWN),
    ],
    ids=["secret", "id", "session"],
)
def test_other_keys_are_refused(keys: Credentials, message: str) -> None:
    assert refused(signed(keys=keys)) == message


def test_a_session_must_show_its_token() -> None:
    alone = Credentials(SESSION.access_key, SESSION.secret_key)
    assert refused(signed(keys=alone), SESSION) == UNKNOWN


def test_the_payload_hash_must_be_that_of_the_payload() -> None:
    digest = "5ad9d7d6a6b7a6e1"
    with_hash = HttpRequest("POST", "/", (("X-Amz-Content-SHA256", digest),), b"body")
    assert refused(signed(with_hash)) == (
        "InvalidSignatureException: The provided 'x-amz-content-sha256' header does not match "
        "the payload."
    )


@pytest.mark.parametrize(
    ("seconds", "message"),
    [
        (
            -301,
            "Signature expired: 20260225T060819Z is now earlier than 20260225T060820Z "
            f"({MOMENT} - 5 min.)",
        ),
        (
            301,
            "Signature not yet current: 20260225T061821Z is still later than 20260225T061820Z "
            f"({MOMENT} + 5 min.)",
        ),
    ],
)
def test_a_date_that_is_minutes_off_is_refused(seconds: float, message: str) -> None:
    late = signed(at=NOW + seconds)
    assert refused(late) == f"InvalidSignatureException: {message}"


SCOPE: Final = "AKIDEXAMPLE/20260225/us-east-1/lambda/aws4_request"


@pytest.mark.parametrize(
    ("scope", "message"),
    [
        (
            "AKIDEXAMPLE/20260225/eu-west-1/lambda/aws4_request",
            "Credential should be scoped to a valid region: 'us-east-1'.",
        ),
        (
            "AKIDEXAMPLE/20260225/us-east-1/s3/aws4_request",
            "Credential should be scoped to correct service: 'lambda'.",
        ),
        (
            "AKIDEXAMPLE/20260224/us-east-1/lambda/aws4_request",
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from "
            f"HTTP: '20260224' != '20260225', from '{MOMENT}'.",
        ),
        (
            "AKIDEXAMPLE/20260225/us-east-1/lambda/aws3_request",
            "Credential should be scoped with a valid terminator: 'aws4_request'.",
        ),
        (
            "AKIDEXAMPLE",
            "Credential should be scoped with a valid terminator: 'aws4_request'.",
        ),
    ],
)
def test_another_scope_is_refused(scope: str, message: str) -> None:
    text = authorization()
    assert SCOPE in text
    changed = text.replace(SCOPE, scope)
    assert refused(signed(), authorization=changed) == f"InvalidSignatureException: {message}"


def test_the_host_must_be_signed() -> None:
    text = authorization().replace(";host;", ";")
    assert refused(signed(), authorization=text) == (
        "InvalidSignatureException: 'Host' or ':authority' must be a 'SignedHeader' in the AWS "
        "Authorization."
    )


@pytest.mark.parametrize(
    ("headers", "message"),
    [
        (
            {"authorization": None},
            "MissingAuthenticationTokenException: Missing Authentication Token",
        ),
        (
            {"authorization": "Bearer abc"},
            "IncompleteSignatureException: Unsupported AWS 'algorithm': 'Bearer'.",
        ),
        (
            {"authorization": f"AWS4-HMAC-SHA256 Credential={SCOPE}"},
            "IncompleteSignatureException: Authorization header requires 'Signature' parameter. "
            "Authorization header requires 'SignedHeaders' parameter.",
        ),
        (
            {"authorization": "AWS4-HMAC-SHA256"},
            "IncompleteSignatureException: Authorization header requires 'Credential' parameter. "
            "Authorization header requires 'Signature' parameter. "
            "Authorization header requires 'SignedHeaders' parameter.",
        ),
        (
            {"x_amz_date": None},
            "IncompleteSignatureException: Authorization header requires existence of a valid "
            "'X-Amz-Date' header.",
        ),
        (
            {"x_amz_date": "yesterday"},
            "IncompleteSignatureException: Authorization header requires existence of a valid "
            "'X-Amz-Date' header.",
        ),
        (
            {"x_amz_date": "20260225T256199Z"},
            "IncompleteSignatureException: Date must be in ISO-8601 'basic format'. "
            "Got '20260225T256199Z'.",
        ),
    ],
)
def test_what_is_no_signature_is_refused(headers: dict[str, str | None], message: str) -> None:
    assert refused(signed(), **headers) == message
