"""Where the service is and who we are, from the environment and the user's AWS files."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from perdure.endpoints import Endpoint, parse_endpoint, regional_endpoint
from perdure.errors import ValidationError

from .credentials import CredentialChain

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 50.0


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What a client needs to know.

    Args:
        endpoint: where the service is.
        region: for the signature.
        credentials: whose requests they are.
        connect_seconds: how long connecting may take, TLS included.
        read_seconds: how long the service may stay silent.
    """

    endpoint: Endpoint
    region: str
    credentials: CredentialChain = field(default_factory=CredentialChain)
    connect_seconds: float = CONNECT_SECONDS
    read_seconds: float = READ_SECONDS


def settings_from_environment(environ: Mapping[str, str] | None = None) -> ClientSettings:
    """Find endpoint and region as botocore does.

    The endpoint is AWS_ENDPOINT_URL_LAMBDA, AWS_ENDPOINT_URL, the one in the config file,
    or the region's. botocore's own resolver is asked where a config file, FIPS or
    dual-stack endpoints are in play; it is not imported otherwise.

    Raises:
        ValidationError: no region is configured, or the endpoint is no URL.
    """
    environ = os.environ if environ is None else environ
    region = environ.get("AWS_REGION") or environ.get("AWS_DEFAULT_REGION")
    ignored = environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true"
    url = environ.get("AWS_ENDPOINT_URL_LAMBDA") or environ.get("AWS_ENDPOINT_URL")
    if url and region and not ignored:
        return ClientSettings(parse_endpoint(url), region, CredentialChain(environ))
    if region and not _needs_resolver(environ):
        return ClientSettings(regional_endpoint(region), region, CredentialChain(environ))
    return _resolved(environ, region)


def _needs_resolver(environ: Mapping[str, str]) -> bool:
    switches = ("AWS_USE_FIPS_ENDPOINT", "AWS_USE_DUALSTACK_ENDPOINT")
    if any(environ.get(switch, "").lower() == "true" for switch in switches):
        return True
    config = Path(environ.get("AWS_CONFIG_FILE") or "~/.aws/config").expanduser()
    return config.is_file()


def _resolved(environ: Mapping[str, str], region: str | None) -> ClientSettings:
    from botocore.exceptions import BotoCoreError
    from botocore.session import get_session

    session = get_session()
    try:
        region = region or session.get_config_variable("region")
        if not region:
            raise ValidationError("no AWS region: set AWS_REGION or AWS_DEFAULT_REGION")
        client = session.create_client("lambda", region_name=region)
    except BotoCoreError as error:
        raise ValidationError(f"AWS configuration: {error}") from error
    endpoint = parse_endpoint(client.meta.endpoint_url)
    client.close()
    return ClientSettings(endpoint, region, CredentialChain(environ))


def is_lambda(environ: Mapping[str, str] | None = None) -> bool:
    """Whether this process is a Lambda function."""
    return "AWS_LAMBDA_FUNCTION_NAME" in (os.environ if environ is None else environ)
