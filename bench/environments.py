"""The virtual environments of the drivers: one each, because the peers' dependencies disagree."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
ENVS = Path(os.environ.get("BENCH_ENVS") or HERE / "envs")
REQUIREMENTS = {
    "perdure": ["--editable", f"{ROOT}[trio]"],
    "official": ["aws-durable-execution-sdk-python==3.0.0"],
    "local": ["--editable", f"{ROOT}[local,trio]"],
    "emulator": ["aws-durable-execution-sdk-python-testing==1.4.0"],
    "async": ["async-durable-execution==2.5.0"],
    "limit": ["botocore>=1.35", "h11>=0.16"],
}


def ensure(name):
    """Make the environment `name` if it is missing or of other requirements; return its python."""
    if name not in REQUIREMENTS:
        raise SystemExit(f"unknown environment {name!r}; there are {', '.join(REQUIREMENTS)}")
    folder = ENVS / name
    python, stamp = folder / "bin" / "python", folder / "requirements"
    wanted = "\n".join(REQUIREMENTS[name])
    if "--editable" in REQUIREMENTS[name]:  # its requirements are this checkout's
        wanted += "\n" + (ROOT / "pyproject.toml").read_text()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    print(f"making {folder}", file=sys.stderr)
    if not python.exists():
        run([sys.executable, "-m", "venv", folder])
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*install, *REQUIREMENTS[name]])
    stamp.write_text(wanted)
    return python


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        shown = " ".join(str(word) for word in command)
        raise SystemExit(f"{done.stdout[-2000:]}\nfailed: {shown}")
