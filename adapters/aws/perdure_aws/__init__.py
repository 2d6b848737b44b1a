"""What the environment says about AWS: endpoint, region, credentials, TLS. Blocking.

The core takes these as values and the runtimes' adapters share them; only here are the
process environment, the user's files and the metadata services looked at.
"""

from .client_settings import ClientSettings, is_lambda, settings_from_environment
from .credentials import CredentialChain
from .tls import tls_context

__all__ = [
    "ClientSettings",
    "CredentialChain",
    "is_lambda",
    "settings_from_environment",
    "tls_context",
]
