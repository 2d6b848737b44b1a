"""The commands that ask a running service, called in this process."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

from perdure_local.command import cli


@dataclass(frozen=True)
class Asker:
    """Gives every command the address of one service."""

    port: int
    token: str | None = None

    def __call__(self, *arguments: str) -> str:
        """Run a command that is to succeed; returns what it printed."""
        options = ["--endpoint", f"http://127.0.0.1:{self.port}"]
        if self.token is not None:
            options += ["--token", self.token]
        printed = io.StringIO()
        with redirect_stdout(printed):
            status = cli.main([*arguments, *options], prog_name="perdure", standalone_mode=False)
        assert status == 0
        return printed.getvalue()

    def json(self, *arguments: str) -> Any:
        """Likewise with --json; returns what it printed, decoded."""
        return json.loads(self(*arguments, "--json"))
