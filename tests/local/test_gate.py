"""Who is let in: by the headers alone, before a body is read."""

from __future__ import annotations

import json

import pytest

from perdure_local.gate import MAX_BODY_BYTES, refuse


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8080", "localhost", "localhost:80", "LocalHost:1"]
)
def test_programs_of_this_machine_are_let_in(host: str) -> None:
    assert refuse({"host": host}) is None
    assert refuse({"host": host, "content-length": str(MAX_BODY_BYTES)}) is None


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
