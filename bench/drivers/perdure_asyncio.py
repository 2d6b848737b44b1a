"""perdure on asyncio, in its default setting: type-tagged results."""

from __future__ import annotations

import asyncio

from named_alike import package

from perdure.serdes import TAGGED

perdure_asyncio = package("perdure_asyncio")

PYTHON = "perdure"
NAME = "perdure, asyncio"

encode = TAGGED.encode


def make(body):
    async def work(i):
        return body(i)

    @perdure_asyncio.durable_execution
    async def handler(event, context):
        if event["mode"] == "fan":

            async def item(branch, i, index):
                return await branch.step(slow if event["io"] else work, i, name="work")

            async def slow(i):
                await asyncio.sleep(event["io"])
                return body(i)

            items = range(1, event["n"] + 1)
            batch = await context.map(items, item, name="fan", max_concurrency=event["limit"])
            return sum(result["i"] for result in batch.results)
        total = 0
        for i in range(1, event["n"] + 1):
            total += (await context.step(work, i, name=f"step-{i}"))["i"]
        return total

    return handler


def client_loop(arn, token):
    from perdure.models.checkpoint import CheckpointRequest
    from perdure.models.enums import OperationAction, OperationStatus, OperationType
    from perdure.models.update import OperationUpdate

    client, runner = perdure_asyncio.ServiceClient(), asyncio.Runner()

    async def loop(n):
        current = token
        for i in range(n):
            update = OperationUpdate(
                id=f"{i:064d}",
                type=OperationType.STEP,
                action=OperationAction.SUCCEED,
                sub_type="Step",
                name="s",
                payload='{"i":1,"ok":true}',
            )
            answer = await client.checkpoint(CheckpointRequest(arn, current, (update,)))
            current = answer.checkpoint_token
            status = answer.new_execution_state.operations[0].status
            if status is not OperationStatus.SUCCEEDED:
                raise RuntimeError(status)

    return lambda n: runner.run(loop(n))
