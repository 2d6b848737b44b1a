"""Where the service is: an explicit URL, or the region's endpoint in its partition."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from .errors import ValidationError

# How regions of the other partitions begin, and the suffix of their host names.
_SUFFIXES: Final = (
    ("cn-", "amazonaws.com.cn"),
    ("us-iso-", "c2s.ic.gov"),
    ("us-isob-", "sc2s.sgov.gov"),
    ("us-isof-", "csp.hci.ic.gov"),
    ("eu-isoe-", "cloud.adc-e.uk"),
    ("eusc-", "amazonaws.eu"),
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host to talk to. `path` is a prefix of every target, usually empty."""

    scheme: str
    host: str
    port: int
    path: str = ""

    @property
    def is_tls(self) -> bool:
        """Whether the connection is encrypted."""
        return self.scheme == "https"

    @property
    def authority(self) -> str:
        """What the Host header says: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.is_tls else 80) else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The endpoint as a URL, without a slash at the end."""
        return f"{self.scheme}://{self.authority}{self.path}"


def parse_endpoint(url: str) -> Endpoint:
    """Take an endpoint URL apart.

    Raises:
        ValidationError: it is not an http or https URL with a host.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
        # What sockets do to a name; it raises for labels that are empty or too long.
        (parts.hostname or "").encode("idna")
    except ValueError as error:
        raise ValidationError(f"wrong host or port in the endpoint {url!r}: {error}") from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValidationError(f"an endpoint is a URL like https://host, not {url!r}")
    if parts.query or parts.fragment:
        raise ValidationError(f"an endpoint has no query: {url!r}")
    default = 443 if parts.scheme == "https" else 80
    return Endpoint(parts.scheme, parts.hostname, port or default, parts.path.rstrip("/"))


def regional_endpoint(region: str) -> Endpoint:
    """The public endpoint of Lambda in a region."""
    suffix = next(
        (suffix for prefix, suffix in _SUFFIXES if region.startswith(prefix)), "amazonaws.com"
    )
    return Endpoint("https", f"lambda.{region}.{suffix}", 443)
