"""aws-durable-execution-sdk-python 3.0.0 with plain JSON results."""

from __future__ import annotations

import json

import official
from aws_durable_execution_sdk_python.serdes import JsonSerDes

PYTHON = "official"
NAME = "official 3.0.0, JSON"

encode = json.dumps
client_loop = official.client_loop


def make(body):
    return official.make(body, JsonSerDes())
