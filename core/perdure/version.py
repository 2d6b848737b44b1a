"""The version, in one place for packages, user agent and command line."""

from __future__ import annotations

from typing import Final

VERSION: Final = "0.1.0"
USER_AGENT: Final = f"perdure/{VERSION}"
