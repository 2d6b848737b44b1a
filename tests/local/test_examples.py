"""The example runs on every runtime, and leaves the same history on each."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.running import EXAMPLES, perdure

ORDER = EXAMPLES / "order.py"
INPUT = '{"order_id": "o-17", "items": {"mug": 2, "poster": 1}}'
RESULT = {
    "order_id": "o-17",
    "items": {"mug": 2, "poster": 1},
    "total": 33.0,
    "receipt": "receipt-o-17",
    "parcel": "parcel-o-17",
}
RUNTIMES = ("asyncio", "trio", "sync")


def _comparable(event: dict[str, Any]) -> dict[str, Any]:
    """An event without times, and without the random name of the execution."""
    kept = {name: value for name, value in event.items() if name != "EventTimestamp"}
    if event["EventType"].startswith("Execution"):
        del kept["Id"], kept["Name"]
    for details, members in {
        "InvocationCompletedDetails": ("StartTimestamp", "EndTimestamp", "RequestId"),
        "WaitStartedDetails": ("ScheduledEndTimestamp",),
    }.items():
        if details in kept:
            kept[details] = {k: v for k, v in kept[details].items() if k not in members}
    return kept


def test_three_runtimes_leave_one_history() -> None:
    histories: dict[str, list[dict[str, Any]]] = {}
    for runtime in RUNTIMES:
        done = perdure(
            "run", ORDER, "--runtime", runtime, "--input", INPUT, "--skip-time", "--json"
        )
        assert done.returncode == 0, done.stderr
        whole = json.loads(done.stdout)
        assert whole["result"] == RESULT
        assert f":function:handler_{runtime}:" in whole["arn"]
        histories[runtime] = [_comparable(event) for event in whole["history"]]
    assert histories["trio"] == histories["asyncio"]
    assert histories["sync"] == histories["asyncio"]
    assert [(event["EventType"], event.get("Name")) for event in histories["sync"]] == [
        ("ExecutionStarted", None),
        ("StepStarted", "reserve"),
        ("StepSucceeded", "reserve"),
        ("WaitStarted", "cool-off"),
        ("InvocationCompleted", None),
        ("WaitSucceeded", "cool-off"),
        ("StepStarted", "charge"),
        ("StepFailed", "charge"),
        ("InvocationCompleted", None),
        ("StepStarted", "charge"),
        ("StepSucceeded", "charge"),
        ("StepStarted", "ship"),
        ("StepSucceeded", "ship"),
        ("InvocationCompleted", None),
        ("ExecutionSucceeded", None),
    ]


def test_it_is_watchable_on_the_real_clock() -> None:
    done = perdure("run", ORDER)
    assert done.returncode == 0, done.stderr
    for line in (
        "cool-off: waiting 2 s",
        "charge: attempt 1 failed: order.BankBusy: the bank is busy, try again; again in 1 s",
        "ship: done",
    ):
        assert line in done.stdout


def test_without_trio_the_others_still_run(tmp_path: Any) -> None:
    absent = "raise ModuleNotFoundError(\"No module named 'trio'\", name='trio')\n"
    (tmp_path / "trio.py").write_text(absent, encoding="utf-8")
    path = tmp_path / "order.py"
    path.write_text(ORDER.read_text(encoding="utf-8"), encoding="utf-8")
    missing = perdure("run", path, "--runtime", "trio")
    assert (missing.returncode, missing.stderr) == (
        2,
        "perdure: trio is not installed: pip install 'perdure[trio]'\n",
    )
    assert perdure("run", path, "--skip-time", "--runtime", "sync").returncode == 0


@pytest.mark.parametrize(
    "needed",
    [
        "lambda:CheckpointDurableExecution",
        "lambda:GetDurableExecutionState",
        "DurableConfig:",
        "ExecutionTimeout:",
        "RetentionPeriodInDays:",
        "Handler: order.handler_asyncio",
    ],
)
def test_the_template_deploys_it_as_a_durable_function(needed: str) -> None:
    assert needed in (EXAMPLES / "template.yaml").read_text(encoding="utf-8")
