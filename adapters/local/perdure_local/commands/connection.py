"""The options of commands that talk to a running service."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, Final, ParamSpec

import click

if TYPE_CHECKING:
    from ..client import LocalClient

DEFAULT_PORT: Final = 9014
"""Where ``perdure dev`` listens if nothing else is said."""

DEFAULT_REGION: Final = "us-west-2"
"""What ``perdure dev`` serves if nothing else is said, and so what the others sign for."""

_P = ParamSpec("_P")


@dataclass(frozen=True, slots=True, repr=False)
class Connection:
    """Where the service is, and how to print what it says."""

    endpoint: str
    token: str | None
    as_json: bool

    def client(self) -> LocalClient:
        """A client for it.

        Raises:
            Refused: the endpoint is no URL.
        """
        import os

        from ..client import LocalClient
        from ..functions.environment import region_of
        from ..terminal.output import survive_any_text

        survive_any_text()
        return LocalClient(self.endpoint, region_of(os.environ, DEFAULT_REGION), self.token)


def connected(command: Callable[Concatenate[Connection, _P], int]) -> Callable[_P, int]:
    """Give a command ``--endpoint``, ``--token`` and ``--json``, as its first argument."""

    @click.option(
        "--endpoint",
        envvar="AWS_ENDPOINT_URL_LAMBDA",
        default=f"http://127.0.0.1:{DEFAULT_PORT}",
        metavar="URL",
        help=f"The service.  [default: AWS_ENDPOINT_URL_LAMBDA, http://127.0.0.1:{DEFAULT_PORT}]",
    )
    @click.option(
        "--token",
        envvar="PERDURE_TOKEN",
        help="What the service demands, if it does.  [env: PERDURE_TOKEN]",
    )
    @click.option("--json", "as_json", is_flag=True, help="Print JSON and nothing else.")
    @wraps(command)
    def connect(*args: _P.args, **kwargs: _P.kwargs) -> int:
        endpoint, token = kwargs.pop("endpoint"), kwargs.pop("token")
        as_json = kwargs.pop("as_json")
        assert isinstance(endpoint, str)
        found = Connection(endpoint, token if isinstance(token, str) else None, bool(as_json))
        try:
            return command(found, *args, **kwargs)
        except (KeyError, TypeError) as error:
            # JSON without the members that every answer of this service has.
            from ..terminal.refused import Refused, one_line

            message = f"what answers at {endpoint} is not this service ({one_line(error)})"
            raise Refused(message) from error

    return connect
