"""A proxy the other way: REST in front of a cluster that speaks gRPC alone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from camunda_core._arguments import instance, text
from camunda_core.credentials import AnyCredentials
from camunda_core.deadline import Duration, setting
from camunda_core.errors import CamundaError, ConfigurationError
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_core.tls import Tls
from camunda_grpc import aio_channel, gateway_pb2, gateway_pb2_grpc
from camunda_proxy._limits import InFlight, Limits
from camunda_proxy._metrics import Metrics
from camunda_proxy._page import Page
from camunda_proxy._proxy import DRAINING, NO_ANSWER, READY, DoorTls, bracketed, host_and_port, is_loopback
from camunda_proxy._rest_door import RestDoor

if TYPE_CHECKING:
    from typing_extensions import Self

    from camunda_core.observing import CallObserver

__all__ = ["RestProxy"]

log = logging.getLogger("camunda_proxy")
#: Seconds for which the server waits for calls at most; ``stop`` says how long in truth.
_SHUTDOWN = 60.0
#: Seconds that a page may wait for the cluster.
_LOOK = 2.0


class RestProxy:
    """REST in front of a gateway of gRPC, for the operations that are RPCs; for the event loop in which it is started.

    For programs that are written for REST already, while their cluster (8.5, say) has none. Whatever has no RPC, such
    as searches, is answered 404 by name. An update of a job that sets retries and timeout at once becomes two calls.

    ``grpc_address``  the gateway: ``localhost:26500``, ``grpcs://host:443``
    ``listen``        host and port of the door of REST; port 0 is a free one

    All other arguments, and what is raised, are those of ``Proxy``; ``limits.streams`` means nothing here. An async
    context manager.
    """

    def __init__(
        self,
        grpc_address: str,
        *,
        listen: str = "127.0.0.1:8080",
        page: str | None = None,
        credentials: AnyCredentials | None = None,
        tls: Tls | None = None,
        door_tls: DoorTls | None = None,
        limits: Limits | None = None,
        retry: RetryPolicy = NO_RETRY,
        timeout: Duration = 10.0,
        observers: Iterable[CallObserver] = (),
    ) -> None:
        text(grpc_address, "grpc_address")
        timeout = setting(timeout, "timeout", least=0.001)
        self.limits = Limits() if limits is None else instance(Limits, limits, "limits", "Limits")
        self._listen = host_and_port(listen, "listen")
        self._page_at = None if page is None else host_and_port(page, "page")
        if door_tls is not None:
            instance(DoorTls, door_tls, "door_tls", "a DoorTls")
        self._door_tls = door_tls
        self._in_flight = InFlight(self.limits)
        self.metrics = Metrics(self._in_flight)
        self._upstream = grpc_address
        self._own = credentials is not None
        self._channel = aio_channel(
            grpc_address,
            credentials=credentials,
            tls=tls,
            retry=retry,
            timeout=timeout,
            max_message_size=self.limits.answer_size,
            observers=observers,
        )
        self._draining = False
        self._runner: web.AppRunner | None = None
        self._page: Page | None = None
        #: ``http(s)://host:port`` of the door, and of the pages, once they are open.
        self.address = ""
        self.page_address: str | None = None

    async def start(self) -> None:
        """Opens the door and the pages. Raises ConfigurationError where a port cannot be had."""
        host, port = self._listen
        if self._own and not is_loopback(host) and (self._door_tls is None or self._door_tls.clients is None):
            log.warning(
                "whoever reaches %s:%s acts with the proxy's credentials: ask clients for certificates, or "
                "listen on loopback",
                host,
                port,
            )
        door = RestDoor(self._channel, self._in_flight, self.metrics, own_credentials=self._own)
        app = web.Application(client_max_size=self.limits.message_size)
        app.add_routes(door.routes())
        # A poll whose client has gone must not take the next jobs for nobody.
        self._runner = web.AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=_SHUTDOWN
        )
        await self._runner.setup()
        context = None if self._door_tls is None else self._door_tls.context()
        try:
            await web.TCPSite(self._runner, host, port, ssl_context=context).start()
        except OSError as error:
            await self.stop(0.0)
            raise ConfigurationError(f"listen: {host}:{port} cannot be opened: {error.strerror}") from None
        bound = self._runner.addresses[0][1]
        self.address = f"{'http' if context is None else 'https'}://{bracketed(host)}:{bound}"
        if self._page_at is not None:
            host, port = self._page_at
            self._page = Page(self.metrics, self._in_flight, self.state, upstream=self._upstream)
            try:
                opened = await self._page.start(host, port, self.address)
            except OSError as error:
                await self.stop(0.0)
                raise ConfigurationError(f"page: {host}:{port} cannot be opened: {error.strerror}") from None
            self.page_address = f"http://{bracketed(host)}:{opened}"

    async def state(self) -> str:
        """``ready``, ``draining``, or ``no answer from the cluster``."""
        if self._draining:
            return DRAINING
        stub: Any = gateway_pb2_grpc.GatewayStub(self._channel)
        try:
            await stub.Topology(gateway_pb2.TopologyRequest(), timeout=_LOOK)
        except CamundaError as error:
            return READY if error.answered else NO_ANSWER
        return READY

    async def stop(self, grace: float = 10.0) -> None:
        """Closes the door; calls under way may take ``grace`` seconds more, then they are cancelled."""
        self._draining = True
        if self._runner is not None:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._runner.cleanup(), max(grace, 0.1))
            self._runner = None
        await self._channel.close(grace)
        if self._page is not None:
            await self._page.stop()
            self._page = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def __repr__(self) -> str:
        return f"RestProxy({self.address or ':'.join(map(str, self._listen))} -> {self._upstream})"
