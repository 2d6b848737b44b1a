"""The routing table: raw paths in, endpoints and decoded segments out."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perdure_local.server.routing import Found, NoRoute, Route, Router, WrongMethod

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST/durable-execution/n/u"
ENCODED = (
    "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af%3A%24LATEST"
    "%2Fdurable-execution%2Fn%2Fu"
)

ROUTER = Router(
    [
        Route("GET", "/things/{arn}", "get"),
        Route("DELETE", "/things/{arn}", "delete"),
        Route("POST", "/things/{arn}/stop", "stop"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "endpoint", "arn"),
    [
        ("GET", f"/things/{ENCODED}", "get", ARN),
        ("DELETE", "/things/a", "delete", "a"),
        ("POST", "/things/a%2Fb%2Bc%3D/stop", "stop", "a/b+c="),
        ("GET", "/things/a+b", "get", "a+b"),
        ("GET", "/things/caf%C3%A9", "get", "café"),
        ("GET", "/things/100%25", "get", "100%"),
    ],
)
def test_a_segment_is_decoded_after_the_path_is_split(
    method: str, path: str, endpoint: str, arn: str
) -> None:
    assert ROUTER.find(method, path) == Found(endpoint, {"arn": arn})


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "",
        "/things",
        "/things/",
        "/things/a/stop/",
        "//things/a",
        "/things/a/b/stop",
        f"/things/{ARN}",
        "/things%2Fa",
        "/things/%zz",
        "/things/%2",
        "/things/%ff",
        "http://127.0.0.1/things/a",
    ],
)
def test_whatever_is_not_in_the_table_is_not_found(path: str) -> None:
    assert ROUTER.find("GET", path) == NoRoute()


@given(st.text(min_size=1).filter(lambda text: text.isprintable()))
def test_any_text_survives_as_one_segment(text: str) -> None:
    assert ROUTER.find("GET", f"/things/{quote(text, safe='')}") == Found("get", {"arn": text})


def test_a_known_path_tells_which_methods_it_takes() -> None:
    assert ROUTER.find("PUT", "/things/a") == WrongMethod(("GET", "DELETE"))
    assert ROUTER.find("GET", "/things/a/stop") == WrongMethod(("POST",))
