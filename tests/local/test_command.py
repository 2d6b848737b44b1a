"""The ``perdure`` command as a user meets it: outputs, exit codes, refusals."""

from __future__ import annotations

import json
import signal
import subprocess
from importlib.metadata import version
from pathlib import Path

import pytest

from local.running import PROGRAMS, command, environment, listen_to_interrupts, perdure


def test_it_says_which_version_it_is() -> None:
    assert perdure("--version").stdout == f"perdure {version('perdure')}\n"


def test_it_shows_progress_and_prints_the_result() -> None:
    done = perdure("run", f"{PROGRAMS}:nap", "--input", '{"seconds": 1}')
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("nap on sync: started as ")
    assert lines[1] == "nap: waiting 1 s"
    assert lines[2].startswith("nap: over (1")
    assert lines[3].startswith("nap on sync: succeeded after 1")
    assert lines[3].endswith(" s, 2 invocations")
    assert json.loads("\n".join(lines[4:])) == {"waited": {"seconds": 1}}
    assert done.stderr == ""
    assert "\x1b" not in done.stdout


def test_thirty_days_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    month = '{"seconds": 2592000}'
    done = perdure("run", f"{PROGRAMS}:nap", "--input", month, "--skip-time", "--history", path)
    assert done.returncode == 0, done.stderr
    assert "nap: over (30 days)" in done.stdout
    history = json.loads(path.read_text(encoding="utf-8"))
    assert [event["EventType"] for event in history] == [
        "ExecutionStarted",
        "WaitStarted",
        "InvocationCompleted",
        "WaitSucceeded",
        "InvocationCompleted",
        "ExecutionSucceeded",
    ]
    assert history[3]["EventTimestamp"] - history[1]["EventTimestamp"] >= 2_592_000


def test_json_is_all_there_is_on_standard_output() -> None:
    done = perdure("run", f"{PROGRAMS}:chatter", "--json")
    assert done.returncode == 0
    whole = json.loads(done.stdout)
    assert list(whole) == ["status", "result", "arn", "history"]
    assert (whole["status"], whole["result"]) == ("SUCCEEDED", "Zoë")
    assert whole["arn"].startswith("arn:aws:lambda:us-east-1:123456789012:function:chatter:")
    assert whole["history"][0]["EventType"] == "ExecutionStarted"
    assert "printed by the function" in done.stderr
    assert "written by the function" in done.stderr


def test_what_the_function_prints_passes_through() -> None:
    done = perdure("run", f"{PROGRAMS}:chatter")
    assert "printed by the function\n" in done.stdout
    assert "written by the function\n" in done.stdout
    assert done.stdout.endswith('\n"Zoë"\n')


def test_a_failure_is_told_on_standard_error_in_one_harmless_line() -> None:
    done = perdure("run", f"{PROGRAMS}:fail")
    assert done.returncode == 1
    assert done.stderr == "OutOfStock: no mugs\\nat all \\x1b[31m\n"
    assert "fail on sync: failed after " in done.stdout


def test_a_failure_as_json_carries_the_error_object() -> None:
    done = perdure("run", f"{PROGRAMS}:fail", "--json")
    assert done.returncode == 1
    whole = json.loads(done.stdout)
    assert list(whole) == ["status", "error", "arn", "history"]
    assert whole["error"] == {"ErrorType": "OutOfStock", "ErrorMessage": "no mugs\nat all \x1b[31m"}


def test_a_function_that_keeps_crashing_is_given_up() -> None:
    done = perdure("run", f"{PROGRAMS}:crash", "--skip-time")
    assert done.returncode == 1
    assert done.stderr == "ConnectionError: the database is away\n"
    assert "invocation 5: failed: ConnectionError: the database is away" in done.stdout
    assert "Traceback" not in done.stdout


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ({}, {"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "local"}),
        (
            {
                "AWS_REGION": "eu-west-1",
                "AWS_ACCESS_KEY_ID": "AKIAMINE",
                "AWS_SECRET_ACCESS_KEY": "secret",
            },
            {"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "AKIAMINE"},
        ),
        (
            {"AWS_DEFAULT_REGION": "eu-west-2", "AWS_ACCESS_KEY_ID": "without a secret"},
            {"AWS_REGION": "eu-west-2", "AWS_ACCESS_KEY_ID": "local"},
        ),
    ],
)
def test_the_function_finds_an_aws_environment(given: dict[str, str], seen: object) -> None:
    done = perdure("run", f"{PROGRAMS}:look_around", "--json", env=given)
    whole = json.loads(done.stdout)
    assert whole["result"] == seen
    assert f":lambda:{whole['result']['AWS_REGION']}:" in whole["arn"]


def test_of_several_handlers_the_one_on_asyncio_is_taken() -> None:
    assert "preferred on asyncio: succeeded" in perdure("run", PROGRAMS).stdout


@pytest.mark.parametrize("where", ["file", "standard input"])
def test_the_input_may_come_from_elsewhere(where: str, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text('{"seconds": 7}', encoding="utf-8")
    source = f"@{file}" if where == "file" else "@-"
    done = perdure(
        "run", f"{PROGRAMS}:nap", "--skip-time", "--json", "--input", source, stdin='{"seconds": 7}'
    )
    assert json.loads(done.stdout)["result"] == {"waited": {"seconds": 7}}


OFFER = (
    "nap (sync), fail (sync), chatter (sync), look_around (sync), crash (sync), preferred (asyncio)"
)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--input", "{x}"], "--input is not JSON: Expecting property name"),
        (["--input", "@/nowhere.json"], "cannot read the input /nowhere.json: No such file"),
        (["--history", "/nowhere/at/all.json"], "cannot write the history to /nowhere/at/all.json"),
        (
            ["--runtime", "sync"],
            f"several handlers, say which: {PROGRAMS}:NAME; it has {OFFER}",
        ),
        (["--runtime", "trio"], f"has no handler for trio; it has {OFFER}"),
        (["--runtime", "curio"], "'curio' is not one of 'asyncio', 'trio', 'sync'"),
        (["--nonsense"], "No such option"),
    ],
)
def test_bad_options_are_refused_in_one_line(arguments: list[str], message: str) -> None:
    _assert_refused(perdure("run", PROGRAMS, *arguments), message)


@pytest.mark.parametrize(
    ("name", "arguments", "message"),
    [
        ("nothing", [], f"has no nothing; it has {OFFER}"),
        ("NOT_DURABLE", [], "NOT_DURABLE in {path} is no durable handler, it is of type int"),
        ("Sync", [], "Sync in {path} is no durable handler, it is of type ABCMeta"),
        ("nap", ["--runtime", "trio"], "nap in {path} runs on sync, not on trio"),
    ],
)
def test_a_name_that_does_not_fit_is_refused(name: str, arguments: list[str], message: str) -> None:
    done = perdure("run", f"{PROGRAMS}:{name}", *arguments)
    _assert_refused(done, message.replace("{path}", str(PROGRAMS)))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import nowhere\n", "No module named 'nowhere' ({path}:1)"),
        ("x = 1\n\nx.y\n", "AttributeError: 'int' object has no attribute 'y' ({path}:3)"),
        ("def f(:\n", "SyntaxError: invalid syntax"),
        ("def f(:\n", "({path}:1)"),
        ("import json\njson.loads('{')\n", "({path}:2)"),
        ("raise SystemExit(0)\n", "ends the program when imported: SystemExit: 0"),
        ("raise ValueError('two\\nlines')\n", "cannot be imported: ValueError: two ({path}:1)"),
        ("x = (\n", "cannot be imported: SyntaxError: '(' was never closed ({path}:1)"),
        ("\0", "cannot be imported: "),
        ("x = 1\n", "has no durable handler; decorate one with @durable_execution"),
        (
            "raise ModuleNotFoundError(\"No module named 'trio'\", name='trio')\n",
            "No module named 'trio'; pip install 'perdure[trio]' ({path}:1)",
        ),
    ],
)
def test_a_file_that_cannot_be_run_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(text, encoding="utf-8")
    _assert_refused(perdure("run", path), message.replace("{path}", str(path)))


def test_a_target_that_is_no_python_file_is_refused(tmp_path: Path) -> None:
    text = tmp_path / "program.txt"
    text.write_text("", encoding="utf-8")
    _assert_refused(perdure("run", tmp_path / "none.py"), f"there is no file {tmp_path}/none.py")
    _assert_refused(perdure("run", f"{tmp_path}/none.py:handler"), "there is no file")
    _assert_refused(perdure("run", tmp_path), "is a directory")
    _assert_refused(perdure("run", text), "is not a Python file")
    _assert_refused(perdure("run"), "Missing argument 'FILE[:NAME]'")
    _assert_refused(perdure("walk"), "No such command 'walk'")


def test_a_missing_trio_is_named(tmp_path: Path) -> None:
    absent = "raise ModuleNotFoundError(\"No module named 'trio'\", name='trio')\n"
    (tmp_path / "trio.py").write_text(absent, encoding="utf-8")
    path = tmp_path / "program.py"
    path.write_text("from local.programs import nap\n", encoding="utf-8")
    done = perdure("run", path, "--runtime", "trio")
    _assert_refused(done, "trio is not installed: pip install 'perdure[trio]'")


def _assert_refused(done: subprocess.CompletedProcess[str], message: str) -> None:
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("perdure: ")
    assert done.stderr.count("\n") == 1
    assert message in done.stderr


def test_help_is_there_without_loading_anything() -> None:
    assert "perdure run [OPTIONS] FILE[:NAME]" in perdure("run", "--help").stdout
    assert perdure().stdout.startswith("Usage: perdure [OPTIONS] [COMMAND]")
    heavy = "import sys, perdure_local.command; print(sorted(sys.modules))"
    listed = subprocess.run(
        [command()[0], "-c", heavy], env=environment(), capture_output=True, text=True, check=True
    )
    for name in ("'uvicorn'", "'rich'", "'botocore'", "'pydantic'", "'asyncio'", "'perdure'"):
        assert name not in listed.stdout


def test_an_interrupt_ends_it_cleanly() -> None:
    arguments = command("run", f"{PROGRAMS}:nap", "--input", '{"seconds": 600}')
    with subprocess.Popen(
        arguments,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        preexec_fn=listen_to_interrupts,
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if line == "nap: waiting 10 min\n":
                break
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=20)
    assert running.returncode == 130
    assert errors.strip() == "perdure: interrupted"
