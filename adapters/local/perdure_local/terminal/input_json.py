"""The ``--input`` of the command line: JSON itself, or ``@`` and where it is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import NoReturn

from .refused import Refused


def read_input(text: str, option: str = "--input") -> str:
    """Read an input and check that it is JSON.

    Args:
        text: JSON; or ``@PATH`` of a UTF-8 file that holds it; or ``@-`` for standard input.
        option: where it was given, for messages.

    Returns:
        The JSON text, as it was written.

    Raises:
        Refused: it cannot be read, or is not JSON; the message says where.
    """
    where = option
    if text.startswith("@"):
        where = text[1:]
        text = _file_text(where)
    try:
        json.loads(text, parse_constant=_no_constant)
        text.encode()
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise Refused(f"{where} is not JSON: {error.msg} ({place})") from None
    except UnicodeEncodeError:
        raise Refused(f"{where} is not UTF-8") from None
    except ValueError as error:
        raise Refused(f"{where} is not JSON: {error}") from None
    except RecursionError:
        raise Refused(f"{where} is nested too deeply") from None
    return text


def _file_text(path: str) -> str:
    try:
        return sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise Refused(f"cannot read the input {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise Refused(f"the input {path} is not UTF-8") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")
