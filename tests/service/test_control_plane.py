"""Starting, joining, describing, listing and stopping executions."""

from __future__ import annotations

from typing import Any, Final

import pytest

from perdure.models.encode import compact, to_wire
from perdure.models.enums import ExecutionStatus
from perdure.models.executions import (
    GetExecutionRequest,
    HistoryRequest,
    ListAllExecutionsRequest,
    ListExecutionsRequest,
    StopRequest,
)
from perdure.models.operation import ErrorObject
from perdure.service import Service, ServiceFault, ServicePolicy
from service.lambda_model import faults_of, read_as_boto
from service.world import BEGINNING, BOOM, World, wait


@pytest.mark.parametrize(
    ("qualifier", "version"),
    [
        ("$LATEST", "$LATEST"),
        ("$LATEST.PUBLISHED", "$LATEST.PUBLISHED"),
        ("12", "12"),
        ("live", "$LATEST"),
        ("12a", "$LATEST"),
    ],
)
def test_where_a_qualifier_leads(qualifier: str, version: str) -> None:
    world = World()
    world.start(qualifier=qualifier, name="n")
    assert world.arn == (
        f"arn:aws:lambda:us-east-1:123456789012:function:f:{version}/durable-execution/n/id-1"
    )
    assert world.shown()["Version"] == version
    assert world.invoked().sent.qualifier == qualifier


def test_arns_tell_where_the_service_is() -> None:
    service = Service(account="999999999999", region="cn-north-1", partition="aws-cn")
    arn = service.start(function_name="f", payload=None, now=BEGINNING, execution_id="u").arn
    assert arn.startswith("arn:aws-cn:lambda:cn-north-1:999999999999:function:f:$LATEST/")


def test_the_same_name_and_input_joins() -> None:
    world = World()
    first = world.start("1", name="n")
    joined = world.service.start(
        function_name="f", payload="1", now=world.now, execution_id="other", name="n"
    )
    assert (joined.arn, joined.existing) == (first, True)
    world.invoked().succeeds()
    assert world.is_quiet()
    assert world.start("1", name="n") == first
    assert world.is_quiet()


@pytest.mark.parametrize("payload", [None, "2"])
def test_the_same_name_and_another_input(payload: str | None) -> None:
    world = World()
    world.start("1", name="n")
    with pytest.raises(ServiceFault) as caught:
        world.start(payload, name="n")
    assert caught.value.code == "DurableExecutionAlreadyStartedException"
    assert caught.value.status == 409
    assert b'"Message":' in caught.value.to_body()


@pytest.mark.parametrize(
    "other", [{"name": "m"}, {"function_name": "g"}, {"qualifier": "1"}, {"name": None}]
)
def test_names_are_of_one_version_of_a_function(other: dict[str, Any]) -> None:
    world = World()
    first = world.start("1", name="n")
    assert world.start("1", **{"name": "n", **other}) != first


REFUSED: Final[list[tuple[dict[str, Any], str]]] = [
    ({"name": "has space"}, "Value 'has space' at 'durableExecutionName'"),
    ({"name": "x" * 65}, "length less than or equal to 64"),
    ({"name": ""}, "length greater than or equal to 1"),
    ({"function_name": "a.b"}, "Value 'a.b' at 'functionName'"),
    ({"execution_id": "a/b"}, "Value 'a/b' at 'executionId'"),
    ({"qualifier": "a b"}, "Value 'a b' at 'qualifier'"),
    ({"timeout_seconds": 0}, "Value '0' at 'executionTimeout'"),
    ({"timeout_seconds": 31_622_401}, "value less than or equal to 31622400"),
    ({"retention_days": 91}, "Value '91' at 'retentionPeriodInDays'"),
    ({"tenant_id": "*"}, "Value '*' at 'tenantId'"),
]


@pytest.mark.parametrize(("options", "message"), REFUSED)
def test_what_an_execution_cannot_be_started_with(options: dict[str, Any], message: str) -> None:
    world = World()
    with pytest.raises(ServiceFault) as caught:
        world.start(**options)
    assert caught.value.code == "ValidationException"
    assert message in caught.value.message
    assert world.is_quiet()


def test_an_input_that_is_too_large() -> None:
    world = World(ServicePolicy(max_input_bytes=10))
    world.start('"' + "é" * 4 + '"')
    with pytest.raises(ServiceFault) as caught:
        world.start('"' + "é" * 4 + 'x"')
    assert (caught.value.code, caught.value.status) == ("RequestTooLargeException", 413)


def test_a_running_execution_as_boto_shows_it() -> None:
    world = World()
    world.start(name="n", timeout_seconds=60, retention_days=7, trace_id="Root=1")
    shown = world.shown()
    assert faults_of(shown, "GetDurableExecutionResponse") == ""
    assert shown == {
        "DurableExecutionArn": world.arn,
        "DurableExecutionName": "n",
        "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
        "StartTimestamp": BEGINNING,
        "Status": "RUNNING",
        "InputPayload": '{"x":1}',
        "Version": "$LATEST",
        "TraceHeader": {"XAmznTraceId": "Root=1"},
        "ExecutionDataIncluded": True,
        "DurableConfig": {"RetentionPeriodInDays": 7, "ExecutionTimeout": 60},
        "ExpectedExecutionTimeoutTimestamp": BEGINNING + 60,
    }
    read = read_as_boto("GetDurableExecution", compact(shown).encode())
    assert read["StartTimestamp"].timestamp() == BEGINNING
    assert read["TraceHeader"] == {"XAmznTraceId": "Root=1"}


def test_without_data() -> None:
    world = World()
    world.begun().returns({"Status": "FAILED", "Error": {"ErrorType": "T"}})
    request = GetExecutionRequest(world.arn, include_execution_data=False)
    bare = to_wire(world.service.get_execution(request))
    left_out = {key for key in world.shown() if key not in bare}
    assert left_out == {"InputPayload", "Error"}
    assert bare["ExecutionDataIncluded"] is False


def test_an_execution_that_does_not_exist() -> None:
    world = World()
    service = world.service
    for call in (
        lambda: service.get_execution(GetExecutionRequest("nowhere")),
        lambda: service.get_history(HistoryRequest("nowhere")),
        lambda: service.stop(StopRequest("nowhere"), world.now),
        lambda: service.operations("nowhere"),
        lambda: service.events("nowhere"),
        lambda: service.in_flight("nowhere"),
    ):
        with pytest.raises(ServiceFault) as caught:
            call()
        assert (caught.value.code, caught.value.status) == ("ResourceNotFoundException", 404)
        assert caught.value.message == "Durable Execution does not exist"


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        (None, {"ErrorMessage": "Execution stopped by user request"}),
        (ErrorObject(), {"ErrorMessage": "Execution stopped by user request"}),
        (BOOM, {"ErrorMessage": "boom", "ErrorType": "Boom"}),
    ],
)
def test_stop(error: ErrorObject | None, shown: dict[str, str]) -> None:
    world = World()
    handler = world.begun()
    handler.checkpoint(wait(5))
    world.now += 1
    assert world.stop(error) == BEGINNING + 1
    assert world.shown()["Status"] == "STOPPED"
    assert world.shown()["Error"] == shown
    assert world.operation("w").status == "STARTED"
    assert world.operation("id-1").status == "STOPPED"
    world.now += 1
    assert world.stop(BOOM) == BEGINNING + 1
    assert world.shown()["Error"] == shown
    world.pass_time(100)
    assert world.event_types(after=2) == ["ExecutionStopped"]


def test_a_stopped_execution_is_not_invoked() -> None:
    world = World()
    world.start()
    world.stop()
    assert world.is_quiet()
    assert world.service.is_idle
    assert world.service.next_deadline() is None


def test_stop_keeps_the_end_of_an_execution_that_is_over() -> None:
    world = World()
    world.begun().succeeds()
    world.now += 9
    assert world.stop() == BEGINNING
    assert world.shown()["Status"] == "SUCCEEDED"


def _crowd() -> World:
    """Executions of two functions, a second apart: f has ids 1 to 6, g has 7."""
    world = World()
    for number in range(1, 7):
        world.start(name=f"n{number}", qualifier="7" if number % 2 else "$LATEST")
        if number in (2, 5):
            world.stop()
        world.now += 1
    world.start(function_name="g", name="n1")
    return world


def _listed(world: World, **members: Any) -> list[str]:
    request = ListExecutionsRequest(members.pop("function_name", "f"), **members)
    page = world.service.list_executions(request)
    return [item.durable_execution_name for item in page.durable_executions]


ALL: Final = [f"n{number}" for number in range(6, 0, -1)]
"""The latest first."""


@pytest.mark.parametrize(
    ("members", "names"),
    [
        ({}, ALL),
        ({"reverse_order": True}, ALL[::-1]),
        ({"function_name": "g"}, ["n1"]),
        ({"function_name": "nobody"}, []),
        ({"function_name": "nobody", "reverse_order": True}, []),
        ({"qualifier": "7"}, ["n5", "n3", "n1"]),
        ({"qualifier": "alias"}, ["n6", "n4", "n2"]),
        ({"function_name": "f:7"}, ["n5", "n3", "n1"]),
        ({"function_name": "arn:aws:lambda:us-east-1:123456789012:function:f"}, ALL),
        ({"function_name": "123456789012:function:f:7"}, ["n5", "n3", "n1"]),
        ({"durable_execution_name": "n4"}, ["n4"]),
        ({"statuses": (ExecutionStatus.STOPPED,)}, ["n5", "n2"]),
        ({"statuses": (ExecutionStatus.STOPPED, ExecutionStatus.RUNNING)}, ALL),
        ({"statuses": (ExecutionStatus.FAILED,)}, []),
        ({"started_after": BEGINNING + 3}, ["n6", "n5", "n4"]),
        ({"started_before": BEGINNING + 1}, ["n2", "n1"]),
        ({"started_after": BEGINNING + 1, "started_before": BEGINNING + 2}, ["n3", "n2"]),
        ({"max_items": 2}, ["n6", "n5"]),
    ],
)
def test_list(members: dict[str, Any], names: list[str]) -> None:
    assert _listed(_crowd(), **members) == names


@pytest.mark.parametrize(
    ("members", "names"),
    [
        ({}, ["n1 of g", *ALL]),
        ({"function_name": "f"}, ALL),
        ({"function_name": "g:7"}, ["n1 of g"]),
        ({"function_name": "nobody"}, []),
        ({"name_contains": "1"}, ["n1 of g", "n1"]),
        ({"name_contains": "1", "function_name": "f"}, ["n1"]),
        ({"name_contains": "N1"}, []),
        ({"statuses": (ExecutionStatus.STOPPED,)}, ["n5", "n2"]),
        ({"max_items": 2}, ["n1 of g", "n6"]),
        ({"max_items": 2, "marker": "4"}, ["n5", "n4"]),
    ],
)
def test_a_list_over_all_functions(members: dict[str, Any], names: list[str]) -> None:
    page = _crowd().service.list_all_executions(ListAllExecutionsRequest(**members))
    assert [
        item.durable_execution_name + (" of g" if ":function:g:" in item.function_arn else "")
        for item in page.durable_executions
    ] == names


def test_pages_of_a_list_over_all_functions_skip_what_is_forgotten() -> None:
    world = World()
    for number in range(5):
        world.start(name=f"n{number}", function_name="fg"[number % 2])
    world.stop()
    page = world.service.list_all_executions(ListAllExecutionsRequest(max_items=2))
    assert page.next_marker == "2"
    world.delete()
    world.pass_time(1)
    for marker, names in ((None, ["n3", "n2"]), ("2", ["n2", "n1"])):
        page = world.service.list_all_executions(
            ListAllExecutionsRequest(max_items=2, marker=marker)
        )
        assert [item.durable_execution_name for item in page.durable_executions] == names


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("size", [1, 2, 4])
def test_pages_of_a_list(size: int, reverse: bool) -> None:
    world = _crowd()
    marker: str | None = None
    names: list[str] = []
    for _ in range(7):
        page = world.service.list_executions(
            ListExecutionsRequest("f", max_items=size, marker=marker, reverse_order=reverse)
        )
        assert len(page.durable_executions) <= size
        names += [item.durable_execution_name for item in page.durable_executions]
        marker = page.next_marker
        if marker is None:
            break
    assert names == (ALL[::-1] if reverse else ALL)


def test_items_of_a_list_as_boto_shows_them() -> None:
    world = _crowd()
    request = ListExecutionsRequest("f", max_items=2, reverse_order=True)
    page = to_wire(world.service.list_executions(request))
    assert faults_of(page, "ListDurableExecutionsByFunctionResponse") == ""
    assert page["NextMarker"] == "2"
    assert page["DurableExecutions"][1] == {
        "DurableExecutionArn": (
            "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST/durable-execution/n2/id-2"
        ),
        "DurableExecutionName": "n2",
        "FunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST",
        "Status": "STOPPED",
        "StartTimestamp": BEGINNING + 1,
        "EndTimestamp": BEGINNING + 1,
    }


@pytest.mark.parametrize("marker", ["6", "x", "-1"])
def test_a_list_marker_that_nobody_gave(marker: str) -> None:
    with pytest.raises(ServiceFault, match="Invalid marker"):
        _crowd().service.list_executions(ListExecutionsRequest("f", marker=marker))


@pytest.mark.parametrize(
    ("members", "message"),
    [({"marker": "7"}, "Invalid marker"), ({"function_name": "a b"}, "Invalid function name")],
)
def test_a_list_over_all_functions_that_is_asked_wrongly(
    members: dict[str, Any], message: str
) -> None:
    with pytest.raises(ServiceFault, match=message):
        _crowd().service.list_all_executions(ListAllExecutionsRequest(**members))


def test_a_list_of_no_function() -> None:
    with pytest.raises(ServiceFault, match="Invalid function name 'a b'"):
        World().service.list_executions(ListExecutionsRequest("a b"))
