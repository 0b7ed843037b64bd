"""Which engine carries a client, and what makes its transports."""

from __future__ import annotations

from collections.abc import Callable

from camunda_core._engines import DEFAULT, FAST, chosen
from camunda_core._outbound import proxy_for
from camunda_core._tls_proxy import is_tls, proxy_trust
from camunda_core._trust import Trust
from camunda_core.tls import Tls
from camunda_rest._sites import connect_limit
from camunda_rest._transport import BlockingTransport, Settings, Transport

__all__ = ["blocking_transport_of", "settings_of", "transport_of"]


def settings_of(
    addresses: tuple[str, ...],
    *,
    tls: Tls | None,
    trusted: Trust,
    proxy: str | None,
    trust_env: bool,
    user_agent: str,
    pool_size: int,
    largest: int | None,
) -> tuple[Settings, ...]:
    """How to get to each of the gateways."""
    proxies = [proxy_for(each, proxy, trust_env=trust_env) for each in addresses]
    return tuple(
        Settings(
            address=each,
            server_name=None if tls is None else tls.server_name,
            proxy=by,
            trust=trusted,
            user_agent=user_agent,
            pool_size=pool_size,
            largest=largest,
            connect_limit=connect_limit(addresses),
            proxy_trust=proxy_trust(tls, trust_env=trust_env) if is_tls(by) else None,
        )
        for each, by in zip(addresses, proxies, strict=True)
    )


def blocking_transport_of(
    engine: str, *settings: Settings
) -> Callable[[Settings, str], BlockingTransport] | None:
    """What makes the transports of the fast engine for a blocking client, of settings and the first
    address; None where requests is to carry it. Raises as ``transport_of`` does.
    """
    if engine == DEFAULT:
        return None
    from camunda_rest._fast import lacks

    if not chosen(engine, next(filter(None, map(lacks, settings)), None)):
        return None
    from camunda_rest._blocking import FastBlockingTransport

    return FastBlockingTransport


def transport_of(engine: str, *settings: Settings) -> tuple[str, Callable[[Settings], Transport]]:
    """The engine that carries it, and what makes its transports, one of each settings.

    Raises ConfigurationError, naming the extra, where a library is missing.
    """
    if engine != DEFAULT:
        from camunda_rest._fast import FastTransport, lacks

        if chosen(engine, next(filter(None, map(lacks, settings)), None)):
            return FAST, FastTransport
    from camunda_rest._aiohttp import AiohttpTransport, check

    for each in settings:
        check(each)
    return DEFAULT, AiohttpTransport
