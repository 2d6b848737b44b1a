"""Signature Version 4 by botocore's signer, with the time passed in.

botocore's `add_auth` reads the clock; its parts do not. Put together here, they sign the
same bytes, so signatures can be vectors. The derived key lives for a day and is kept.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import ReadOnlyCredentials

from .endpoints import Endpoint
from .http import HttpRequest


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """An access key. Its repr shows nothing."""

    access_key: str
    secret_key: str
    token: str | None = None


class Signer:
    """Signs requests to one endpoint for the ``lambda`` service.

    Args:
        endpoint: where the requests go; its host is signed.
        region: the region in the scope of the signature.
        user_agent: what the requests call themselves.
    """

    def __init__(self, endpoint: Endpoint, region: str, user_agent: str) -> None:
        self._endpoint: Final = endpoint
        self._region: Final = region
        self._user_agent: Final = user_agent
        self._key: Credentials | None = None
        self._auth: SigV4Auth | None = None
        self._derived = (b"", "")
        self._signed_names: dict[tuple[str, ...], str] = {}

    def sign(self, request: HttpRequest, credentials: Credentials, now: float) -> HttpRequest:
        """Return the request with its host, its date and its signature.

        Args:
            request: what to send; its headers are signed too.
            credentials: the key to sign with.
            now: UNIX seconds. The service refuses one that is minutes off.
        """
        auth = self._auth
        if auth is None or self._key != credentials:
            self._key = credentials
            auth = self._auth = SigV4Auth(
                ReadOnlyCredentials(
                    credentials.access_key, credentials.secret_key, credentials.token
                ),
                "lambda",
                self._region,
            )
            self._derived = (b"", "")
        moment = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
        headers = {
            "Host": self._endpoint.authority,
            "User-Agent": self._user_agent,
            **dict(request.headers),
            "X-Amz-Date": moment,
        }
        if credentials.token is not None:
            headers["X-Amz-Security-Token"] = credentials.token
        plain = AWSRequest(
            method=request.method,
            url=self._endpoint.url + request.target,
            data=request.body,
            headers=headers,
        )
        plain.context["timestamp"] = moment
        text = auth.string_to_sign(plain, auth.canonical_request(plain))
        names = tuple(headers)
        if names not in self._signed_names:
            self._signed_names[names] = auth.signed_headers(auth.headers_to_sign(plain))
        headers["Authorization"] = (
            f"AWS4-HMAC-SHA256 Credential={auth.scope(plain)}, "
            f"SignedHeaders={self._signed_names[names]}, "
            f"Signature={self._signature(text, moment[:8])}"
        )
        return HttpRequest(request.method, request.target, tuple(headers.items()), request.body)

    def _signature(self, text: str, day: str) -> str:
        key, known_day = self._derived
        if day != known_day:
            assert self._key is not None
            key = f"AWS4{self._key.secret_key}".encode()
            for part in (day, self._region, "lambda", "aws4_request"):
                key = hmac.new(key, part.encode(), sha256).digest()
            self._derived = (key, day)
        return hmac.new(key, text.encode(), sha256).hexdigest()
