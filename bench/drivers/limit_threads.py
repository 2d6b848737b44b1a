"""The limit of a design with threads: a pool of them, one thread a branch, one at a time awake.

A function in plain sync Python stands still in the middle of its branch until its step is durable,
so each branch needs a stack of its own, and handing over to the next costs at least once.
Like limit.py it neither validates nor retries.
"""

from __future__ import annotations

import json
from collections import deque
from threading import Lock, Thread

import limit
from limit import encode, operation_id, update, user_input

PYTHON = "limit"
NAME = "limit, threads"
THREADS = 128


class Fan:
    """One map. Whoever stands still has the next one go on: a thread, a new one, the main one."""

    def __init__(self, run, n, body):
        self.run, self.body, self.n = run, body, n
        self.root, self.results = operation_id(1), [None] * n
        self.queue, self.waiting = [update(self.root, "Map", "START", "fan")], deque()
        self.ready, self.jobs, self.threads = deque(), deque(range(n)), []
        self.main = closed_lock()

    def carry_out(self):
        self.pass_on()
        while True:
            self.main.acquire()
            if not self.queue:
                break
            batch, self.queue = self.queue[:250], self.queue[250:]
            self.run.checkpoint(batch)
            for _ in range(sum(change["Action"] == "SUCCEED" for change in batch)):
                self.ready.append(self.waiting.popleft())
            self.pass_on()
        for thread in self.threads:
            thread.join()
        text = encode(self.results)
        self.run.checkpoint([update(self.root, "Map", "SUCCEED", "fan", payload=text)])
        return sum(result["i"] for result in self.results)

    def pass_on(self):
        while self.ready:
            sleeper = self.ready.popleft()
            if sleeper is not None:
                sleeper.release()
                return
        if self.jobs and len(self.threads) < THREADS:
            thread = Thread(target=self.work)
            self.threads.append(thread)
            thread.start()
        else:
            self.main.release()

    def work(self):
        me = closed_lock()
        while self.jobs:
            self.branch(self.jobs.popleft(), me)
        self.pass_on()

    def branch(self, k, me):
        key, item = operation_id(k, self.root), f"map-item-{k}"
        step, text = operation_id(1, key), encode(self.body(k + 1))
        self.queue.append(update(key, "MapIteration", "START", item, self.root))
        self.queue.append(update(step, "Step", "START", "work", key))
        self.queue.append(update(step, "Step", "SUCCEED", "work", key, text))
        self.waiting.append(me)
        self.pass_on()
        me.acquire()
        text = self.run.operations[step]["StepDetails"]["Result"]
        self.results[k] = json.loads(text)
        self.queue.append(update(key, "MapIteration", "SUCCEED", item, self.root, text))
        self.waiting.append(None)


def closed_lock():
    lock = Lock()
    lock.acquire()
    return lock


def make(body):
    plain = limit.make(body)

    def handler(event, context):
        wanted = user_input(event)
        if wanted["mode"] == "seq":
            return plain(event, context)
        total = Fan(limit.Run(event), wanted["n"], body).carry_out()
        return {"Status": "SUCCEEDED", "Result": json.dumps(total)}

    return handler


client_loop = limit.client_loop
