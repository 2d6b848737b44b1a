"""Hundreds of callers of one open execution: tasks, or threads where there are none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from adapters.programs import Session
from adapters.replies import FAULT, REFUSED, Cut, Held
from adapters.runtimes import UNHURRIED, Job, Runtime
from adapters.updates import start, succeed
from adapters.world import World
from perdure.batching import Batcher
from perdure.delivery import RequestRetries
from perdure.errors import LocalProtocolError, ServiceError
from perdure.modes import CheckpointingMode
from perdure.outbox import Ticket

CALLERS = 320
MANY = RequestRetries(max_attempts=10, base=0.001)
NAMES = [f"n{number}" for number in range(CALLERS)]


def sent_ids(world: World) -> list[str]:
    """The ids of all updates in the order in which they were taken, repetitions left out."""
    bodies = {request.body: request for request in world.requests}
    return [update["Id"] for request in bodies.values() for update in request.updates]


def assert_tokens_are_a_chain(world: World) -> None:
    """No token was used twice, except to say the very same again."""
    by_token: dict[str, set[bytes]] = {}
    for request in world.requests:
        by_token.setdefault(request.json()["CheckpointToken"], set()).add(request.body)
    assert all(len(bodies) == 1 for bodies in by_token.values())
    client_tokens = {request.json()["ClientToken"] for request in world.requests}
    assert len(client_tokens) == len(by_token)


def in_ticket_order(tickets: list[Ticket | Exception]) -> list[str]:
    pairs = [
        (ticket, name)
        for ticket, name in zip(tickets, NAMES, strict=True)
        if not isinstance(ticket, Exception)
    ]
    return [name for _, name in sorted(pairs)]


@pytest.mark.parametrize("mode", CheckpointingMode)
def test_hundreds_of_callers_who_wait(
    runtime: Runtime, world: World, mode: CheckpointingMode
) -> None:
    held = Held()
    world.loopback.plan(held, FAULT, Cut(40), Cut(0, taken=False))
    asked: list[str] = []

    async def main() -> list[Ticket | Exception]:
        async with runtime.open(
            world.event(), world.loopback.settings(), retries=MANY, mode=mode
        ) as session:

            def job(name: str) -> Job[Ticket]:
                async def run() -> Ticket:
                    asked.append(name)
                    ticket = await session.checkpoint_sync(start(name))
                    # Whoever has waited may trust the record.
                    assert session.state.recorded(name).is_started
                    return ticket

                return run

            async def gatekeeper() -> Ticket:
                # The first request is answered when all the others have queued theirs.
                await runtime.until(lambda: len(asked) == CALLERS)
                await runtime.sleep(0.02)
                held.gate.set()
                return Ticket(0)

            *outcomes, _ = await runtime.at_once([*map(job, NAMES), gatekeeper])
            return outcomes

    tickets = runtime.run(main)
    assert [each for each in tickets if isinstance(each, Exception)] == []
    assert sent_ids(world) == in_ticket_order(tickets)
    assert sorted(op.id for op in world.operations()) == sorted(NAMES)
    assert_tokens_are_a_chain(world)
    distinct = len({request.body for request in world.requests})
    if mode is CheckpointingMode.EAGER:
        assert distinct == CALLERS
    else:
        # What queued up behind the first request went in two, for 250 is the limit.
        assert distinct in (2, 3)


def test_hundreds_of_callers_who_do_not_wait(runtime: Runtime, world: World) -> None:
    async def main() -> list[Ticket | Exception]:
        async with runtime.open(
            world.event(), world.loopback.settings(), batcher=UNHURRIED, queue_limit=50
        ) as session:

            def job(name: str) -> Job[Ticket]:
                async def run() -> Ticket:
                    await session.checkpoint_async(start(name))
                    return await session.checkpoint_async(succeed(name))

                return run

            return await runtime.at_once([job(name) for name in NAMES])
        # Leaving the block has made all of it durable.

    tickets = runtime.run(main)
    assert [each for each in tickets if isinstance(each, Exception)] == []
    assert sorted(world.recorded()) == sorted(f"STEP {name} SUCCEEDED" for name in NAMES)
    assert_tokens_are_a_chain(world)


def test_a_full_queue_slows_down_whoever_does_not_wait(runtime: Runtime, world: World) -> None:
    longest = 0

    async def main() -> None:
        nonlocal longest
        async with runtime.open(
            world.event(), world.loopback.settings(), batcher=UNHURRIED, queue_limit=10
        ) as session:
            for name in NAMES[:100]:
                await session.checkpoint_async(start(name))
                longest = max(longest, session.state.queued_updates)

    runtime.run(main)
    assert longest == 10
    assert [op.id for op in world.operations()] == NAMES[:100]


@pytest.mark.parametrize("confirmed", [0, 1, 2])
def test_when_a_request_fails_for_good_everybody_learns_and_nothing_confirmed_is_lost(
    runtime: Runtime, world: World, confirmed: int
) -> None:
    world.loopback.plan(*[world.loopback.otherwise] * confirmed, REFUSED)

    outcomes: list[Ticket | Exception] = []

    async def main() -> None:
        async with runtime.open(
            world.event(), world.loopback.settings(), batcher=Batcher(max_updates=50)
        ) as session:
            outcomes.extend(await runtime.at_once([_call(session, name) for name in NAMES]))
            # It sticks: who comes later gets it, too.
            outcomes.extend(await runtime.at_once([_call(session, "late")]))

    # And so does who leaves.
    with pytest.raises(ServiceError, match="ValidationException"):
        runtime.run(main)
    late = outcomes.pop()
    assert isinstance(late, ServiceError)
    assert len(outcomes) == CALLERS
    errors = [each for each in outcomes if isinstance(each, Exception)]
    assert all(isinstance(each, ServiceError) and each.status == 400 for each in errors)
    recorded = [op.id for op in world.operations()]
    assert in_ticket_order(outcomes) == recorded
    assert len(recorded) + len(errors) == CALLERS
    assert len(world.requests) == confirmed + 1
    assert_tokens_are_a_chain(world)


def _call(session: Session, name: str) -> Callable[[], Awaitable[Ticket]]:
    async def run() -> Ticket:
        return await session.checkpoint_sync(start(name))

    return run


def test_one_update_that_is_not_legal_harms_nobody_else(runtime: Runtime, world: World) -> None:
    async def main() -> list[Ticket | Exception]:
        async with runtime.open(world.event(), world.loopback.settings()) as session:
            # Half of them claim an id that the other half has.
            twice = [name for name in NAMES[:100] for _ in range(2)]
            return await runtime.at_once([_call(session, name) for name in twice])

    outcomes = runtime.run(main)
    errors = [each for each in outcomes if isinstance(each, Exception)]
    assert len(errors) == 100
    assert all(isinstance(each, LocalProtocolError) for each in errors)
    assert sorted(op.id for op in world.operations()) == sorted(NAMES[:100])


def test_answers_are_merged_before_anybody_is_told(runtime: Runtime, world: World) -> None:
    async def main() -> None:
        async with runtime.open(world.event(), world.loopback.settings()) as session:
            assert session.has_checkpoint_sender
            result = await session.create_checkpoint_with_response(start("a"))
            assert (result.is_existent, result.is_started) == (True, True)
            result = await session.create_checkpoint_with_response(succeed("a", '"x"'))
            assert (result.is_succeeded, result.result) == (True, '"x"')
            children = await session.load_child_operations(None)
            assert [child.id for child in children] == ["a"]
            assert session.state.operation_count == 2

    runtime.run(main)
