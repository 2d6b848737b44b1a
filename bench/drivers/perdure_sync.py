"""perdure on plain sync Python, in its default setting: type-tagged results."""

from __future__ import annotations

import time

from named_alike import package

from perdure.serdes import TAGGED

perdure_sync = package("perdure_sync")

PYTHON = "perdure"
NAME = "perdure, sync"

encode = TAGGED.encode


def make(body, serdes=TAGGED):
    @perdure_sync.durable_execution
    def handler(event, context):
        if event["mode"] == "fan":

            def work(i):
                if event["io"]:
                    time.sleep(event["io"])
                return body(i)

            def item(branch, i, index):
                return branch.step(work, i, name="work", serdes=serdes)

            items = range(1, event["n"] + 1)
            batch = context.map(items, item, name="fan", max_concurrency=event["limit"])
            return sum(result["i"] for result in batch.results)
        total = 0
        for i in range(1, event["n"] + 1):
            total += context.step(body, i, name=f"step-{i}", serdes=serdes)["i"]
        return total

    return handler


def client_loop(arn, token):
    from perdure.models.checkpoint import CheckpointRequest
    from perdure.models.enums import OperationAction, OperationStatus, OperationType
    from perdure.models.update import OperationUpdate

    client = perdure_sync.ServiceClient()

    def loop(n):
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
            answer = client.checkpoint(CheckpointRequest(arn, current, (update,)))
            current = answer.checkpoint_token
            status = answer.new_execution_state.operations[0].status
            if status is not OperationStatus.SUCCEEDED:
                raise RuntimeError(status)

    return loop
