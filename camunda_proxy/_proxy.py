"""One proxy: what it is made of, and how it starts and comes to rest."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

from bridge._doors.aio_rest import AsyncRestDoor
from camunda_core._arguments import text
from camunda_core.credentials import AnyCredentials
from camunda_core.deadline import Duration, setting
from camunda_core.errors import ConfigurationError
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_core.tls import Tls
from camunda_proxy._door import GrpcDoor
from camunda_proxy._door_tls import DoorTls
from camunda_proxy._limits import Limits
from camunda_proxy._standing import Standing, bracketed
from camunda_rest import AsyncRestClient
from camunda_rest import operations as op

if TYPE_CHECKING:
    from camunda_core.observing import CallObserver

__all__ = ["Proxy"]


#: Seconds for which calls that have just arrived are still served: ``stop`` of grpc.aio would cancel them.
_LINGER = 0.5


class Proxy(Standing):
    """A gateway of gRPC whose calls go on over REST; for the event loop in which it is started.

    ``rest_address``     the cluster: ``http(s)://host[:port][/context-path]``, of several gateways with commas between
    ``listen``           host and port of the door of gRPC; port 0 is a free one
    ``page``             host and port of the pages of health and metrics; None for none
    ``credentials``      with which all calls go to the cluster. None passes on what each caller brings
                         (``authorization``), which is the safe choice: with credentials of its own, whoever reaches the
                         door acts with them, so give it ``door_tls`` with ``clients`` then, or listen on loopback only
    ``tls``              whom to trust on the way to the cluster
    ``door_tls``         TLS, and mTLS, at the proxy's own door
    ``limits``           how much it carries at once
    ``retry``            how calls are repeated on the way to the cluster; never, since callers repeat for themselves
    ``timeout``          seconds for calls that bring no deadline; the server's own waiting is added
    ``cluster_version``  "8.8": what the cluster can read; asked once, and only when a call needs something newer than 8.6
    ``observers``        who is told of each call to the cluster: see ``camunda_core.observing``

    An async context manager. Raises ConfigurationError for settings that cannot work.
    """

    def __init__(
        self,
        rest_address: str,
        *,
        listen: str = "127.0.0.1:26500",
        page: str | None = None,
        credentials: AnyCredentials | None = None,
        tls: Tls | None = None,
        door_tls: DoorTls | None = None,
        limits: Limits | None = None,
        retry: RetryPolicy = NO_RETRY,
        timeout: Duration = 10.0,
        cluster_version: str | None = None,
        observers: Iterable[CallObserver] = (),
    ) -> None:
        text(rest_address, "rest_address")
        timeout = setting(timeout, "timeout", least=0.001)
        super().__init__(
            upstream=rest_address,
            listen=listen,
            page=page,
            door_tls=door_tls,
            limits=limits,
            own_credentials=credentials is not None,
        )
        client = AsyncRestClient(
            rest_address,
            credentials=credentials,
            tls=tls,
            retry=retry,
            timeout=timeout,
            pool_size=self.limits.connections,
            max_message_size=self.limits.answer_size,
            backpressure=False,
            observers=observers,
        )
        self._rest = AsyncRestDoor(client, timeout=timeout, retry=retry, cluster_version=cluster_version)
        self._upstream = client.address
        self._door: GrpcDoor | None = None
        self._server: grpc.aio.Server | None = None

    async def start(self) -> None:
        """Opens the door and the pages. Raises ConfigurationError where a port cannot be had."""
        host, port = self._listen
        self._warn_of_an_open_door()
        self._door = GrpcDoor(
            self._rest,
            self._in_flight,
            self.metrics,
            message_size=self.limits.message_size,
            own_credentials=self._own,
        )
        server = grpc.aio.server(options=_options(self.limits))
        server.add_generic_rpc_handlers((self._door,))
        try:
            where = f"{bracketed(host)}:{port}"
            if self._door_tls is None:
                bound = server.add_insecure_port(where)
            else:
                bound = server.add_secure_port(where, self._door_tls.credentials())
        except RuntimeError:
            raise ConfigurationError(f"listen: {host}:{port} cannot be opened") from None
        await server.start()
        self._server = server
        self.address = f"{bracketed(host)}:{bound}"
        await self._open_page()

    def _is_draining(self) -> bool:
        return self._door is None or self._door.draining

    async def _look(self, timeout: float) -> None:
        await self._rest.client.call(op.GET_TOPOLOGY, timeout=timeout)

    async def stop(self, grace: float = 10.0) -> None:
        """Lets calls end for ``grace`` seconds: polls end empty, streams are told to go elsewhere, jobs that nobody takes are
        given back. Calls that arrive in the first moments are still served.
        """
        door, server = self._door, self._server
        if door is not None and not door.draining:
            door.drain()
            if grace > 0:
                await asyncio.sleep(min(_LINGER, grace))
        if server is not None:
            await server.stop(grace)
            self._server = None
        if door is not None:
            await door.settle()
        await self._rest.close()
        await self._close_page()

    async def wait(self) -> None:
        """Returns when the door has been closed."""
        if self._server is not None:
            await self._server.wait_for_termination()


def _options(limits: Limits) -> tuple[tuple[str, Any], ...]:
    return (
        # Somewhat larger messages are read, so that they are refused by name.
        ("grpc.max_receive_message_length", 2 * limits.message_size),
        ("grpc.max_send_message_length", -1),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ("grpc.so_reuseport", 0),
    )
