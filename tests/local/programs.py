"""Durable functions written by hand, without an adapter: what the command line is tested on."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from local.serving import Program
from perdure.handler import DurableHandler
from perdure.modes import CheckpointingMode

NOT_DURABLE = 17


class Sync(DurableHandler):
    runtime: ClassVar[str] = "sync"

    def __call__(self, event: Mapping[str, Any], lambda_context: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.func(dict(event), lambda_context)
        return answer


class Asyncio(Sync):
    runtime: ClassVar[str] = "asyncio"


def _nap(event: dict[str, Any], context: object) -> object:
    """Wait for the seconds in the input, then return it."""
    program = Program()
    program.port = urlsplit(os.environ["AWS_ENDPOINT_URL_LAMBDA"]).port or 0
    return program(event, context)


def _fail(event: dict[str, Any], context: object) -> object:
    error = {"ErrorType": "OutOfStock", "ErrorMessage": "no mugs\nat all \x1b[31m"}
    return {"Status": "FAILED", "Error": error}


def _chatter(event: dict[str, Any], context: object) -> object:
    sys.stdout.write("printed by the function\n")
    os.write(1, b"written by the function\n")
    return {"Status": "SUCCEEDED", "Result": '"Zo\u00eb"'}


def _look_around(event: dict[str, Any], context: object) -> object:
    seen = {name: os.environ.get(name) for name in ("AWS_REGION", "AWS_ACCESS_KEY_ID")}
    return {"Status": "SUCCEEDED", "Result": json.dumps(seen)}


def _crash(event: dict[str, Any], context: object) -> object:
    raise ConnectionError("the database is away")


nap = Sync(_nap, CheckpointingMode.BATCHED)
fail = Sync(_fail, CheckpointingMode.BATCHED)
chatter = Sync(_chatter, CheckpointingMode.BATCHED)
look_around = Sync(_look_around, CheckpointingMode.BATCHED)
crash = Sync(_crash, CheckpointingMode.BATCHED)
preferred = Asyncio(_chatter, CheckpointingMode.BATCHED)
