"""What the page asks that Lambda has no call for: a list over all functions, and news."""

from __future__ import annotations

from perdure.models.encode import to_wire
from perdure.models.executions import HistoryRequest
from perdure.service.parsing import Query, parse_history_request, parse_list_all_request

from ..embedded import EmbeddedService
from .exchange import Answer, Call, Reply, ReplyLater, json_reply


def list_all(embedded: EmbeddedService, call: Call) -> Reply:
    """The executions of all functions, the latest first.

    Raises:
        ServiceFault: the query is malformed.
    """
    request = parse_list_all_request(call.query)
    return json_reply(200, to_wire(embedded.service.list_all_executions(request)))


def changes(embedded: EmbeddedService, call: Call) -> Answer:
    """Answer when there is news, or after a while without any.

    With a DurableExecutionArn it is about that execution, and `After` is the id of the last
    event that the client knows; without one it is about all, and `After` the number in the
    answer before. Anything else than the present number is answered at once.

    Raises:
        ServiceFault: there is no such execution.
    """
    arn = _last(call.query, "DurableExecutionArn")
    request = None if arn is None else parse_history_request(arn, {})

    def reply() -> Reply:
        return json_reply(200, {"Last": _position(embedded, request), "Now": embedded.now()})

    async def reply_later() -> Reply:
        await embedded.changes.wait(arn)
        return reply()

    if _last(call.query, "After") != str(_position(embedded, request)):
        return reply()
    return ReplyLater(reply_later())


def _position(embedded: EmbeddedService, request: HistoryRequest | None) -> int:
    """The id of an execution's last event, or how many events there have been."""
    if request is None:
        return embedded.changes.count
    arn = request.durable_execution_arn
    last = HistoryRequest(arn, include_execution_data=False, max_items=1, reverse_order=True)
    return embedded.service.get_history(last).events[0].event_id


def _last(query: Query, name: str) -> str | None:
    values = query.get(name)
    return values[-1] if values else None
