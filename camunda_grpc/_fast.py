"""The asyncio channel over the fast engine: what an endpoint's options mean there, and what they
ask for that it has not.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from camunda_core.errors import ConfigurationError
from camunda_core.tls import Tls
from camunda_grpc._names import WORDS
from camunda_grpc._outbound import ROOTS_VARIABLE

if TYPE_CHECKING:
    from camunda_core._engines import GrpcTransport
    from camunda_core._trust import Trust
    from camunda_grpc._settings import Endpoint

__all__ = ["lacks", "opened"]

#: The options of grpcio that mean something here, or nothing that would be missed.
_UNDERSTOOD = frozenset({
    "grpc.absolute_max_metadata_size", "grpc.default_authority", "grpc.enable_http_proxy", "grpc.enable_retries",
    "grpc.http2.max_pings_without_data", "grpc.http_proxy", "grpc.keepalive_permit_without_calls",
    "grpc.keepalive_time_ms", "grpc.keepalive_timeout_ms", "grpc.max_metadata_size",
    "grpc.max_receive_message_length", "grpc.max_send_message_length", "grpc.primary_user_agent",
    "grpc.ssl_target_name_override", "grpc.use_local_subchannel_pool",
})  # fmt: skip
_OFF = 2**31 - 1
#: Bytes of one answer that may come before it is read; of a stream of jobs fewer.
_WINDOW = 2 * 1024 * 1024


def lacks(target: str, options: Mapping[str, Any], interceptors: object) -> str | None:
    """What is asked for that the fast engine has not; None where it has all."""
    if interceptors:
        return "interceptors of grpcio"
    scheme = target.partition(":")[0]
    if scheme in ("vsock", "xds"):
        return f"addresses of the kind {scheme}:"
    if target.startswith("dns://") and not target.startswith("dns:///"):
        return "name servers of its own (dns://server/name)"
    unknown = sorted(options.keys() - _UNDERSTOOD)
    return f"option {', '.join(unknown)}" if unknown else None


def opened(endpoint: Endpoint, compression: Any, *, streams: bool) -> GrpcTransport:
    """A channel of the fast engine, for the running event loop. ``streams`` is for those of jobs."""
    from camunda_core.version import VERSION
    from camunda_fast._channel import FastChannel
    from camunda_fast._connection import Profile
    from camunda_fast._dialing import Target
    from camunda_grpc._settings import STREAM_WINDOW  # which asks `lacks` of this module

    options = dict(endpoint.options)
    places, path, host = _places(endpoint.target)
    secure = endpoint.credentials is not None
    name = str(options.get("grpc.ssl_target_name_override", host))
    authority = str(options.get("grpc.default_authority", _authority(places, path)))
    proxy = _proxy(options, host)
    target = Target(
        places,
        path,
        _context_of(endpoint) if secure else None,
        name,
        proxy,
        ("h2",),
        None if proxy is None else _trust_in(proxy, endpoint.tls),
    )
    profile = Profile(
        authority=authority,
        scheme="https" if secure else "http",
        window=STREAM_WINDOW if streams else _WINDOW,
        header_list=_header_list(options),
        keepalive=_seconds(options.get("grpc.keepalive_time_ms")),
        patience=(options.get("grpc.keepalive_timeout_ms", 20_000)) / 1000,
    )
    agent = str(options.get("grpc.primary_user_agent", f"camunda-bridge/{VERSION}"))
    return FastChannel(
        target,
        profile,
        WORDS,
        user_agent=agent,
        largest=_limit(options.get("grpc.max_receive_message_length", 4 * 1024 * 1024)),
        most_sent=_limit(options.get("grpc.max_send_message_length", -1)),
        compression=compression,
    )


def _limit(size: Any) -> int | None:
    return None if size is None or int(size) < 0 else int(size)


def _seconds(milliseconds: Any) -> float | None:
    return None if milliseconds is None or int(milliseconds) >= _OFF else int(milliseconds) / 1000


def _header_list(options: Mapping[str, Any]) -> int:
    sizes = [
        options[name]
        for name in ("grpc.absolute_max_metadata_size", "grpc.max_metadata_size")
        if name in options
    ]
    return int(max(sizes, default=16 * 1024))


def _trust_in(proxy: str, tls: Tls | None) -> Trust | None:
    """What to trust a proxy with that is spoken to over TLS."""
    from camunda_core._tls_proxy import is_tls, proxy_trust

    return proxy_trust(tls) if is_tls(proxy) else None


def _places(target: str) -> tuple[tuple[tuple[str, int], ...], str | None, str]:
    """The addresses of a target, the path of a unix socket, and the name of the host."""
    scheme, _, rest = target.partition(":")
    if scheme == "unix":
        from urllib.parse import unquote

        return (), unquote(rest.removeprefix("//")), "localhost"
    if scheme == "unix-abstract":
        return (), f"@{rest}", "localhost"
    if scheme == "dns" and not rest.isdigit():
        rest = rest.rpartition("/")[2]
    elif scheme not in ("ipv4", "ipv6") or rest.isdigit():
        rest = target
    places = []
    for each in rest.split(","):
        host, _, port = each.rpartition(":")
        places.append((host.strip("[]"), int(port)))
    return tuple(places), None, places[0][0]


def _authority(places: tuple[tuple[str, int], ...], path: str | None) -> str:
    if path is not None:
        return "localhost"
    host, port = places[0]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _proxy(options: Mapping[str, Any], host: str) -> str | None:
    """The proxy of an address: that of REST, or what is set for gRPC alone."""
    if "grpc.http_proxy" in options:
        return str(options["grpc.http_proxy"])
    if options.get("grpc.enable_http_proxy") == 0:
        return None
    proxy = os.environ.get("grpc_proxy")  # noqa: SIM112  as gRPC has it
    exempt = [each.strip() for each in os.environ.get("no_grpc_proxy", "").split(",")]  # noqa: SIM112
    if not proxy or any(each and host.endswith(each) for each in exempt):
        return None
    return proxy


def _context_of(endpoint: Endpoint) -> Any:
    """Makes the context of TLS once, when it is first needed: reading the authorities takes its time."""
    tls = endpoint.tls
    made: list[ssl.SSLContext] = []

    def context() -> ssl.SSLContext:
        if not made:
            new = (Tls() if tls is None else tls).ssl_context()
            # From Python 3.13 on it asks more of certificates than grpcio does: authorities that
            # companies made for themselves would be refused by the one engine and not the other.
            new.verify_flags &= ~ssl.VERIFY_X509_STRICT
            file = os.environ.get(ROOTS_VARIABLE)
            if file and (tls is None or tls.ca is None):
                try:
                    new.load_verify_locations(cafile=file)
                except (OSError, ssl.SSLError) as error:
                    raise ConfigurationError(f"{ROOTS_VARIABLE}={file} cannot be read: {error}") from error
            made.append(new)
        return made[0]

    return context
