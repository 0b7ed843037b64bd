"""Addresses as people write them, turned into what each wire needs. Pure text work: nothing is
resolved or connected.

REST   https://host[:port][/context-path][/v2]       the scheme decides about TLS and is required
gRPC   host[:port], http(s)://host[:port], grpc(s)://host[:port], dns:///host:port, unix:/path, ipv4:…, ipv6:…
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from camunda_core._arguments import is_sendable, shown
from camunda_core._later import Later
from camunda_core._patterns import pattern
from camunda_core.errors import ConfigurationError

if TYPE_CHECKING:
    import ipaddress
    import urllib.parse as urls
else:
    # With the first address: not every program that imports a client opens one.
    ipaddress, urls = Later("ipaddress"), Later("urllib.parse")

__all__ = ["check_proxy", "grpc_target", "is_loopback", "rest_base"]

_PLAINTEXT_PORT = 26500
_TLS_PORT = 443
_SECURE_SCHEME = {"http": False, "grpc": False, "https": True, "grpcs": True}
#: Schemes of gRPC's own name resolvers; whatever follows them is theirs to read.
_RESOLVERS = frozenset({"dns", "unix", "unix-abstract", "ipv4", "ipv6", "vsock", "xds"})
_SCHEME = pattern(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_IN_PATHS = "/%:@!$&'()*+,;=~"
_LABEL = pattern(r"[A-Za-z0-9_-]{1,63}")
_FORBIDDEN = pattern(r"[\s\x00-\x1f\x7f\\]")


def rest_base(address: str, name: str = "rest_address") -> str:
    """The base of all REST v2 operations, ending in ``/v2`` without a slash: ``https://host/cluster-id/v2``.

    Accepts a base with or without ``/v2``, any context path and trailing slashes. ``name`` is what
    an error calls the setting. Raises ConfigurationError for a missing or foreign scheme, a query,
    a fragment, or credentials inside the address.
    """
    text = _text(address, name)
    if "://" not in text:
        raise ConfigurationError(
            f"{name}: {_shown(text)} has no scheme, and the scheme decides about TLS: "
            f"write http://{_shown(text)} or https://{_shown(text)}"
        )
    parts = _split(text, name)
    if parts.scheme in ("grpc", "grpcs"):
        raise ConfigurationError(
            f"{name}: {_shown(text)} is a gRPC address; the REST API has one of its own, http:// or https://"
        )
    if parts.scheme not in ("http", "https"):
        raise ConfigurationError(f"{name}: the scheme of {_shown(text)} must be http or https")
    host = _host_and_port(parts, name, text)
    path = parts.path.rstrip("/")
    if path.rpartition("/")[2] == "v2":
        path = path[: -len("/v2")].rstrip("/")
    return f"{parts.scheme}://{host}{urls.quote(path, safe=_IN_PATHS)}/v2"


def grpc_target(address: str, name: str = "grpc_address") -> tuple[str, bool]:
    """``(target, secure)``: the target for a gRPC channel, and whether the address asks for TLS.

    ``https`` and ``grpcs`` mean TLS and port 443, ``http`` and ``grpc`` mean plaintext and port
    26500, when no port is given. Without a scheme it is plaintext, but for port 443, where nothing
    else is spoken. A resolver target (``dns:///…``, ``unix:…``) is handed on; it cannot say
    whether TLS is wanted, so ``secure`` is True only for port 443: giving the channel a Tls
    decides. Raises ConfigurationError for a path, a query, credentials inside the address, an
    unknown scheme or a bad port.
    """
    text = _text(address, name)
    scheme = _scheme(text)
    if scheme in _RESOLVERS:
        return _resolver_target(text, scheme, name)
    if "://" in text:
        if scheme not in _SECURE_SCHEME:
            known = ", ".join([*_SECURE_SCHEME, *sorted(_RESOLVERS)])
            raise ConfigurationError(f"{name}: the scheme of {_shown(text)} is none of {known}")
        parts = _split(text, name)
        secure = _SECURE_SCHEME[scheme]
    else:
        if text.count(":") > 1 and not text.startswith("[") and "@" not in text:
            raise ConfigurationError(
                f"{name}: an IPv6 address needs brackets: [{text}] or [{text}]:{_PLAINTEXT_PORT}"
            )
        parts = _split(f"//{text}", name)
        secure = _port(parts, name, text) == _TLS_PORT
    if parts.path not in ("", "/"):
        raise ConfigurationError(
            f"{name}: a gRPC address has no path, but {_shown(text)} has one; is it the REST address?"
        )
    return _host_and_port(parts, name, text, _TLS_PORT if secure else _PLAINTEXT_PORT), secure


def check_proxy(address: str, name: str) -> None:
    """ConfigurationError unless a proxy's URL (which may carry credentials) has a scheme and
    a host that can be one.
    """
    _, _, rest = address.rpartition("@")
    bare = rest if rest == address else f"{address.partition('://')[0]}://{rest}"
    if _FORBIDDEN.search(bare) or not is_sendable(address):
        raise ConfigurationError(f"{name}: {shown(_shown(address))} contains a blank or half a character")
    if not bare.isascii():  # libraries differ in what they make of it
        raise ConfigurationError(
            f"{name}: the host of {shown(_shown(bare))} must be written in ASCII, as xn--…"
        )
    parts = _split(bare, name)
    if parts.scheme not in ("http", "https", "socks4", "socks4a", "socks5", "socks5h"):
        raise ConfigurationError(f"{name}: the scheme of {_shown(bare)} must be http or https")
    _host_and_port(parts, name, bare)
    host = parts.hostname or ""
    if re.fullmatch(r"[0-9.]+|0x[0-9a-f.x]+", host) and not _is_ip(host):  # some take 1 for 0.0.0.1
        raise ConfigurationError(
            f"{name}: {_shown(bare)} has a host that is neither a name nor an IP address"
        )


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this machine, as its name or address alone tell."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _text(address: str, name: str) -> str:
    if not isinstance(address, str):
        raise ConfigurationError(
            f"{name} must be text such as http://localhost:8080, not {type(address).__name__}"
        )
    text = address.strip()
    if not text:
        raise ConfigurationError(f"{name} is empty")
    if _FORBIDDEN.search(text) or not is_sendable(text):
        raise ConfigurationError(
            f"{name}: {shown(_shown(text))} contains a blank, a backslash, a control character or half a character"
        )
    return text


def _scheme(text: str) -> str:
    """The scheme of ``text`` in lower case, ``""`` for ``host:port``."""
    match = _SCHEME.fullmatch(text)
    if match is None:
        return ""
    scheme = match[1].lower()
    return scheme if match[2].startswith("//") or (scheme in _RESOLVERS and not match[2].isdigit()) else ""


def _split(text: str, name: str) -> urls.SplitResult:
    try:
        parts = urls.urlsplit(text)
    except ValueError as error:
        raise ConfigurationError(f"{name}: {_shown(text)} cannot be read: {error}") from None
    if "@" in parts.netloc:
        raise ConfigurationError(
            f"{name}: {_shown(text)} carries credentials; give credentials=Basic(username, password) instead"
        )
    if parts.query or parts.fragment or text.endswith(("?", "#")):
        raise ConfigurationError(
            f"{name}: {_shown(text)} must end with its path, without a query or a fragment"
        )
    return parts


def _port(parts: urls.SplitResult, name: str, text: str) -> int | None:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ConfigurationError(f"{name}: the port of {_shown(text)} must be a number from 1 to 65535")
    return port


def _host_and_port(parts: urls.SplitResult, name: str, text: str, default: int | None = None) -> str:
    port = _port(parts, name, text) or default
    host = parts.hostname
    if not host or parts.netloc.endswith(":"):
        what = "host" if not host else "port after the colon"
        raise ConfigurationError(f"{name}: {_shown(text)} has no {what}")
    host = _ascii_host(host, name, text)
    if ":" in host:
        host = f"[{host}]"
    return host if port is None else f"{host}:{port}"


def _ascii_host(host: str, name: str, text: str) -> str:
    """The host as both wires and DNS take it: the address of an interface, or labels of ASCII."""
    if ":" in host:
        if _is_ip(host):
            return host
    elif host.isascii():
        if all(map(_LABEL.fullmatch, host.removesuffix(".").split("."))) and len(host) <= 254:
            return host
    else:
        try:
            made = host.encode("idna")
            if made.decode("idna") == host:  # else it was another name that merely looks like this one
                return made.decode("ascii")
        except UnicodeError:
            pass
        raise ConfigurationError(
            f"{name}: {_shown(text)} has a host that cannot be written in ASCII; write it so yourself, as xn--…"
        )
    raise ConfigurationError(f"{name}: {_shown(text)} has a host that is neither a name nor an IP address")


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _resolver_target(text: str, scheme: str, name: str) -> tuple[str, bool]:
    rest = text[len(scheme) + 1 :]
    if not rest.strip("/"):
        raise ConfigurationError(f"{name}: {text} names nothing to connect to")
    if scheme in ("ipv4", "ipv6"):
        for each in rest.split(","):
            parts = _split(f"//{each}", name)
            _port(parts, name, text)
            if not _is_ip(parts.hostname or ""):
                raise ConfigurationError(f"{name}: {text} names {each}, which is no IP address")
    if scheme != "dns":
        return text, scheme in ("ipv4", "ipv6") and rest.endswith(f":{_TLS_PORT}")
    # dns:host and dns://resolver/host; without a port gRPC would take 443, where no
    # self-managed gateway listens.
    endpoint = rest.rpartition("/")[2]
    parts = _split(f"//{endpoint}", name)
    port = _port(parts, name, text)
    _host_and_port(parts, name, text)
    return (text if port else f"{text}:{_PLAINTEXT_PORT}"), port == _TLS_PORT


def _shown(text: str) -> str:
    """``text`` without what may be a password, or a token in a query; shortened."""
    scheme, separator, rest = text.rpartition("://")
    if "@" in rest:
        rest = "…@" + rest.rpartition("@")[2]
    said = scheme + separator + re.sub(r"[?#].*", "", rest, flags=re.DOTALL)
    return said if len(said) <= 300 else f"{said[:300]}…"
