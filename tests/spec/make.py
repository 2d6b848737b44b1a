"""Makes what spec/ repeats of the code: wire schemas, tables, and the manifest of the vectors.

Run it from the root of the repository after a change to the models, the tables or the
vectors, and commit what it writes:

    python -m tests.spec.make

`test_made_files.py` says so when that was forgotten. It writes files and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, cast

from perdure import limits
from perdure.classification import ERROR_CLASSES
from perdure.delivery import RequestRetries
from perdure.ids import operation_id
from perdure.models import (
    CheckpointRequest,
    CheckpointResponse,
    ErrorObject,
    InvocationInput,
    InvocationOutput,
    Operation,
    OperationUpdate,
    StatePage,
    StateRequest,
    executions,
    history,
)
from perdure.models.fields import WireModel
from perdure.models.validate import json_schema
from perdure.modes import WAITS, CheckpointingMode, Need
from perdure.retries import PRESETS, Backoff
from perdure.transitions import (
    LEGAL_ACTIONS,
    ON_REPLAY,
    PAIRABLE,
    SERVICE_PENDING,
    TERMINAL,
    TRANSITIONS,
)

ROOT: Final = Path(__file__).parents[2] / "spec"

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

WIDTH: Final = 100
"""Of a line, in characters."""

FORMAT_VERSION: Final = 1
"""Of the vector format. It changes when a runner has to."""

SHAPES: Final[tuple[type[WireModel], ...]] = (
    CheckpointRequest,
    CheckpointResponse,
    ErrorObject,
    InvocationInput,
    InvocationOutput,
    Operation,
    OperationUpdate,
    StatePage,
    StateRequest,
    history.Event,
    executions.CallbackFailureRequest,
    executions.CallbackHeartbeatRequest,
    executions.CallbackSuccessRequest,
    executions.DeleteRequest,
    executions.DeleteResponse,
    executions.ErrorBody,
    executions.ExecutionDescription,
    executions.ExecutionList,
    executions.GetExecutionRequest,
    executions.HistoryPage,
    executions.HistoryRequest,
    executions.InvokeRequest,
    executions.ListExecutionsRequest,
    executions.PauseRequest,
    executions.ResumeRequest,
    executions.StopRequest,
    executions.StopResponse,
)
"""The shapes that get a schema of their own; all others stand inside of these."""

_SHAPE_NAMES: Final = {shape.__name__ for shape in SHAPES}


ID_PATHS: Final = ((1,), (2,), (10,), (1, 0), (1, 1), (1, 0, 1), (1, 1, 2), (2, 1), (2, 1, 1))


def schemas() -> Iterator[tuple[str, Json]]:
    """File name and content of every wire schema."""
    for shape in SHAPES:
        made = cast("dict[str, Json]", _tidy(cast("Json", json_schema(shape))))
        inner = cast("dict[str, Json]", made.pop("$defs", {}))
        file = f"{shape.__name__}.schema.json"
        head: dict[str, Json] = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": file,
        }
        kept = _reached(made, inner)
        yield file, {**head, **made, **({"$defs": kept} if kept else {})}


def _tidy(schema: Json, *, names_follow: bool = False) -> Json:
    """Drop what pydantic adds for itself, and point to the other files.

    `names_follow` says that the keys are names of members, and no keywords.
    """
    if isinstance(schema, list):
        return [_tidy(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    out: dict[str, Json] = {}
    for key, value in schema.items():
        name = value.rpartition("/")[2] if isinstance(value, str) else ""
        if names_follow:
            out[key] = _tidy(value)
        elif key == "$ref" and name in _SHAPE_NAMES:
            out[key] = f"{name}.schema.json"
        elif not (key == "title" or (key == "default" and value is None)):
            out[key] = _tidy(value, names_follow=key in ("properties", "$defs"))
    return out


def _reached(schema: Json, definitions: dict[str, Json]) -> dict[str, Json]:
    """The definitions that a schema refers to, directly or through others."""
    text, kept = json.dumps(schema), set[str]()
    while more := {name for name in definitions if f'"#/$defs/{name}"' in text} - kept:
        kept |= more
        text += json.dumps([definitions[name] for name in more])
    return {name: each for name, each in definitions.items() if name in kept}


def tables() -> Iterator[tuple[str, object]]:
    """File name and content of every table."""
    yield (
        "transitions.json",
        _table(
            "An update with this action is legal for an operation of this type and status (null: "
            "not recorded); then the operation has the next status. What has no row is illegal.",
            [
                {"type": kind, "action": action, "status": status, "next": following}
                for (kind, action), rows in TRANSITIONS.items()
                for status, following in rows.items()
            ],
        ),
    )
    yield (
        "legal_actions.json",
        _table(
            "The actions that a type knows at all.",
            [{"type": kind, "actions": sorted(known)} for kind, known in LEGAL_ACTIONS.items()],
        ),
    )
    yield (
        "on_replay.json",
        _table(
            "What a call does with the operation it finds recorded in this status (null: not "
            "recorded). What has no row cannot happen.",
            [
                {"type": kind, "status": status, "does": does}
                for kind, rows in ON_REPLAY.items()
                for status, does in rows.items()
            ],
        ),
    )
    yield (
        "statuses.json",
        {
            "terminal": sorted(TERMINAL),
            "pairable_types": sorted(PAIRABLE),
            "moved_by_the_service": [
                {"type": kind, "status": status} for kind, status in sorted(SERVICE_PENDING)
            ],
        },
    )
    yield (
        "error_classes.json",
        _table(
            "Read from the top; the first row that fits an answer decides. null fits everything, a "
            "code ending in * any continuation, a message its beginning without regard to case.",
            [
                {
                    "name": row.name,
                    "code": row.code,
                    "status": None if row.status is None else list(row.status),
                    "message": row.message,
                    "retryable": row.retryable,
                    "scope": row.scope,
                }
                for row in ERROR_CLASSES
            ],
        ),
    )
    yield (
        "checkpointing_modes.json",
        _table(
            "Whether the caller of an update waits until it is durable.",
            [
                {"mode": mode, "need": need, "waits": need in WAITS[mode]}
                for mode in CheckpointingMode
                for need in Need
            ],
        ),
    )
    yield (
        "retry_presets.json",
        _table(
            "Strategies for steps by name, in seconds. Before attempt n + 1 the delay is min("
            "max_delay, (initial_delay + increment · (n - 1)) · rate^(n - 1)), spread by the "
            "jitter (FULL: from nothing, HALF: from half of it), rounded up to whole seconds, at "
            "least 1.",
            [{"name": name, **_preset(strategy)} for name, strategy in PRESETS.items()],
        ),
    )
    yield (
        "operation_ids.json",
        _table(
            "The ids of operations by their positions, from the root inwards. Calls count from 1 "
            "in each context, branches from 0. An id is the first 64 hex digits of the BLAKE2b "
            "hash (64 bytes) of the position, after the owner's id and a - below the root.",
            [{"path": list(path), "id": _operation_id(path)} for path in ID_PATHS],
        ),
    )
    retries = RequestRetries()
    yield (
        "limits.json",
        {
            "max_payload_bytes": dict(limits.MAX_PAYLOAD_BYTES),
            "max_error_bytes": limits.MAX_ERROR_BYTES,
            "max_output_bytes": limits.MAX_OUTPUT_BYTES,
            "max_response_bytes": limits.MAX_RESPONSE_BYTES,
            "max_batch_bytes": limits.MAX_BATCH_BYTES,
            "max_batch_updates": limits.MAX_BATCH_UPDATES,
            "linger_seconds": limits.LINGER_SECONDS,
            "request_attempts": retries.max_attempts,
            "request_retry_base_seconds": retries.base,
            "request_retry_cap_seconds": retries.cap,
        },
    )


def _preset(strategy: object) -> dict[str, object]:
    members = asdict(cast("Backoff", strategy))
    return {name: value for name, value in members.items() if value is not None}


def _operation_id(path: tuple[int, ...]) -> str:
    key: str | None = None
    for position in path:
        key = operation_id(position, key)
    return key or ""


def _table(about: str, rows: Sequence[Mapping[str, object]]) -> dict[str, object]:
    return {"about": about, "rows": rows}


def manifest(vectors: list[dict[str, Any]]) -> dict[str, object]:
    """The content of index.json."""
    return {
        "format": FORMAT_VERSION,
        "vectors": [
            {"id": each["id"], "area": each["id"].partition("/")[0], "title": each["title"]}
            for each in vectors
        ],
    }


def files() -> dict[Path, str]:
    """Every made file and its text."""
    vectors = [
        json.loads(path.read_text("utf-8")) for path in sorted(ROOT.glob("vectors/*/*.json"))
    ]
    made: dict[Path, object] = {ROOT / "schemas" / name: content for name, content in schemas()}
    made |= {ROOT / "tables" / name: content for name, content in tables()}
    made[ROOT / "index.json"] = manifest(vectors)
    return {path: layout(content) + "\n" for path, content in made.items()}


def layout(value: object, indent: int = 0, used: int = 0) -> str:
    """Write a JSON value, broken into lines only where it is too long.

    Args:
        value: what to write.
        indent: how far lines after the first are indented.
        used: what stands before the value on its first line.
    """
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, (dict, list)) or not value or indent + used + len(flat) < WIDTH:
        return flat
    inner = " " * (indent + 2)
    if isinstance(value, list):
        lines = [f"{inner}{layout(each, indent + 2)}" for each in cast("list[object]", value)]
        return "[\n" + ",\n".join(lines) + f"\n{' ' * indent}]"
    lines = [
        f"{inner}{json.dumps(name)}: {layout(each, indent + 2, len(name) + 4)}"
        for name, each in cast("dict[str, object]", value).items()
    ]
    return "{\n" + ",\n".join(lines) + f"\n{' ' * indent}}}"


def main() -> None:
    """Write every made file."""
    for path, text in files().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
