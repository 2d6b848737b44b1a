"""The history a replay starts from: finished steps as any of the SDKs would have recorded them."""

from __future__ import annotations

import hashlib

PLAIN = '{"i":123456789,"ok":true}'
FIRST_PAGE = 100  # operations that come with the invocation itself
PLACE = "123456789"  # in a template, stands for the number of the step


def operation_id(n, parent=None):
    """The id of the n-th operation of a context, the same in every SDK."""
    text = f"{parent}-{n}" if parent else str(n)
    return hashlib.blake2b(text.encode()).hexdigest()[:64]


def finished_step(i, template=PLAIN, *, in_millis=False):
    """Operation number `i`, a step that ended. An invocation counts time in ms, a page in s."""
    start = 1_764_550_000 + i * 0.01
    end = start + 0.005
    return {
        "Id": operation_id(i),
        "Name": f"step-{i}",
        "Type": "STEP",
        "SubType": "Step",
        "StartTimestamp": int(start * 1000) if in_millis else round(start, 3),
        "EndTimestamp": int(end * 1000) if in_millis else round(end, 3),
        "Status": "SUCCEEDED",
        "StepDetails": {"Attempt": 1, "Result": template.replace(PLACE, str(i))},
    }
