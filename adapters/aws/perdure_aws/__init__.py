"""What the environment says about AWS: endpoint, region, credentials, TLS. Blocking.

The core takes these as values and the runtimes' adapters share them; only here are the
process environment, the user's files and the metadata services looked at. Large results
go into files here, and the clock and chance of the process are here too.
"""

from .client_settings import ClientSettings, is_lambda, settings_from_environment
from .credentials import CredentialChain
from .file_serdes import FileSerDes
from .tls import tls_context

__all__ = [
    "ClientSettings",
    "CredentialChain",
    "FileSerDes",
    "is_lambda",
    "settings_from_environment",
    "tls_context",
]
