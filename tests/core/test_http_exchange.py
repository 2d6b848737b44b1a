"""Exchanges over the one connection that is kept: connecting, keeping, opening again."""

from __future__ import annotations

import pytest

from core.http_peer import CLOSED, Network, Peer, Reply, whole
from perdure.errors import RemoteProtocolError, TransportError, TransportTimeoutError
from perdure.http import HttpRequest, Link, connect, exchange

REQUEST = HttpRequest("POST", "/x", (("Host", "h"),), b"{}")
ONE = ["Connect", "Send", "Receive"]


def closing(peer: Peer) -> list[bytes]:
    """An answer that announces the end of the connection."""
    return [peer.answer(b"last", headers=[("Connection", "close")])]


def idle_end(peer: Peer) -> list[bytes]:
    """The peer had closed the connection before it saw the request."""
    return [CLOSED]


def reset(peer: Peer) -> list[bytes | TransportError]:
    """The connection was reset before anything came."""
    return [TransportError("reset")]


def half(peer: Peer) -> list[bytes]:
    """An answer that is cut off."""
    return [peer.answer(b"whole")[:20], CLOSED]


def half_reset(peer: Peer) -> list[bytes | TransportError]:
    """An answer that is cut off by a reset."""
    return [peer.answer(b"whole")[:1], TransportError("reset")]


def garbage(peer: Peer) -> list[bytes]:
    """No HTTP."""
    return [b"nonsense\r\n\r\n"]


def test_the_connection_is_kept() -> None:
    network, link = Network([[whole(b"1"), whole(b"2"), whole(b"3")]]), Link()
    assert [network.do(exchange(link, REQUEST)).body for _ in range(3)] == [b"1", b"2", b"3"]
    assert network.log == ["Connect", *["Send", "Receive"] * 3]
    assert all(request.body == b"{}" for request in network.requests)


def test_the_connection_can_be_made_ready_beforehand() -> None:
    network, link = Network([[whole()]]), Link()
    for _ in range(2):
        network.do(connect(link))
    assert network.log == ["Connect"]
    network.do(exchange(link, REQUEST))
    assert network.log == ONE


def test_a_large_answer_takes_several_reads() -> None:
    def in_pieces(peer: Peer) -> list[bytes]:
        data = peer.answer(b"x" * 100)
        return [data[:10], data[10:50], data[50:]]

    network = Network([[in_pieces]])
    assert network.do(exchange(Link(), REQUEST)).body == b"x" * 100
    assert network.log == ["Connect", "Send", *["Receive"] * 3]


def test_a_connection_that_ends_is_opened_again_for_the_next() -> None:
    network, link = Network([[closing], [whole()]]), Link()
    assert network.do(exchange(link, REQUEST)).body == b"last"
    assert link.connection is None
    assert network.do(exchange(link, REQUEST)).body == b"{}"
    assert network.log == [*ONE, "Disconnect", *ONE]


@pytest.mark.parametrize("gone", [idle_end, reset, TransportError("broken pipe")])
def test_an_idle_connection_that_was_closed_is_opened_again_silently(
    gone: Reply | TransportError,
) -> None:
    network, link = Network([[whole(), gone], [whole(b"again")]]), Link()
    network.do(exchange(link, REQUEST))
    assert network.do(exchange(link, REQUEST)).body == b"again"
    sent = ["Send"] if isinstance(gone, TransportError) else ["Send", "Receive"]
    assert network.log == [*ONE, *sent, "Disconnect", *ONE]


def test_also_one_that_was_only_made_ready() -> None:
    network, link = Network([[idle_end], [whole(b"again")]]), Link()
    network.do(connect(link))
    assert network.do(exchange(link, REQUEST)).body == b"again"


@pytest.mark.parametrize("gone", [idle_end, reset, TransportError("broken pipe")])
def test_it_is_opened_again_only_once(gone: Reply | TransportError) -> None:
    network, link = Network([[whole(), gone], [gone], [whole()]]), Link()
    network.do(exchange(link, REQUEST))
    with pytest.raises(TransportError):
        network.do(exchange(link, REQUEST))
    assert network.log.count("Connect") == 2
    assert link.connection is None
    assert network.do(exchange(link, REQUEST)).body == b"{}"


@pytest.mark.parametrize("gone", [idle_end, reset, half, TransportError("broken pipe")])
def test_a_new_connection_that_fails_is_not_opened_again(gone: Reply | TransportError) -> None:
    network, link = Network([[gone], [whole()]]), Link()
    with pytest.raises(TransportError):
        network.do(exchange(link, REQUEST))
    assert network.log.count("Connect") == 1
    assert network.log[-1] == "Disconnect"


@pytest.mark.parametrize("gone", [half, half_reset])
def test_once_something_came_the_request_is_not_sent_again(gone: Reply) -> None:
    network, link = Network([[whole(), gone], [whole()]]), Link()
    network.do(exchange(link, REQUEST))
    with pytest.raises(TransportError):
        network.do(exchange(link, REQUEST))
    assert network.log.count("Connect") == 1
    assert network.log[-1] == "Disconnect"
    assert link.connection is None


def silent(peer: Peer) -> list[bytes | TransportError]:
    """The peer took the request and says nothing."""
    return [TransportTimeoutError("silent")]


@pytest.mark.parametrize("gone", [silent, TransportTimeoutError("silent")])
def test_a_silent_peer_is_not_asked_again_at_once(gone: Reply | TransportError) -> None:
    network, link = Network([[whole(), gone], [whole()]]), Link()
    network.do(exchange(link, REQUEST))
    with pytest.raises(TransportTimeoutError):
        network.do(exchange(link, REQUEST))
    assert network.log.count("Connect") == 1
    assert network.log[-1] == "Disconnect"


@pytest.mark.parametrize("kept", [False, True])
def test_what_is_no_http_is_not_sent_again(kept: bool) -> None:
    network, link = Network([[whole(), garbage] if kept else [garbage], [whole()]]), Link()
    if kept:
        network.do(exchange(link, REQUEST))
    with pytest.raises(RemoteProtocolError):
        network.do(exchange(link, REQUEST))
    assert network.log[-1] == "Disconnect"
    assert link.connection is None


def test_an_answer_that_is_too_large_closes_the_connection() -> None:
    network, link = Network([[whole(b"x" * 11)]]), Link(max_body=10)
    with pytest.raises(RemoteProtocolError, match="larger than 10 bytes"):
        network.do(exchange(link, REQUEST))
    assert network.log[-1] == "Disconnect"


def test_no_connection_is_a_transport_error() -> None:
    network, link = Network([None, [whole()]]), Link()
    with pytest.raises(TransportError, match="connection refused"):
        network.do(exchange(link, REQUEST))
    assert network.log == ["Connect"]
    assert network.do(exchange(link, REQUEST)).body == b"{}"


def test_no_connection_after_an_idle_end() -> None:
    network, link = Network([[whole(), idle_end], None]), Link()
    network.do(exchange(link, REQUEST))
    with pytest.raises(TransportError, match="connection refused"):
        network.do(exchange(link, REQUEST))
    assert link.connection is None


class Cancelled(BaseException):
    """What a runtime throws into whoever waits."""


@pytest.mark.parametrize("kept", [False, True])
def test_a_cancelled_exchange_closes_the_connection(kept: bool) -> None:
    link = Link()
    if kept:
        Network([[whole()]]).do(exchange(link, REQUEST))
    asked = exchange(link, REQUEST)
    log = [type(asked.send(None)).__name__]
    while log[-1] != "Receive":
        log.append(type(asked.send(b"")).__name__)
    log.append(type(asked.throw(Cancelled())).__name__)
    with pytest.raises(Cancelled):
        asked.send(b"")
    assert log == [*([] if kept else ["Connect"]), "Send", "Receive", "Disconnect"]
    assert link.connection is None
