"""Executions of functions that are not served any more wait for them; they do not fail."""

from __future__ import annotations

import time

from local.serving import Program, serving
from perdure_local.embedded import AnyFunction


def test_an_execution_waits_until_its_function_is_back() -> None:
    program = Program()
    functions: dict[str, AnyFunction] = {"nap": program}
    with serving(functions) as peer:
        program.port = peer.port
        arn = peer.start("nap", {"seconds": 1})
        while len(peer.of(arn, "GET", "/history")["Events"]) < 3:
            time.sleep(0.02)
        del functions["nap"]
        while len(peer.of(arn, "GET", "/history")["Events"]) < 4:
            time.sleep(0.02)
        time.sleep(0.1)
        assert peer.of(arn, "GET")["Status"] == "RUNNING"
        assert peer.invoke("nap", {"seconds": 1}).status == 404
        functions["nap"] = program
        while (found := peer.of(arn, "GET"))["Status"] == "RUNNING":
            time.sleep(0.02)
        assert found["Result"] == '{"waited": {"seconds": 1}}'
