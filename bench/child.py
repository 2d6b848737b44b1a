"""One scenario, once, in a process of its own, under the driver's interpreter.

Its orders come as JSON in $BENCH, and its figures leave as one line of JSON. Every scenario first
runs one warm handler with a single step; `cold` is that, and its figures are the whole process's.
"""

from __future__ import annotations

import json
import os
import sys
import time

ARN = "arn:aws:lambda:us-east-1:123456789012:function:bench:1/durable-execution/bench/"
TOKEN = "dG9rLWluaXRpYWwtMDEyMzQ1Njc4OWFiY2RlZg=="
WARM_CALLS = 50


class LambdaContext:
    """What Lambda hands to a handler beside the event."""

    aws_request_id = "6f2a3f8e-2f0f-4a0e-8f57-2a9f3d3b8f10"
    function_name, function_version, memory_limit_in_mb = "bench", "1", "1024"
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:bench:1"
    log_group_name, log_stream_name = "/aws/lambda/bench", "2026/01/01/[1]abc"
    tenant_id = client_context = identity = None

    def get_remaining_time_in_millis(self):
        return 600_000

    def log(self, message):
        sys.stderr.write(str(message))


def execution_id(k):
    return f"0a1b2c3d-0000-4000-8000-{k:012d}"


def event(k, orders, template=None):
    """The input of invocation number `k`; with a history, its first operations and a marker."""
    user_input = {
        "mode": "fan" if orders["kind"] == "fan" else "seq",
        "n": orders["n"],
        "limit": orders.get("limit"),
        "io": orders.get("io_ms", 0) / 1000,
    }
    execution = {
        "Id": execution_id(k),
        "Type": "EXECUTION",
        "Status": "STARTED",
        "StartTimestamp": 1_764_550_000_000,
        "ExecutionDetails": {"InputPayload": json.dumps(user_input)},
    }
    state = {"Operations": [execution]}
    if history := orders.get("history", 0):
        from history import FIRST_PAGE, finished_step

        here = range(1, min(history, FIRST_PAGE) + 1)
        state["Operations"] += [finished_step(i, template, in_millis=True) for i in here]
        if history > FIRST_PAGE:
            state["NextMarker"] = str(FIRST_PAGE)
    return {
        "DurableExecutionArn": ARN + execution_id(k),
        "CheckpointToken": TOKEN,
        "InitialExecutionState": state,
    }


def small(i):
    return {"i": i, "ok": True}


def big(i, size):
    """A result of about `size` bytes of plain JSON."""
    row = {"sku": "SKU-0000", "title": 'A "quoted" title, café', "price": 12.5, "tags": ["a", "b"]}
    count = size // (len(json.dumps({"id": 0, **row})) + 2)
    return {"i": i, "ok": True, "rows": [{"id": k, **row} for k in range(count)]}


def never(i):
    raise RuntimeError(f"step {i} had finished and ran again")


def bodies(orders):
    """What the steps of the measured run do."""
    if orders["kind"] == "big":
        results = [big(i, orders["size"]) for i in range(1, orders["n"] + 1)]
        return lambda i: results[i - 1]
    return never if orders["kind"] == "replay" else small


def expect(output, total):
    if output["Status"] != "SUCCEEDED" or json.loads(output["Result"]) != total:
        raise SystemExit(f"the handler should have returned {total}: {str(output)[:500]}")


def reset_stub(orders, template):
    from http.client import HTTPConnection

    settings = {k: orders[k] for k in ("delay_ms", "history") if k in orders}
    connection = HTTPConnection("127.0.0.1", orders["port"])
    connection.request("POST", "/_bench/reset", json.dumps({**settings, "template": template}))
    connection.getresponse().read()
    connection.close()


def measure(work, *args):
    wall, cpu = time.monotonic(), time.process_time()
    result = work(*args)
    return result, {"wall": time.monotonic() - wall, "cpu": time.process_time() - cpu}


def main():
    orders = json.loads(os.environ.pop("BENCH"))
    folder, name = os.path.split(orders["driver"])
    sys.path.insert(0, folder)
    driver = __import__(name.removesuffix(".py"))

    body = small
    handler = driver.make(lambda i: body(i))
    expect(handler(event(0, {"kind": "cold", "n": 1}), LambdaContext()), 1)
    if orders["kind"] == "cold":
        return

    n, template = orders["n"], driver.encode({"i": 123456789, "ok": True})
    if orders["kind"] == "client":
        loop = driver.client_loop(ARN + execution_id(1), TOKEN)
        loop(WARM_CALLS)
        reset_stub(orders, template)
        _, figures = measure(loop, n)
    else:
        body, invocation = bodies(orders), event(1, orders, template)
        reset_stub(orders, template)
        output, figures = measure(handler, invocation, LambdaContext())
        expect(output, n * (n + 1) // 2)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({**figures, "peak_mb": peak}))


if __name__ == "__main__":
    main()
