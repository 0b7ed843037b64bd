"""Which engine carries the asyncio client."""

from __future__ import annotations

from collections.abc import Callable

from camunda_core._engines import DEFAULT, FAST, chosen
from camunda_rest._transport import Settings, Transport

__all__ = ["transport_of"]


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
