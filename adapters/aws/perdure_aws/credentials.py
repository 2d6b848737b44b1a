"""Credentials as botocore finds them.

On Lambda they are in the environment, which is also the first place that botocore looks.
Reading them there directly gives the same answer without the 50 to 100 ms that importing
botocore's session takes; everywhere else its whole chain runs (profile, SSO, container,
instance metadata), refreshing included.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from perdure.errors import Scope, ServiceError
from perdure.signing import Credentials

if TYPE_CHECKING:
    from botocore.credentials import Credentials as Provided


class CredentialChain:
    """The credentials of this process.

    Args:
        environ: where to look first.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ: Final = os.environ if environ is None else environ
        self._provided: Provided | None = None

    def at_hand(self) -> Credentials | None:
        """The credentials, if no file or network need be read; else None: call `load`."""
        environ = self._environ
        access_key = environ.get("AWS_ACCESS_KEY_ID")
        secret_key = environ.get("AWS_SECRET_ACCESS_KEY")
        if access_key and secret_key and "AWS_CREDENTIAL_EXPIRATION" not in environ:
            return Credentials(access_key, secret_key, environ.get("AWS_SESSION_TOKEN") or None)
        provided = self._provided
        # Those that never expire have no such method.
        is_due: Callable[[], bool] = getattr(provided, "refresh_needed", bool)
        return None if provided is None or is_due() else _frozen(provided)

    def load(self) -> Credentials:
        """The credentials by botocore's chain, refreshed if they are about to expire.

        It may read files and talk to the network: call it from a thread in async code.

        Raises:
            ServiceError: there are none, or they cannot be refreshed.
        """
        found = self.at_hand()
        if found is not None:
            return found
        from botocore.exceptions import BotoCoreError
        from botocore.session import get_session

        try:
            if self._provided is None:
                self._provided = get_session().get_credentials()
            if self._provided is None:
                raise ServiceError(
                    "no AWS credentials found: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
                    "a profile, or a role",
                    scope=Scope.INVOCATION,
                )
            return _frozen(self._provided)
        except BotoCoreError as error:
            raise ServiceError(f"AWS credentials: {error}", scope=Scope.INVOCATION) from error


def _frozen(provided: Provided) -> Credentials:
    frozen = provided.get_frozen_credentials()
    return Credentials(frozen.access_key or "", frozen.secret_key or "", frozen.token)
