"""Benchmarks: paired runs of the SDKs, interleaved A B A B, each in a fresh process.

    python bench/run.py                                      # every scenario, every driver
    python bench/run.py --scenario seq-100 --vs limit -n 9
    python bench/run.py --quick                              # does it all work? asserts no time

See README.md beside this file for what the figures mean.
"""

from __future__ import annotations

import argparse
import ast
import datetime
import json
import os
import platform
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

import environments
import scenarios

HERE = Path(__file__).resolve().parent
TIMEOUT = 300  # seconds for one child
CREDENTIALS = {
    "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE0000000AA",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "IQoJb3JpZ2luX2VjE" + "Ab0" * 290,  # as long as Lambda's
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}


@dataclass(frozen=True, slots=True)
class Driver:
    """A file of drivers/, and the interpreter that runs it."""

    key: str
    path: Path
    name: str
    python: Path

    @property
    def role(self):
        """Its column of ratios: a peer with plain JSON stands in for the peer."""
        return self.path.stem.removesuffix("_json")


def load(key):
    """The driver `key`: a name in drivers/ or the path of a file."""
    path = Path(key) if key.endswith(".py") else HERE / "drivers" / f"{key}.py"
    if not path.exists():
        known = ", ".join(sorted(p.stem for p in (HERE / "drivers").glob("*.py")))
        raise SystemExit(f"unknown driver {key!r}; there are {known}, or the path of a .py file")
    # Read, not imported: only its own interpreter has what it imports.
    constants = {
        target.id: node.value.value
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    python = environments.ensure(constants["PYTHON"])
    return Driver(key, path.resolve(), constants["NAME"], python)


class Stub:
    """The stub service, in a process of its own."""

    def __enter__(self):
        command = [sys.executable, HERE / "stub.py"]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        word, _, port = self.process.stdout.readline().partition(" ")
        if word != "PORT":
            raise SystemExit("the stub service did not start")
        self.port = int(port)
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)

    def control(self, path, settings=None):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", path, json.dumps(settings or {}))
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer


def run_once(driver, orders, stub):
    """CPU seconds, wall seconds and requests of one fresh process; ends the run if it fails."""
    stub.control("/_bench/reset", {"delay_ms": orders["delay_ms"]})
    kept = {k: v for k, v in os.environ.items() if k in ("PATH", "HOME", "LANG", "TMPDIR")}
    environ = {
        **kept,
        **CREDENTIALS,
        "AWS_ENDPOINT_URL_LAMBDA": f"http://127.0.0.1:{stub.port}",
        "BENCH": json.dumps({**orders, "driver": str(driver.path), "port": stub.port}),
    }
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    command = [driver.python, HERE / "child.py"]
    try:
        done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        raise SystemExit(f"{driver.key}: not done after {TIMEOUT} s") from None
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(f"{done.stderr[-3000:]}\n{driver.key} failed: exit {done.returncode}")
    if orders["kind"] == "cold":
        cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        figures = {"cpu": cpu, "wall": wall}
    else:
        figures = json.loads(done.stdout.splitlines()[-1])
    return {**figures, **stub.control("/_bench/stats")}


def compare(drivers, orders, rounds, stub):
    """`rounds` figures of each driver, taken in turns."""
    taken = {driver.key: [] for driver in drivers}
    for _ in range(rounds):
        for driver in drivers:
            taken[driver.key].append(run_once(driver, orders, stub))
    return taken


def number(value):
    return f"{value:.3g}"


def rows(scenario, drivers, peers, columns, taken):
    """The table's lines of one scenario: medians, and the median of the pairwise ratios."""
    for driver in drivers:
        own = taken[driver.key]
        cpu = [figures["cpu"] for figures in own]
        cells = [
            scenario.name,
            driver.name,
            number(median(cpu)),
            f"{number(min(cpu))}–{number(max(cpu))}",
            number(median(figures["wall"] for figures in own)),
            f"{median(figures['requests'] for figures in own):.0f}",
        ]
        for column in columns:
            peer = next((p for p in peers if p.role == column), None)
            pairs = zip(own, taken[peer.key], strict=True) if peer else ()
            ratios = [a["cpu"] / b["cpu"] for a, b in pairs]
            cells.append(f"{median(ratios):.2f}" if ratios and peer != driver else "")
        yield "| " + " | ".join(cells) + " |"


def header(columns, rounds, delay):
    today = datetime.datetime.now(datetime.UTC).date()
    yield (
        f"{today}, Python {platform.python_version()}, {os.cpu_count()} cores, {rounds} rounds"
        + (f", answers after {delay:g} ms" if delay else "")
    )
    yield ""
    titles = ["scenario", "driver", "CPU s", "min–max", "wall s", "requests"]
    titles += [f"CPU ÷ {column}" for column in columns]
    yield "| " + " | ".join(titles) + " |"
    yield "|---|---|" + "--:|" * (len(titles) - 2)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--scenario", action="append", help="repeatable; default: all of the table")
    parser.add_argument("--driver", action="append", help="instead of ours; repeatable")
    parser.add_argument("--vs", action="append", help="instead of all the peers; repeatable")
    parser.add_argument("-n", type=int, default=5, help="rounds (default 5)")
    parser.add_argument("--delay", type=float, default=0, help="ms the stub waits to answer")
    parser.add_argument("--json", type=Path, help="also write every figure of every run there")
    parser.add_argument("--quick", action="store_true", help="one round of tiny scenarios")
    arguments = parser.parse_args()
    if arguments.n < 1 or arguments.delay < 0:
        parser.error("-n starts at 1 and --delay at 0")
    return arguments


def main():
    arguments = parse_arguments()
    rounds = 1 if arguments.quick else arguments.n
    names = arguments.scenario or (scenarios.QUICK if arguments.quick else scenarios.DEFAULT)
    plans = []
    for scenario in map(scenarios.parse, names):
        ours = [load(key) for key in arguments.driver or scenario.ours]
        peers = [load(key) for key in arguments.vs or scenario.peers]
        plans.append((scenario, ours, peers))
    columns = list(dict.fromkeys(peer.role for _, _, peers in plans for peer in peers))
    everyone = dict.fromkeys(d for _, ours, peers in plans for d in (*ours, *peers))
    record = []
    with Stub() as stub:
        for driver in everyone:  # once unmeasured: byte code compiled, files in the page cache
            run_once(driver, {"kind": "cold", "n": 1, "delay_ms": 0}, stub)
        print("\n".join(header(columns, rounds, arguments.delay)), flush=True)
        for scenario, ours, peers in plans:
            drivers = list(dict.fromkeys((*ours, *peers)))
            orders = {**scenario.orders, "delay_ms": arguments.delay}
            taken = compare(drivers, orders, rounds, stub)
            print("\n".join(rows(scenario, drivers, peers, columns, taken)), flush=True)
            record.append({"scenario": scenario.name, "delay_ms": arguments.delay, "runs": taken})
            if arguments.json:
                arguments.json.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
