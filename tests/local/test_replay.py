"""``perdure replay`` as a user meets it: reports, exit codes, refusals; and its page."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from local.running import EXAMPLES, perdure
from perdure_local.replaying.replay_text import ordinal

PAGE: Final = (Path(__file__).parents[2] / "docs" / "replay.md").read_text()
EXAMPLE, *_ = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
TEXTS: Final = re.findall(r"^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
NAME: Final = "two-parcels.json"
COUNT: Final = 8


def tidy(text: str) -> list[str]:
    """Its lines without what is blank."""
    return [line.rstrip() for line in text.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the page's program and a history of it."""
    folder = tmp_path_factory.mktemp("replay")
    (folder / "orders.py").write_text(EXAMPLE)
    (folder / "histories").mkdir()
    history = folder / "histories" / NAME
    done = perdure("run", folder / "orders.py", "--skip-time", "--history", history)
    assert done.returncode == 0, done.stderr
    return folder


def events(folder: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((folder / "histories" / NAME).read_text())
    return found


def changed(folder: Path, old: str, new: str, tmp_path: Path) -> Path:
    """The program, with one thing changed."""
    assert EXAMPLE.count(old) == 1
    file = tmp_path / "orders.py"
    file.write_text(EXAMPLE.replace(old, new))
    return file


def report_of(history: Path, program: Path) -> dict[str, Any]:
    """What ``--json`` says of the one history."""
    done = perdure("replay", history, program, "--json")
    whole = json.loads(done.stdout)
    assert done.stderr == ""
    assert whole["unreadable"] == []
    assert whole["agrees"] is (done.returncode == 0)
    [only] = whole["replays"]
    found: dict[str, Any] = only
    assert found["agrees"] is (done.returncode == 0)
    return found


def test_the_page_tells_the_truth(recorded: Path, tmp_path: Path) -> None:
    agreeing, diverging = TEXTS
    done = perdure("replay", "histories", "orders.py", cwd=recorded)
    assert (done.returncode, done.stderr) == (0, "")
    assert tidy(done.stdout) == tidy(agreeing)
    (recorded / "new").mkdir()
    file = changed(recorded, '"wrap"', '"wrap up"', recorded / "new")
    done = perdure("replay", "histories", file, cwd=recorded)
    assert (done.returncode, done.stderr) == (1, "")
    assert tidy(done.stdout.replace(str(file), "orders.py")) == tidy(diverging)


@pytest.mark.parametrize("runtime", ["asyncio", "trio", "sync"])
@pytest.mark.parametrize("recorder", ["asyncio", "sync"])
def test_a_history_of_one_runtime_is_replayed_on_another(
    runtime: str, recorder: str, tmp_path: Path
) -> None:
    file, program = tmp_path / "h.json", EXAMPLES / "order.py"
    done = perdure("run", program, "--skip-time", "--history", file, "--runtime", recorder)
    assert done.returncode == 0, done.stderr
    done = perdure("replay", file, program, "--runtime", runtime)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"✓ {file}: agrees  (4 operations, SUCCEEDED)")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            'name="wrap"',
            'name="wrap up"',
            {
                "kind": "another operation",
                "position": 2,
                "context": "map-item-0",
                "line": 6,
                "recorded": {
                    "type": "STEP",
                    "subtype": "Step",
                    "name": "wrap",
                    "parent": "map-item-0",
                },
                "attempted": {
                    "type": "STEP",
                    "subtype": "Step",
                    "name": "wrap up",
                    "parent": "map-item-0",
                },
            },
        ),
        (
            '["mug", "poster"]',
            '["mug", "poster", "cup"]',
            {
                "kind": "an operation that was not recorded",
                "position": 3,
                "context": "parcels",
                "line": 11,
                "attempted": {
                    "type": "CONTEXT",
                    "subtype": "MapIteration",
                    "name": "map-item-2",
                    "parent": "parcels",
                },
            },
        ),
        (
            '    await ctx.wait(3600, name="cool-off")\n',
            "",
            {
                "kind": "a recorded operation that is not reached",
                "position": 2,
                "recorded": {
                    "type": "WAIT",
                    "subtype": "Wait",
                    "name": "cool-off",
                    "parent": None,
                    "error": None,
                },
            },
        ),
        (
            "return parcels.results",
            "return []",
            {
                "kind": "another end",
                "recorded": {
                    "status": "SUCCEEDED",
                    "result": '["mug packed", "poster packed"]',
                    "error": None,
                },
                "attempted": {"status": "SUCCEEDED", "result": "[]", "error": None},
            },
        ),
        (
            "return parcels.results",
            "return {}[1]",
            {
                "kind": "another end",
                "line": 13,
                "attempted": {"status": "FAILED", "result": None, "error": "KeyError: 1"},
            },
        ),
    ],
    ids=["renamed", "more", "left out", "result", "raises"],
)
def test_a_change_is_told_with_its_place(
    recorded: Path, tmp_path: Path, old: str, new: str, expected: dict[str, Any]
) -> None:
    file = changed(recorded, old, new, tmp_path)
    found = report_of(recorded / "histories", file)
    assert (found["verdict"], found["operations"], found["end"]) == (
        "diverges",
        COUNT,
        "SUCCEEDED",
    )
    divergence = found["divergence"]
    assert {name: divergence[name] for name in expected} == expected
    assert divergence.get("file") == (str(file) if "line" in divergence else None)
    text = perdure("replay", recorded / "histories", file)
    assert text.returncode == 1
    assert divergence["kind"] in text.stdout
    if "line" in expected:
        assert f"{file}:{expected['line']}" in text.stdout


def test_a_history_that_goes_on_no_further(recorded: Path, tmp_path: Path) -> None:
    part = tmp_path / "part.json"
    kinds = [event["EventType"] for event in events(recorded)]
    part.write_text(json.dumps(events(recorded)[: kinds.index("WaitStarted") + 1]))
    done = perdure("replay", part, recorded / "orders.py")
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [
            f"✓ {part}: agrees as far as it was recorded  ({COUNT} operations)",
            "  there it stops: cool-off (WAIT, recorded as STARTED), the 2nd operation of the "
            f"function, {recorded / 'orders.py'}:12",
        ],
    )
    part.write_text(json.dumps(events(recorded)[:1]))
    begun = report_of(part, recorded / "orders.py")
    assert begun["stops"] == [
        {
            "type": "CONTEXT",
            "subtype": "Map",
            "name": "parcels",
            "parent": None,
            "status": None,
            "position": 1,
            "file": str(recorded / "orders.py"),
            "line": 11,
        }
    ]


def test_where_a_function_would_fail_after_its_history(recorded: Path, tmp_path: Path) -> None:
    file = changed(recorded, "return parcels.results", "return {}[1]", tmp_path)
    part = tmp_path / "part.json"
    kinds = [event["EventType"] for event in events(recorded)]
    part.write_text(json.dumps(events(recorded)[: kinds.index("WaitSucceeded") + 1]))
    done = perdure("replay", part, file)
    assert done.returncode == 0
    assert f"  there the function fails with KeyError: 1 ({file}:13)\n" in done.stdout
    good = perdure("replay", part, recorded / "orders.py")
    assert "  there the function returns\n" in good.stdout


def test_what_the_function_prints_is_not_between_the_reports(
    recorded: Path, tmp_path: Path
) -> None:
    file = changed(
        recorded, "    await ctx.wait", "    print('noise')\n    await ctx.wait", tmp_path
    )
    done = perdure("replay", recorded / "histories", file, "--json")
    assert json.loads(done.stdout)["agrees"] is True
    assert done.stderr == "noise\n"


def test_several_histories_are_counted(recorded: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    one = recorded / "histories" / NAME
    both = perdure("replay", one, recorded / "histories", recorded / "orders.py")
    assert (both.returncode, both.stdout.splitlines()[-1]) == (0, "2 of 2 histories agree")
    done = perdure("replay", one, bad, "-", recorded / "orders.py", stdin=one.read_text())
    assert done.returncode == 2
    assert done.stdout.splitlines()[-1] == "2 of 3 histories agree"
    assert done.stderr == (
        f"perdure: {bad}: it is no history: a list of events, or answers of "
        "GetDurableExecutionHistory\n"
    )
    unread = perdure("replay", bad, recorded / "orders.py", "--json")
    assert unread.returncode == 2
    assert json.loads(unread.stdout) == {
        "agrees": False,
        "replays": [],
        "unreadable": [
            {
                "history": str(bad),
                "reason": "it is no history: a list of events, or answers of "
                "GetDurableExecutionHistory",
            }
        ],
    }


BAD_FILES: Final = {
    "absent.json": (None, "cannot be read: No such file or directory"),
    "broken.json": (b'[{"EventType"', "it is not JSON: Expecting ':' delimiter"),
    "latin.json": (b'["\xff"]', "it is not UTF-8"),
    "bare.json": (b'[{"EventType": "ExecutionStarted"}]', "an event is not as it should be"),
    "headless.json": (
        b'[{"EventType": "WaitSucceeded", "EventId": 1, "EventTimestamp": 1, "Id": "w"}]',
        "the first event of a history is ExecutionStarted",
    ),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_history_that_cannot_be_read_is_one_line(
    recorded: Path, tmp_path: Path, name: str
) -> None:
    content, reason = BAD_FILES[name]
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    done = perdure("replay", file, recorded / "orders.py")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"perdure: {file}: {reason}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Missing argument 'HISTORY...'"),
        (["h.json", "absent.py"], "there is no file absent.py"),
        (["empty", "orders.py"], "there is no .json file in empty"),
        (["h.json", "orders.py:nothing"], "orders.py has no nothing"),
        (["h.json", "leaves.py"], "h.json: <durable asyncio function handler> ended the program"),
    ],
)
def test_what_cannot_be_replayed_is_one_line(
    recorded: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "h.json").write_text(json.dumps(events(recorded)))
    (tmp_path / "orders.py").write_text(EXAMPLE)
    leaving = EXAMPLE.replace("    parcels = ", "    raise SystemExit(3)\n    parcels = ")
    (tmp_path / "leaves.py").write_text(leaving)
    done = perdure("replay", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith(f"perdure: {said}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (1, "1st"),
        (2, "2nd"),
        (3, "3rd"),
        (4, "4th"),
        (11, "11th"),
        (12, "12th"),
        (21, "21st"),
        (113, "113th"),
    ],
)
def test_ordinals(number: int, word: str) -> None:
    assert ordinal(number) == word
