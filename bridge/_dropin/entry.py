"""``bridge.channel`` and ``bridge.aio_channel``: the one line that legacy code changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import grpc.aio

from bridge._entrance import Entrance
from bridge._job_wire import open_job_wire
from bridge._table.versions import Version
from bridge.routing import Routes
from camunda_core._arguments import items
from camunda_core._several import Addresses
from camunda_core.credentials import AnyCredentials
from camunda_core.deadline import Duration
from camunda_core.retry import RetryPolicy
from camunda_core.tls import Tls

if TYPE_CHECKING:
    from bridge._dropin.aio_channel import AsyncBridgeChannel
    from bridge._dropin.channel import BridgeChannel
    from bridge._rehearsal.rehearsal import Rehearsal
    from camunda_core._engines import Engine
    from camunda_core.observing import CallObserver

__all__ = ["aio_channel", "channel"]


def channel(
    rest_address: Addresses | None = None,
    *,
    grpc_address: Addresses | None = None,
    routes: str | Mapping[str, str] | Routes | None = None,
    credentials: AnyCredentials | None = None,
    tls: Tls | None = None,
    retry: RetryPolicy | None = None,
    timeout: Duration | None = None,
    cluster_version: str | Version | None = None,
    strict: bool = False,
    stream_capacity: int = 32,
    max_message_size: int | None = None,
    observers: Iterable[CallObserver] = (),
    proxy: str | None = None,
    pool_size: int | None = None,
    rehearse: bool | Rehearsal = False,
    env: Mapping[str, str] | None = None,
    engine: Engine | None = None,
) -> BridgeChannel:
    """A ``grpc.Channel`` for any stub of the gateway protocol, served over REST.

    ``rest_address``     ``http(s)://host[:port][/context-path][/v2]``
    ``grpc_address``     the gRPC gateway, for RPCs that stay there; StreamActivatedJobs does where ``routes`` names no wire for all
                         (of a cluster with several gateways either is a list, or text with commas: calls go to
                         one of them, and to the next when it fails)
    ``routes``           which wire serves which RPC or job type, in one line: see ``bridge.routing``
    ``credentials``      for both wires; what they are and the rest of the environment's settings: see ``camunda_core.config``
    ``timeout``          seconds (or a timedelta) for calls that bring no timeout of their own, 10 s unless the environment says
                         otherwise; the server's own waiting is added
    ``cluster_version``  "8.8": what the cluster can read; asked once, and only when a request needs something newer than 8.6
    ``strict``           refuse, now, every RPC that REST can only emulate or answer in part
    ``stream_capacity``  how many streamed jobs may be activated and not yet read, over REST
    ``max_message_size`` bytes of the largest answer that is read, on either wire; -1 is no limit, 16 MiB the default
    ``observers``        who is told of each attempt of a call: see ``camunda_core.observing``
    ``proxy``            ``http[s]://[user:password@]host:port``, for both wires, in place of what the environment names
    ``pool_size``        connections over REST: those that are kept (64); of an asyncio channel at most (256)
    ``rehearse``         True or a ``bridge.Rehearsal``: what goes over gRPC is said in REST too and not sent there, to
                         find what stands in the way; see ``rehearsal``
    ``engine``           what carries calls over REST, and workers: "default" (requests, aiohttp), "fast" (``camunda-bridge[fast]``)
                         or "auto", which is fast where that can be had; blocking calls over gRPC stay on grpcio

    ``env``              variables in place of ``os.environ``, as ``camunda_core.config.environment`` reads them from files

    Without any address the environment's are used. Raises ConfigurationError when such a channel cannot work.
    """
    from bridge._dropin.channel import BridgeChannel

    chosen = Entrance.open(
        rest_address=rest_address,
        grpc_address=grpc_address,
        routes=routes,
        transport=None,
        credentials=credentials,
        tls=tls,
        retry=retry,
        timeout=timeout,
        cluster_version=cluster_version,
        strict=strict,
        stream_capacity=stream_capacity,
        max_message_size=max_message_size,
        observers=observers,
        proxy=proxy,
        pool_size=pool_size,
        engine=engine,
        rehearse=rehearse,
        env=env,
    )
    return BridgeChannel(
        chosen.live,
        chosen.rest_door(),
        chosen.native_channel(),
        partial(open_job_wire, chosen),
        rehearsal=chosen.rehearsal,
    )


def aio_channel(
    rest_address: Addresses | None = None,
    *,
    grpc_address: Addresses | None = None,
    routes: str | Mapping[str, str] | Routes | None = None,
    credentials: AnyCredentials | None = None,
    tls: Tls | None = None,
    retry: RetryPolicy | None = None,
    timeout: Duration | None = None,
    cluster_version: str | Version | None = None,
    strict: bool = False,
    stream_capacity: int = 32,
    max_message_size: int | None = None,
    observers: Iterable[CallObserver] = (),
    proxy: str | None = None,
    pool_size: int | None = None,
    rehearse: bool | Rehearsal = False,
    env: Mapping[str, str] | None = None,
    interceptors: Sequence[grpc.aio.ClientInterceptor] = (),
    engine: Engine | None = None,
) -> AsyncBridgeChannel:
    """The same as ``channel``, as a ``grpc.aio.Channel``; give it to a pyzeebe client or worker.

    ``interceptors``  asyncio client interceptors of grpcio, run around every call on either wire
    ``engine``        what carries the calls: "default" (grpcio and aiohttp), "fast" (``camunda-bridge[fast]``)
                      or "auto", which is fast where that can be had
    """
    from bridge._dropin.aio_channel import AsyncBridgeChannel

    items(
        interceptors,
        "interceptors",
        "client interceptors of grpc.aio",
        lambda each: isinstance(each, grpc.aio.ClientInterceptor),
    )
    chosen = Entrance.open(
        rest_address=rest_address,
        grpc_address=grpc_address,
        routes=routes,
        transport=None,
        credentials=credentials,
        tls=tls,
        retry=retry,
        timeout=timeout,
        cluster_version=cluster_version,
        strict=strict,
        stream_capacity=stream_capacity,
        max_message_size=max_message_size,
        observers=observers,
        proxy=proxy,
        pool_size=pool_size,
        engine=engine,
        rehearse=rehearse,
        env=env,
    )
    return AsyncBridgeChannel(
        chosen.live,
        chosen.aio_rest_door(),
        chosen.native_aio_channel(interceptors),
        partial(open_job_wire, chosen),
        interceptors,
        rehearsal=chosen.rehearsal,
    )
