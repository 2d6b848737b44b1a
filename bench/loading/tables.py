"""The tables that load.py prints: medians, and between what the rounds lay."""

from __future__ import annotations

from statistics import median

from .crowd import medians


def number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def spread(values):
    """The median of some rounds, and their range."""
    middle = number(median(values))
    if len(values) == 1:
        return middle
    return f"{middle} ({number(min(values))}–{number(max(values))})"


def table(title, columns, rows):
    """The lines of one, in Markdown; the first column holds text, the others figures."""
    yield f"### {title}"
    yield ""
    yield f"| {' | '.join(columns)} |"
    yield "|---|" + "--:|" * (len(columns) - 1)
    for row in rows:
        yield f"| {' | '.join(row)} |"


def throughput(taken):
    """By server: its rounds of `closed_loop.Throughput`."""
    columns = ("server", "checkpoints/s", "server CPU ms each", "peak MB")
    rows = (
        (
            name,
            *(spread([getattr(one, key) for one in own]) for key in ("rate", "cpu_ms", "peak_mb")),
        )
        for name, own in taken.items()
    )
    return table("Checkpoints a second, as many as it can", columns, rows)


def latency(taken):
    """By server and rate asked for: its rounds of `open_loop.Latency`."""
    columns = ("server", "asked for/s", "answered/s", "p50", "p99", "worst")
    keys = ("rate", "p50", "p99", "worst")
    rows = (
        (name, number(asked), *(spread([getattr(one, key) for one in own]) for key in keys))
        for (name, asked), own in taken.items()
    )
    title = "Milliseconds from when a checkpoint was to be sent until it was answered"
    return table(title, columns, rows)


def hosted(taken, connections):
    """By runtime: its rounds of `hosted.Hosted`."""
    columns = ("runtime", "ms, alone", f"executions/s, {connections} at a time", "CPU ms each")
    keys = ("alone_ms", "rate", "cpu_ms")
    rows = (
        (name, *(spread([getattr(one, key) for one in own]) for key in keys))
        for name, own in taken.items()
    )
    return table("Executions of one step, by functions that perdure dev hosts", columns, rows)


def crowd(taken):
    """By server: its `crowd.Crowd`. One column each."""
    if not taken:
        return
    own = list(taken.values())
    rows = [
        ("started and ended, executions/s", *(number(one.per_second) for one in own)),
        ("memory of each while it was made, kB", *(number(one.kb_each) for one in own)),
    ]
    if any(one.restart_seconds is not None for one in own):
        rows += [
            ("restarted, seconds", *(optional(one.restart_seconds) for one in own)),
            ("memory then, all of it, MB", *(optional(one.restart_mb) for one in own)),
            ("memory after all questions, MB", *(optional(one.asked_mb) for one in own)),
        ]
    rows += [
        (f"{title}, ms", *(number(value) for value in medians(own, title)))
        for title in own[0].asked
    ]
    title = f"{own[0].count:,} executions that have ended: listed and shown"
    yield from table(title, ("", *taken), rows)


def optional(value):
    return "–" if value is None else number(value)
