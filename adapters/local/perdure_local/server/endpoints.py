"""What is served: the table of routes, and for each the call of the service it means."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from perdure.models.encode import to_wire
from perdure.models.fields import WireModel
from perdure.service.parsing import (
    parse_callback_failure,
    parse_callback_heartbeat,
    parse_callback_success,
    parse_checkpoint_request,
    parse_delete_request,
    parse_get_request,
    parse_history_request,
    parse_list_request,
    parse_pause_request,
    parse_resume_request,
    parse_state_request,
    parse_stop_request,
)

from ..embedded import EmbeddedService
from .exchange import Answer, Call, Reply, json_reply
from .function_list import list_functions
from .invoke import invoke
from .page_calls import changes, list_all
from .page_files import PAGE_PREFIX, page_file
from .routing import Route

Endpoint = Callable[[EmbeddedService, Call], Answer]
"""Answers a call. It may raise ServiceFault; the machine is then unchanged."""


_ACCEPTED: Final = 202


def _ok(answer: WireModel, status: int = 200) -> Reply:
    return json_reply(status, to_wire(answer))


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


def _pause(embedded: EmbeddedService, call: Call) -> Reply:
    request = parse_pause_request(call.parameters["arn"], call.body)
    embedded.service.pause(request, call.now)
    return Reply(_ACCEPTED)


def _resume(embedded: EmbeddedService, call: Call) -> Reply:
    request = parse_resume_request(call.parameters["arn"], call.body)
    embedded.service.resume(request, call.now)
    return Reply(_ACCEPTED)


def _delete(embedded: EmbeddedService, call: Call) -> Reply:
    request = parse_delete_request(call.parameters["arn"])
    return _ok(embedded.service.delete(request, call.now), _ACCEPTED)


def _succeed_callback(embedded: EmbeddedService, call: Call) -> Reply:
    request = parse_callback_success(call.parameters["callback"], call.body)
    embedded.service.succeed_callback(request, call.now)
    return Reply(200)


def _fail_callback(embedded: EmbeddedService, call: Call) -> Reply:
    request = parse_callback_failure(call.parameters["callback"], call.body)
    embedded.service.fail_callback(request, call.now)
    return Reply(200)


def _heartbeat_callback(embedded: EmbeddedService, call: Call) -> Reply:
    request = parse_callback_heartbeat(call.parameters["callback"])
    embedded.service.heartbeat_callback(request, call.now)
    return Reply(200)


def _list(embedded: EmbeddedService, call: Call) -> Reply:
    request = parse_list_request(call.parameters["function"], call.query)
    return _ok(embedded.service.list_executions(request))


_EXECUTION: Final = "/2025-12-01/durable-executions/{arn}"
_CALLBACK: Final = "/2025-12-01/durable-execution-callbacks/{callback}"

ROUTES: Final[tuple[Route[Endpoint], ...]] = (
    Route("POST", f"{_EXECUTION}/checkpoint", _checkpoint),
    Route("GET", f"{_EXECUTION}/state", _get_state),
    Route("GET", f"{_EXECUTION}/history", _get_history),
    Route("GET", _EXECUTION, _get_execution),
    Route("POST", f"{_EXECUTION}/stop", _stop),
    Route("POST", f"{_EXECUTION}/pause", _pause),
    Route("POST", f"{_EXECUTION}/resume", _resume),
    Route("DELETE", _EXECUTION, _delete),
    Route("POST", f"{_CALLBACK}/succeed", _succeed_callback),
    Route("POST", f"{_CALLBACK}/fail", _fail_callback),
    Route("POST", f"{_CALLBACK}/heartbeat", _heartbeat_callback),
    Route("GET", "/2025-12-01/functions/{function}/durable-executions", _list),
    Route("POST", "/2015-03-31/functions/{function}/invocations", invoke),
    Route("GET", "/2015-03-31/functions", list_functions),
    Route("GET", "/2015-03-31/functions/", list_functions),
    Route("GET", "/", page_file),
    Route("GET", f"{PAGE_PREFIX}{{file}}", page_file),
    Route("GET", "/perdure/executions", list_all),
    Route("GET", "/perdure/changes", changes),
)
