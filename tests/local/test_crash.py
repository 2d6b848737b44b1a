"""A server that is killed a hundred times under load, and what it answered."""

from __future__ import annotations

import os
import random
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from local.crash_load import Load, functions_of
from local.crash_server import FUNCTIONS, POLICY
from local.running import environment
from perdure.models.enums import ExecutionStatus
from perdure.models.executions import ListAllExecutionsRequest
from perdure.models.history import Event
from perdure.service import Service
from perdure_local.stores.sqlite_store import SqliteStore

ROUNDS = 100
LAST_EVENTS = {"ExecutionSucceeded", "ExecutionFailed"}


class Victim:
    """The server. `kill` returns once it is gone; another `start` serves what it left."""

    def __init__(self, store: Path, endpoint: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "local.crash_server", str(store), str(self.port), endpoint],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self._child = 0

    def start(self) -> None:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write("\n")
        self._parent.stdin.flush()
        self._child = int(self._parent.stdout.readline())

    def kill(self) -> None:
        assert self._parent.stdout is not None
        os.kill(self._child, signal.SIGKILL)
        assert int(self._parent.stdout.readline()) == -signal.SIGKILL

    def close(self) -> None:
        self._parent.kill()
        self._parent.communicate()


@pytest.mark.heavy
@pytest.mark.timeout(300)
def test_nothing_that_was_answered_is_lost(tmp_path: Path) -> None:
    store = tmp_path / "a.db"
    chance = random.Random(7)
    loads: list[Load] = []
    with functions_of(loads) as endpoint, closing(Victim(store, endpoint)) as victim:
        load = Load(victim.port)
        loads.append(load)
        starter = threading.Thread(target=load.start_executions)
        answerer = threading.Thread(target=load.answer_callbacks)
        starter.start()
        answerer.start()
        try:
            for _ in range(ROUNDS):
                victim.start()
                time.sleep(chance.uniform(0.1, 0.5))
                victim.kill()
            victim.start()
            load.over.set()
            starter.join()
            _wait_until_all_ended(load)
        finally:
            load.over.set()
            load.no_more_callbacks()
            starter.join()
            answerer.join()
        victim.kill()
    account = load.account
    sys.stdout.write(
        f"{ROUNDS} rounds: {len(account.started)} executions, {len(account.steps)} steps and "
        f"{len(account.answers)} callbacks answered, {account.repeated} requests repeated\n"
    )
    with closing(sqlite3.connect(store)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    with closing(SqliteStore(store)) as kept:
        _check(load, Service(functions=FUNCTIONS, policy=POLICY, store=kept))


def _wait_until_all_ended(load: Load) -> None:
    end = time.monotonic() + 60
    while len(load.account.returned) < len(load.account.started) and time.monotonic() < end:
        time.sleep(0.1)
    # The last ones that returned are still on their way.
    time.sleep(1)


def _check(load: Load, service: Service) -> None:
    account = load.account
    assert len(account.started) > ROUNDS
    running = ListAllExecutionsRequest(statuses=(ExecutionStatus.RUNNING,))
    assert service.list_all_executions(running).durable_executions == ()
    histories = {arn: service.events(arn) for arn, *_ in (*account.steps, *account.answers)}
    histories |= {arn: service.events(arn) for arn in account.started}
    for events in histories.values():
        _check_history(events)
    succeeded = Counter(
        (arn, event.id, event.step_succeeded_details.result.payload)
        for arn, events in histories.items()
        for event in events
        if event.step_succeeded_details is not None
    )
    assert {each: succeeded[each] for each in account.steps if succeeded[each] != 1} == {}
    answered = Counter(
        (arn, event.callback_succeeded_details.result.payload)
        for arn, events in histories.items()
        for event in events
        if event.callback_succeeded_details is not None
    )
    assert {each: answered[each] for each in account.answers if answered[each] != 1} == {}


def _check_history(events: tuple[Event, ...]) -> None:
    assert [event.event_id for event in events] == list(range(1, len(events) + 1))
    times = [event.event_timestamp for event in events]
    assert times == sorted(times)
    happened = Counter(
        (event.event_type, event.id)
        for event in events
        if event.event_type != "InvocationCompleted"
    )
    assert [what for what, times in happened.items() if times > 1] == []
    requests = Counter(
        details.request_id
        for event in events
        if (details := event.invocation_completed_details) is not None
    )
    assert set(requests.values()) == {1}
    assert sum(event.event_type in LAST_EVENTS for event in events) == 1
    assert events[-1].event_type == "ExecutionSucceeded"
