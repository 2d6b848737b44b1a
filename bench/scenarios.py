"""What is measured, and which drivers stand in the table for it."""

from __future__ import annotations

import re
from dataclasses import dataclass

DEFAULT = ("cold", "client-1000", "seq-100", "fan-1000", "replay-10000", "big-50", "bigjson-50")
QUICK = ("cold", "client-20", "seq-3", "fan-20", "replay-1150", "big-2", "bigjson-2")

OURS = ("perdure_sync", "perdure_asyncio", "perdure_trio")
PEERS = ("official", "async_sdk", "limit", "limit_aio")
# Only where there are branches do threads differ from no threads.
PEERS_FAN = (*PEERS, "limit_threads")
# Plain JSON instead of the type-tagged default encoding; the two limits know nothing else.
OURS_JSON = ("perdure_sync_json",)
PEERS_JSON = ("official_json", "limit")

BIG = 200_000  # bytes of one result
FAN_IO_MS = 50
FORM = re.compile(r"(cold)|(client|seq|replay|big|bigjson)-(\d+)|(fan|fanio)-(\d+)(?:-(\d+))?")


@dataclass(frozen=True, slots=True)
class Scenario:
    """One line of orders: what the child does, and who takes part."""

    name: str
    orders: dict
    ours: tuple[str, ...] = OURS
    peers: tuple[str, ...] = PEERS


def parse(name):
    """The scenario of that name, or an error that lists the forms there are."""
    match = FORM.fullmatch(name)
    if match is None:
        raise SystemExit(
            f"unknown scenario {name!r}: cold, client-N, seq-N, replay-N, big-N, bigjson-N, "
            "fan-N[-LIMIT] or fanio-N[-LIMIT]"
        )
    cold, line, n, fan, branches, limit = match.groups()
    if cold:
        return Scenario(name, {"kind": "cold", "n": 1})
    if fan:
        orders = {"kind": "fan", "n": int(branches), "limit": int(limit) if limit else None}
        if fan == "fanio":
            orders["io_ms"] = FAN_IO_MS
        return Scenario(name, orders, peers=PEERS_FAN)
    if line == "bigjson":
        return Scenario(name, {"kind": "big", "n": int(n), "size": BIG}, OURS_JSON, PEERS_JSON)
    extra = {"big": {"size": BIG}, "replay": {"history": int(n)}}.get(line, {})
    return Scenario(name, {"kind": line, "n": int(n), **extra})
