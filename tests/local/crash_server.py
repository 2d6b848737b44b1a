"""A server that is killed again and again: run it as ``python -m local.crash_server``.

It imports everything once. For each line that it reads it forks a process that serves the
store on the port, prints its id, and waits until somebody has killed it.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from perdure.endpoints import parse_endpoint
from perdure.service import DURABLE, PLAIN, Service, ServicePolicy
from perdure_local.clock import RealClock
from perdure_local.embedded import EmbeddedService
from perdure_local.functions.remote import RemoteFunction
from perdure_local.server import asgi, http_protocol
from perdure_local.server.served import Served
from perdure_local.stores.sqlite_store import SqliteStore

FUNCTIONS = {"caller": DURABLE, "leaf": DURABLE, "plain": PLAIN}
POLICY = ServicePolicy(invocation_attempts=10_000, invocation_retry_seconds=0.05)
# Before the first fork, not after each.
LOADED = (asgi, http_protocol)


def serve(store: str, port: int, endpoint: str) -> None:
    where = parse_endpoint(endpoint)
    service = Service(functions=FUNCTIONS, policy=POLICY, store=SqliteStore(Path(store)))
    functions = {name: RemoteFunction(name, where, "us-west-2") for name in FUNCTIONS}
    embedded = EmbeddedService(service, functions, RealClock())
    with Served(embedded, port=port) as served:
        while served.alive and embedded.failure is None:
            time.sleep(0.1)
    raise SystemExit(f"it ended by itself: {embedded.failure}")


def _say(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main() -> None:
    store, port, endpoint = sys.argv[1:]
    while sys.stdin.readline():
        child = os.fork()
        if child == 0:
            serve(store, int(port), endpoint)
        _say(child)
        _, status = os.waitpid(child, 0)
        _say(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
