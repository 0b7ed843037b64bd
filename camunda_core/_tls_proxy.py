"""Connections through an HTTP proxy that is itself spoken to in TLS (``https://``), for whatever opens
its own: the same trust and the same words on every wire.

Trusted are the system's authorities, those that the environment names, and those of the client's
``Tls(ca=)``: a company's proxy has a certificate of the company's, whoever issued the gateway's.
Our own certificate is for gateways, and no proxy is shown it; ``server_name`` is the gateway's too.
"""

from __future__ import annotations

import re
import socket
import ssl
from base64 import b64encode
from functools import partial
from urllib.parse import unquote, urlsplit

from camunda_core._handshakes import DISTRUSTED
from camunda_core._socks import ProxyFailure
from camunda_core._trust import Trust
from camunda_core.tls import Tls, way_out

__all__ = [
    "Refused",
    "asking",
    "is_tls",
    "login_of",
    "place_of",
    "proxy_failure",
    "proxy_trust",
]


def is_tls(proxy: str | None) -> bool:
    """Whether a proxy's URL asks for TLS to the proxy."""
    return proxy is not None and proxy.lower().startswith("https://")


def place_of(proxy: str) -> tuple[str, int]:
    """Where a proxy listens."""
    parts = urlsplit(proxy)
    return parts.hostname or "", parts.port or (443 if is_tls(proxy) else 80)


def proxy_trust(tls: Tls | None, *, trust_env: bool = True) -> Trust:
    """Makes the contexts of TLS to a proxy, anew when the file of authorities was replaced.

    Raises ConfigurationError for a bundle of the environment that cannot be read.
    """
    return Trust(tls, partial(_context, trust_env=trust_env))


def _context(tls: Tls | None, *, trust_env: bool) -> ssl.SSLContext:
    context = (Tls() if tls is None else tls).proxy_context(trust_env=trust_env)
    context.set_alpn_protocols(["http/1.1"])  # CONNECT is asked for in it
    # Python 3.13 and later ask more than the engines of gRPC do, and more than companies' own
    # authorities give.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


def login_of(proxy: str) -> str | None:
    """The value of Proxy-Authorization that a proxy's URL asks for."""
    parts = urlsplit(proxy)
    if parts.username is None:
        return None
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Basic {b64encode(pair.encode()).decode('ascii')}"


def asking(proxy: str, host: str, port: int) -> bytes:
    """What a proxy is asked with for the way to ``host``."""
    target = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    lines = [f"CONNECT {target} HTTP/1.1", f"Host: {target}"]
    login = login_of(proxy)
    if login is not None:
        lines.append(f"Proxy-Authorization: {login}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


class Refused(Exception):
    """A proxy's answer that is no way."""


def proxy_failure(error: Exception, proxy: str) -> ProxyFailure:
    """What went wrong on the way to a proxy and in TLS with it, in words that hold no password."""
    host, port = place_of(proxy)
    where = f"the proxy https://{f'[{host}]' if ':' in host else host}:{port}"
    if isinstance(error, TimeoutError) or type(error).__name__ == "TimeoutError":  # asyncio's, before 3.11
        return ProxyFailure(f"{where} did not answer in time")
    if isinstance(error, Refused):
        return ProxyFailure(f"{where} answered {_clean(error)}")
    if isinstance(error, socket.gaierror):
        return ProxyFailure(f"{where} cannot be reached: its name has no address")
    hung_up = isinstance(error, (ssl.SSLEOFError, ssl.SSLZeroReturnError)) or (
        isinstance(error, ConnectionError) and error.errno is None
    )
    if isinstance(error, (ssl.SSLError, ssl.CertificateError)) and not hung_up:
        return ProxyFailure(f"{where} {DISTRUSTED}: {_of_tls(error)}", lasting=True)
    if isinstance(error, OSError) and not hung_up:
        return ProxyFailure(f"{where} cannot be reached: {error.strerror or _clean(error)}")
    return ProxyFailure(f"{where} ended the connection{_clean(error) and f' ({_clean(error)})'}")


def _of_tls(error: Exception) -> str:
    text = getattr(error, "verify_message", "") or getattr(error, "reason", "") or _clean(error)
    if "CERTIFICATE_REQUIRED" in text or ("ALERT" in text and "HANDSHAKE" in text):
        return f"{text}; does it ask for a client certificate? None is shown to a proxy"
    if re.search(r"WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|HTTP_REQUEST", text):
        return f"{text}; does it speak TLS? If not, write http:// for it"
    if re.search(r"(?i)hostname|not valid for|mismatch", text):
        return f"{text}; name it as its certificate does"
    if "expired" in text or "not yet valid" in text:
        return f"{text}; it needs a certificate that is valid now"
    if way_out(text) is not None:
        return (
            f"{text}; have its authority trusted: tls=Tls(ca=...), REQUESTS_CA_BUNDLE or the system's store"
        )
    return text


def _clean(error: Exception) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f]+", " ", str(error)).strip()[:300]
