"""Whether a request is signed with the keys that it should be: Signature Version 4, checked.

The words and codes are those of AWS. botocore computes what the signature ought to be.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final, NoReturn

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, HTTPHeaders
from botocore.credentials import ReadOnlyCredentials

from ..signing import Credentials
from .faults import ServiceFault

TOLERANCE_SECONDS: Final = 300
"""How far the date of a signature may be from the service's clock, either way."""

_ALGORITHM: Final = "AWS4-HMAC-SHA256"
_PARAMETERS: Final = ("Credential", "Signature", "SignedHeaders")
_MOMENT: Final = re.compile(r"\d{8}T\d{6}Z")
_MISMATCH: Final = (
    "The request signature we calculated does not match the signature you provided. Check your "
    "AWS Secret Access Key and signing method. Consult the service documentation for details."
)


class _Recomputed(SigV4Auth):
    """Signs the headers that a request has, whichever they are."""

    def headers_to_sign(self, request: AWSRequest) -> HTTPHeaders:
        found = HTTPHeaders()
        for name, value in request.headers.items():
            found[name.lower()] = value
        return found


class SignatureCheck:
    """Checks the signatures of requests.

    Args:
        keys: what they must be signed with.
        region: what they must be signed for; the service is ``lambda``.
    """

    def __init__(self, keys: Credentials, region: str) -> None:
        self._keys: Final = keys
        self._region: Final = region
        self._auth: Final = _Recomputed(
            ReadOnlyCredentials(keys.access_key, keys.secret_key, keys.token), "lambda", region
        )

    def demand(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, now: float
    ) -> None:
        """Refuse a request that is not signed as it should be.

        Args:
            method: of HTTP.
            target: the raw path and query, as they were sent.
            headers: by lower-case name.
            body: all of it.
            now: UNIX seconds.

        Raises:
            ServiceFault: with status 403; the message says what is wrong.
        """
        authorization = headers.get("authorization")
        if authorization is None:
            raise ServiceFault(
                "MissingAuthenticationTokenException", "Missing Authentication Token"
            )
        parameters, moment = _read(authorization, headers)
        access_key, *scope = parameters["Credential"].split("/")
        if access_key != self._keys.access_key or not self._is_token(headers):
            raise ServiceFault(
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            )
        self._check_scope(scope, moment)
        _check_time(moment, now)
        names = parameters["SignedHeaders"].split(";")
        if "host" not in names:
            _invalid("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
        if headers.get("x-amz-content-sha256", "") not in ("", sha256(body).hexdigest()):
            _invalid("The provided 'x-amz-content-sha256' header does not match the payload.")
        signed = AWSRequest(
            method=method,
            url=f"http://{headers.get('host', '')}{target}",
            data=body,
            headers={name: headers.get(name, "") for name in names},
        )
        signed.context["timestamp"] = moment
        text = self._auth.string_to_sign(signed, self._auth.canonical_request(signed))
        expected = self._auth.signature(text, signed)
        if not hmac.compare_digest(expected.encode(), parameters["Signature"].encode()):
            _invalid(_MISMATCH)

    def _is_token(self, headers: Mapping[str, str]) -> bool:
        given = headers.get("x-amz-security-token", "")
        return hmac.compare_digest(given.encode(), (self._keys.token or "").encode())

    def _check_scope(self, scope: list[str], moment: str) -> None:
        day, region, service, end = (*scope, "", "", "", "")[:4]
        if len(scope) != 4 or end != "aws4_request":
            _invalid("Credential should be scoped with a valid terminator: 'aws4_request'.")
        if region != self._region:
            _invalid(f"Credential should be scoped to a valid region: '{self._region}'.")
        if service != "lambda":
            _invalid("Credential should be scoped to correct service: 'lambda'.")
        if day != moment[:8]:
            _invalid(
                f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
                f"from HTTP: '{day}' != '{moment[:8]}', from '{moment}'."
            )


def _read(authorization: str, headers: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The parameters of the header, and the date of the request."""
    algorithm, _, rest = authorization.strip().partition(" ")
    if algorithm != _ALGORITHM:
        _incomplete(f"Unsupported AWS 'algorithm': '{algorithm}'.")
    pairs = (part.strip().partition("=") for part in rest.split(","))
    parameters = {name: value for name, _, value in pairs}
    missing = [
        f"Authorization header requires '{name}' parameter."
        for name in _PARAMETERS
        if not parameters.get(name)
    ]
    moment = headers.get("x-amz-date", "")
    if not _MOMENT.fullmatch(moment):
        missing.append("Authorization header requires existence of a valid 'X-Amz-Date' header.")
    if missing:
        _incomplete(" ".join(missing))
    return parameters, moment


def _check_time(moment: str, now: float) -> None:
    try:
        at = datetime.strptime(moment, "%Y%m%dT%H%M%S%z").timestamp()
    except ValueError:
        _incomplete(f"Date must be in ISO-8601 'basic format'. Got '{moment}'.")
    minutes = TOLERANCE_SECONDS // 60
    if at < now - TOLERANCE_SECONDS:
        _invalid(
            f"Signature expired: {moment} is now earlier than {_moment(now - TOLERANCE_SECONDS)} "
            f"({_moment(now)} - {minutes} min.)"
        )
    if at > now + TOLERANCE_SECONDS:
        _invalid(
            f"Signature not yet current: {moment} is still later than "
            f"{_moment(now + TOLERANCE_SECONDS)} ({_moment(now)} + {minutes} min.)"
        )


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")


def _incomplete(message: str) -> NoReturn:
    raise ServiceFault("IncompleteSignatureException", message)


def _invalid(message: str) -> NoReturn:
    raise ServiceFault("InvalidSignatureException", message)
