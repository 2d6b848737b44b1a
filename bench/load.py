"""How much the embedded service bears, beside the official emulator under the same load.

    python bench/load.py                    # throughput, latency, 100,000 executions: 10 minutes
    python bench/load.py --server memory    # one server only; repeatable
    python bench/load.py --quick            # does it all work? asserts no time

See README.md beside this file for what the figures mean.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import gc
import os
import platform
import selectors
from statistics import median

from loading import servers
from loading.closed_loop import measure_throughput
from loading.open_loop import measure_latency

SERVERS = {
    "memory": (servers.Perdure, 1000),
    "official-memory": (servers.Official, 1000),
    "official-sqlite": (servers.OfficialSqlite, 400),
}


def new_loop():
    """An event loop that sleeps by the microsecond: epoll's unit, a millisecond, is too long."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


def measure(coroutine):
    """What a measurement returns. Nothing collects garbage in its middle."""
    gc.collect()
    gc.disable()
    try:
        with asyncio.Runner(loop_factory=new_loop) as runner:
            return runner.run(coroutine)
    finally:
        gc.enable()


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def spread(values):
    """The median of some rounds, and between what they lay."""
    middle = number(median(values))
    if len(values) == 1:
        return middle
    return f"{middle} ({number(min(values))}–{number(max(values))})"


def throughput(names, arguments):
    print("\n### Checkpoints a second, as many as it can\n")
    print("| server | checkpoints/s | server CPU ms each | peak MB |")
    print("|---|--:|--:|--:|")
    for name, taken in rounds(names, arguments, throughput_once):
        figures = [
            spread([one.rate for one in taken]),
            spread([one.cpu_ms for one in taken]),
            spread([one.peak_mb for one in taken]),
        ]
        print(f"| {SERVERS[name][0].name} | {' | '.join(figures)} |", flush=True)


def throughput_once(name, arguments):
    server, _ = SERVERS[name]
    seconds = arguments.seconds
    return measure(
        measure_throughput(server, arguments.connections, arguments.length, seconds, seconds / 4)
    )


def latency(names, arguments):
    print("\n### Milliseconds from when a checkpoint was to be sent until it was answered\n")
    print("| server | asked for/s | answered/s | p50 | p99 | worst |")
    print("|---|--:|--:|--:|--:|--:|")
    for name, taken in rounds(names, arguments, latency_once):
        server, rate = SERVERS[name]
        figures = [
            number(arguments.rate or rate),
            spread([one.rate for one in taken]),
            spread([one.p50 for one in taken]),
            spread([one.p99 for one in taken]),
            spread([one.worst for one in taken]),
        ]
        print(f"| {server.name} | {' | '.join(figures)} |", flush=True)


def latency_once(name, arguments):
    server, rate = SERVERS[name]
    rate, seconds = arguments.rate or rate, arguments.seconds
    return measure(measure_latency(server, rate, arguments.length, seconds, seconds / 4))


def rounds(names, arguments, once):
    """Each server's figures; the servers take turns, so that a slow minute meets them all."""
    taken = {name: [] for name in names}
    for _ in range(arguments.n):
        for name in names:
            taken[name].append(once(name, arguments))
    return taken.items()


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", action="append", choices=SERVERS, help="repeatable")
    parser.add_argument("-n", type=int, default=3, help="rounds (default 3)")
    parser.add_argument("--seconds", type=float, default=12, help="of each measurement")
    parser.add_argument("--connections", type=int, default=16, help="for throughput")
    parser.add_argument("--length", type=int, default=50, help="checkpoints of one execution")
    parser.add_argument("--rate", type=float, help="for latency, instead of half the target")
    parser.add_argument("--quick", action="store_true", help="one short round of everything")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.n, arguments.seconds, arguments.connections, arguments.length = 1, 0.5, 4, 5
        arguments.rate = 50
    if arguments.n < 1 or arguments.connections < 1 or arguments.length < 1:
        parser.error("-n, --connections and --length start at 1")
    return arguments


def main():
    arguments = parse_arguments()
    names = arguments.server or list(SERVERS)
    today = datetime.datetime.now(datetime.UTC).date()
    print(
        f"{today}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"{arguments.n} rounds of {arguments.seconds:g} s, {arguments.connections} connections, "
        f"executions of {arguments.length} checkpoints"
    )
    throughput(names, arguments)
    latency(names, arguments)


if __name__ == "__main__":
    main()
