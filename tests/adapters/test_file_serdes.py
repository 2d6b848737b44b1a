"""Large results in files: what is recorded, what is written, and what is refused."""

from __future__ import annotations

import json
import resource
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from adapters.conftest import MakeHandler
from adapters.programs import Context
from adapters.world import World
from perdure import serdes as codec
from perdure.errors import RetryableSerDesError, SerDesError, ValidationError
from perdure.serdes import JSON
from perdure_aws import FileSerDes

LARGE = "é" * 400_000


def test_a_large_result_travels_by_file(
    world: World, make_handler: MakeHandler, tmp_path: Path
) -> None:
    seen: list[object] = []
    serdes = FileSerDes(tmp_path / "results")

    async def program(event: Any, ctx: Context) -> object:
        seen.append(await ctx.step(lambda: LARGE, serdes=serdes))
        seen.append(await ctx.step(lambda: (1, b"2"), serdes=serdes))
        await ctx.wait(5)
        return "done"

    assert world.run(make_handler(program)).result == "done"
    assert seen == [LARGE, (1, b"2")] * 2
    [file] = (tmp_path / "results").iterdir()
    large, small, _ = world.operations()
    assert large.step_details is not None
    assert small.step_details is not None
    assert json.loads(large.step_details.result or "") == {"file": str(file)}
    assert json.loads(small.step_details.result or "") == {
        "data": '{"t":"t","v":[{"t":"i","v":1},{"t":"B","v":"Mg=="}]}'
    }


def test_the_threshold_is_that_of_the_record(tmp_path: Path) -> None:
    record = json.dumps({"data": '"abc"'})
    assert FileSerDes(tmp_path, threshold=len(record)).encode("abc") == record
    assert list(tmp_path.iterdir()) == []
    text = FileSerDes(tmp_path, threshold=len(record) - 1).encode("abc")
    assert Path(json.loads(text)["file"]).read_text() == '"abc"'


def test_the_same_result_is_the_same_file(tmp_path: Path) -> None:
    serdes = FileSerDes(tmp_path, threshold=0, serdes=JSON)
    first = serdes.encode({"a": 1})
    assert serdes.encode({"a": 1}) == first
    assert serdes.encode({"a": 2}) != first
    assert len(list(tmp_path.iterdir())) == 2
    assert serdes.decode(first) == {"a": 1}


def test_a_file_of_the_official_sdk_is_read(tmp_path: Path) -> None:
    file = tmp_path / "f" / "order" / "e" / "op1.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"t":"m","v":{"a":{"t":"i","v":1}}}')
    text = json.dumps({"file": str(file), "preview": "a"})
    assert FileSerDes(tmp_path).decode(text) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot decode"),
        ("5", "names no file"),
        ('{"data": 1}', "names no file"),
        ('{"file": "/etc/hostname"}', "not in the directory"),
        ('{"file": "DIRECTORY/../x"}', "not in the directory"),
        ('{"file": "DIRECTORY/gone.json"}', "cannot decode"),
        ('{"file": "DIRECTORY/sha256-00.json"}', "was changed"),
    ],
)
def test_what_cannot_be_read(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "sha256-00.json").write_text("1")
    with pytest.raises(SerDesError, match=message):
        codec.decode(FileSerDes(tmp_path), text.replace("DIRECTORY", str(tmp_path)))


def test_what_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="threshold"):
        FileSerDes(tmp_path, threshold=-1)
    (tmp_path / "file").write_text("no directory")
    with pytest.raises(SerDesError, match="cannot encode"):
        codec.encode(FileSerDes(tmp_path / "file", threshold=0), "x")


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    serdes = FileSerDes(tmp_path, threshold=0, serdes=JSON)
    path = Path(json.loads(serdes.encode("x"))["file"])
    path.unlink()
    path.mkdir()  # It cannot be replaced by a file.
    with pytest.raises(SerDesError, match="cannot encode"):
        codec.encode(serdes, "x")
    assert list(tmp_path.iterdir()) == [path]


@contextmanager
def no_further_files() -> Generator[None]:
    """Let every `open` fail as it does on a machine that has too many open."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_what_passes_is_to_be_tried_again(tmp_path: Path) -> None:
    serdes = FileSerDes(tmp_path, threshold=0)
    text = serdes.encode("abc")
    with no_further_files():
        with pytest.raises(RetryableSerDesError, match="cannot be reached now"):
            serdes.encode("other")
        with pytest.raises(RetryableSerDesError, match="cannot be reached now"):
            serdes.decode(text)
    assert serdes.decode(text) == "abc"


def test_a_file_that_is_gone_does_not_come_back(tmp_path: Path) -> None:
    serdes = FileSerDes(tmp_path, threshold=0)
    text = serdes.encode("abc")
    Path(json.loads(text)["file"]).unlink()
    with pytest.raises(SerDesError, match="No such file"):
        codec.decode(serdes, text)
