"""perdure on plain sync Python with plain JSON results."""

from __future__ import annotations

import ours_sync

from perdure.serdes import JSON

PYTHON = "perdure"
NAME = "perdure, sync, JSON"

encode = JSON.encode
client_loop = ours_sync.client_loop


def make(body):
    return ours_sync.make(body, JSON)
