"""The limit of an asyncio design: a task per branch, futures, one flusher, h11 in a Protocol.

Like limit.py it neither validates nor retries.
"""

from __future__ import annotations

import asyncio
import json

import h11
from limit import Signer, base_path, by_id, encode, operation_id, page_path, update, user_input

PYTHON = "limit"
NAME = "limit, asyncio"
LOOP = asyncio.new_event_loop()


class Protocol(asyncio.Protocol):
    def __init__(self):
        self.connection, self.parts = h11.Connection(h11.CLIENT), []

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        self.connection.receive_data(data)
        while (event := self.connection.next_event()) is not h11.NEED_DATA:
            if type(event) is h11.Data:
                self.parts.append(event.data)
            elif type(event) is h11.EndOfMessage:
                self.connection.start_next_cycle()
                body, self.parts = b"".join(self.parts), []
                self.answer.set_result(body)
                return


class Client(Signer):
    protocol = None

    async def call(self, method, target, body=b""):
        if self.protocol is None:
            where = self.peer.hostname, self.peer.port
            _, self.protocol = await LOOP.create_connection(Protocol, *where)
        protocol = self.protocol
        protocol.answer = LOOP.create_future()
        protocol.transport.write(self.request(protocol.connection, method, target, body))
        return await protocol.answer


CLIENT = None


class Run:
    def __init__(self, event):
        global CLIENT
        CLIENT = self.client = CLIENT or Client()
        self.token, self.base = event["CheckpointToken"], base_path(event)
        self.operations, self.queue, self.flusher = {}, [], None

    async def load(self, page):
        self.operations = by_id(page)
        while marker := page.get("NextMarker"):
            page = json.loads(await self.client.call("GET", page_path(self, marker)))
            self.operations |= by_id(page)

    def put(self, change, *, wait):
        future = LOOP.create_future() if wait else None
        self.queue.append((change, future))
        if wait and self.flusher is None:
            self.flusher = LOOP.create_task(self.flush())
        return future

    async def flush(self):
        while self.queue:
            await asyncio.sleep(0)  # let the branches that run now queue theirs too
            batch, self.queue = self.queue[:250], self.queue[250:]
            changes = [change for change, _ in batch]
            body = encode({"CheckpointToken": self.token, "Updates": changes}).encode()
            answer = json.loads(await self.client.call("POST", self.base + "/checkpoint", body))
            self.token = answer["CheckpointToken"]
            self.operations |= by_id(answer["NewExecutionState"])
            for _, future in batch:
                if future is not None:
                    future.set_result(None)
            await asyncio.sleep(0)
        self.flusher = None


class Context:
    __slots__ = ("count", "parent", "run")

    def __init__(self, run, parent=None):
        self.run, self.parent, self.count = run, parent, 0

    def next_id(self):
        self.count += 1
        return operation_id(self.count, self.parent)

    async def step(self, work, name):
        run, key, parent = self.run, self.next_id(), self.parent
        if key not in run.operations:
            run.put(update(key, "Step", "START", name, parent), wait=False)
            text = encode(await work())
            await run.put(update(key, "Step", "SUCCEED", name, parent, text), wait=True)
        operation = run.operations[key]
        if operation["Status"] != "SUCCEEDED" or operation["Name"] != name:
            raise RuntimeError(operation)
        return json.loads(operation["StepDetails"]["Result"])

    async def map(self, items, work, name, limit):
        run, root = self.run, self.next_id()
        run.put(update(root, "Map", "START", name, self.parent), wait=False)
        slots = asyncio.Semaphore(limit or len(items))

        async def branch(k, item):
            async with slots:
                key, label = operation_id(k, root), f"map-item-{k}"
                run.put(update(key, "MapIteration", "START", label, root), wait=False)
                text = encode(await work(Context(run, key), item))
                done = update(key, "MapIteration", "SUCCEED", label, root, text)
                await run.put(done, wait=True)
            return json.loads(text)

        results = await asyncio.gather(*[branch(k, item) for k, item in enumerate(items)])
        done = update(root, "Map", "SUCCEED", name, self.parent, encode(results))
        await run.put(done, wait=True)
        return results


async def seq(context, n, body):
    total = 0
    for i in range(1, n + 1):

        async def work(i=i):
            return body(i)

        total += (await context.step(work, f"step-{i}"))["i"]
    return total


async def fan(context, n, limit, io, body):
    async def item(branch, i):
        async def work():
            if io:
                await asyncio.sleep(io)
            return body(i)

        return await branch.step(work, "work")

    results = await context.map(list(range(1, n + 1)), item, "fan", limit)
    return sum(result["i"] for result in results)


def make(body):
    async def invoke(event):
        run, wanted = Run(event), user_input(event)
        await run.load(event["InitialExecutionState"])
        context = Context(run)
        if wanted["mode"] == "seq":
            total = await seq(context, wanted["n"], body)
        else:
            total = await fan(context, wanted["n"], wanted["limit"], wanted["io"], body)
        return {"Status": "SUCCEEDED", "Result": json.dumps(total)}

    return lambda event, context: LOOP.run_until_complete(invoke(event))


def client_loop(arn, token):
    run = Run({"DurableExecutionArn": arn, "CheckpointToken": token})

    async def loop(n):
        for i in range(n):
            key, payload = f"{i:064d}", '{"i":1,"ok":true}'
            await run.put(update(key, "Step", "SUCCEED", "s", payload=payload), wait=True)
            if run.operations[key]["Status"] != "SUCCEEDED":
                raise RuntimeError(run.operations[key])

    return lambda n: LOOP.run_until_complete(loop(n))
