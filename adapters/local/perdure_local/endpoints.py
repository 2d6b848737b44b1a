"""What is served: the table of routes, and for each the call of the service it means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from perdure.models.encode import to_wire
from perdure.models.fields import WireModel
from perdure.service.parsing import (
    parse_checkpoint_request,
    parse_get_request,
    parse_history_request,
    parse_list_request,
    parse_state_request,
    parse_stop_request,
)

from .embedded import EmbeddedService
from .exchange import Answer, Call, Reply, json_reply
from .invoke import invoke
from .routing import Route

Endpoint = Callable[[EmbeddedService, Call], Answer]
"""Answers a call. It may raise ServiceFault; the machine is then unchanged."""


def _ok(answer: WireModel) -> Reply:
    return json_reply(200, to_wire(answer))


def _checkpoint(embedded: EmbeddedService, call: Call) -> Reply:
    request = parse_checkpoint_request(call.parameters["arn"], call.body)
    return _ok(embedded.service.checkpoint(request, call.now))


def _get_state(embedded: EmbeddedService, call: Call) -> Reply:
    request = parse_state_request(call.parameters["arn"], call.query)
    return _ok(embedded.service.get_state(request, call.now))


def _get_execution(embedded: EmbeddedService, call: Call) -> Reply:
    request = parse_get_request(call.parameters["arn"], call.query)
    return _ok(embedded.service.get_execution(request))


def _get_history(embedded: EmbeddedService, call: Call) -> Reply:
    request = parse_history_request(call.parameters["arn"], call.query)
    return _ok(embedded.service.get_history(request))


def _stop(embedded: EmbeddedService, call: Call) -> Reply:
    request = parse_stop_request(call.parameters["arn"], call.body)
    return _ok(embedded.service.stop(request, call.now))


def _list(embedded: EmbeddedService, call: Call) -> Reply:
    request = parse_list_request(call.parameters["function"], call.query)
    return _ok(embedded.service.list_executions(request))


_EXECUTION: Final = "/2025-12-01/durable-executions/{arn}"

ROUTES: Final[tuple[Route[Endpoint], ...]] = (
    Route("POST", f"{_EXECUTION}/checkpoint", _checkpoint),
    Route("GET", f"{_EXECUTION}/state", _get_state),
    Route("GET", f"{_EXECUTION}/history", _get_history),
    Route("GET", _EXECUTION, _get_execution),
    Route("POST", f"{_EXECUTION}/stop", _stop),
    Route("GET", "/2025-12-01/functions/{function}/durable-executions", _list),
    Route("POST", "/2015-03-31/functions/{function}/invocations", invoke),
)
