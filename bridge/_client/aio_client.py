"""The asyncio client for new code: one typed method per RPC of the gateway, the same on both wires.

    async with bridge.AsyncClient(rest_address="http://localhost:8080") as client:
        await client.deploy_resource("order.bpmn")
        created = await client.create_process_instance("order", variables={"amount": 5})

The vocabulary is that of the REST API, in snake case. What every method has in common:

- a key is an ``int`` or its decimal digits; results give keys as text, as the REST API does;
- a length of time is seconds, as a number or a ``timedelta``;
- ``timeout`` is the time limit of the call through all its attempts; None is the client's, plus the server's
  own waiting. (So the time for which a job is locked, ``timeout`` in REST, is ``job_timeout`` here.)
- None is "not given". What is newer than the cluster is refused with UnsupportedField, a bad argument with
  InvalidRequest, both before anything is sent; everything that fails raises a class of ``camunda_core.errors``,
  the same one on both wires.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal

from bridge._client.aio_shell import AsyncJobStream, AsyncShell
from bridge._entrance import Entrance
from bridge._table.versions import Version
from bridge.routing import Routes
from camunda_core._later import Later
from camunda_core._several import Addresses
from camunda_core.config import environment
from camunda_core.credentials import AnyCredentials
from camunda_core.deadline import Duration
from camunda_core.retry import RetryPolicy
from camunda_core.tls import Tls
from camunda_rest._aio_helpers import AsyncHelpers
from camunda_rest._commands.aio_client import AsyncCommands, PositiveDuration, TenantFilter
from camunda_rest._commands.kinds import Flag, Resource, Text

if TYPE_CHECKING:
    from typing_extensions import Self

    from bridge import models
    from bridge._canary.fallback import Fallback
    from bridge._canary.shadow import Shadow
    from bridge._rehearsal.rehearsal import Rehearsal
    from camunda_core import jobs
    from camunda_core._engines import Engine
    from camunda_core.observing import CallObserver
else:
    models, jobs = Later("bridge.models"), Later("camunda_core.jobs")

__all__ = ["AsyncClient", "AsyncJobStream"]


class AsyncClient(AsyncShell, AsyncCommands, AsyncHelpers):
    """Camunda 8 over REST, gRPC or both. For one event loop; an async context manager.

    ``rest_address``     ``http(s)://host[:port][/context-path][/v2]``
    ``grpc_address``     ``host:port``, or ``http(s)://…``; needs ``camunda-bridge[grpc]`` (REST: ``camunda-bridge[aio]``)
                         (of a cluster with several gateways either is a list, or text with commas: calls go to
                         one of them, and to the next when it fails)
    ``transport``        ``"rest"`` or ``"grpc"``: the wire of everything that ``routes`` does not name. Without
                         it REST where there is a REST address, but for job streams where there is a gRPC address too
    ``routes``           which wire serves which RPC or job type, in one line: see ``bridge.routing``
    ``credentials``      for both wires, of ``camunda_core.credentials``
    ``tls``              whom to trust and who we are
    ``retry``            how often and how fast what failed is repeated, where that does no harm
    ``timeout``          seconds (or a timedelta) for calls that bring no ``timeout``, 10 s unless the environment
                         says otherwise; where the server is asked to wait, its wait is added
    ``cluster_version``  "8.8": what the cluster can read; asked once, and only when a call needs something newer
                         than 8.6 (over gRPC: than 8.5)
    ``strict``           refuse, now, every RPC that REST can only emulate or answer in part
    ``stream_capacity``  how many streamed jobs may be activated and not yet read, over REST
    ``max_message_size`` bytes of the largest answer that is read, on either wire; -1 is no limit, 16 MiB the default
    ``consistency_wait`` how long (seconds or a timedelta) reads that may lag behind are asked again while they find
                         nothing, where a call has no ``wait``
    ``backpressure``     hold calls over REST back while the gateway refuses for want of capacity: see ``pressure``
    ``observers``        who is told of each attempt of a call: see ``camunda_core.observing``
    ``proxy``            ``http[s]://[user:password@]host:port``, for both wires, in place of what the environment names
    ``pool_size``        connections over REST: at most, asyncio (256), where calls beyond them wait for a free one within
                         their time limit; those that are kept, blocking (64), where more are made while more calls run
    ``tenant_id``        the tenant of calls, and of a worker's tasks, that name none
    ``physical_tenant``  the physical tenant of all calls; an older cluster than 8.10 is refused before the first,
                         since over gRPC it would silently serve somebody else's
    ``engine``           what carries calls, and workers: "default" (grpcio and aiohttp), "fast" (httpunk,
                         ``camunda-bridge[fast]``), or "auto", which is fast where that can be had
    ``rehearse``         True or a ``bridge.Rehearsal``: what goes over gRPC is said in REST too and not sent there, to
                         find what stands in the way; see ``rehearsal``
    ``fallback``         a ``bridge.Fallback``: which calls are made on the other wire when theirs is unavailable; None is none
    ``shadow``           a ``bridge.Shadow``: which calls are made on both wires, to compare the answers

    ``env``              variables in place of ``os.environ``, as ``from_env`` and ``camunda_core.config.environment`` give

    What is not given is taken from the environment: see ``camunda_core.config``. Raises ConfigurationError,
    naming the way out, for a client that cannot work.
    """

    def __init__(
        self,
        *,
        grpc_address: Addresses | None = None,
        rest_address: Addresses | None = None,
        transport: Literal["rest", "grpc"] | None = None,
        routes: str | Mapping[str, str] | Routes | None = None,
        credentials: AnyCredentials | None = None,
        tls: Tls | None = None,
        retry: RetryPolicy | None = None,
        timeout: Duration | None = None,
        cluster_version: str | Version | None = None,
        strict: bool = False,
        stream_capacity: int = 32,
        max_message_size: int | None = None,
        consistency_wait: Duration = 0.0,
        backpressure: bool = True,
        observers: Iterable[CallObserver] = (),
        proxy: str | None = None,
        pool_size: int | None = None,
        tenant_id: str | None = None,
        physical_tenant: str | None = None,
        engine: Engine | None = None,
        rehearse: bool | Rehearsal = False,
        fallback: Fallback | None = None,
        shadow: Shadow | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            Entrance.open(
                rest_address=rest_address,
                grpc_address=grpc_address,
                routes=routes,
                transport=transport,
                credentials=credentials,
                tls=tls,
                retry=retry,
                timeout=timeout,
                cluster_version=cluster_version,
                strict=strict,
                stream_capacity=stream_capacity,
                max_message_size=max_message_size,
                consistency_wait=consistency_wait,
                backpressure=backpressure,
                observers=observers,
                proxy=proxy,
                pool_size=pool_size,
                tenant_id=tenant_id,
                physical_tenant=physical_tenant,
                engine=engine,
                rehearse=rehearse,
                fallback=fallback,
                shadow=shadow,
                env=env,
            )
        )

    @classmethod
    def from_env(
        cls,
        *,
        env_file: str | os.PathLike[str] | None = None,
        config_file: str | os.PathLike[str] | None = None,
        profile: str | None = None,
        **arguments: Any,
    ) -> Self:
        """A client of what the environment says, and the files that are asked for.

        ``env_file`` is a ``.env`` file, ``config_file`` a TOML file with profiles: see
        ``camunda_core.config.environment``. ``arguments`` are those of the class, and win. Raises
        ConfigurationError with all that is wrong.
        """
        found = environment(env_file=env_file, config_file=config_file, profile=profile)
        return cls(env=found, **arguments)

    async def deploy_process(
        self, *resources: Resource, timeout: Duration | None = None, retry: RetryPolicy | None = None
    ) -> models.DeployedProcesses:
        """Deploys processes; deprecated since 8.0, use ``deploy_resource``.

        RPC DeployProcess, POST /deployments.
        """
        warnings.warn("deploy_process is deprecated: use deploy_resource", DeprecationWarning, stacklevel=2)
        return await self._deploy("DeployProcess", models.DeployedProcesses, (timeout, retry), resources)

    def stream_activated_jobs(
        self,
        type: Text,
        *,
        job_timeout: PositiveDuration = 300.0,
        worker: str | None = None,
        fetch_variable: Iterable[str] | None = None,
        tenant_ids: Iterable[str] | None = None,
        tenant_filter: TenantFilter | None = None,
        with_lease: Flag | None = None,
        timeout: Duration | None = None,
        retry: RetryPolicy | None = None,
    ) -> AsyncJobStream:
        """Takes jobs of a type as they come, each locked for ``job_timeout`` seconds.

        RPC StreamActivatedJobs; long polling over REST. The arguments are those of ``activate_jobs``; without
        ``timeout`` the stream has no end; ``retry`` is how fast it is opened again after it broke. Over gRPC
        only jobs come that become available while the stream is open, over REST also those that wait already.
        """
        return self._stream(
            "StreamActivatedJobs",
            (timeout, retry),
            type=type,
            job_timeout=job_timeout,
            worker=worker,
            fetch_variable=fetch_variable,
            tenant_ids=tenant_ids,
            tenant_filter=tenant_filter,
            with_lease=with_lease,
        )

    def job_wire(self) -> jobs.JobWires:
        """What ``camunda_worker.Worker`` talks through: connections of its own, with the settings of this client.

        It is for the running event loop, and makes each call once: what to repeat is the worker's to know. Raises
        ConfigurationError where no event loop is running, and where a library is missing: REST needs
        ``camunda-bridge[aio]``.
        """
        from bridge._job_wire import open_job_wire  # asyncio, which only a worker needs

        return open_job_wire(self._connection)
