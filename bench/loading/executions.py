"""Executions under load: each a function that makes checkpoints of one finished step."""

from __future__ import annotations

import asyncio
import json
import random

PAYLOAD = json.dumps({"i": 123456789, "ok": True, "sku": "SKU-0000", "title": "A title, café"})


class Refused(Exception):
    """The server answered a checkpoint with something else than what it must."""


class Executions:
    """Keeps `count` executions going on one server, each on a connection of its own.

    Before each checkpoint an execution takes a turn: `turn()` returns the time at which
    the checkpoint was meant to be sent; `settled(intended, done)` is told when it was
    answered. After `length` checkpoints an execution ends and the next one begins.
    """

    def __init__(self, server, count, length, turn, settled):
        self.server, self.length = server, length
        # The first ones are cut short, each elsewhere: as if they had been going on for long,
        # not all begun, and so all to end, at the same moment.
        dice = random.Random(1)
        self.lengths = [dice.randint(1, length) for _ in range(count)]
        self.turn, self.settled = turn, settled
        self.count = count
        self.connections = [server.connect() for _ in range(count)]
        self.started = [asyncio.Event() for _ in range(count)]
        self.ended = [asyncio.Event() for _ in range(count)]

    async def run(self):
        """Start executions until cancelled."""
        try:
            async with asyncio.TaskGroup() as group:
                for slot in range(self.count):
                    group.create_task(self._keep_going(slot))
        finally:
            for connection in self.connections:
                connection.close()

    async def _keep_going(self, slot):
        while True:
            self.started[slot].clear()
            self.ended[slot].clear()
            await self.server.start(self.connections[slot], {"slot": slot})
            self.started[slot].set()
            await self.ended[slot].wait()

    async def work(self, event):
        """The function: checkpoint after checkpoint."""
        arn, token = event["DurableExecutionArn"], event["CheckpointToken"]
        first = event["InitialExecutionState"]["Operations"][0]
        slot = json.loads(first["ExecutionDetails"]["InputPayload"])["slot"]
        connection, loop = self.connections[slot], asyncio.get_running_loop()
        head = self.server.checkpoint_head(arn)
        # It may be invoked before its start is answered, on the same connection.
        await self.started[slot].wait()
        length, self.lengths[slot] = self.lengths[slot], self.length
        for i in range(length):
            intended = await self.turn()
            status, _, answer = await connection.ask(head, checkpoint(i, token))
            token = next_token(i, status, answer)
            self.settled(intended, loop.time())
        self.ended[slot].set()
        return {"Status": "SUCCEEDED", "Result": "null"}


def checkpoint(i, token):
    """The request: one step, started and finished."""
    step = f'"Id":"step-{i:08d}-0123456789abcdef0123456789abcdef","Type":"STEP","SubType":"Step"'
    return (
        f'{{"CheckpointToken":"{token}","ClientToken":"{i:08d}-0123456789abcdef0123456789ab",'
        f'"Updates":[{{{step},"Name":"step-{i}","Action":"START"}},'
        f'{{{step},"Name":"step-{i}","Action":"SUCCEED","Payload":{json.dumps(PAYLOAD)}}}]}}'
    ).encode()


def next_token(i, status, body):
    """The token of the next checkpoint, if the answer is what it must be."""
    if status != 200:
        raise Refused(f"{status} {body[:500]!r}")
    answer = json.loads(body)
    operation = answer["NewExecutionState"]["Operations"][-1]
    if operation["Status"] != "SUCCEEDED" or not operation["Id"].startswith(f"step-{i:08d}"):
        raise Refused(f"{body[:500]!r}")
    return answer["CheckpointToken"]
