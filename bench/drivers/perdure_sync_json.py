"""perdure on plain sync Python with plain JSON results."""

from __future__ import annotations

import importlib

from perdure.serdes import JSON

# Not the package of that name: the driver beside this one.
plain = importlib.import_module("perdure_sync")

PYTHON = "perdure"
NAME = "perdure, sync, JSON"

encode = JSON.encode
client_loop = plain.client_loop


def make(body):
    return plain.make(body, JSON)
