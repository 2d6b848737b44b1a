"""async-durable-execution 2.5.0, in its default setting: botocore's transport in a thread."""

from __future__ import annotations

import asyncio

from async_durable_execution import ExtendedTypeSerDes, durable_execution, step
from async_durable_execution import map as durable_map

PYTHON = "async"
NAME = "async-durable-execution 2.5.0"

encode = ExtendedTypeSerDes().serialize_sync


def make(body):
    @durable_execution
    async def handler(event):
        n = event["n"]
        if event["mode"] == "seq":
            total = 0
            for i in range(1, n + 1):

                async def work(i=i):
                    return body(i)

                total += (await step(work, name=f"step-{i}"))["i"]
            return total

        async def item(i):
            async def work():
                if event["io"]:
                    await asyncio.sleep(event["io"])
                return body(i)

            return await step(work, name="work")

        items, limit = list(range(1, n + 1)), event["limit"]
        batch = await durable_map(item, items, name="fan", max_concurrency=limit)
        return sum(result["i"] for result in batch.get_results())

    return handler


def client_loop(arn, token):
    from async_durable_execution._core import (
        OperationIdentifier,
        OperationSubType,
        OperationUpdate,
    )
    from async_durable_execution._core.client import create_default_service_client

    event_loop = asyncio.new_event_loop()
    client = create_default_service_client()

    async def loop(n):
        current = token
        for i in range(n):
            ident = OperationIdentifier(f"{i:064d}", OperationSubType.STEP, None, "s")
            update = OperationUpdate.create_step_succeed(ident, payload='{"i":1,"ok":true}')
            output = await client.checkpoint(arn, current, [update], None)
            current = output.checkpoint_token
            status = output.new_execution_state.operations[0].status.value
            if status != "SUCCEEDED":
                raise RuntimeError(status)

    return lambda n: event_loop.run_until_complete(loop(n))
