"""A proxy as a program: until SIGTERM or SIGINT, with room for as many connections as it may hold."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable

from camunda_proxy._proxy import Proxy
from camunda_proxy._rest_proxy import RestProxy

__all__ = ["serve"]

log = logging.getLogger("camunda_proxy")
#: Descriptors besides those of connections: the event loop, files, the clients' own connections.
_BESIDES = 512


async def serve(
    proxy: Proxy | RestProxy,
    *,
    grace: float = 10.0,
    started: Callable[[Proxy | RestProxy], None] | None = None,
) -> None:
    """Runs ``proxy`` until SIGTERM or SIGINT, then lets its calls end for ``grace`` seconds.

    ``started`` is called when it takes calls. Raises ConfigurationError where a port cannot be had.
    """
    _make_room(proxy.limits.connections + _BESIDES)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    handled = []
    for number in (signal.SIGTERM, signal.SIGINT):
        try:
            loop.add_signal_handler(number, ended.set)
            handled.append(number)
        except (NotImplementedError, RuntimeError):  # Windows; a loop in another thread
            continue
    try:
        await proxy.start()
        if started is not None:
            started(proxy)
        await ended.wait()
        log.info("the proxy stops: calls may take %g s more", grace)
    finally:
        await proxy.stop(grace)
        for number in handled:
            loop.remove_signal_handler(number)


def _make_room(wanted: int) -> None:
    """Lets this process open as many descriptors as it needs, as far as it may."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    if most < wanted:
        log.warning(
            "only %d descriptors may be open, and the limits need %d: raise the hard limit", most, wanted
        )
