"""The page's own routes, over plain HTTP: its files, the list over all functions, the news."""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import perdure_local
from local.serving import Peer, Program, serving
from perdure.service.service import Service
from perdure_local.clock import RealClock, SkippingClock
from perdure_local.embedded import EmbeddedService
from perdure_local.functions.lambda_context import LambdaContext
from perdure_local.server.served import Served

PROGRAM = Program()
FOLDER = Path(perdure_local.__file__).parent / "page"
FILES = sorted(path.name for path in FOLDER.iterdir())
TOKEN = "a-token-of-some-length"
UNKNOWN = "arn:aws:lambda:us-east-1:123456789012:function:nap:$LATEST/durable-execution/no/no"


def _answers(event: dict[str, Any], context: LambdaContext) -> object:
    return {"Status": "SUCCEEDED", "Result": "1"}


@pytest.fixture
def peer() -> Iterator[Peer]:
    with serving({"nap": PROGRAM, "answers": _answers}, clock=SkippingClock()) as peer:
        PROGRAM.port = peer.port
        yield peer


# Its files


def test_the_page_is_served_at_the_address(peer: Peer) -> None:
    response = peer.send("GET", "/")
    assert response.status == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.body == (FOLDER / "index.html").read_bytes()


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_served_with_its_type_and_a_strict_policy(peer: Peer, name: str) -> None:
    response = peer.send("GET", f"/perdure/page/{name}")
    assert response.status == 200
    assert response.body == (FOLDER / name).read_bytes()
    types = {"html": "text/html", "css": "text/css", "js": "text/javascript", "svg": "image/svg"}
    assert response.headers["content-type"].startswith(types[name.rpartition(".")[2]])
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize("name", FILES)
def test_a_file_names_only_files_that_are_there(name: str) -> None:
    text = (FOLDER / name).read_text(encoding="utf-8")
    own = re.findall(r'"/perdure/page/([^"]*)"', text)
    imported = re.findall(r'^(?:import|\} from|import .* from) "\./([^"]*)"', text, re.MULTILINE)
    assert set(own + imported) <= set(FILES)
    # Nothing may come from elsewhere, and no text may become HTML.
    foreign = set(re.findall(r"https?://[^\s\"']+", text))
    assert foreign <= {"http://www.w3.org/2000/svg"}
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)


@pytest.mark.parametrize("name", ["none.js", "..%2Fasgi.py", "%2e%2e", "index.html%00", "page.py"])
def test_nothing_else_is_a_file_of_the_page(peer: Peer, name: str) -> None:
    response = peer.send("GET", f"/perdure/page/{name}")
    assert response.status == 404
    assert response.headers["content-type"] == "application/json"


# Who is let in


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}, 200),
        ({"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate"}, 200),
        # A link on another page, that somebody follows.
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}, 200),
        ({"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 403),
    ],
)
@pytest.mark.parametrize("target", ["/", "/perdure/executions", "/2015-03-31/functions"])
def test_only_its_own_page_is_let_in(
    peer: Peer, target: str, headers: dict[str, str], status: int
) -> None:
    assert peer.send("GET", target, headers=headers).status == status


def test_the_page_may_post_and_a_page_on_another_port_may_not(peer: Peer) -> None:
    target = "/2015-03-31/functions/answers/invocations"
    own = {"Origin": f"http://127.0.0.1:{peer.port}", "Host": f"127.0.0.1:{peer.port}"}
    assert peer.send("POST", target, b"{}", own).status == 200
    for origin in ("http://127.0.0.1", f"http://127.0.0.1:{peer.port + 1}", "http://localhost"):
        response = peer.send("POST", target, b"{}", {**own, "Origin": origin})
        assert response.status == 403
        assert response.headers["x-amzn-errortype"] == "AccessDeniedException"


def test_with_a_token_the_files_are_for_all_and_nothing_else_is() -> None:
    embedded = EmbeddedService(Service(), {}, RealClock())
    with Served(embedded, token=TOKEN) as served:
        peer = Peer(served.port)
        assert peer.send("GET", "/", headers={"Host": "box.example"}).status == 200
        assert peer.send("GET", "/perdure/page/main.js").status == 200
        for target in ("/perdure/executions", "/perdure/changes", "/perdure/page"):
            refused = peer.send("GET", target)
            assert refused.headers["x-amzn-errortype"] == "UnrecognizedClientException"
        shown = {"Authorization": f"Bearer {TOKEN}"}
        assert peer.send("GET", "/perdure/executions", headers=shown).status == 200
        peer.close()


# The list over all functions


def _names(peer: Peer, query: str = "") -> list[str]:
    listed = peer.send("GET", f"/perdure/executions{query}").json()
    return [item["DurableExecutionName"] for item in listed["DurableExecutions"]]


def test_the_list_is_over_all_functions(peer: Peer) -> None:
    assert peer.send("GET", "/perdure/executions").json() == {"DurableExecutions": []}
    peer.invoke("nap", {"seconds": 1}, durable_execution_name="one")
    peer.invoke("answers", durable_execution_name="two")
    peer.invoke("answers", durable_execution_name="three")
    assert _names(peer) == ["three", "two", "one"]
    assert _names(peer, "?FunctionName=answers") == ["three", "two"]
    assert _names(peer, "?NameContains=o") == ["two", "one"]
    assert _names(peer, "?Statuses=RUNNING&Statuses=FAILED") == []
    page = peer.send("GET", "/perdure/executions?MaxItems=2").json()
    assert _names(peer, f"?Marker={page['NextMarker']}") == ["one"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("MaxItems=1001", "ValidationException"),
        ("MaxItems=x", "SerializationException"),
        ("Marker=x", "InvalidParameterValueException"),
        ("Statuses=ODD", "ValidationException"),
        ("FunctionName=a%20b", "InvalidParameterValueException"),
        (f"NameContains={'x' * 65}", "ValidationException"),
    ],
)
def test_a_list_that_is_asked_wrongly_is_refused(peer: Peer, query: str, code: str) -> None:
    response = peer.send("GET", f"/perdure/executions?{query}")
    assert response.status == 400
    assert response.headers["x-amzn-errortype"] == code


# News


def _changes(peer: Peer, **query: object) -> dict[str, Any]:
    asked = "&".join(f"{name}={quote(str(value), safe='')}" for name, value in query.items())
    response = peer.send("GET", f"/perdure/changes?{asked}")
    assert response.status == 200, response.body
    answer: dict[str, Any] = response.json()
    return answer


def test_whoever_is_behind_is_answered_at_once(peer: Peer) -> None:
    assert _changes(peer)["Last"] == 0
    arn = peer.invoke("answers").headers["x-amz-durable-execution-arn"]
    assert _changes(peer, After=0)["Last"] == 3
    assert _changes(peer, After=7)["Last"] == 3
    assert _changes(peer, After="x")["Last"] == 3
    # ExecutionStarted, InvocationCompleted, ExecutionSucceeded.
    news = _changes(peer, DurableExecutionArn=arn)
    assert news["Last"] == 3
    assert news["Now"] == pytest.approx(time.time(), abs=60)


@pytest.mark.parametrize("about", ["all", "one"])
def test_whoever_is_up_to_date_is_answered_at_the_next_event(about: str) -> None:
    over = threading.Event()

    def held(event: object, context: LambdaContext) -> object:
        over.wait(20)
        return {"Status": "SUCCEEDED"}

    with serving({"held": held}) as peer:
        arn = peer.start("held")
        query = {} if about == "all" else {"DurableExecutionArn": arn}
        assert _changes(peer, **query)["Last"] == 1
        # The question is at the service before anything happens, or comes right after.
        threading.Timer(0.2, over.set).start()
        assert _changes(peer, After=1, **query)["Last"] > 1


@pytest.mark.parametrize(
    ("arn", "status", "code"),
    [(UNKNOWN, 404, "ResourceNotFoundException"), ("x", 400, "ValidationException")],
)
def test_there_is_no_news_of_what_is_not_there(
    peer: Peer, arn: str, status: int, code: str
) -> None:
    target = f"/perdure/changes?DurableExecutionArn={quote(arn, safe='')}"
    response = peer.send("GET", target)
    assert response.status == status
    assert response.headers["x-amzn-errortype"] == code


def test_who_waits_for_news_does_not_hold_up_the_end() -> None:
    embedded = EmbeddedService(Service(), {}, RealClock())
    with Served(embedded) as served:
        raw = socket.create_connection(("127.0.0.1", served.port), timeout=10)
        raw.sendall(b"GET /perdure/changes?After=0 HTTP/1.1\r\nHost: localhost\r\n\r\n")
        # Another request on another connection is answered after that one was read.
        peer = Peer(served.port)
        assert peer.send("GET", "/").status == 200
        peer.close()
    with raw:
        assert raw.recv(4096).startswith(b"HTTP/1.1 200 OK\r\n")
    assert not served.alive
