"""Every way to a gateway that the scenarios are played on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import bridge
import camunda_grpc
from camunda_core.retry import NO_RETRY
from camunda_proxy import Proxy, RestProxy
from tests.gateways.base import GRPC, REST, Gateway
from tests.scenarios.callers import AsyncCaller, Caller, LoopThread, SyncCaller
from tests.scenarios.clients import ClientCaller

NATIVE, CLIENT = "grpc", "client-grpc"
#: Over REST to a proxy that speaks gRPC to the gateway: what differs over REST does not there.
NATIVE_BEHIND = "rest-proxy"


class ProxyCaller(SyncCaller):
    """A native stub to a proxy of its own, as a client in any language has it."""

    def __init__(self, rest_address: str) -> None:
        self._thread = LoopThread()
        self._proxy = self._thread.run(started_proxy(rest_address))
        super().__init__(camunda_grpc.channel(self._proxy.address, retry=NO_RETRY))

    def close(self) -> None:
        super().close()
        self._thread.run(self._proxy.stop(0.0))
        self._thread.close()


class RestProxyCaller(SyncCaller):
    """A drop-in stub over REST to a proxy of its own, in front of the gateway's gRPC."""

    def __init__(self, gateway: Gateway) -> None:
        self._thread = LoopThread()
        self._proxy = self._thread.run(_started_rest_proxy(gateway))
        super().__init__(bridge.channel(self._proxy.address, retry=NO_RETRY))

    def close(self) -> None:
        super().close()
        self._thread.run(self._proxy.stop(0.0))
        self._thread.close()


async def _started_rest_proxy(gateway: Gateway) -> RestProxy:
    proxy = RestProxy(gateway.grpc_address, listen="127.0.0.1:0", **gateway.security)
    await proxy.start()
    return proxy


async def started_proxy(rest_address: str) -> Proxy:
    """A proxy in front of REST, on a free port."""
    proxy = Proxy(rest_address, listen="127.0.0.1:0")
    await proxy.start()
    return proxy


@dataclass(frozen=True)
class Path:
    """A way to a gateway: its name, the wire it takes, how a caller on it is made, and the path that it must not differ from.

    Nothing is repeated on any of them: a failure is to be seen as it is.
    """

    name: str
    wire: str
    open: Callable[[Gateway], Caller]
    reference: str = NATIVE
    #: True where what refuses is not in the caller's process: its error arrives as a status, without its class.
    far: bool = False
    #: True where a proxy of its own stands between.
    proxied: bool = False
    #: True where it is left to `make test-all`.
    long: bool = False


PATHS: tuple[Path, ...] = (
    Path(
        NATIVE,
        GRPC,
        lambda gateway: SyncCaller(
            camunda_grpc.channel(gateway.grpc_address, retry=NO_RETRY, **gateway.security)
        ),
    ),
    Path(
        "grpc-asyncio",
        GRPC,
        lambda gateway: AsyncCaller(
            lambda: camunda_grpc.aio_channel(gateway.grpc_address, retry=NO_RETRY, **gateway.security)
        ),
    ),
    Path("rest", REST, lambda gateway: SyncCaller(bridge.channel(gateway.rest_address, retry=NO_RETRY))),
    Path(
        "rest-asyncio",
        REST,
        lambda gateway: AsyncCaller(lambda: bridge.aio_channel(gateway.rest_address, retry=NO_RETRY)),
    ),
    Path("proxy", REST, lambda gateway: ProxyCaller(gateway.rest_address), far=True, proxied=True),
    Path(NATIVE_BEHIND, REST, RestProxyCaller, proxied=True, long=True),
    Path(
        "grpc-fast",
        GRPC,
        lambda gateway: AsyncCaller(
            lambda: camunda_grpc.aio_channel(
                gateway.grpc_address, retry=NO_RETRY, engine="fast", **gateway.security
            )
        ),
        long=True,
    ),
    Path(
        "rest-fast",
        REST,
        lambda gateway: AsyncCaller(
            lambda: bridge.aio_channel(gateway.rest_address, retry=NO_RETRY, engine="fast")
        ),
        long=True,
    ),
    Path(CLIENT, GRPC, lambda gateway: ClientCaller(gateway, GRPC), CLIENT),
    Path("client-rest", REST, lambda gateway: ClientCaller(gateway, REST), CLIENT),
)

BY_NAME = {path.name: path for path in PATHS}
