"""aws-durable-execution-sdk-python 3.0.0, in its default setting: type-tagged results, boto3."""

from __future__ import annotations

import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import MapConfig, StepConfig
from aws_durable_execution_sdk_python.serdes import ExtendedTypeSerDes

PYTHON = "official"
NAME = "official 3.0.0"

encode = ExtendedTypeSerDes().serialize


def make(body, serdes=None):
    config = StepConfig(serdes=serdes)

    @durable_execution
    def handler(event, context: DurableContext):
        n = event["n"]
        if event["mode"] == "seq":
            total = 0
            for i in range(1, n + 1):
                total += context.step(lambda _, i=i: body(i), name=f"step-{i}", config=config)["i"]
            return total

        def work(i):
            if event["io"]:
                time.sleep(event["io"])
            return body(i)

        def item(branch, i, index, items):
            return branch.step(lambda _: work(i), name="work", config=config)

        slots = MapConfig(max_concurrency=event["limit"])
        batch = context.map(list(range(1, n + 1)), item, name="fan", config=slots)
        return sum(result["i"] for result in batch.get_results())

    return handler


def client_loop(arn, token):
    from aws_durable_execution_sdk_python.identifier import OperationIdentifier
    from aws_durable_execution_sdk_python.lambda_service import (
        LambdaClient,
        OperationType,
        OperationUpdate,
    )

    client = LambdaClient.initialize_client()

    def loop(n):
        current = token
        for i in range(n):
            step = OperationIdentifier(
                f"{i:064d}", "Step", None, "s", operation_type=OperationType.STEP
            )
            update = OperationUpdate.create_step_succeed(step, payload='{"i":1,"ok":true}')
            output = client.checkpoint(arn, current, [update], None)
            current = output.checkpoint_token
            status = output.new_execution_state.operations[0].status.value
            if status != "SUCCEEDED":
                raise RuntimeError(status)

    return loop
