"""What the environment says about the way out, for both wires: the proxy of an address, and whose
certificates are trusted.

Proxies: HTTP_PROXY for plaintext, HTTPS_PROXY for TLS, ALL_PROXY for both, and NO_PROXY, in lower
case (which wins) or upper case, by the rules of ``requests``: entries of NO_PROXY are names (with
or without a port; their subdomains too), addresses, networks such as ``10.0.0.0/8``, or ``*``.

Trust: the system's authorities (SSL_CERT_FILE and SSL_CERT_DIR say where they are), and those in
the file or folder that REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE names.
"""

from __future__ import annotations

import os
import re
import ssl
import sys
from typing import TYPE_CHECKING

from camunda_core._addresses import check_proxy
from camunda_core._later import Later
from camunda_core._patterns import pattern
from camunda_core.errors import ConfigurationError

if TYPE_CHECKING:
    import ipaddress
    from pathlib import Path
else:
    ipaddress = Later("ipaddress")

__all__ = [
    "checked_proxy",
    "environment_proxy",
    "proxy_for",
    "system_context",
    "system_roots",
    "trust_bundle",
    "without_password",
]

_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
#: How OpenSSL names the files of a folder of authorities; others it does not look at.
_HASHED = pattern(r"[0-9a-f]{8}\.\d+")
_CERTIFICATE = pattern(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)


def environment_proxy(url: str) -> str | None:
    """The proxy that the environment names for ``url`` (``http://`` or ``https://``), or None.

    Raises ConfigurationError for one that cannot be one.
    """
    if sys.platform not in ("darwin", "win32") and not any(
        name.lower().endswith("_proxy") for name in os.environ
    ):
        return None
    from urllib.parse import urlsplit
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or _is_exempt(host, parts.port) or proxy_bypass(host):
        return None
    proxies = getproxies()
    keys = (f"{parts.scheme}://{host}", parts.scheme, f"all://{host}", "all")
    proxy = next((proxies[key] for key in keys if proxies.get(key)), None)
    if proxy is None:
        return None
    proxy = proxy if "://" in proxy else f"http://{proxy}"
    check_proxy(proxy, "the environment's proxy (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY)")
    return proxy


def checked_proxy(proxy: str | None, name: str = "proxy") -> str | None:
    """A proxy that was given: its URL, ``http://`` where it has no scheme. Raises ConfigurationError
    for one that cannot be one.
    """
    if proxy is None:
        return None
    if not isinstance(proxy, str):
        raise ConfigurationError(f"{name} must be text such as http://proxy:3128, not {type(proxy).__name__}")
    url = proxy.strip()
    url = url if "://" in url else f"http://{url}"
    check_proxy(url, name)
    return url


def proxy_for(url: str, given: str | None, *, trust_env: bool = True) -> str | None:
    """The proxy for ``url``: the one that was given (of ``checked_proxy``), or what the environment names."""
    if given is not None:
        return given
    return environment_proxy(url) if trust_env else None


def without_password(proxy: str | None) -> str | None:
    """A proxy's URL as it may be shown."""
    if proxy is None or "@" not in proxy:
        return proxy
    return f"{proxy.partition('://')[0]}://***@{proxy.rpartition('@')[2]}"


def _is_exempt(host: str, port: int | None) -> bool:
    exempt = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    entries = [entry for entry in exempt.replace(" ", "").split(",") if entry]
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        names = (host, f"{host}:{port}")
        return "*" in entries or any(name.endswith(entry) for entry in entries for name in names)
    return "*" in entries or any(_holds(entry, address) for entry in entries)


def _holds(entry: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    try:
        return address in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        return False


def trust_bundle() -> tuple[str, str] | None:
    """The variable that names certificates to be trusted besides the system's, and what it names."""
    return next(((name, path) for name in _BUNDLES if (path := os.environ.get(name))), None)


def system_context() -> ssl.SSLContext:
    """A context for clients that trusts what the environment says.

    Raises ConfigurationError for a bundle that cannot be read.
    """
    context = ssl.create_default_context()
    bundle = trust_bundle()
    if bundle is not None:
        name, path = bundle
        try:
            context.load_verify_locations(**{"capath" if os.path.isdir(path) else "cafile": path})
        except (OSError, ssl.SSLError) as error:
            raise ConfigurationError(f"{name}={path} cannot be read as certificates: {error}") from error
    return context


def system_roots() -> bytes | None:
    """What ``system_context`` trusts, as PEM; None where there is no store to be found.

    For libraries that bring authorities of their own and never look at the system's.
    """
    context = system_context()
    found = {ssl.DER_cert_to_PEM_cert(der): None for der in context.get_ca_certs(binary_form=True)}
    paths = ssl.get_default_verify_paths()
    bundle = trust_bundle()
    for folder in (paths.capath, None if bundle is None else bundle[1]):
        # A context reads a folder only when it meets a certificate, so it cannot tell what is there.
        if folder is not None and os.path.isdir(folder):
            from pathlib import Path

            found.update(dict.fromkeys(_certificates_in(Path(folder))))
    return "".join(found).encode("ascii") or None


def _certificates_in(folder: Path) -> list[str]:
    found: list[str] = []
    for file in sorted(folder.iterdir()):
        if not _HASHED.fullmatch(file.name):
            continue
        try:
            blocks = _CERTIFICATE.findall(file.read_bytes())
            found += [
                ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert(block.decode("ascii"))) for block in blocks
            ]
        except (OSError, ValueError):
            continue  # nor does OpenSSL trust what it cannot read
    return found
