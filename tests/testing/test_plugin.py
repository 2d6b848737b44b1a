"""The plugin as pytest loads it: the fixture, its complaints, and the snapshots."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator

import pytest

from perdure_local.command import cli

pytest_plugins = ["pytester"]

PROGRAM = """
from perdure_{runtime} import durable_execution

@durable_execution
{define} handler(event, ctx):
    {wait}ctx.step(lambda: event, name="{name}")
    {wait}ctx.wait(30 * 86400, name="month")
    return {wait}ctx.step(lambda: "done", name="last")
"""
TEST = """
from program import handler

def test_it(durable):
    run = durable.run(handler, {"a": 1})
    assert run.result == "done"
    durable.snapshot(run)
"""


@pytest.fixture(autouse=True)
def _own_modules(pytester: pytest.Pytester) -> Generator[None]:
    """Each test has a module named program of its own."""
    pytester.makeini("[pytest]\naddopts = -p no:cacheprovider -p no:randomly -p no:xdist\n")
    yield
    for name in ("program", "perdure_run_program"):
        sys.modules.pop(name, None)


def write(pytester: pytest.Pytester, runtime: str = "asyncio", name: str = "first") -> None:
    """Write the program, on a runtime."""
    is_sync = runtime == "sync"
    text = PROGRAM.format(
        runtime=runtime,
        define="def" if is_sync else "async def",
        wait="" if is_sync else "await ",
        name=name,
    )
    pytester.makepyfile(program=text)


@pytest.mark.parametrize("runtime", ["asyncio", "trio", "sync"])
def test_a_snapshot_is_written_compared_and_renewed(
    pytester: pytest.Pytester, runtime: str
) -> None:
    write(pytester, runtime)
    pytester.makepyfile(test_program=TEST)
    path = pytester.path / "__histories__" / "test_program.test_it.json"

    missing = pytester.runpytest()
    missing.assert_outcomes(failed=1)
    missing.stdout.fnmatch_lines([f"*SnapshotMismatch: there is no snapshot {path}: --durable-up*"])
    assert not path.exists()

    written = pytester.runpytest("--durable-update")
    written.assert_outcomes(passed=1)
    written.stdout.fnmatch_lines([f"wrote {path}"])
    before = path.read_text()
    assert [event["EventType"] for event in json.loads(before)][:3] == [
        "ExecutionStarted",
        "StepStarted",
        "StepSucceeded",
    ]

    pytester.runpytest().assert_outcomes(passed=1)

    write(pytester, runtime, name="renamed")
    other = pytester.runpytest()
    other.assert_outcomes(failed=1)
    other.stdout.fnmatch_lines(
        [
            f"*the history differs from {path}; if it should, --durable-update takes the new one",
            "*first at event 2: StepStarted first in the snapshot, StepStarted renamed now",
            '*-  "Name": "first",',
            '*+  "Name": "renamed",',
        ]
    )
    assert path.read_text() == before

    pytester.runpytest("--durable-update").assert_outcomes(passed=1)
    pytester.runpytest().assert_outcomes(passed=1)


def test_the_same_on_every_runtime(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_program=TEST)
    for runtime, options in (("asyncio", ["--durable-update"]), ("trio", []), ("sync", [])):
        write(pytester, runtime)
        pytester.runpytest(*options).assert_outcomes(passed=1)


def test_a_complaint_shows_the_test_and_not_what_is_below(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        program="""
        from perdure_sync import durable_execution

        @durable_execution
        def handler(event, ctx):
            return ctx.create_callback(name=event).result() if event else 1 / 0
        """,
        test_program="""
        import pytest
        from program import handler

        @pytest.mark.parametrize(
            "complains",
            [
                lambda durable: durable.run(handler, "asked"),
                lambda durable: durable.run(handler).result,
                lambda durable: durable.run(handler).operation("absent"),
                lambda durable: durable.run("no handler"),
                lambda durable: durable.snapshot(durable.run(handler)),
            ],
        )
        def test_it(durable, complains):
            complains(durable)
        """,
    )
    result = pytester.runpytest()
    result.assert_outcomes(failed=5)
    for said in ("can never go on", "execution FAILED", "LookupError", "decorate it", "--durable-"):
        result.stdout.fnmatch_lines([f"*{said}*"])
    result.stdout.no_fnmatch_line("*perdure_local*.py:*")


def test_several_snapshots_have_names(pytester: pytest.Pytester) -> None:
    write(pytester)
    pytester.makepyfile(
        test_program="""
        import pytest
        from perdure_local.testing import Durable, MisuseError
        from program import handler

        @pytest.mark.parametrize("size", [1, 2])
        def test_it(durable, size):
            durable.snapshot(durable.run(handler, size), "one")
            durable.snapshot(durable.run(handler, size + 10), "other")
            with pytest.raises(MisuseError, match="gives each a name"):
                durable.snapshot(durable.run(handler, size), "one")

        def test_elsewhere():
            durable = Durable()
            with pytest.raises(MisuseError, match="need the pytest fixture"):
                durable.snapshot(durable.run(handler))
        """
    )
    pytester.runpytest("--durable-update").assert_outcomes(passed=3)
    assert sorted(path.name for path in (pytester.path / "__histories__").iterdir()) == [
        "test_program.test_it_1_.one.json",
        "test_program.test_it_1_.other.json",
        "test_program.test_it_2_.one.json",
        "test_program.test_it_2_.other.json",
    ]
    pytester.runpytest().assert_outcomes(passed=3)


def test_what_was_prepared_in_vain_is_told(pytester: pytest.Pytester) -> None:
    write(pytester)
    pytester.makepyfile(
        test_program="""
        from program import handler

        def test_it(durable):
            durable.answer("aproval", True)
            durable.function("price", result=1)
            durable.crash(after="lst")
            assert durable.run(handler).result == "done"
        """
    )
    result = pytester.runpytest()
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(
        [
            "no callback named 'aproval' began; there were: none",
            "no function named 'price' was invoked; there were: none",
            "nothing went wrong at 'lst': it had no such checkpoint (its last); there were: *",
        ]
    )


def test_nothing_heavy_is_imported_at_the_start() -> None:
    """Every run of pytest loads the plugin, whether it has durable tests or not."""
    program = "import sys, perdure_local.pytest_plugin; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = set(done.stdout.split())
    assert "perdure_local.pytest_plugin" in loaded
    assert loaded.isdisjoint({"perdure", "pydantic", "trio", "asyncio", "perdure_local.testing"})


def test_a_snapshot_can_be_replayed(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", sys.path[:])
    write(pytester)
    pytester.makepyfile(test_program=TEST)
    pytester.runpytest("--durable-update").assert_outcomes(passed=1)
    command = ["replay", str(pytester.path / "__histories__"), str(pytester.path / "program.py")]

    def replay() -> int:
        sys.modules.pop("program", None)
        status: int = cli.main(command, prog_name="perdure", standalone_mode=False)
        return status

    assert replay() == 0
    write(pytester, name="renamed")
    assert replay() == 1
