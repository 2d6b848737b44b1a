"""A replay whose function ends before it asked for all that is recorded."""

from __future__ import annotations

from typing import Any, Final

import pytest

from core.transcript import ARN, Body, Context, Counted, Play, execution
from perdure.errors import ReplayError
from perdure.ids import operation_id
from perdure.invocation import run_invocation
from perdure.models.decode import decode_page
from perdure.modes import CheckpointingMode
from perdure.replaying import Findings, RecordedInvocation
from perdure.replaying.state import ReplayOnlyState

NAMES: Final = ("a", "b", "c")


def _steps(count: int, error: Exception | None = None) -> Body:
    async def body(context: Context) -> str:
        for name in NAMES[:count]:
            await context.step(Counted(), name=name)
        if error is not None:
            raise error
        return "done"

    return body


def _in_child(inner: Body) -> Body:
    async def body(context: Context) -> Any:
        return await context.child(inner, name="inside")

    return body


def _replay(recorded: Body, today: Body) -> Findings:
    first = Play()
    first.run(recorded)
    # All of it, as a history has it: also what lies below an ended context.
    page = decode_page({"Operations": [execution("null"), *first.service.operations.values()]})
    invocation = RecordedInvocation(ARN, "t0", page)
    state = ReplayOnlyState(invocation, CheckpointingMode.BATCHED)
    context = Context(state, flow=lambda: "the owner", draw=lambda: 0.5)
    Play().do(run_invocation(state, lambda event, context: today(context), context))
    return invocation.findings


def _divergence(recorded: Body, today: Body) -> ReplayError:
    found = _replay(recorded, today)
    assert found.divergence is not None
    return found.divergence


BOOM: Final = KeyError("gone")


@pytest.mark.parametrize("error", [None, BOOM])
def test_whoever_asks_for_all_agrees(error: Exception | None) -> None:
    for body in (_steps(2, error), _in_child(_steps(2, error))):
        assert _replay(body, body).agrees


@pytest.mark.parametrize(
    ("error", "said"), [(None, None), (BOOM, "KeyError: 'gone'")], ids=["returns", "raises"]
)
def test_the_first_that_the_function_did_not_ask_for_is_told(
    error: Exception | None, said: str | None
) -> None:
    found = _divergence(_steps(3), _steps(1, error))
    assert found.operation_id == operation_id(2)
    identity = {"type": "STEP", "subtype": "Step", "name": "b", "parent": None}
    assert found.recorded == {**identity, "error": None}
    assert found.attempted == {**dict.fromkeys(identity), "error": said}
    assert "the root context" in str(found)


@pytest.mark.parametrize(
    ("error", "said"), [(None, None), (BOOM, "KeyError: 'gone'")], ids=["returns", "raises"]
)
def test_a_child_context_that_ends_early_is_told_as_well(
    error: Exception | None, said: str | None
) -> None:
    found = _divergence(_in_child(_steps(2)), _in_child(_steps(1, error)))
    inside = operation_id(1)
    assert found.operation_id == operation_id(2, inside)
    assert found.recorded["name"] == "b"
    assert found.recorded["parent"] == inside
    assert found.attempted["error"] == said
    assert f"context {inside}" in str(found)
