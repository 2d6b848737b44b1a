"""A client that asks for a WebSocket: it is answered, and nobody is told to install one."""

from __future__ import annotations

import pytest

from local.serving import serving

UPGRADE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}


def test_whoever_asks_for_an_upgrade_is_answered_without_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with serving({}) as peer:
        answer = peer.send("GET", "/nothing", headers=UPGRADE)
        assert (answer.status, answer.headers["content-type"]) == (404, "application/json")
    # What else the server has to say is still said.
    assert [record.getMessage() for record in caplog.records] == ["Unsupported upgrade request."]
