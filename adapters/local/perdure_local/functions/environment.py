"""The environment that a function finds when it runs here instead of on Lambda."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

DEFAULT_REGION: Final = "us-east-1"

_STAND_INS: Final = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
}


def region_of(environment: Mapping[str, str], default: str = DEFAULT_REGION) -> str:
    """The region that the user has chosen, else the default."""
    return environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION") or default


def function_environment(
    environment: Mapping[str, str], *, url: str, region: str, function_name: str
) -> dict[str, str]:
    """The variables to set before a function's file is imported.

    Calls to Lambda go to `url`. Credentials that the environment already holds stay, so
    that steps can reach what they use; without any, stand-ins keep signers content (and
    nobody checks them here).

    Args:
        environment: the present one.
        url: of the embedded service.
        region: see `region_of`.
        function_name: of the function.

    Returns:
        Only what is to be set; apply it with ``os.environ.update``.
    """
    wanted = {
        "AWS_ENDPOINT_URL_LAMBDA": url,
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS": "false",
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_LAMBDA_FUNCTION_NAME": function_name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    }
    if not all(environment.get(name) for name in _STAND_INS):
        wanted |= _STAND_INS
    return wanted
