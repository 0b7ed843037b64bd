"""The environment's proxies and authorities, as gRPC is told them: left to itself its core has
rules, and a list, of its own.

Variables that mean gRPC alone are heeded too: with grpc_proxy or no_grpc_proxy its own rules hold,
and the authorities in the file GRPC_DEFAULT_SSL_ROOTS_FILE_PATH are trusted besides the system's.
"""

from __future__ import annotations

import os
from typing import Any

from camunda_core._outbound import checked_proxy, environment_proxy
from camunda_core._socks import check_socks, is_socks
from camunda_core.errors import ConfigurationError
from camunda_core.tls import Tls

__all__ = ["PROXY_OPTIONS", "ROOTS_VARIABLE", "proxy_options", "trust"]

#: The options of gRPC that decide about proxies.
PROXY_OPTIONS = ("grpc.http_proxy", "grpc.enable_http_proxy")
_GRPC_PROXY_VARIABLES = ("grpc_proxy", "no_grpc_proxy")
#: Resolvers whose targets are no names that a proxy could look up.
_NO_PROXY_SCHEMES = frozenset({"unix", "unix-abstract", "vsock", "xds", "ipv4", "ipv6"})
#: The file of authorities that gRPC alone trusts besides the system's.
ROOTS_VARIABLE = "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH"


def proxy_options(target: str, secure: bool, given: str | None = None) -> dict[str, Any]:
    """The options that make gRPC use the proxy that REST would for ``target``, or the one that was given. To a
    SOCKS proxy, and to one that is spoken to in TLS, gRPC's own core has to be led by a ``Tunnel``.

    Raises ConfigurationError for a proxy that cannot be one, and where what it needs is not installed.
    """
    proxy = checked_proxy(given)
    if proxy is not None:
        return {"grpc.http_proxy": _checked(proxy)}
    if any(os.environ.get(name) for name in _GRPC_PROXY_VARIABLES):
        return {}
    scheme, colon, rest = target.partition(":")
    host = rest.rpartition("/")[2] if scheme == "dns" and colon else target
    if scheme in _NO_PROXY_SCHEMES and not rest.isdigit():
        return {"grpc.enable_http_proxy": 0}
    proxy = environment_proxy(f"{'https' if secure else 'http'}://{host}")
    if proxy is None:
        return {"grpc.enable_http_proxy": 0}
    return {"grpc.http_proxy": _checked(proxy)}


def _checked(proxy: str) -> str:
    if is_socks(proxy):
        check_socks(proxy)
    return proxy


def trust(tls: Tls | None) -> dict[str, bytes | None]:
    """The arguments of ``grpc.ssl_channel_credentials``.

    Raises ConfigurationError for a bundle that cannot be read.
    """
    material = (Tls() if tls is None else tls).for_grpc()
    roots, file = material["root_certificates"], os.environ.get(ROOTS_VARIABLE)
    if (tls is None or tls.ca is None) and file and roots is not None:
        from pathlib import Path

        try:
            material["root_certificates"] = roots + Path(file).read_bytes()
        except OSError as error:
            raise ConfigurationError(f"{ROOTS_VARIABLE}={file} cannot be read: {error.strerror}") from error
    return material
