"""Durable functions on AWS's own SDK, served over HTTP to whoever invokes them.

Runs in a Python that has the SDK, and imports nothing of ours. POST /NAME carries an event;
the answer is what the function returns, or status 500 and the error.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final

sdk: Any = import_module("aws_durable_execution_sdk_python")
config: Any = import_module("aws_durable_execution_sdk_python.config")


def _gives(value: object) -> Callable[[object], object]:
    return lambda step: value


def _submit(callback_id: object, context: object) -> None:
    """Tell nobody: the test finds the callback in the history."""


def _workflow(event: Any, ctx: Any) -> object:
    callback = ctx.create_callback(
        name="direct", config=config.CallbackConfig(timeout=config.Duration.from_minutes(5))
    )
    given = ctx.step(_gives(callback.callback_id), name="announce")
    direct = callback.result()
    approval = ctx.wait_for_callback(_submit, name="approval")
    doubled = ctx.invoke("double", event["number"], name="durable")
    stamped = ctx.invoke("stamp", {"a": 1}, name="plain")

    def each(child: Any, item: int, index: int, items: object) -> int:
        child.wait(config.Duration.from_seconds(1))
        squared: int = child.step(_gives(item * item), name="square")
        return squared

    squares = ctx.map([1, 2, 3], each, name="squares").get_results()
    ctx.wait(config.Duration.from_seconds(1))
    return {
        "announced": given == callback.callback_id,
        "direct": direct,
        "approval": approval,
        "doubled": doubled,
        "stamped": stamped,
        "squares": squares,
    }


def _refused(event: Any, ctx: Any) -> object:
    reason = ""
    try:
        ctx.invoke("fail", None, name="durable")
    except sdk.InvokeError as error:
        reason = str(error)
    try:
        ctx.wait_for_callback(_submit, name="approval")
    except sdk.CallbackError as error:
        return [reason, str(error)]
    return None


def _double(event: Any, ctx: Any) -> object:
    return ctx.step(_gives(event * 2), name="double")


def _fail(event: Any, ctx: Any) -> object:
    raise LookupError("no mugs")


def _stamp(event: object, context: object) -> object:
    return {"stamped": event}


FUNCTIONS: Final[dict[str, Callable[[Any, Any], object]]] = {
    "workflow": sdk.durable_execution(_workflow),
    "refused": sdk.durable_execution(_refused),
    "double": sdk.durable_execution(_double),
    "fail": sdk.durable_execution(_fail),
    "stamp": _stamp,
}


class Invoked(BaseHTTPRequestHandler):
    """Answers invocations."""

    def do_POST(self) -> None:
        """Call the function that the path names."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        began = time.monotonic()
        context = SimpleNamespace(
            aws_request_id=self.headers["X-Request-Id"],
            function_name=self.path[1:],
            invoked_function_arn=None,
            tenant_id=None,
            get_remaining_time_in_millis=lambda: 60_000 - int(time.monotonic() - began) * 1000,
        )
        try:
            status, answer = 200, FUNCTIONS[self.path[1:]](json.loads(body), context)
        except Exception as error:
            status, answer = 500, {"type": type(error).__name__, "message": str(error)}
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Invoked)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()
