"""``python -m perdure_local``: the same as the ``perdure`` command."""

from __future__ import annotations

from .command import main

main()
