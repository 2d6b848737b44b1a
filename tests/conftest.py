"""Settings for the whole suite: the same examples on every run where it decides something."""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("explore", deadline=None)
settings.register_profile("decide", deadline=None, derandomize=True)
settings.load_profile("decide" if os.environ.get("CI") else "explore")

# By name, too, where the package was installed before it had this plugin.
pytest_plugins = ["perdure_local.pytest_plugin"]
