"""The functions of a module at a Lambda-shaped endpoint: ``python_endpoint.py MODULE``.

Runs in a Python that has the peer, and imports nothing of ours. It prints its URL, and reads
that of the service, which must be known when the SDK makes its client.
"""

from __future__ import annotations

import json
import os
import re
import sys
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import import_module
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import unquote

_INVOKED: Final = re.compile(r"/2015-03-31/functions/([^/?]+)/invocations(\?.*)?")
_SECONDS: Final = 60


def _context(name: str) -> SimpleNamespace:
    began = time.monotonic()
    return SimpleNamespace(
        aws_request_id=str(uuid.uuid4()),
        function_name=name,
        function_version="$LATEST",
        invoked_function_arn=None,
        tenant_id=None,
        get_remaining_time_in_millis=lambda: int(1000 * (began + _SECONDS - time.monotonic())),
    )


class Invoked(BaseHTTPRequestHandler):
    """Answers Invoke."""

    functions: dict[str, Any]

    def do_POST(self) -> None:
        """Call the function that the path names."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        found = _INVOKED.fullmatch(self.path)
        name = unquote(found[1]).partition(":")[0] if found else ""
        if name not in self.functions:
            self._answer({"Message": f"Function not found: {name}"}, 404)
            return
        try:
            self._answer(self.functions[name](json.loads(body or "null"), _context(name)))
        except Exception as error:
            answer = {"errorType": type(error).__name__, "errorMessage": str(error)}
            self._answer(answer, error="Unhandled")

    def _answer(self, answer: object, status: int = 200, error: str | None = None) -> None:
        text = json.dumps(answer).encode()
        self.send_response(status)
        if error is not None:
            self.send_header("X-Amz-Function-Error", error)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Invoked)
    _say(f"http://127.0.0.1:{server.server_port}")
    os.environ["AWS_ENDPOINT_URL_LAMBDA"] = sys.stdin.readline().strip()
    Invoked.functions = import_module(sys.argv[1]).FUNCTIONS
    _say("ready")
    server.serve_forever()
