"""What a cold start must not pay for: a handler that needs no more imports no more."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import accumulate
from typing import Final

import pytest

PROGRAM: Final = """
import json, sys
from {package} import durable_execution

@durable_execution
{colour}def handler(event, context):
    return {waiting}context.step(int, "1")

operation = {{"Id": "e", "Type": "EXECUTION", "Status": "STARTED", "StartTimestamp": 1}}
event = {{
    "DurableExecutionArn": "arn:aws:lambda:us-east-1:123456789012:function:f:1"
    "/durable-execution/n/e",
    "CheckpointToken": "T0",
    "InitialExecutionState": {{"Operations": [operation]}},
}}
try:
    handler(event, None)
except Exception as error:
    print(type(error).__name__)
print(json.dumps(sorted(sys.modules)))
"""

NEVER: Final = (
    *("perdure.service", "perdure.replaying", "perdure.plugins", "perdure_local"),
    *("pydantic", "boto3"),
)


@pytest.mark.parametrize(
    ("package", "colour", "waiting", "others"),
    [
        ("perdure_sync", "", "", ("asyncio", "trio")),
        ("perdure_asyncio", "async ", "await ", ("trio",)),
        ("perdure_trio", "async ", "await ", ()),
    ],
)
def test_a_handler_of_one_step(
    package: str, colour: str, waiting: str, others: tuple[str, ...]
) -> None:
    program = PROGRAM.format(package=package, colour=colour, waiting=waiting)
    # Nobody listens there: the invocation goes as far as its first request.
    environ = {
        "AWS_ENDPOINT_URL_LAMBDA": "http://127.0.0.1:9",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "AKID",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
    error, _, modules = done.stdout.strip().rpartition("\n")
    assert error == "TransportError", done.stderr
    loaded: list[str] = json.loads(modules)
    assert "perdure.operations.step" in loaded
    not_needed = {*NEVER, *others}
    packages = {name: set(accumulate(name.split("."), "{}.{}".format)) for name in loaded}
    assert [name for name in loaded if packages[name] & not_needed] == []
