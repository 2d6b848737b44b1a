"""What the command line shows of executions: lines of text, made of what came over the wire."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from .durations import spoken
from .operation_tree import Node
from .output import decoded
from .printable import printable

_LONGEST_TEXT: Final = 200


def moment(seconds: float) -> str:
    """A time as people read it, in UTC."""
    at = datetime.fromtimestamp(seconds, UTC)
    return at.isoformat(sep=" ", timespec="milliseconds").replace("+00:00", "Z")


def error_line(error: Mapping[str, Any] | None) -> str:
    """An ErrorObject as one line: ``type: message``."""
    parts = [str((error or {}).get(name) or "") for name in ("ErrorType", "ErrorMessage")]
    return _short(": ".join(part for part in parts if part) or "no error was given")


def list_lines(items: Iterable[Mapping[str, Any]]) -> Generator[str]:
    """Of executions: status, start, duration, ARN."""
    for item in items:
        began, ended = item["StartTimestamp"], item.get("EndTimestamp")
        took = "" if ended is None else spoken(ended - began)
        yield f"{item['Status']:<9}  {moment(began)}  {took:>12}  {item['DurableExecutionArn']}"


def execution_lines(found: Mapping[str, Any], now: float) -> Generator[str]:
    """Of one execution, without its operations."""
    began, ended = found["StartTimestamp"], found.get("EndTimestamp")
    status = printable(found["Status"])
    yield printable(found["DurableExecutionArn"])
    if ended is None:
        yield f"{status} for {spoken(now - began)}, since {moment(began)}"
    else:
        yield f"{status} after {spoken(ended - began)}, from {moment(began)}"
    if found.get("InputPayload") is not None:
        yield f"input: {_value(found['InputPayload'])}"
    if found.get("Result") is not None:
        yield f"result: {_value(found['Result'])}"
    if found.get("Error") is not None:
        yield f"error: {error_line(found['Error'])}"


def tree_lines(nodes: Iterable[Node], now: float, indent: str = "") -> Generator[str]:
    """Of operations: each with its type, status and duration, children below it."""
    every = list(nodes)
    for node in every:
        last = node is every[-1]
        yield f"{indent}{'└─ ' if last else '├─ '}{_node_line(node, now)}"
        yield from tree_lines(node.children, now, indent + ("   " if last else "│  "))


def _node_line(node: Node, now: float) -> str:
    kind = node.sub_type or node.kind
    words = [printable(node.label)]
    if kind != node.label:
        words.append(f"({printable(kind)})")
    words.append(node.status)
    words.append(spoken((now if node.ended is None else node.ended) - node.began))
    if node.attempts > 1 or node.next_attempt is not None:
        words.append(f"attempt {node.attempts}")
    line = "  ".join(words)
    if node.next_attempt is not None:
        left = node.next_attempt - now
        line += f", again in {spoken(left)}" if left > 0 else ", the next is due"
    if node.callback_id is not None and node.ended is None:
        line += f"  id {node.callback_id}"
    if node.error is not None:
        line += f"  {error_line(node.error)}"
    return line


def history_lines(events: Iterable[Mapping[str, Any]]) -> Generator[str]:
    """Of events: id, seconds since the first, type, operation, and the details in short."""
    start: float | None = None
    for event in events:
        at = event["EventTimestamp"]
        start = at if start is None else start
        details: Mapping[str, Any] = event.get(f"{event['EventType']}Details") or {}
        said = json.dumps(details, ensure_ascii=False) if details else ""
        who = printable(event.get("Name") or event.get("SubType") or "")
        line = f"{event['EventId']:>5}  {at - start:>10.3f}  {event['EventType']:<22}  {who:<12}"
        yield f"{line}  {_short(said)}".rstrip()


def _value(payload: str) -> str:
    return _short(json.dumps(decoded(payload), ensure_ascii=False))


def _short(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= _LONGEST_TEXT else shown[: _LONGEST_TEXT - 1] + "…"
