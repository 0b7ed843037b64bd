"""From what a caller gives (and the environment) to the doors and channels of a bridge: one place
for all four entrances.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast

from bridge._canary.live import LiveRoutes
from bridge._table.versions import Version, parse_version
from bridge.routing import GRPC, REST, Routes
from camunda_core._arguments import flag, header, instance, positive
from camunda_core._engines import DEFAULT
from camunda_core._outbound import checked_proxy, without_password
from camunda_core._several import Addresses
from camunda_core._watching import checked_observers
from camunda_core.config import Settings
from camunda_core.credentials import AnyCredentials, Credentials
from camunda_core.deadline import Duration, limit_of
from camunda_core.errors import ConfigurationError, Unimplemented
from camunda_core.retry import RetryPolicy
from camunda_core.tls import Tls
from camunda_rest._consistency import default_wait

if TYPE_CHECKING:
    import grpc
    import grpc.aio

    from bridge._canary.fallback import Fallback
    from bridge._canary.shadow import Shadow
    from bridge._doors.aio_rest import AsyncRestDoor
    from bridge._doors.rest import RestDoor
    from bridge._rehearsal.rehearsal import Rehearsal
    from camunda_core._engines import Engine
    from camunda_core.observing import CallObserver
    from camunda_rest import AsyncRestClient, RestClient

__all__ = ["Entrance"]

_Channel = TypeVar("_Channel")

#: Seconds for a call, where neither the caller nor the environment says.
_TIMEOUT = 10.0


#: The version that brought physical tenants.
PHYSICAL_TENANTS_SINCE: Version = (8, 10)


@contextmanager
def _needs(extra: str, route: str) -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise ConfigurationError(
            f"{route} needs camunda-bridge[{extra}] ({error}): install it, or route everything over the other wire"
        ) from error


def _physical_tenant(value: Any, cluster: Any) -> str:
    name = header(value, "physical_tenant")
    if cluster is not None and parse_version(cluster) < PHYSICAL_TENANTS_SINCE:
        raise ConfigurationError(
            f"physical_tenant needs Camunda 8.10, and cluster_version says {cluster!r}: leave it out, "
            "or address a newer cluster"
        )
    return name


@dataclass(eq=False, repr=False)  # which nobody needs, and a process would make at its start
class Entrance:
    """Checked settings. ``open`` reads the environment for what the caller left out."""

    rest_address: str | None
    grpc_address: str | None
    routes: Routes
    credentials: Credentials | None
    rest_tls: Tls | None
    grpc_tls: Tls | None
    authority: str | None
    keepalive: Duration | None
    tenant_id: str | None
    retry: RetryPolicy
    timeout: float
    cluster_version: Version | None
    stream_capacity: int
    max_message_size: int | None
    consistency_wait: float
    backpressure: bool
    observers: tuple[CallObserver, ...] = ()
    physical_tenant: str | None = None
    engine: str = DEFAULT
    rehearsal: Rehearsal | None = None
    strict: bool = False
    fallback: Fallback | None = None
    shadow: Shadow | None = None
    proxy: str | None = None
    #: None is the REST clients' own number.
    pool_size: int | None = None
    #: Those of now: ``routes`` are what the client was made with.
    live: LiveRoutes = field(init=False)

    def __post_init__(self) -> None:
        self.live = LiveRoutes(self.routes)

    @classmethod
    def open(
        cls,
        *,
        rest_address: Addresses | None,
        grpc_address: Addresses | None,
        routes: str | Mapping[str, str] | Routes | None,
        transport: str | None,
        credentials: AnyCredentials | None,
        tls: Tls | None,
        retry: RetryPolicy | None,
        timeout: Duration | None,
        cluster_version: str | Version | None,
        strict: bool,
        stream_capacity: int,
        max_message_size: int | None,
        consistency_wait: Duration = 0.0,
        backpressure: bool = True,
        observers: Iterable[CallObserver] = (),
        proxy: str | None = None,
        pool_size: int | None = None,
        tenant_id: str | None = None,
        physical_tenant: str | None = None,
        engine: str | None = None,
        rehearse: bool | Rehearsal = False,
        fallback: Fallback | None = None,
        shadow: Shadow | None = None,
        env: Mapping[str, str] | None = None,
    ) -> Entrance:
        """Raises ConfigurationError for anything that cannot work."""
        settings = Settings.from_env(
            env,
            rest_address=rest_address,
            grpc_address=grpc_address,
            credentials=credentials,
            tls=tls,
            cluster_version=cluster_version,
            transport=transport,
            routes=routes,
            timeout=timeout,
            max_message_size=max_message_size,
            tenant_id=tenant_id,
            engine=engine,
        )
        # Addresses belong together: one that is given in code never meets one of the environment,
        # which may be another cluster.
        rest = settings.rest_address if rest_address is not None or grpc_address is None else None
        native = settings.grpc_address if grpc_address is not None or rest_address is None else None
        if rest is None and native is None:
            raise ConfigurationError(
                "no address: give rest_address= or grpc_address=, or set CAMUNDA_REST_ADDRESS or CAMUNDA_GRPC_ADDRESS"
            )
        default = settings.transport
        if default is None and settings.prefer_rest is not None and None not in (rest, native):
            default = REST if settings.prefer_rest else GRPC
        wanted = Routes.read(
            settings.routes,
            rest=rest is not None,
            grpc=native is not None,
            default=default,
            strict=flag(strict, "strict"),
        )
        version = settings.cluster_version
        if (limit := limit_of(_TIMEOUT if settings.timeout is None else settings.timeout)) is None:
            raise ConfigurationError(
                "timeout must not be None: a call without a time limit may hang for ever"
            )
        positive(stream_capacity, "stream_capacity", "job")
        if pool_size is not None:
            positive(pool_size, "pool_size", "connection")
        if retry is not None:
            instance(RetryPolicy, retry, "retry", "a RetryPolicy")
        return cls(
            rest,
            native,
            wanted,
            settings.credentials,
            settings.rest_tls,
            settings.grpc_tls,
            settings.authority,
            settings.keepalive,
            settings.tenant_id,
            retry or RetryPolicy(),
            limit,
            None if version is None else parse_version(version),
            stream_capacity,
            settings.max_message_size,
            default_wait(consistency_wait),
            flag(backpressure, "backpressure"),
            checked_observers(observers),
            None if physical_tenant is None else _physical_tenant(physical_tenant, version),
            settings.engine or DEFAULT,
            _rehearsal(rehearse, wanted),
            strict,
            _of_both_wires(fallback, "fallback", wanted),
            _of_both_wires(shadow, "shadow", wanted),
            checked_proxy(proxy),
            pool_size,
        )

    @property
    def movable(self) -> bool:
        """Whether there is another wire to move to."""
        return self.rest_address is not None and self.grpc_address is not None

    def read_routes(self, routes: str | Mapping[str, str] | Routes | None) -> Routes:
        """Other routes for the same addresses. Raises ConfigurationError as ``open`` does."""
        rest, grpc = self.rest_address is not None, self.grpc_address is not None
        return Routes.read(routes, rest=rest, grpc=grpc, strict=self.strict)

    def routed(self, routes: Routes) -> Entrance:
        """The same settings with other routes, for what these need to have opened."""
        return replace(self, routes=routes)

    def open_wire(self, wire: str) -> Entrance:
        """The same settings with everything on one wire."""
        return self.routed(Routes(wire))

    def shown(self) -> dict[str, Any]:
        """The settings by their names."""
        found = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "live"}
        return {**found, "proxy": without_password(self.proxy)}

    @property
    def tenant_ids(self) -> tuple[str, ...]:
        """Whose jobs a worker works off that names no tenant."""
        return () if self.tenant_id is None else (self.tenant_id,)

    def _door_options(self) -> dict[str, Any]:
        return {
            "timeout": self.timeout,
            "retry": self.retry,
            "cluster_version": self.cluster_version,
            "stream_capacity": self.stream_capacity,
            "grpc_there": self.grpc_address is not None,
        }

    @property
    def needs(self) -> Mapping[str, Version]:
        """What every call asks for that older clusters do not read, with the version that brought it."""
        return {} if self.physical_tenant is None else {"physical_tenant": PHYSICAL_TENANTS_SINCE}

    def _client_options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "credentials": self.credentials,
            "retry": self.retry,
            "timeout": self.timeout,
            "observers": self.observers,
            "proxy": self.proxy,
        }
        if self.physical_tenant is not None:
            options["physical_tenant"] = self.physical_tenant
        if self.max_message_size is not None:
            options["max_message_size"] = self.max_message_size
        return options

    def _channel_options(self) -> dict[str, Any]:
        options = {**self._client_options(), "tls": self.grpc_tls, "authority": self.authority}
        if self.keepalive is not None:
            options["keepalive"] = self.keepalive
        return options

    def _rest_options(self) -> dict[str, Any]:
        options = {**self._client_options(), "tls": self.rest_tls, "backpressure": self.backpressure}
        if self.pool_size is not None:
            options["pool_size"] = self.pool_size
        return options

    def rest_client(self, operation: str) -> RestClient:
        """A REST client for what has no RPC, whatever the routes say. Raises Unimplemented without a REST address."""
        from camunda_rest import RestClient

        return RestClient(self._rest(operation), engine=cast("Engine", self.engine), **self._rest_options())

    def own_aio_rest_client(self, operation: str) -> AsyncRestClient:
        """The same, for asyncio."""
        address = self._rest(operation)
        with _needs("aio", "an asyncio REST route"):
            from camunda_rest import AsyncRestClient

            return AsyncRestClient(address, engine=cast("Engine", self.engine), **self._rest_options())

    def _rest(self, operation: str) -> str:
        if self.rest_address is None:
            raise Unimplemented("exists only over REST: give rest_address=", operation=operation, sent=False)
        return self.rest_address

    def rest_door(self) -> RestDoor | None:
        """The blocking REST door; None when no route leads there."""
        if REST not in self.routes.wires():
            return None
        from bridge._doors.rest import RestDoor
        from camunda_rest import RestClient

        assert self.rest_address is not None
        client = RestClient(self.rest_address, engine=cast("Engine", self.engine), **self._rest_options())
        return RestDoor(client, **self._door_options())

    def aio_rest_client(self) -> AsyncRestClient | None:
        """The asyncio REST client; None when no route leads there."""
        if REST not in self.routes.wires():
            return None
        with _needs("aio", "an asyncio REST route"):
            from camunda_rest import AsyncRestClient

            assert self.rest_address is not None
            return AsyncRestClient(
                self.rest_address, engine=cast("Engine", self.engine), **self._rest_options()
            )

    def aio_rest_door(self) -> AsyncRestDoor | None:
        """The asyncio REST door; None when no route leads there."""
        client = self.aio_rest_client()
        if client is None:
            return None
        from bridge._doors.aio_rest import AsyncRestDoor

        return AsyncRestDoor(client, **self._door_options())

    def calling_channel(self) -> Any:
        """What a blocking client makes its calls over gRPC with; None when no route leads there. With a
        rehearsal it is grpcio's, since what is rehearsed is found in the caller's thread.
        """
        if GRPC in self.routes.wires() and self.engine != DEFAULT and self.rehearsal is None:
            with _needs("grpc", "a gRPC route"):
                import_module("google.protobuf")
                from camunda_grpc._blocking import blocking_channel

            assert self.grpc_address is not None
            engine = cast("Engine", self.engine)
            made = blocking_channel(self.grpc_address, engine=engine, **self._channel_options())
            if made is not None:
                return made
        return self.native_channel()

    def native_channel(self) -> grpc.Channel | None:
        """The native channel; None when no route leads there."""
        if GRPC not in self.routes.wires():
            return None
        with _needs("grpc", "a gRPC route"):
            from camunda_grpc import channel

        assert self.grpc_address is not None
        return self._rehearsed(channel(self.grpc_address, **self._channel_options()))

    def native_aio_channel(self, interceptors: Sequence[Any] = ()) -> grpc.aio.Channel | None:
        """The native asyncio channel; None when no route leads there."""
        if GRPC not in self.routes.wires():
            return None
        with _needs("grpc", "a gRPC route"):
            import_module("google.protobuf")  # which the door needs whatever carries it
            from camunda_grpc import aio_channel

            assert self.grpc_address is not None
            made = aio_channel(
                self.grpc_address,
                interceptors=interceptors,
                engine=cast("Engine", self.engine),
                **self._channel_options(),
            )
        return self._rehearsed(made)

    def _rehearsed(self, channel: _Channel) -> _Channel:
        if self.rehearsal is None:
            return channel
        from bridge._rehearsal.channel import rehearse

        return rehearse(channel, self.rehearsal)  # type: ignore[type-var]


def _of_both_wires(given: Any, name: str, routes: Routes) -> Any:
    """What needs two wires open, which the routes must therefore use."""
    if given is None:
        return None
    from bridge._canary.fallback import Fallback
    from bridge._canary.shadow import Shadow

    instance({"fallback": Fallback, "shadow": Shadow}[name], given, name, f"a bridge.{name.capitalize()}")
    if len(routes.wires()) < 2:
        raise ConfigurationError(
            f"{name}: only one wire is open with these routes: give both addresses, and routes that use both, "
            'such as "grpc, Topology=rest:0%"'
        )
    return given


def _rehearsal(given: Any, routes: Routes) -> Rehearsal | None:
    if given is False or given is None:
        return None
    if GRPC not in routes.wires():
        raise ConfigurationError(
            "rehearse: no call goes over gRPC, so there is nothing to rehearse: give grpc_address= and a route to it, "
            "or leave rehearse out"
        )
    with _needs("grpc", "rehearse"):
        from bridge._rehearsal.channel import rehearsal_of

    return rehearsal_of(given)
