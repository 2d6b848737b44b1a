"""TLS: verified always, by the authorities that AWS_CA_BUNDLE names."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from adapters.certificates import OPENSSL, Certificate, self_signed
from adapters.conftest import MakeHandler, lead_to
from adapters.programs import Context
from adapters.replies import CloseAfter, Cut, Silence
from adapters.runtimes import QUICK, Runtime
from adapters.world import World
from perdure.endpoints import Endpoint
from perdure.errors import TransportError, TransportTimeoutError
from perdure_aws import ClientSettings, CredentialChain, tls_context

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="there is no openssl command here")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return self_signed(tmp_path_factory.mktemp("trusted"))


@pytest.fixture
def world(certificate: Certificate, monkeypatch: pytest.MonkeyPatch) -> Generator[World]:
    """A service behind TLS, trusted."""
    with World(tls=certificate.server) as made:
        lead_to(made, monkeypatch)
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", f"https://127.0.0.1:{made.loopback.port}")
        monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate.bundle))
        yield made


def one() -> int:
    return 1


async def program(event: Any, ctx: Context) -> object:
    first = await ctx.step(one)
    await ctx.wait(1)
    return first + await ctx.step(one)


def test_one_encrypted_connection_serves_all_invocations(
    world: World, make_handler: MakeHandler
) -> None:
    handler = make_handler(program)
    for _ in range(2):
        run = world.run(handler)
        assert run.statuses == ["PENDING", "SUCCEEDED"]
        assert run.result == 2
    assert world.loopback.connections == 1
    assert len(world.requests) == 6


def test_faults_over_tls(world: World, runtime: Runtime) -> None:
    world.loopback.plan(Cut(0), CloseAfter(), Cut(25), Silence(), Cut(-4, reset=True))
    settings = world.loopback.settings(read_seconds=0.15)
    run = world.run(runtime.entry_point(program, settings, retries=QUICK))
    assert run.result == 2
    assert len(world.operations()) == 3


@pytest.mark.parametrize(
    ("name", "told"),
    [("IP:127.0.0.1", "self-signed certificate"), ("DNS:lambda.example", "mismatch")],
)
def test_a_certificate_that_proves_nothing_is_refused(
    runtime: Runtime,
    certificate: Certificate,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    told: str,
) -> None:
    other = self_signed(tmp_path / "other", name)
    trusted = other if told == "mismatch" else certificate
    monkeypatch.setenv("AWS_CA_BUNDLE", str(trusted.bundle))
    with World(tls=other.server) as world:
        event = world.event()
        with pytest.raises(TransportError, match=rf"Connect failed: .*{told}"):
            runtime.invoke(program, event, world.loopback.settings(), retries=QUICK)
        assert world.requests == []


def test_a_peer_that_speaks_no_tls_is_refused(
    runtime: Runtime, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate.bundle))

    def answer_in_plain(sock: socket.socket) -> None:
        sock.recv(1000)
        sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    event = World.event_of_nowhere()
    with peer(answer_in_plain) as settings, pytest.raises(TransportError, match="Connect failed"):
        runtime.invoke(program, event, settings, retries=QUICK)


def test_a_handshake_that_never_ends_is_part_of_connecting(
    runtime: Runtime, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate.bundle))

    def stay_silent(sock: socket.socket) -> None:
        while sock.recv(1000):
            pass

    event = World.event_of_nowhere()
    began = time.monotonic()
    with (
        peer(stay_silent) as settings,
        pytest.raises(TransportTimeoutError, match="Connect took too long"),
    ):
        runtime.invoke(program, event, settings, retries=QUICK)
    assert time.monotonic() - began < 3


@contextmanager
def peer(behave: Any) -> Generator[ClientSettings]:
    """Somebody else on the service's port: each connection gets the same treatment."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def serve() -> None:
            while True:
                sock, _ = listener.accept()
                with sock:
                    if ended.is_set():
                        return
                    with suppress(OSError):  # The client may leave.
                        behave(sock)

        thread = threading.Thread(target=serve, name="loopback-peer")
        thread.start()
        port = listener.getsockname()[1]
        yield ClientSettings(
            Endpoint("https", "127.0.0.1", port),
            "us-east-1",
            CredentialChain({"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "w"}),
            connect_seconds=0.2,
            read_seconds=5,
        )
        ended.set()
        socket.create_connection(("127.0.0.1", port)).close()
        thread.join()


def test_the_context_verifies_by_the_system_and_knows_no_old_tls() -> None:
    context = tls_context({})
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_a_bundle_alone_is_trusted(certificate: Certificate) -> None:
    context = tls_context({"AWS_CA_BUNDLE": str(certificate.bundle)})
    assert context.cert_store_stats() == {"x509": 1, "crl": 0, "x509_ca": 1}


def test_a_bundle_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        tls_context({"AWS_CA_BUNDLE": "/nowhere/bundle.pem"})
