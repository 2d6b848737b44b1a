"""One HTTP answer, however the network cuts it up."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.http_peer import CLOSED, Peer
from perdure.errors import RemoteProtocolError, TransportError
from perdure.http import HttpConnection, HttpRequest, HttpResponse

REQUEST = HttpRequest("POST", "/a%20b?c=d", (("Host", "h"), ("X-Y", "z")), b'{"e":1}')
BODY = b'{"CheckpointToken":"t1"}'


def asked(request: HttpRequest = REQUEST, max_body: int = 1000) -> tuple[HttpConnection, Peer]:
    """A connection on which a request has gone out."""
    connection, peer = HttpConnection(max_body), Peer()
    peer.receive(connection.bytes_to_send(request))
    return connection, peer


def read(connection: HttpConnection, pieces: Iterable[bytes]) -> HttpResponse:
    """Feed pieces; the answer must come with the last one and no sooner."""
    answers = [connection.receive_data(piece) for piece in pieces]
    assert all(answer is None for answer in answers[:-1])
    assert answers[-1] is not None
    return answers[-1]


# -- requests ------------------------------------------------------------------------------


def test_head_and_body_are_one_piece() -> None:
    assert HttpConnection().bytes_to_send(REQUEST) == (
        b'POST /a%20b?c=d HTTP/1.1\r\nhost: h\r\nx-y: z\r\ncontent-length: 7\r\n\r\n{"e":1}'
    )


def test_a_request_without_a_body() -> None:
    request = HttpRequest("GET", "/", (("Host", "h"),))
    sent = HttpConnection().bytes_to_send(request)
    assert sent == b"GET / HTTP/1.1\r\nhost: h\r\ncontent-length: 0\r\n\r\n"


def test_the_peer_reads_what_was_asked() -> None:
    connection, peer = HttpConnection(), Peer()
    got = peer.receive(connection.bytes_to_send(REQUEST))
    assert (got.method, got.target, got.body) == ("POST", "/a%20b?c=d", REQUEST.body)
    assert got.headers == (("host", "h"), ("x-y", "z"), ("content-length", "7"))


# -- answers -------------------------------------------------------------------------------


@pytest.mark.parametrize("chunks", [0, 1, 3])
@pytest.mark.parametrize("informational", [(), (100,), (102, 103)])
@pytest.mark.parametrize("by_byte", [False, True])
def test_an_answer(chunks: int, informational: tuple[int, ...], by_byte: bool) -> None:
    connection, peer = asked()
    data = peer.answer(
        BODY, 404, headers=[("X-Amzn-ErrorType", "A:b")], chunks=chunks, informational=informational
    )
    pieces = [bytes([byte]) for byte in data] if by_byte else [data]
    response = read(connection, pieces)
    assert (response.status, response.body) == (404, BODY)
    assert response.headers["x-amzn-errortype"] == "A:b"
    assert connection.is_reusable
    assert connection.received


def test_a_header_that_is_not_ascii() -> None:
    connection, _ = asked()
    response = read(connection, [b"HTTP/1.1 200 OK\r\nX: \xe9\r\nContent-Length: 0\r\n\r\n"])
    assert response.headers == {"x": "é", "content-length": "0"}


def test_an_answer_without_a_body() -> None:
    connection, peer = asked()
    assert read(connection, [peer.answer(b"", 204)]).body == b""
    assert connection.is_reusable


@pytest.mark.parametrize("by_byte", [False, True])
def test_an_answer_that_ends_with_the_stream(by_byte: bool) -> None:
    connection, _ = asked()
    data = b"HTTP/1.1 200 OK\r\n\r\n" + BODY
    pieces = [bytes([byte]) for byte in data] if by_byte else [data]
    assert read(connection, [*pieces, CLOSED]).body == BODY
    assert not connection.is_reusable


def test_a_peer_that_announces_its_end_is_not_asked_again() -> None:
    connection, peer = asked()
    response = read(connection, [peer.answer(BODY, headers=[("Connection", "close")])])
    assert response.body == BODY
    assert not connection.is_reusable


def test_http_1_0_is_not_asked_again() -> None:
    connection, _ = asked()
    response = read(connection, [b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}"])
    assert response.body == b"{}"
    assert not connection.is_reusable


def test_one_request_after_the_other() -> None:
    connection, peer = asked()
    assert read(connection, [peer.answer(b"one")]).body == b"one"
    for body in (b"two", b"", b"four"):
        assert peer.receive(connection.bytes_to_send(REQUEST)).body == REQUEST.body
        assert not connection.received
        assert read(connection, [peer.answer(body, chunks=2)]).body == body
        assert connection.is_reusable


def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next() -> None:
    connection, peer = asked()
    stray = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"
    assert read(connection, [peer.answer(BODY) + stray]).body == BODY
    assert not connection.is_reusable


@given(st.lists(st.integers(1, 400)), st.sampled_from([0, 1, 2, 5]), st.binary(max_size=200))
def test_any_cut_reads_the_same(cuts: list[int], chunks: int, body: bytes) -> None:
    connection, peer = asked()
    data = peer.answer(body, chunks=chunks, informational=[100])
    places = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    pieces = [data[start:end] for start, end in pairwise(places)]
    assert read(connection, pieces).body == body


# -- answers that are none -----------------------------------------------------------------


@pytest.mark.parametrize("chunks", [0, 3])
def test_a_stream_cut_off_anywhere_is_a_transport_error(chunks: int) -> None:
    complete = asked()[1].answer(BODY, chunks=chunks, informational=[100])
    for end in range(len(complete)):
        connection, _ = asked()
        if end:
            assert connection.receive_data(complete[:end]) is None
        with pytest.raises(TransportError) as raised:
            connection.receive_data(CLOSED)
        assert raised.value.retryable
        when = "cut off within the answer" if end else "closed before an answer came"
        assert str(raised.value) == f"the connection was {when}"
        assert connection.received is (end > 0)
        assert not connection.is_reusable


def test_a_stream_that_ends_before_anything_was_asked_is_a_transport_error() -> None:
    connection = HttpConnection()
    with pytest.raises(TransportError, match="closed before an answer came"):
        connection.receive_data(CLOSED)
    assert not connection.is_reusable


@pytest.mark.parametrize(
    "garbage",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
        b"<html>" + b"x" * 100_000,
    ],
    ids=lambda data: repr(data[:30]),
)
def test_what_is_no_http_is_a_remote_protocol_error(garbage: bytes) -> None:
    connection, _ = asked()
    with pytest.raises(RemoteProtocolError, match="the answer is not HTTP: "):
        connection.receive_data(garbage)
    assert not connection.is_reusable


@given(st.binary(max_size=300), st.sampled_from([b"", b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n"]))
def test_nothing_but_these_errors_comes_out(data: bytes, head: bytes) -> None:
    connection, _ = asked()
    try:
        for piece in (head + data, CLOSED):
            if connection.receive_data(piece) is not None:
                break
    except (TransportError, RemoteProtocolError):
        assert not connection.is_reusable


@pytest.mark.parametrize("chunks", [0, 4])
@pytest.mark.parametrize(("size", "fits"), [(1000, True), (1001, False)])
def test_an_answer_is_bounded(chunks: int, size: int, fits: bool) -> None:
    connection, peer = asked(max_body=1000)
    data = peer.answer(b"x" * size, chunks=chunks)
    if fits:
        assert len(read(connection, [data]).body) == size
        return
    with pytest.raises(RemoteProtocolError, match="larger than 1000 bytes"):
        connection.receive_data(data)


def test_a_bound_is_for_one_answer() -> None:
    connection, peer = asked(max_body=1000)
    for _ in range(3):
        assert len(read(connection, [peer.answer(b"x" * 900)]).body) == 900
        peer.receive(connection.bytes_to_send(REQUEST))


def test_shown_requests_and_answers_hide_what_they_hold() -> None:
    response = HttpResponse(200, {}, b"secret")
    assert "secret" not in repr(response)
    assert "X-Y" not in repr(REQUEST)
