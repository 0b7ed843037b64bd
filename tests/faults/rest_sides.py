"""The REST clients as tests of faults have them: both shells, both engines, and HTTP/2."""

from __future__ import annotations

import asyncio
import gc
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from camunda_core._loop_thread import loop_thread
from camunda_core.errors import CamundaError
from camunda_core.retry import RetryPolicy
from camunda_core.tls import Tls
from camunda_rest import AsyncRestClient, Operation, RestClient
from tests.fakes.rest import RestServer

PEM = Path(__file__).parent.parent / "unit" / "camunda_core" / "pem"
#: Three attempts without pauses.
THREE = RetryPolicy(max_attempts=3, initial_delay=0)


def served(side: Any) -> Iterator[RestServer]:
    """The server of this side, for a fixture; what it was asked came in the version of HTTP that is meant."""
    with side.server() as made:
        yield made
        assert all(each.http2 is (side.kind == "http2") for each in made.requests)


def serving(client_ca: bool = False) -> ssl.SSLContext:
    """The context of a server that shows our certificate, and with ``client_ca`` wants one."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM / "server.pem", PEM / "server.key")
    if client_ca:
        context.load_verify_locations(PEM / "ca.pem")
        context.verify_mode = ssl.CERT_REQUIRED
    return context


class _Side:
    kind = ""

    @classmethod
    def server(cls, **options: Any) -> RestServer:
        """The server that calls of this side are tried with."""
        return RestServer(**options)

    @classmethod
    def serving(cls, client_ca: bool = False) -> ssl.SSLContext:
        """The context of a server with TLS."""
        return serving(client_ca)


class Blocking(_Side):
    """Calls through the blocking client."""

    kind = "blocking"
    engine = "default"

    def __init__(self) -> None:
        self._clients: list[RestClient] = []

    def client(self, address: str, **options: Any) -> RestClient:
        self._clients.append(
            RestClient(address, **{"retry": THREE, "timeout": 8, "engine": self.engine, **options})
        )
        return self._clients[-1]

    def call(self, client: RestClient, operation: Operation, **arguments: Any) -> Any:
        path = {"jobKey": 1} if operation.keys else None
        return client.call(operation, path, **arguments)

    def settle(self) -> None:
        """Nothing: what the peer did is seen when the connection is next used."""

    def close(self) -> None:
        for client in self._clients:
            client.close()


class BlockingFast(Blocking):
    """The same over the fast engine, in the thread that all blocking clients share."""

    engine = "fast"

    def settle(self) -> None:
        """Lets the loop see what the peer did."""
        loop_thread().wait_for(lambda: asyncio.sleep(0.05))


class Asyncio(_Side):
    """The same through the asyncio client, on a loop of its own."""

    kind = "asyncio"
    engine = "default"

    def __init__(self) -> None:
        self._runner = asyncio.new_event_loop()
        self._clients: list[AsyncRestClient] = []

    def client(self, address: str, **options: Any) -> AsyncRestClient:
        self._clients.append(
            AsyncRestClient(address, **{"retry": THREE, "timeout": 8, "engine": self.engine, **options})
        )
        return self._clients[-1]

    def call(self, client: AsyncRestClient, operation: Operation, **arguments: Any) -> Any:
        path = {"jobKey": 1} if operation.keys else None
        return self._runner.run_until_complete(client.call(operation, path, **arguments))

    def settle(self) -> None:
        """Lets the loop see what the peer did."""
        self._runner.run_until_complete(asyncio.sleep(0.05))

    def close(self) -> None:
        for client in self._clients:
            self._runner.run_until_complete(client.aclose())
        self._runner.run_until_complete(asyncio.sleep(0))
        self._runner.close()
        if sys.version_info < (3, 11):
            gc.collect()  # what asyncio forgot to close is complained about here, and not in a later test


class Fast(Asyncio):
    """The same over the fast engine."""

    engine = "fast"


class FastHttp2(Fast):
    """The same over HTTP/2, which TLS agrees on."""

    kind = "http2"

    @classmethod
    def server(cls, **options: Any) -> RestServer:
        return RestServer(**{"tls": cls.serving(), **options})

    @classmethod
    def serving(cls, client_ca: bool = False) -> ssl.SSLContext:
        context = serving(client_ca)
        context.set_alpn_protocols(["h2"])
        return context

    def client(self, address: str, **options: Any) -> AsyncRestClient:
        trusted = {"tls": Tls(ca=PEM / "ca.pem")} if address.startswith("https:") else {}
        return super().client(address, **{**trusted, **options})


#: HTTP/2 is the last engine once more, and takes as long as it.
SIDES = [
    pytest.param(Blocking, id="blocking"),
    pytest.param(BlockingFast, id="blocking-fast"),
    pytest.param(Asyncio, id="asyncio"),
    pytest.param(Fast, id="fast"),
    pytest.param(FastHttp2, id="http2", marks=pytest.mark.long),
]


def raised(wire: Any, client: Any, operation: Operation, **arguments: Any) -> CamundaError:
    with pytest.raises(CamundaError) as caught:
        wire.call(client, operation, **arguments)
    return caught.value
