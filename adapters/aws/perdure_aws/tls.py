"""The TLS context for talking to the service."""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Final

# Certificates in a folder are loaded as they are needed, so the context shows none yet.
_CA_FOLDER: Final = Path(ssl.get_default_verify_paths().openssl_capath)


def tls_context(environ: Mapping[str, str] | None = None) -> ssl.SSLContext:
    """A verifying context, TLS 1.2 or newer. AWS_CA_BUNDLE names the authorities to trust.

    Without it the system's authorities count, and where Python finds none, botocore's own.
    """
    environ = os.environ if environ is None else environ
    bundle = environ.get("AWS_CA_BUNDLE") or None
    context = ssl.create_default_context(cafile=bundle)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if bundle is None and not context.cert_store_stats()["x509_ca"] and not _CA_FOLDER.is_dir():
        from botocore.httpsession import where

        context.load_verify_locations(where())
    return context
