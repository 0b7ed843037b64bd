"""TLS at a proxy's own door, for a server of gRPC and for one of HTTP."""

from __future__ import annotations

import os
import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

import grpc

from camunda_core._arguments import shown
from camunda_core.errors import ConfigurationError

__all__ = ["DoorTls"]


@dataclass(frozen=True)
class DoorTls:
    """TLS at the proxy's own door, each a PEM file or its bytes.

    ``certificate``  the chain that the proxy shows
    ``key``          its private key, not encrypted
    ``clients``      the CA that clients' certificates must come from (mTLS); None lets everybody in

    Raises ConfigurationError for a file that cannot be read.
    """

    certificate: str | os.PathLike[str] | bytes
    key: str | os.PathLike[str] | bytes
    clients: str | os.PathLike[str] | bytes | None = None

    def __post_init__(self) -> None:
        self.credentials()

    def __repr__(self) -> str:
        return f"DoorTls(mutual={self.clients is not None})"

    def context(self) -> ssl.SSLContext:
        """The same for a server of HTTP."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        with tempfile.TemporaryDirectory() as folder:  # the library of TLS reads files alone
            paths = []
            for name in ("certificate", "key"):
                paths.append(Path(folder, name))
                paths[-1].touch(mode=0o600)
                paths[-1].write_bytes(_pem(getattr(self, name), name))
            try:
                context.load_cert_chain(paths[0], paths[1])
            except ssl.SSLError as error:
                raise ConfigurationError(f"certificate and key of the door do not work: {error}") from None
        if self.clients is not None:
            context.load_verify_locations(cadata=_pem(self.clients, "clients").decode("ascii"))
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def credentials(self) -> grpc.ServerCredentials:
        """What a server of grpcio takes, read from the files of now."""
        clients = None if self.clients is None else _pem(self.clients, "clients")
        return grpc.ssl_server_credentials(
            [(_pem(self.key, "key"), _pem(self.certificate, "certificate"))],
            root_certificates=clients,
            require_client_auth=clients is not None,
        )


def _pem(given: str | os.PathLike[str] | bytes, name: str) -> bytes:
    if not isinstance(given, (str, os.PathLike, bytes)):
        raise ConfigurationError(
            f"{name} of the door must be a PEM file or its bytes, not {type(given).__name__}"
        )
    if isinstance(given, str) and "-----BEGIN " in given:  # not shown: it may be the private key
        raise ConfigurationError(
            f"{name} of the door must be a PEM file or its bytes; this is its text: encode it"
        )
    try:
        data = given if isinstance(given, bytes) else Path(given).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{name} of the door: {error.filename!s:.200}: {error.strerror}") from None
    except ValueError as error:  # a path that cannot be one
        raise ConfigurationError(f"{name} of the door: {shown(given)}: {error}") from None
    if b"-----BEGIN " not in data:
        raise ConfigurationError(f"{name} of the door is no PEM text")
    return data
