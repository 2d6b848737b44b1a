"""Whose requests they are: from the environment, or by the whole of botocore's chain."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.loopback import Loopback, Received
from adapters.programs import Context
from adapters.replies import Answer
from adapters.world import World
from perdure.errors import Scope, ServiceError
from perdure.signing import Credentials
from perdure_aws import CredentialChain

KEY, SECRET, TOKEN = "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"


@pytest.mark.parametrize(
    ("environ", "found"),
    [
        ({KEY: "k", SECRET: "s"}, Credentials("k", "s", None)),
        ({KEY: "k", SECRET: "s", TOKEN: "t"}, Credentials("k", "s", "t")),
        ({KEY: "k", SECRET: "s", TOKEN: ""}, Credentials("k", "s", None)),
        ({KEY: "k"}, None),
        ({SECRET: "s"}, None),
        ({KEY: "", SECRET: "s"}, None),
        ({}, None),
        # They expire, so they must be asked for again: botocore's affair.
        ({KEY: "k", SECRET: "s", "AWS_CREDENTIAL_EXPIRATION": "2030-01-01T00:00:00Z"}, None),
    ],
)
def test_what_is_at_hand(environ: dict[str, str], found: Credentials | None) -> None:
    chain = CredentialChain(environ)
    assert chain.at_hand() == found
    if found is not None:
        assert chain.load() == found


def test_what_the_environment_says_is_read_anew_each_time() -> None:
    environ = {KEY: "k1", SECRET: "s"}
    chain = CredentialChain(environ)
    assert chain.load().access_key == "k1"
    environ[KEY] = "k2"
    assert chain.load().access_key == "k2"


def test_nothing_shows_a_secret() -> None:
    assert "secret" not in repr(Credentials("AKID", "secret", "token"))
    assert "secret" not in repr(CredentialChain({KEY: "AKID", SECRET: "secret"}))


def test_a_shared_credentials_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "credentials"
    file.write_text("[work]\naws_access_key_id = FILE\naws_secret_access_key = s\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_PROFILE", "work")
    chain = CredentialChain()
    assert chain.at_hand() is None
    assert chain.load() == Credentials("FILE", "s", None)
    file.unlink()
    assert chain.at_hand() == Credentials("FILE", "s", None)


def test_there_are_none() -> None:
    with pytest.raises(ServiceError, match="no AWS credentials found") as caught:
        CredentialChain().load()
    assert caught.value.scope is Scope.INVOCATION


# -- credentials that expire -----------------------------------------------------------------

PROCESS = """
import json, pathlib, datetime
count = pathlib.Path({count!r})
number = int(count.read_text()) + 1
count.write_text(str(number))
end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds={seconds})
print(json.dumps({{"Version": 1, "AccessKeyId": f"PROCESS{{number}}", "SecretAccessKey": "s",
    "SessionToken": "t", "Expiration": end.isoformat()}}))
"""


@pytest.mark.parametrize(
    ("seconds", "keys"), [(7200, 1), (60, 3)], ids=["valid for hours", "about to expire"]
)
def test_a_credential_process_is_asked_again_before_its_credentials_expire(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: int, keys: int
) -> None:
    count = tmp_path / "count"
    count.write_text("0")
    script = tmp_path / "process.py"
    script.write_text(PROCESS.format(count=str(count), seconds=seconds))
    config = tmp_path / "config"
    config.write_text(f"[profile p]\ncredential_process = {sys.executable} {script}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "p")
    chain = CredentialChain()
    found = [chain.load() for _ in range(3)]
    assert len({each.access_key for each in found}) == keys
    assert found[0].token == "t"
    # Without a thread of its own a request takes what need not be asked for.
    assert chain.at_hand() == (found[0] if keys == 1 else None)


def test_a_credential_process_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = tmp_path / "config"
    config.write_text(f"[profile p]\ncredential_process = {sys.executable} -c 1/0\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_PROFILE", "p")
    with pytest.raises(ServiceError, match=r"AWS credentials: .*custom-process") as caught:
        CredentialChain().load()
    assert caught.value.scope is Scope.INVOCATION


def container(seconds: int) -> Callable[[Received], Answer]:
    """A container's credential endpoint: each answer has another key."""
    asked: list[Received] = []

    def answer(request: Received) -> Answer:
        assert request.headers["authorization"] == "let me in"
        asked.append(request)
        end = datetime.now(UTC) + timedelta(seconds=seconds)
        body = {
            "AccessKeyId": f"CONTAINER{len(asked)}",
            "SecretAccessKey": "s",
            "Token": "t",
            "Expiration": end.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        return Answer(200, json.dumps(body).encode(), (("content-type", "application/json"),))

    return answer


def one() -> int:
    return 1


async def program(event: Any, ctx: Context) -> object:
    return await ctx.step(one) + await ctx.step(one)


@pytest.mark.parametrize(
    ("seconds", "keys"), [(7200, 1), (60, 2)], ids=["valid for hours", "about to expire"]
)
def test_requests_are_signed_with_what_the_container_gives(
    world: World,
    make_handler: MakeHandler,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
    keys: int,
) -> None:
    with Loopback(container(seconds)) as endpoint:
        monkeypatch.delenv(KEY)
        monkeypatch.delenv(SECRET)
        monkeypatch.setenv(
            "AWS_CONTAINER_CREDENTIALS_FULL_URI", f"http://127.0.0.1:{endpoint.port}/role"
        )
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN", "let me in")
        assert world.run(make_handler(program)).result == 2
    used = [request.headers["authorization"].split("/")[0] for request in world.requests]
    assert len(set(used)) == keys
    assert all(each.startswith("AWS4-HMAC-SHA256 Credential=CONTAINER") for each in used)
    assert {request.headers["x-amz-security-token"] for request in world.requests} == {"t"}


def test_without_credentials_nothing_is_sent(
    world: World, make_handler: MakeHandler, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY)
    handler = make_handler(program)
    with pytest.raises(ServiceError, match="no AWS credentials found"):
        handler(world.event(), None)
    assert world.requests == []
