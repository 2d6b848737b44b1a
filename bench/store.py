"""What keeping executions costs: a checkpoint in memory and in SQLite, and a full store.

    python bench/store.py            # about a minute, with the interpreter perdure is in
    python bench/store.py --quick    # does it all work? asserts no time

The service is called directly, with no HTTP around it: this is the store's part.
"""

from __future__ import annotations

import argparse
import gc
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from perdure.models.checkpoint import CheckpointRequest
from perdure.models.enums import OperationAction, OperationType
from perdure.models.executions import (
    GetExecutionRequest,
    HistoryRequest,
    ListExecutionsRequest,
)
from perdure.models.update import OperationUpdate
from perdure.service import Service, ServicePolicy
from perdure_local.stores.sqlite_store import SqliteStore

TABLES = ("standings", "answers", "operations", "events")
POLICY = ServicePolicy(max_operations=1_000_000)


def begun(service):
    """An execution whose handler runs: its invocation and its token."""
    service.start(
        function_name="f", payload="{}", now=time.time(), execution_id=os.urandom(8).hex()
    )
    invocation = service.invocation_to_send(time.time())
    return invocation, invocation.payload.partition('"CheckpointToken":"')[2].partition('"')[0]


def a_step(name):
    """The START and the SUCCEED of a step."""
    start = OperationUpdate(name, OperationType.STEP, OperationAction.START, name="step")
    end = OperationUpdate(
        name, OperationType.STEP, OperationAction.SUCCEED, name="step", payload='{"n": 1}'
    )
    return start, end


def checkpoint_microseconds(service, before, count):
    """The CPU of one checkpoint of two updates, after so many operations."""
    invocation, token = begun(service)
    arn = invocation.arn
    for first in range(0, before, 1000):
        updates = [each for n in range(first, first + 1000) for each in a_step(f"b{n}")]
        request = CheckpointRequest(arn, token, tuple(updates), f"b{first}")
        token = service.checkpoint(request, time.time()).checkpoint_token
    service.events_to_tell()
    costs = []
    for n in range(count):
        request = CheckpointRequest(arn, token, a_step(f"s{n}"), f"t{n}")
        now = time.time()
        began = time.process_time()
        token = service.checkpoint(request, now).checkpoint_token
        costs.append(time.process_time() - began)
        service.events_to_tell()
    return median(costs) * 1e6, sum(costs) / count * 1e6


def resident_megabytes():
    """What the process has in memory now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def milliseconds(call, times):
    """The median of the wall times of a call."""
    costs = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        costs.append((time.perf_counter() - began) * 1e3)
    return median(costs)


def fill(path, executions):
    """So many executions of three steps, all ended; how long each of the first 1,000 took.

    The others are copies of those, made by SQLite itself.
    """
    store = SqliteStore(path)
    service = Service(store=store)
    made = min(1000, executions)
    begun(Service())  # what is imported at first need
    began = time.process_time()
    for _ in range(made):
        invocation, token = begun(service)
        updates = [each for step in range(3) for each in a_step(f"s{step}")]
        request = CheckpointRequest(invocation.arn, token, tuple(updates), "t")
        service.checkpoint(request, time.time())
        service.invocation_returned(
            invocation.invocation_id, '{"Status": "SUCCEEDED", "Result": "1"}', time.time()
        )
        service.events_to_tell()
    seconds = time.process_time() - began
    for shift in range(made, executions, made):
        with store.connection as file:
            file.execute("BEGIN")
            for table in ("executions", "origins", *TABLES):
                copy_rows(file, table, made, shift)
    store.connection.execute("UPDATE latest SET number = ?", (executions - 1,))
    store.close()
    return seconds / made * 1e6


def copy_rows(file, table, made, shift):
    """The rows of the first executions once more, as those of others."""
    columns = [row[1] for row in file.execute(f"PRAGMA table_info({table})")]
    key = columns[0]
    values = {
        key: f"{key} + {shift}",
        "arn": f"arn || '-{shift}'",
        "origin": f"json_set(origin, '$.Arn', json_extract(origin, '$.Arn') || '-{shift}')",
    }
    chosen = ", ".join(values.get(column, column) for column in columns)
    file.execute(f"INSERT INTO {table} SELECT {chosen} FROM {table} WHERE {key} < {made}")


def look(path):
    """A fresh process opens the store, lists and shows: how long, and what it has in memory."""
    bare = resident_megabytes()
    began = time.perf_counter()
    store = SqliteStore(Path(path))
    service = Service(store=store)
    opened = (time.perf_counter() - began) * 1e3
    first = service.list_executions(ListExecutionsRequest("f"))
    arns = [item.durable_execution_arn for item in first.durable_executions]
    middle = str(int(first.next_marker) // 2)
    lists = {
        "the latest 100": ListExecutionsRequest("f"),
        "100 from the middle": ListExecutionsRequest("f", marker=middle),
        "those that failed (none)": ListExecutionsRequest("f", statuses=("FAILED",)),
    }
    rows = [("open the store", opened)]
    for name, request in lists.items():
        rows.append(
            (f"list {name}", milliseconds(lambda asked=request: service.list_executions(asked), 9))
        )
    shown = iter(arns)
    rows.append(
        (
            "show one",
            milliseconds(lambda: service.get_execution(GetExecutionRequest(next(shown))), 50),
        )
    )
    told = iter(arns[50:])
    rows.append(
        ("its history", milliseconds(lambda: service.get_history(HistoryRequest(next(told))), 50))
    )
    for name, cost in rows:
        print(f"| {name} | {cost:.2f} ms |")
    print(f"| memory, beyond that of the bare process | {resident_megabytes() - bare:.1f} MB |")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one short round of everything")
    parser.add_argument("--look", metavar="PATH", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.look:
        look(options.look)
        return
    count, executions = (50, 300) if options.quick else (2000, 100_000)
    with TemporaryDirectory() as folder:
        print("| CPU of a checkpoint of 2 updates | median | mean |\n|---|---|---|")
        for before in (0, 1000) if options.quick else (0, 10_000):
            for name, store in (
                ("memory", None),
                ("SQLite", SqliteStore(Path(folder, f"{before}.db"))),
            ):
                gc.collect()
                service = Service(policy=POLICY, store=store)
                typical, mean = checkpoint_microseconds(service, before, count)
                print(f"| {name}, after {before:,} operations | {typical:.0f} µs | {mean:.0f} µs |")
                if store is not None:
                    store.close()
        path = Path(folder, "full.db")
        each = fill(path, executions)
        size = path.stat().st_size / 1e6
        print(f"\n{executions:,} executions, {size:.0f} MB; {each:.0f} µs of CPU to make one:\n")
        print("| | |\n|---|---|", flush=True)
        subprocess.run([sys.executable, __file__, "--look", path], check=True)


if __name__ == "__main__":
    main()
