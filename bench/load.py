"""How much the embedded service bears, beside the official emulator under the same load.

    python bench/load.py                                # every table: about 20 minutes
    python bench/load.py --table throughput --server memory -n 5
    python bench/load.py --quick                        # does it all work? asserts no time

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

from loading import servers, tables
from loading.closed_loop import measure_throughput
from loading.crowd import measure_crowd
from loading.hosted import RUNTIMES, measure_hosted
from loading.machine import Share
from loading.open_loop import measure_latency

SERVERS = {
    "memory": servers.Perdure,
    "sqlite": servers.PerdureSqlite,
    "official-memory": servers.Official,
    "official-sqlite": servers.OfficialSqlite,
}
# The official emulator lists by other rules, and only what it has in memory or one by one.
CROWDED = ("memory", "sqlite")


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


def rounds(names, n, once):
    """Each one's figures; they take turns, so that a slow minute meets them all."""
    taken = {name: [] for name in names}
    for _ in range(n):
        for name in names:
            taken[name].append(measure(once(name)))
    return taken


def throughput(arguments):
    def once(name):
        seconds = arguments.seconds
        server, connections = SERVERS[name], arguments.connections
        return measure_throughput(server, connections, arguments.length, seconds, seconds / 4)

    taken = rounds(arguments.server, arguments.n, once)
    return tables.throughput({SERVERS[name].name: taken[name] for name in taken})


def latency(arguments):
    def rate(name):
        return arguments.rate or SERVERS[name].target / 2

    def once(name):
        seconds = arguments.seconds
        return measure_latency(SERVERS[name], rate(name), arguments.length, seconds, seconds / 4)

    taken = rounds(arguments.server, arguments.n, once)
    return tables.latency({(SERVERS[name].name, rate(name)): taken[name] for name in taken})


def hosted(arguments):
    def once(runtime):
        return measure_hosted(runtime, arguments.seconds / 2, arguments.connections)

    return tables.hosted(rounds(RUNTIMES, arguments.n, once), arguments.connections)


def crowd(arguments):
    def once(name):
        server = SERVERS[name]
        return measure_crowd(server, arguments.executions, repeats=20, restart=server.keeps)

    names = [name for name in arguments.server if name in CROWDED]
    taken = rounds(names, 1, once)
    return tables.crowd({SERVERS[name].name: taken[name][0] for name in taken})


TABLES = {"throughput": throughput, "latency": latency, "hosted": hosted, "crowd": crowd}


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--table", action="append", choices=TABLES, help="repeatable")
    parser.add_argument("--server", action="append", choices=SERVERS, help="repeatable")
    parser.add_argument("-n", type=int, default=3, help="rounds (default 3)")
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--connections", type=int, default=16, help="of clients, but for latency")
    parser.add_argument("--length", type=int, default=50, help="checkpoints of one execution")
    parser.add_argument("--rate", type=float, help="for latency, instead of half the target")
    parser.add_argument("--executions", type=int, default=100_000, help="of the table crowd")
    parser.add_argument("--quick", action="store_true", help="one short round of everything")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.n, arguments.seconds, arguments.connections, arguments.length = 1, 0.5, 4, 5
        arguments.rate, arguments.executions = 50, 250
    if min(arguments.n, arguments.connections, arguments.length, arguments.executions) < 1:
        parser.error("-n, --connections, --length and --executions start at 1")
    arguments.table = arguments.table or list(TABLES)
    arguments.server = arguments.server or list(SERVERS)
    return arguments


def main():
    arguments = parse_arguments()
    today = datetime.datetime.now(datetime.UTC).date()
    print(
        f"{today}, Python {platform.python_version()}, {os.cpu_count()} cores, "
        f"{arguments.n} rounds of {arguments.seconds:g} s, {arguments.connections} connections, "
        f"executions of {arguments.length} checkpoints",
        flush=True,
    )
    for name in arguments.table:
        with Share() as share:
            lines = TABLES[name](arguments)
        print("\n".join(("", *lines, "", share.line)), flush=True)


if __name__ == "__main__":
    main()
