"""Importing a package from a driver that has its name and stands before it on the path."""

from __future__ import annotations

import importlib
import os
import sys


def package(name):
    """The installed package of that name, although a driver is imported under it."""
    folder = os.path.dirname(os.path.abspath(__file__))
    driver, path = sys.modules.pop(name, None), sys.path[:]
    sys.path[:] = [entry for entry in path if os.path.abspath(entry) != folder]
    try:
        return importlib.import_module(name)
    finally:
        sys.path[:] = path
        if driver is not None:
            sys.modules[name] = driver
