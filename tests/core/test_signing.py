"""Signatures: the same bytes as botocore's own, at any time."""

from __future__ import annotations

from calendar import timegm
from importlib import import_module
from time import strptime
from typing import Any, Final

import pytest

from core.transcript import ARN
from perdure.endpoints import Endpoint, parse_endpoint, regional_endpoint
from perdure.http import HttpRequest
from perdure.models.checkpoint import CheckpointRequest, StateRequest
from perdure.service_calls import checkpoint_call, state_call
from perdure.signing import Credentials, Signer

KEY: Final = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
SESSION: Final = Credentials("ASIDEXAMPLE", "secret", "Ab/+=token")
PUBLIC: Final = regional_endpoint("us-east-1")
LOCAL: Final = parse_endpoint("http://127.0.0.1:3001")
DAY: Final = 86_400.0
MORNING: Final = 1_772_000_000.0

REQUESTS: Final = {
    "checkpoint": checkpoint_call(CheckpointRequest(ARN, "t")),
    "state": state_call(StateRequest(ARN, "to/ken+=", "m&1")),
    "latest": state_call(StateRequest(ARN.replace(":1/", ":$LATEST/"), "t")),
    "empty": HttpRequest("GET", "/"),
    "no query": HttpRequest("GET", "/a?b"),
    "unsorted": HttpRequest("GET", "/a?c=1&b=2&a=3&a=1"),
    "spaces": HttpRequest("POST", "/a%20b/~x", (("X-Y", "  a   b "),), "é".encode()),
}


def botocores(request: HttpRequest, endpoint: Endpoint, credentials: Credentials) -> dict[str, str]:
    """The headers that botocore's own `add_auth` makes, at the time of its choice."""
    auth: Any = import_module("botocore.auth").SigV4Auth(
        import_module("botocore.credentials").ReadOnlyCredentials(
            credentials.access_key, credentials.secret_key, credentials.token
        ),
        "lambda",
        "us-east-1",
    )
    signed: Any = import_module("botocore.awsrequest").AWSRequest(
        method=request.method,
        url=endpoint.url + request.target,
        data=request.body,
        headers={"Host": endpoint.authority, "User-Agent": "ua", **dict(request.headers)},
    )
    auth.add_auth(signed)
    return dict(signed.headers.items())


def when(headers: dict[str, str]) -> float:
    """The time that signed headers were made at."""
    return timegm(strptime(headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ"))


def signature(signer: Signer, now: float, credentials: Credentials = KEY) -> str:
    """The Authorization of one request."""
    return dict(signer.sign(REQUESTS["checkpoint"], credentials, now).headers)["Authorization"]


@pytest.mark.parametrize("request_", REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize("endpoint", [PUBLIC, LOCAL], ids=["public", "local"])
@pytest.mark.parametrize("credentials", [KEY, SESSION], ids=["key", "session"])
def test_signatures_are_botocores(
    request_: HttpRequest, endpoint: Endpoint, credentials: Credentials
) -> None:
    theirs = botocores(request_, endpoint, credentials)
    ours = Signer(endpoint, "us-east-1", "ua").sign(request_, credentials, when(theirs))
    assert dict(ours.headers) == theirs
    assert (ours.method, ours.target) == (request_.method, request_.target)
    assert ours.body is request_.body


def test_a_signature_as_a_vector() -> None:
    signed = Signer(PUBLIC, "us-east-1", "ua").sign(REQUESTS["checkpoint"], SESSION, MORNING)
    assert dict(signed.headers) == {
        "Host": "lambda.us-east-1.amazonaws.com",
        "User-Agent": "ua",
        "Content-Type": "application/json",
        "X-Amz-Date": "20260225T061320Z",
        "X-Amz-Security-Token": "Ab/+=token",
        "Authorization": "AWS4-HMAC-SHA256 "
        "Credential=ASIDEXAMPLE/20260225/us-east-1/lambda/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, "
        "Signature=71129a79908ec6ef96b44c5534eda821df0386fe78e575ae3e19c2c351d917e7",
    }


def test_fractions_of_a_second_do_not_count() -> None:
    signer = Signer(PUBLIC, "us-east-1", "ua")
    assert signature(signer, MORNING) == signature(signer, MORNING + 0.999)


def test_the_key_changes_at_midnight_and_back() -> None:
    signer = Signer(PUBLIC, "us-east-1", "ua")
    midnight = MORNING - MORNING % DAY + DAY
    for now in (midnight - 1, midnight, midnight + DAY, midnight - 1):
        assert signature(signer, now) == signature(Signer(PUBLIC, "us-east-1", "ua"), now)
    assert "/20260225/" in signature(signer, midnight - 1)
    assert "/20260226/" in signature(signer, midnight)


@pytest.mark.parametrize(
    "other",
    [
        SESSION,
        Credentials(KEY.access_key, "another secret"),
        Credentials("ANOTHER", KEY.secret_key),
        Credentials(KEY.access_key, KEY.secret_key, "token"),
    ],
)
def test_changed_credentials_sign_from_then_on(other: Credentials) -> None:
    signer = Signer(PUBLIC, "us-east-1", "ua")
    before = signature(signer, MORNING)
    after = signature(signer, MORNING, other)
    assert after == signature(Signer(PUBLIC, "us-east-1", "ua"), MORNING, other)
    assert after != before
    assert signature(signer, MORNING) == before


def test_requests_with_other_headers_in_turn() -> None:
    signer = Signer(PUBLIC, "us-east-1", "ua")
    for _ in range(2):
        for request in REQUESTS.values():
            fresh = Signer(PUBLIC, "us-east-1", "ua").sign(request, KEY, MORNING)
            assert signer.sign(request, KEY, MORNING).headers == fresh.headers


@pytest.mark.parametrize("region", ["eu-west-1", "us-gov-west-1"])
def test_the_region_is_in_the_scope(region: str) -> None:
    signer = Signer(regional_endpoint(region), region, "ua")
    assert f"/20260225/{region}/lambda/aws4_request" in signature(signer, MORNING)


def test_secrets_are_not_shown() -> None:
    shown = repr(SESSION) + repr(Signer(PUBLIC, "us-east-1", "ua"))
    assert not any(text in shown for text in ("secret", "token", "ASIDEXAMPLE"))
