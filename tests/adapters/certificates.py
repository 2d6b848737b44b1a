"""Certificates for 127.0.0.1, made by the ``openssl`` command."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final

OPENSSL: Final = shutil.which("openssl")
"""Where the command is, or None."""


@dataclass(frozen=True)
class Certificate:
    """A self-signed certificate, its own authority.

    Args:
        bundle: the certificate, for those who are to trust it.
        server: what a server needs to show it.
    """

    bundle: Path
    server: ssl.SSLContext


def self_signed(folder: Path, name: str = "IP:127.0.0.1") -> Certificate:
    """Make one.

    Args:
        folder: where its files go.
        name: whose it is, as OpenSSL writes a subjectAltName.
    """
    assert OPENSSL is not None
    key, bundle = folder / "key.pem", folder / "certificate.pem"
    folder.mkdir(exist_ok=True)
    command = [
        *(OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
        *("-nodes", "-days", "2", "-subj", "/CN=perdure test", "-addext", f"subjectAltName={name}"),
        *("-keyout", str(key), "-out", str(bundle)),
    ]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bundle, key)
    return Certificate(bundle, context)
