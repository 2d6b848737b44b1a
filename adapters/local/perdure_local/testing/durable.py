"""What the fixture `durable` gives: run durable functions, decide what happens to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final, overload

from perdure.handler import DurableHandler

from .callbacks import Answer, Callback, Outcome, Signal, text_of
from .failure import Failure, MisuseError, as_failure, hides_frames
from .faults import Moment
from .functions import PlainFunction, failing, returning
from .loops import outside_of_loops
from .run import Run
from .snapshots import Snapshots
from .world import Order, World

__tracebackhide__ = hides_frames

Error = Failure | BaseException | str
"""What a test can give for an error: a message, an exception, or both parts."""

_NOTHING: Final = object()


class Durable:
    """Runs durable functions in this process, on a time that jumps over all waiting.

    Say first who answers what, and what goes wrong; then `run`. What was said holds for
    all runs of the test.

    Args:
        snapshots: where `snapshot` finds them; the fixture knows.
    """

    def __init__(self, snapshots: Snapshots | None = None) -> None:
        self._world: Final = World()
        self._snapshots: Final = snapshots

    def run(
        self,
        handler: DurableHandler,
        event: Any = None,
        *,
        name: str | None = None,
        timeout: int | timedelta | None = None,
        tenant_id: str | None = None,
        most_invocations: int = 1000,
    ) -> Run:
        """Run an execution of a durable function to its end.

        Args:
            handler: the function, as `durable_execution` of any runtime makes it.
            event: its input, anything that JSON can hold.
            name: of the execution; with a name that was used before, and the same event,
                it is the execution of then.
            timeout: of the execution, in whole seconds; by default 366 days.
            tenant_id: for whom it runs.
            most_invocations: how often it may be invoked before the run is given up.

        Returns:
            What became of it, however it ended.

        Raises:
            MisuseError: it can never end, or invoked a function that is not registered.
        """
        if not isinstance(handler, DurableHandler):  # pyright: ignore[reportUnnecessaryIsInstance]  # user input
            raise MisuseError(
                f"run takes a durable function, not {handler!r}; decorate it with durable_execution"
            )
        function_name = self._world.functions.add_unnamed(handler)
        order = Order(
            function_name,
            json.dumps(event, ensure_ascii=False),
            name,
            None if timeout is None else _seconds(timeout),
            tenant_id,
            most_invocations,
        )
        return outside_of_loops(partial(self._world.run, order))

    @overload
    def answer(
        self,
        name: str | None,
        outcome: Callable[[Callback], object],
        *,
        after: float | timedelta = ...,
    ) -> None: ...

    @overload
    def answer(
        self,
        name: str | None,
        outcome: object = ...,
        *,
        error: Error | None = ...,
        after: float | timedelta = ...,
    ) -> None: ...

    def answer(
        self,
        name: str | None,
        outcome: Any = None,
        *,
        error: Error | None = None,
        after: float | timedelta = 0,
    ) -> None:
        """Let somebody outside answer every callback of a name.

        Args:
            name: of the callback, or of the `wait_for_callback`; None is for all callbacks.
            outcome: the result: a text as it is, None for none, anything else as JSON. Or a
                function of the `Callback` that returns it, or a `Failure`, or a `Signal`.
            error: what it fails with, instead.
            after: when, in seconds after the callback began. At 0 it comes as soon as
                the function can do nothing more.
        """
        answer = Answer(name, _seconds(after), _decision(outcome, error))
        self._world.outsiders.answers.append(answer)

    def heartbeat(self, name: str, *, after: float | timedelta = 0) -> None:
        """Let somebody outside give a sign of life for every callback of a name.

        Args:
            name: of the callback.
            after: when, in seconds after the callback began.
        """
        answer = Answer(name, _seconds(after), lambda callback: Signal.HEARTBEAT)
        self._world.outsiders.answers.append(answer)

    def function(
        self,
        name: str,
        function: DurableHandler | PlainFunction | None = None,
        *,
        result: Any = _NOTHING,
        error: Error | None = None,
    ) -> None:
        """Let something be there for `ctx.invoke` to invoke.

        Args:
            name: of the function, without qualifier.
            function: a durable one, or a plain one of (event, context).
            result: what it always returns, instead of a function.
            error: what it always fails with, instead of a function.

        Raises:
            MisuseError: not exactly one of these was given, or the name is none.
        """
        given = [function is not None, result is not _NOTHING, error is not None]
        if sum(given) != 1:
            raise MisuseError("a function takes one of: a function, result=, error=")
        if function is None:
            function = returning(result) if error is None else failing(as_failure(error))
        self._world.functions.add(name, function)
        self._world.functions.expect(name)

    def crash(
        self,
        *,
        before: str | None = None,
        after: str | None = None,
        action: str | None = None,
        times: int = 1,
    ) -> None:
        """Let the invocation die at a checkpoint; the service invokes again.

        Args:
            before: the operation whose checkpoint is not recorded any more.
            after: the operation whose checkpoint is the last that is recorded.
            action: which checkpoint: ``START``, ``SUCCEED``, ``FAIL``, ``RETRY``; by
                default the one with the outcome, or the START of a wait, callback or invoke.
            times: how often.

        Raises:
            MisuseError: neither operation was named, or both, or there is no such action.
        """
        if (before is None) == (after is None):
            raise MisuseError("a crash takes one of: before=, after=, the name of an operation")
        if before is not None:
            self._world.faults.plan(Moment.BEFORE, before, action, times)
        elif after is not None:
            self._world.faults.plan(Moment.AFTER, after, action, times)

    def lose_answer(self, name: str, *, action: str | None = None, times: int = 1) -> None:
        """Let the answer of a checkpoint get lost on its way; the function sends it again.

        Args:
            name: of the operation.
            action: which checkpoint; see `crash`.
            times: how often.

        Raises:
            MisuseError: there is no such action.
        """
        self._world.faults.plan(Moment.LOST, name, action, times)

    def snapshot(self, run: Run, name: str | None = None) -> None:
        """Compare the history of a run with the one that is kept beside the test.

        ``pytest --durable-update`` writes it. `perdure replay` takes the file, too: it says
        whether the code of today still does what it did.

        Args:
            run: what `run` returned.
            name: which one, where a test has several.

        Raises:
            SnapshotMismatch: the history is another one, or there is none yet.
            MisuseError: the name is taken, or this is not the fixture.
        """
        if self._snapshots is None:
            raise MisuseError("snapshots need the pytest fixture durable: it knows their place")
        self._snapshots.check(run, name)

    def unused(self) -> list[str]:
        """A complaint for all that was prepared and never happened: a wrong name, mostly."""
        world = self._world
        return [*world.outsiders.unused(), *world.functions.unused(), *world.faults.unused()]


def _seconds(duration: float | timedelta) -> Any:
    seconds = duration.total_seconds() if isinstance(duration, timedelta) else duration
    if seconds < 0:
        raise MisuseError(f"{duration!r} is in the past")
    return int(seconds) if seconds == int(seconds) else seconds


def _decision(outcome: Any, error: Error | None) -> Callable[[Callback], Outcome]:
    if error is not None:
        if outcome is not None:
            raise MisuseError("an answer is an outcome or an error, not both")
        failure = as_failure(error)
        return lambda callback: failure
    if callable(outcome):
        return lambda callback: _outcome_of(outcome(callback))
    fixed = _outcome_of(outcome)
    return lambda callback: fixed


def _outcome_of(value: Any) -> Outcome:
    return value if isinstance(value, (Failure, Signal)) else text_of(value)
