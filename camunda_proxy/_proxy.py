"""One proxy: what it is made of, and how it starts and comes to rest."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

from bridge._doors.aio_rest import AsyncRestDoor
from camunda_core._arguments import instance, shown, text
from camunda_core.credentials import AnyCredentials
from camunda_core.deadline import Duration, setting
from camunda_core.errors import CamundaError, ConfigurationError
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_core.tls import Tls
from camunda_proxy._door import GrpcDoor
from camunda_proxy._limits import InFlight, Limits
from camunda_proxy._metrics import Metrics
from camunda_proxy._page import Page
from camunda_rest import AsyncRestClient
from camunda_rest import operations as op

if TYPE_CHECKING:
    from typing_extensions import Self

    from camunda_core.observing import CallObserver

__all__ = [
    "DRAINING",
    "NO_ANSWER",
    "READY",
    "DoorTls",
    "Proxy",
    "bracketed",
    "host_and_port",
    "is_loopback",
]

log = logging.getLogger("camunda_proxy")

READY, DRAINING, NO_ANSWER = "ready", "draining", "no answer from the cluster"
#: Seconds for which calls that have just arrived are still served: ``stop`` of grpc.aio would cancel them.
_LINGER = 0.5
#: Seconds that a page may wait for the cluster.
_LOOK = 2.0


@dataclass(frozen=True)
class DoorTls:
    """TLS at the proxy's own door, each a PEM file or its bytes.

    ``certificate``  the chain that the proxy shows
    ``key``          its private key, not encrypted
    ``clients``      the CA that clients' certificates must come from (mTLS); None lets everybody in

    Raises ConfigurationError for a file that cannot be read.
    """

    certificate: str | os.PathLike[str] | bytes
    key: str | os.PathLike[str] | bytes
    clients: str | os.PathLike[str] | bytes | None = None

    def __post_init__(self) -> None:
        self.credentials()

    def __repr__(self) -> str:
        return f"DoorTls(mutual={self.clients is not None})"

    def context(self) -> ssl.SSLContext:
        """The same for a server of HTTP."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        with tempfile.TemporaryDirectory() as folder:  # the library of TLS reads files alone
            paths = []
            for name in ("certificate", "key"):
                paths.append(Path(folder, name))
                paths[-1].touch(mode=0o600)
                paths[-1].write_bytes(_pem(getattr(self, name), name))
            try:
                context.load_cert_chain(paths[0], paths[1])
            except ssl.SSLError as error:
                raise ConfigurationError(f"certificate and key of the door do not work: {error}") from None
        if self.clients is not None:
            context.load_verify_locations(cadata=_pem(self.clients, "clients").decode("ascii"))
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def credentials(self) -> grpc.ServerCredentials:
        """What a server of grpcio takes, read from the files of now."""
        clients = None if self.clients is None else _pem(self.clients, "clients")
        return grpc.ssl_server_credentials(
            [(_pem(self.key, "key"), _pem(self.certificate, "certificate"))],
            root_certificates=clients,
            require_client_auth=clients is not None,
        )


def _pem(given: str | os.PathLike[str] | bytes, name: str) -> bytes:
    if not isinstance(given, (str, os.PathLike, bytes)):
        raise ConfigurationError(
            f"{name} of the door must be a PEM file or its bytes, not {type(given).__name__}"
        )
    if isinstance(given, str) and "-----BEGIN " in given:  # not shown: it may be the private key
        raise ConfigurationError(
            f"{name} of the door must be a PEM file or its bytes; this is its text: encode it"
        )
    try:
        data = given if isinstance(given, bytes) else Path(given).read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{name} of the door: {error.filename!s:.200}: {error.strerror}") from None
    except ValueError as error:  # a path that cannot be one
        raise ConfigurationError(f"{name} of the door: {shown(given)}: {error}") from None
    if b"-----BEGIN " not in data:
        raise ConfigurationError(f"{name} of the door is no PEM text")
    return data


class Proxy:
    """A gateway of gRPC whose calls go on over REST; for the event loop in which it is started.

    ``rest_address``     the cluster: ``http(s)://host[:port][/context-path]``
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
        self.limits = Limits() if limits is None else instance(Limits, limits, "limits", "Limits")
        self._listen = host_and_port(listen, "listen")
        self._page_at = None if page is None else host_and_port(page, "page")
        if door_tls is not None:
            instance(DoorTls, door_tls, "door_tls", "a DoorTls")
        self._door_tls = door_tls
        self._in_flight = InFlight(self.limits)
        self.metrics = Metrics(self._in_flight)
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
        self._rest = AsyncRestDoor(
            client, timeout=float(client._timeout or 10.0), retry=retry, cluster_version=cluster_version
        )
        self._own = credentials is not None
        self._upstream = client.address
        self._door: GrpcDoor | None = None
        self._server: grpc.aio.Server | None = None
        self._page: Page | None = None
        #: Host and port of the door, and of the pages, once they are open.
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
        if self._page_at is not None:
            host, port = self._page_at
            page = Page(self.metrics, self._in_flight, self.state, upstream=self._upstream)
            try:
                opened = await page.start(host, port, self.address)
            except OSError as error:
                await page.stop()
                await self.stop(0.0)
                raise ConfigurationError(f"page: {host}:{port} cannot be opened: {error.strerror}") from None
            self._page = page
            self.page_address = f"http://{bracketed(host)}:{opened}"

    async def state(self) -> str:
        """``ready``, ``draining``, or ``no answer from the cluster``."""
        if self._door is None or self._door.draining:
            return DRAINING
        try:
            await self._rest.client.call(op.GET_TOPOLOGY, timeout=_LOOK)
        except CamundaError as error:
            # A cluster that wants to know who is asking answers all the same.
            return READY if error.answered else NO_ANSWER
        return READY

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
        if self._page is not None:
            await self._page.stop()
            self._page = None

    async def wait(self) -> None:
        """Returns when the door has been closed."""
        if self._server is not None:
            await self._server.wait_for_termination()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def __repr__(self) -> str:
        return f"Proxy({self.address or ':'.join(map(str, self._listen))} -> {self._upstream})"


def _options(limits: Limits) -> tuple[tuple[str, Any], ...]:
    return (
        # Somewhat larger messages are read, so that they are refused by name.
        ("grpc.max_receive_message_length", 2 * limits.message_size),
        ("grpc.max_send_message_length", -1),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
        ("grpc.so_reuseport", 0),
    )


def host_and_port(given: str, name: str) -> tuple[str, int]:
    host, colon, port = given.rpartition(":") if isinstance(given, str) else ("", "", "")
    if not colon or not port.isascii() or not port.isdigit() or len(port) > 5 or int(port) > 65535:
        raise ConfigurationError(f'{name} must be "host:port", as 127.0.0.1:26500, not {shown(given)}')
    return host.strip("[]") or "0.0.0.0", int(port)


def bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def is_loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")
