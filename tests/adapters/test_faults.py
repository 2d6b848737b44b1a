"""What goes wrong on the way: every fault is survived, or told, and nothing is done twice."""

from __future__ import annotations

import time
from typing import Any

import pytest

from adapters.loopback import Received
from adapters.programs import Context
from adapters.replies import (
    FAULT,
    NORMAL,
    THROTTLED,
    Answer,
    CloseAfter,
    Cut,
    Drip,
    Raw,
    Reply,
    Silence,
    refusal,
)
from adapters.runtimes import QUICK, UNHURRIED, Options, Runtime
from adapters.world import World
from perdure.delivery import RequestRetries
from perdure.errors import RemoteProtocolError, ServiceError, TransportError, TransportTimeoutError
from perdure.service import ServicePolicy

OPTIONS: Options = {"retries": QUICK, "batcher": UNHURRIED}


def letters(letter: str) -> str:
    return letter * 300


async def program(event: Any, ctx: Context) -> object:
    one = await ctx.step(letters, "a", name="one")
    two = await ctx.step(letters, "b", name="two")
    await ctx.wait(5, name="pause")
    return len(one + two + await ctx.step(letters, "c", name="three"))


ALL_RECORDED = [
    "STEP one SUCCEEDED",
    "STEP two SUCCEEDED",
    "WAIT pause SUCCEEDED",
    "STEP three SUCCEEDED",
]

PASSING: dict[str, Reply] = {
    "the request is lost": Cut(0, taken=False),
    "the request is lost by a reset": Cut(0, taken=False, reset=True),
    "the answer is lost": Cut(0),
    "the answer is lost by a reset": Cut(0, reset=True),
    "cut off in the head": Cut(20),
    "cut off between head and body": Cut(-400),
    "cut off in the body": Cut(-5),
    "cut off in the body by a reset": Cut(-5, reset=True),
    "silence": Silence(),
    "a server fault": FAULT,
    "throttled": THROTTLED,
    "a gateway's own page": Answer(503, b"<html>busy</html>", (("content-type", "text/html"),)),
    "a redirect": Answer(302, b"", (("location", "https://elsewhere.example/"),)),
    "an empty answer": Answer(200),
    "half of a JSON text": Answer(200, b'{"CheckpointToken":"'),
    "JSON of another shape": Answer(200, b"[1,2]"),
    "JSON with a wrong member": Answer(200, b'{"CheckpointToken":5,"NewExecutionState":{}}'),
    "not UTF-8": Answer(200, b'"\xff\xfe"'),
    "not HTTP at all": Raw(b"SSH-2.0-OpenSSH_9.6\r\n"),
    "a vast answer": Answer(200, b" " * 30_000_000),
    "an endless head": Raw(b"HTTP/1.1 200 OK\r\n" + b"x-filler: 0123456789\r\n" * 10_000),
}


def assert_nothing_was_done_twice(requests: list[Received]) -> None:
    """Each token says one thing, however often; so does each client token."""
    said: dict[str, tuple[str, bytes]] = {}
    for request in requests:
        token: str = request.json()["CheckpointToken"]
        assert said.setdefault(token, (request.target, request.body)) == (
            request.target,
            request.body,
        )
    client_tokens = [request.json()["ClientToken"] for request in requests]
    assert len(set(client_tokens)) == len(said)


@pytest.mark.parametrize("at", [0, 1], ids=["first", "later"])
@pytest.mark.parametrize("fault", PASSING.values(), ids=list(PASSING))
def test_a_passing_fault_is_survived(world: World, runtime: Runtime, fault: Reply, at: int) -> None:
    world.loopback.plan(*[NORMAL] * at, fault)
    settings = world.loopback.settings(read_seconds=0.15)
    run = world.run(runtime.entry_point(program, settings, **OPTIONS))
    assert run.outputs == [{"Status": "PENDING"}, {"Status": "SUCCEEDED", "Result": "900"}]
    assert world.recorded() == ALL_RECORDED
    # One request for each step and for the wait, and one of them a second time.
    assert len(world.requests) == 5
    assert world.requests[at].body == world.requests[at + 1].body
    assert_nothing_was_done_twice(world.requests)


def test_several_faults_in_a_row(world: World, runtime: Runtime) -> None:
    world.loopback.plan(*[fault for fault in PASSING.values() if fault != THROTTLED])
    settings = world.loopback.settings(read_seconds=0.15)
    retries = RequestRetries(max_attempts=len(PASSING) + 1, base=0.001, cap=0.001)
    run = world.run(runtime.entry_point(program, settings, retries=retries))
    assert run.result == 900
    assert world.recorded() == ALL_RECORDED
    assert_nothing_was_done_twice(world.requests)


def test_an_idle_connection_that_died_is_replaced_silently(world: World, runtime: Runtime) -> None:
    world.loopback.otherwise = CloseAfter()
    # With a single attempt a failure that counts would be the end.
    once = RequestRetries(max_attempts=1)
    settings = world.loopback.settings()
    run = world.run(runtime.entry_point(program, settings, retries=once, batcher=UNHURRIED))
    assert run.result == 900
    assert len(world.requests) == world.loopback.connections == 4


def test_a_connection_that_is_to_be_closed_is_not_used_again(
    world: World, runtime: Runtime
) -> None:
    world.loopback.plan(Answer(500, b"{}", (("connection", "close"),)))
    run = world.run(runtime.entry_point(program, world.loopback.settings(), **OPTIONS))
    assert run.result == 900
    assert [request.connection for request in world.requests[:2]] == [1, 2]


def test_a_slow_answer_is_waited_for(world: World, runtime: Runtime) -> None:
    # Each piece comes in time, all of them together do not.
    world.loopback.plan(Drip(pieces=8, pause=0.05))
    settings = world.loopback.settings(read_seconds=0.2)
    run = world.run(runtime.entry_point(program, settings, **OPTIONS))
    assert run.result == 900
    assert len(world.requests) == 4


LASTING: dict[str, tuple[Reply, type[Exception], str]] = {
    "fault": (FAULT, ServiceError, "500 ServiceException: internal failure"),
    "cut": (Cut(0, taken=False), TransportError, "closed before an answer came"),
    "cut within": (Cut(-3, taken=False), TransportError, "cut off within the answer"),
    "silence": (Silence(), TransportTimeoutError, "Receive took too long"),
    "nonsense": (Answer(200, b"nonsense"), RemoteProtocolError, "JSON"),
    "not HTTP": (Raw(b"\x15\x03\x01\x00\x02\x02\x16"), RemoteProtocolError, "not HTTP"),
    "vast": (Answer(200, b" " * 17_000_000), RemoteProtocolError, "larger than 16777216 bytes"),
}


@pytest.mark.parametrize(("fault", "error", "message"), LASTING.values(), ids=list(LASTING))
def test_a_lasting_fault_leaves_the_handler_so_that_lambda_tries_again(
    world: World, runtime: Runtime, fault: Reply, error: type[Exception], message: str
) -> None:
    # An idle connection that turns out to be closed is replaced, once, and does not count.
    sent = QUICK.max_attempts + (1 if fault == Cut(0, taken=False) else 0)
    world.loopback.plan(NORMAL, *[fault] * sent)
    settings = world.loopback.settings(read_seconds=0.1)
    run = world.run(runtime.entry_point(program, settings, **OPTIONS))
    assert run.statuses == [error.__name__, "PENDING", "SUCCEEDED"]
    assert message in str(run.outputs[0])
    assert run.result == 900
    # The confirmed step was not run again, and the other one was recorded once.
    assert world.recorded() == ALL_RECORDED
    assert len({request.body for request in world.requests[1 : 1 + sent]}) == 1
    assert len(world.requests) == 4 + sent


def test_a_service_that_cannot_be_reached(runtime: Runtime) -> None:
    world = World()  # Not entered: its port refuses connections.
    event = world.event()
    with pytest.raises(TransportError, match="Connect failed"):
        runtime.invoke(program, event, world.loopback.settings(), **OPTIONS)
    world.loopback.close()


def test_retry_after_is_respected(world: World, runtime: Runtime) -> None:
    world.loopback.plan(
        refusal(429, "TooManyRequestsException", "slow down", retry_after="0.3"),
        refusal(503, "ServiceException", "come back", retry_after="0.2"),
    )
    run = world.run(runtime.entry_point(program, world.loopback.settings(), **OPTIONS))
    assert run.result == 900
    first, second, third = (request.at for request in world.requests[:3])
    assert 0.29 <= second - first < 1
    assert 0.19 <= third - second < 0.8


# -- pages of the record -------------------------------------------------------------------


@pytest.mark.parametrize("fault", [FAULT, Cut(0), Cut(-5), Answer(200, b"{"), Silence()])
def test_a_page_that_is_late_is_asked_for_again(runtime: Runtime, fault: Reply) -> None:
    with World(ServicePolicy(initial_page_bytes=300)) as world:
        world.loopback.plan(*[NORMAL] * 3, fault)
        settings = world.loopback.settings(read_seconds=0.15)
        run = world.run(runtime.entry_point(program, settings, **OPTIONS))
        pages = [request for request in world.requests if request.method == "GET"]
    assert run.statuses == ["PENDING", "SUCCEEDED"]
    assert run.result == 900
    assert pages[0].target == pages[1].target
    assert [request.method for request in world.requests[:3]] == ["POST"] * 3


def test_a_page_that_cannot_be_had_leaves_the_handler(runtime: Runtime) -> None:
    with World(ServicePolicy(initial_page_bytes=300)) as world:
        world.loopback.plan(*[NORMAL] * 3, *[FAULT] * QUICK.max_attempts)
        run = world.run(runtime.entry_point(program, world.loopback.settings(), **OPTIONS))
    assert run.statuses == ["PENDING", "ServiceError", "SUCCEEDED"]
    assert run.result == 900


# -- time ----------------------------------------------------------------------------------


def test_nothing_is_repeated_past_the_deadline(world: World, runtime: Runtime) -> None:
    world.loopback.otherwise = FAULT
    patient = RequestRetries(max_attempts=1000, base=0.05, cap=0.05)
    event = world.event()
    began = time.monotonic()
    with pytest.raises(ServiceError, match="internal failure"):
        runtime.invoke(
            program,
            event,
            world.loopback.settings(),
            retries=patient,
            deadline=time.time() + 0.3,
        )
    took = time.monotonic() - began
    assert 0.2 < took < 0.6
    assert 4 <= len(world.requests) <= 13
    assert world.requests[-1].at - began < 0.35


def test_a_pause_longer_than_the_invocation_is_not_begun(world: World, runtime: Runtime) -> None:
    world.loopback.otherwise = refusal(429, "TooManyRequestsException", "no", retry_after="30")
    event = world.event()
    began = time.monotonic()
    with pytest.raises(ServiceError, match="429 TooManyRequestsException"):
        runtime.invoke(program, event, world.loopback.settings(), deadline=time.time() + 10)
    assert time.monotonic() - began < 2
    assert len(world.requests) == 1
