"""The commands that ask a running service: start, list, show, history, stop, callback."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest

from local.asking import Asker
from local.serving import Peer, Program, serving
from perdure_local.command import cli
from perdure_local.functions.invocations import Function
from perdure_local.terminal.refused import Refused

TERMINAL = {"SUCCEEDED", "FAILED", "STOPPED"}


class Asks(Program):
    """Waits for one callback, named ``approval``, and returns what it was answered."""

    def __call__(self, event: dict[str, Any], context: object) -> object:
        operations = event["InitialExecutionState"]["Operations"]
        for each in operations:
            if each["Type"] == "CALLBACK" and each["Status"] != "STARTED":
                said = each["CallbackDetails"]
                if "Error" in said:
                    return {"Status": "FAILED", "Error": said["Error"]}
                return {"Status": "SUCCEEDED", "Result": said.get("Result")}
        update = {
            "Id": "1",
            "Type": "CALLBACK",
            "SubType": "Callback",
            "Action": "START",
            "Name": "approval",
            "CallbackOptions": {"TimeoutSeconds": 600, "HeartbeatTimeoutSeconds": 300},
        }
        if len(operations) == 1:
            peer = Peer(self.port)
            body = {"CheckpointToken": event["CheckpointToken"], "Updates": [update]}
            try:
                peer.of(event["DurableExecutionArn"], "POST", "/checkpoint", body)
            finally:
                peer.close()
        return {"Status": "PENDING"}


def _fails(event: object, context: object) -> object:
    error = {"ErrorType": "OutOfStock", "ErrorMessage": "no mugs\x1b[31m"}
    return {"Status": "FAILED", "Error": error}


def _plain(event: object, context: object) -> object:
    return event


@pytest.fixture(scope="module")
def ask() -> Iterator[Asker]:
    nap, asks = Program(), Asks()
    functions: dict[str, Function] = {
        "nap": nap,
        "asks": asks,
        "fails": _fails,
        "plain": _plain,
    }
    with serving(functions, plain=["plain"]) as peer:
        nap.port = asks.port = peer.port
        yield Asker(peer.port)


def _ended(ask: Asker, arn: str) -> Any:
    deadline = time.monotonic() + 20
    while (found := ask.json("show", arn))["Status"] not in TERMINAL:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return found


def _callback_id(ask: Asker, arn: str) -> str:
    deadline = time.monotonic() + 20
    while not (found := ask.json("show", arn)["Operations"]):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    callback: str = found[0]["CallbackId"]
    return callback


def test_an_execution_is_started_and_shown_as_a_tree(ask: Asker) -> None:
    arn = ask("start", "nap", "--input", '{"seconds": 1}', "--name", "shown").strip()
    assert ":function:nap:$LATEST/durable-execution/shown/" in arn
    again = ask.json("start", "nap", "--input", '{"seconds": 1}', "--name", "shown")
    assert again == {"DurableExecutionArn": arn}
    whole = _ended(ask, arn)
    assert [each["Name"] for each in whole["Operations"]] == ["nap"]
    assert whole["Operations"][0]["DurationSeconds"] >= 1
    lines = ask("show", arn).splitlines()
    assert lines[0] == arn
    assert lines[1].startswith("SUCCEEDED after 1")
    assert lines[2] == 'input: {"seconds": 1}'
    assert lines[3] == 'result: {"waited": {"seconds": 1}}'
    assert lines[4].startswith("└─ nap  (Wait)  SUCCEEDED  1")
    assert len(lines) == 5


def test_an_error_is_shown_and_harmless(ask: Asker) -> None:
    arn = ask("start", "fails").strip()
    _ended(ask, arn)
    assert "error: OutOfStock: no mugs\\x1b[31m\n" in ask("show", arn)


def test_the_history_is_printed_or_given_as_it_is(ask: Asker) -> None:
    arn = ask("start", "fails").strip()
    _ended(ask, arn)
    kinds = ["ExecutionStarted", "InvocationCompleted", "ExecutionFailed"]
    assert [each["EventType"] for each in ask.json("history", arn)] == kinds
    lines = ask("history", arn).splitlines()
    assert [line.split()[:3:2] for line in lines] == [
        [str(place), kind] for place, kind in enumerate(kinds, 1)
    ]


def test_lists_are_of_one_function_or_of_all_durable_ones(ask: Asker) -> None:
    first = ask("start", "fails", "--name", "list-1").strip()
    second = ask("start", "fails", "--name", "list-2").strip()
    _ended(ask, first)
    _ended(ask, second)
    arns = [each["DurableExecutionArn"] for each in ask.json("list", "fails")]
    assert arns.index(first) > arns.index(second)
    arns = [each["DurableExecutionArn"] for each in ask.json("list", "fails", "--oldest")]
    assert arns.index(first) < arns.index(second)
    newest = ask.json("list", "fails", "--limit", "1")
    assert [each["DurableExecutionArn"] for each in newest] == [second]
    assert ask.json("list", "fails", "--status", "SUCCEEDED") == []
    assert ask.json("list", "nobody") == []
    every = [each["DurableExecutionArn"] for each in ask.json("list")]
    assert {first, second} <= set(every)
    line = ask("list", "fails").splitlines()[0]
    assert line.startswith("FAILED ")
    assert line.endswith(second)


def test_an_execution_is_stopped_with_an_error(ask: Asker) -> None:
    arn = ask("start", "asks").strip()
    _callback_id(ask, arn)
    said = ask("stop", arn, "--error-type", "Recall", "--error-message", "no more")
    assert said.startswith("ended at 20")
    assert _ended(ask, arn)["Error"] == {"ErrorType": "Recall", "ErrorMessage": "no more"}
    assert list(ask.json("stop", arn)) == ["StopTimestamp"]
    shown = ask("show", arn)
    time.sleep(0.1)
    assert ask("show", arn) == shown  # what is open in it grows no older


def test_a_callback_is_kept_alive_and_answered(ask: Asker) -> None:
    arn = ask("start", "asks").strip()
    key = _callback_id(ask, arn)
    line = ask("show", arn).splitlines()[-1]
    assert line.startswith("└─ approval  (Callback)  STARTED  ")
    assert line.endswith(f"  id {key}")
    assert ask("callback", "heartbeat", key) == "heartbeat: done\n"
    assert ask.json("callback", "succeed", key, "--result", '{"by": "Zoë"}') == {}
    assert json.loads(_ended(ask, arn)["Result"]) == {"by": "Zoë"}


def test_a_callback_is_answered_with_a_text(ask: Asker) -> None:
    arn = ask("start", "asks").strip()
    ask("callback", "succeed", _callback_id(ask, arn), "--text", "yes")
    assert _ended(ask, arn)["Result"] == "yes"


def test_a_callback_is_failed(ask: Asker) -> None:
    arn = ask("start", "asks").strip()
    ask("callback", "fail", _callback_id(ask, arn), "--error-type", "No", "--error-data", "x")
    assert _ended(ask, arn)["Error"] == {"ErrorType": "No", "ErrorData": "x"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["show", "x"], "ValidationException: 1 validation error detected: Value 'x'"),
        (["start", "nobody"], "ResourceNotFoundException: Function not found: nobody"),
        (["start", "plain"], "plain was invoked, but it is not a durable function"),
        (["start", "nap", "--input", "{"], "--input is not JSON"),
        (["start", "nap", "--name", "a b"], "ValidationException"),
        (["start", "nap", "--name", "a\nb"], "characters that a header cannot have"),
        (["callback", "succeed", "YWJj"], "Invalid callback ID"),
        (["callback", "succeed", "YWJj", "--result", "nope"], "--result is not JSON"),
        (["list", "a b"], "InvalidParameterValueException: Invalid function name 'a b'"),
    ],
)
def test_what_cannot_be_done_is_refused(ask: Asker, arguments: list[str], message: str) -> None:
    with pytest.raises(Refused) as refused:
        ask(*arguments)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_service_that_is_not_there_is_named() -> None:
    with pytest.raises(Refused, match=r"http://127\.0\.0\.1:1 cannot be reached: Connection"):
        Asker(1)("list", "nap")


def test_a_family_without_a_command_shows_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["callback"], prog_name="perdure", standalone_mode=False)
    assert "heartbeat  Say that somebody still works on it." in capsys.readouterr().out
