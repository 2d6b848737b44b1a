"""Who is let in: by the headers alone, before a body is read."""

from __future__ import annotations

import json

import pytest

from perdure_local.server.gate import MAX_BODY_BYTES, refuse


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8080", "localhost", "localhost:80", "LocalHost:1"]
)
def test_programs_of_this_machine_are_let_in(host: str) -> None:
    assert refuse({"host": host}) is None
    assert refuse({"host": host, "content-length": str(MAX_BODY_BYTES)}) is None


@pytest.mark.parametrize("host", ["127.0.0.1:9014", "localhost:9014", "LocalHost:9014"])
def test_the_page_of_this_service_is_let_in(host: str) -> None:
    headers = {"host": host, "sec-fetch-site": "same-origin", "sec-fetch-mode": "cors"}
    assert refuse(headers) is None
    assert refuse({**headers, "origin": f"http://{host.lower()}"}) is None


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({}, 403, "AccessDeniedException"),
        ({"host": ""}, 403, "AccessDeniedException"),
        ({"host": "evil.example"}, 403, "AccessDeniedException"),
        ({"host": "127.0.0.1.evil.example"}, 403, "AccessDeniedException"),
        ({"host": "localhost:80@evil.example"}, 403, "AccessDeniedException"),
        ({"host": "localhost", "origin": "http://evil.example"}, 403, "AccessDeniedException"),
        ({"host": "localhost", "origin": "null"}, 403, "AccessDeniedException"),
        ({"host": "localhost:80", "origin": "http://localhost"}, 403, "AccessDeniedException"),
        ({"host": "localhost", "origin": "ftp://localhost"}, 403, "AccessDeniedException"),
        ({"host": "localhost", "sec-fetch-site": "cross-site"}, 403, "AccessDeniedException"),
        ({"host": "localhost", "sec-fetch-site": "same-site"}, 403, "AccessDeniedException"),
        (
            {"host": "localhost", "content-length": str(MAX_BODY_BYTES + 1)},
            413,
            "RequestTooLargeException",
        ),
    ],
)
def test_others_are_refused_and_told_why(headers: dict[str, str], status: int, code: str) -> None:
    reply = refuse(headers)
    assert reply is not None
    assert reply.status == status
    assert ("x-amzn-errortype", code) in reply.headers
    assert json.loads(reply.body)["message"]


TOKEN = "a-token-of-some-length"
SIGNED = f"AWS4-HMAC-SHA256 Credential={TOKEN}/20260101/us-west-2/lambda/aws4_request, Signature=0"


@pytest.mark.parametrize("shown", [f"Bearer {TOKEN}", f"bearer  {TOKEN}", SIGNED])
def test_with_a_token_others_are_let_in_too(shown: str) -> None:
    assert refuse({"host": "box.example:9014", "authorization": shown}, TOKEN) is None


def test_what_is_public_needs_no_token_but_is_not_for_other_pages() -> None:
    headers = {"host": "box.example:9014"}
    assert refuse(headers, TOKEN, public=True) is None
    assert refuse({**headers, "origin": "http://evil.example"}, TOKEN, public=True) is not None
    # Behind a proxy that speaks TLS its own page is of https.
    shown = {**headers, "authorization": f"Bearer {TOKEN}", "origin": "https://box.example:9014"}
    assert refuse(shown, TOKEN) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "localhost"},
        {"host": "localhost", "authorization": ""},
        {"host": "localhost", "authorization": TOKEN},
        {"host": "localhost", "authorization": "Bearer "},
        {"host": "localhost", "authorization": f"Bearer {TOKEN}x"},
        {"host": "localhost", "authorization": f"Bearer {TOKEN[:-1]}"},
        {"host": "localhost", "authorization": f"Basic {TOKEN}"},
        {"host": "localhost", "authorization": "Bearer \xfc"},
        {"host": "localhost", "authorization": SIGNED.replace("Credential=a", "Credential=b")},
        {"host": "h", "authorization": f"Bearer {TOKEN}", "origin": "http://evil.example"},
    ],
)
def test_with_a_token_whoever_does_not_show_it_is_refused(headers: dict[str, str]) -> None:
    reply = refuse(headers, TOKEN)
    assert reply is not None
    assert reply.status == 403
