"""What is said about a context that is used in the wrong place, and the remedy."""

from __future__ import annotations

from typing import Final

FOREIGN_FLOW: Final = (
    "a durable context was used from a task or thread that does not own it "
    "(gather, create_task, start_soon, a thread): the order of its operations "
    "would differ from run to run. Await one operation after the other in the "
    "flow that got the context."
)
BUSY: Final = (
    "a durable context was used while one of its own operations runs: the body "
    "of a child context, a branch or a step uses the context it is given, not "
    "the one around it"
)
IN_A_STEP: Final = "no durable operation can begin in the body of a step"
