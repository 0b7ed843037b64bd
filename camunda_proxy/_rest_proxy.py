"""A proxy the other way: REST in front of a cluster that speaks gRPC alone."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from camunda_core._arguments import text
from camunda_core.credentials import AnyCredentials
from camunda_core.deadline import Duration, setting
from camunda_core.errors import ConfigurationError
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_core.tls import Tls
from camunda_grpc import aio_channel, gateway_pb2, gateway_pb2_grpc
from camunda_proxy._door_tls import DoorTls
from camunda_proxy._limits import Limits
from camunda_proxy._rest_door import RestDoor
from camunda_proxy._standing import Standing, bracketed

if TYPE_CHECKING:
    from camunda_core.observing import CallObserver

__all__ = ["RestProxy"]

#: Seconds for which the server waits for calls at most; ``stop`` says how long in truth.
_SHUTDOWN = 60.0


class RestProxy(Standing):
    """REST in front of a gateway of gRPC, for the operations that are RPCs; for the event loop in which it is started.

    For programs that are written for REST already, while their cluster (8.5, say) has none. Whatever has no RPC, such
    as searches, is answered 404 by name. An update of a job that sets retries and timeout at once becomes two calls.

    ``grpc_address``  the gateway: ``localhost:26500``, ``grpcs://host:443``; of several with commas between
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
        super().__init__(
            upstream=grpc_address,
            listen=listen,
            page=page,
            door_tls=door_tls,
            limits=limits,
            own_credentials=credentials is not None,
        )
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

    async def start(self) -> None:
        """Opens the door and the pages. Raises ConfigurationError where a port cannot be had."""
        host, port = self._listen
        self._warn_of_an_open_door()
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
        await self._open_page()

    def _is_draining(self) -> bool:
        return self._draining

    async def _look(self, timeout: float) -> None:
        stub: Any = gateway_pb2_grpc.GatewayStub(self._channel)
        await stub.Topology(gateway_pb2.TopologyRequest(), timeout=timeout)

    async def stop(self, grace: float = 10.0) -> None:
        """Closes the door; calls under way may take ``grace`` seconds more, then they are cancelled."""
        self._draining = True
        if self._runner is not None:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._runner.cleanup(), max(grace, 0.1))
            self._runner = None
        await self._channel.close(grace)
        await self._close_page()
