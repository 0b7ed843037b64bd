"""Every way to a cluster: the clients and the drop-in channels, blocking and asyncio, on each wire that has an address."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Protocol, TypeVar

from camunda_cli._settings import Session
from camunda_core.retry import NO_RETRY

__all__ = ["NAMES", "Way", "ways"]

T = TypeVar("T")

#: Seconds that no call takes.
_PATIENCE = 60.0
#: Of each way its name and the wire that it needs; the first that is there is what the others must not differ from.
NAMES: dict[str, str] = {
    "client over gRPC": "grpc",
    "client over REST": "rest",
    "asyncio client over gRPC": "grpc",
    "asyncio client over REST": "rest",
    "drop-in channel over REST": "rest",
    "asyncio drop-in channel over REST": "rest",
}


class Way(Protocol):
    """Calls methods of the client by their names, and gives jobs of a stream one by one."""

    name: str

    def call(self, method: str, *args: Any, **given: Any) -> Any: ...
    def jobs(self, *args: Any, **given: Any) -> Iterator[Any]: ...
    def close(self) -> None: ...


class _Sync:
    def __init__(self, name: str, client: Any) -> None:
        self.name = name
        self._client = client

    def call(self, method: str, *args: Any, **given: Any) -> Any:
        return getattr(self._client, method)(*args, **given)

    def jobs(self, *args: Any, **given: Any) -> Iterator[Any]:
        with self._client.stream_activated_jobs(*args, **given) as stream:
            yield from stream

    def close(self) -> None:
        self._client.close()


class _Async:
    """An asyncio client in a thread with a loop of its own."""

    def __init__(self, name: str, make: Callable[[], Any]) -> None:
        self.name = name
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="verify", daemon=True)
        self._thread.start()

        async def made() -> Any:
            return make()

        self._client = self._run(made())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_PATIENCE)

    def call(self, method: str, *args: Any, **given: Any) -> Any:
        async def called() -> Any:
            return await getattr(self._client, method)(*args, **given)

        return self._run(called())

    def jobs(self, *args: Any, **given: Any) -> Iterator[Any]:
        async def opened() -> Any:
            return self._client.stream_activated_jobs(*args, **given)

        stream = self._run(opened())

        async def following() -> Any:
            async for job in stream:
                return job
            return None

        try:
            while (job := self._run(following())) is not None:
                yield job
        finally:
            self._run(stream.aclose())

    def close(self) -> None:
        async def closed() -> None:
            await self._client.aclose()

        self._run(closed())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE)
        self._loop.close()


def ways(session: Session) -> list[Way]:
    """All of them, open. Nothing is repeated on any: a failure is to be seen as it is.

    Raises ConfigurationError where there is no address.
    """
    import bridge

    rest, grpc = session.addresses()
    addresses = {"rest": rest, "grpc": grpc}
    given = {
        name: value for name, value in session.arguments().items() if name in ("timeout", "cluster_version")
    }
    common: dict[str, Any] = {**given, "retry": NO_RETRY, "env": session.environment()}

    def only(wire: str) -> dict[str, Any]:
        return {**common, f"{wire}_address": addresses[wire], "routes": wire}

    makers: dict[str, Callable[[str], Way]] = {
        "client over gRPC": lambda name: _Sync(name, bridge.Client(**only("grpc"))),
        "client over REST": lambda name: _Sync(name, bridge.Client(**only("rest"))),
        "asyncio client over gRPC": lambda name: _Async(name, lambda: bridge.AsyncClient(**only("grpc"))),
        "asyncio client over REST": lambda name: _Async(name, lambda: bridge.AsyncClient(**only("rest"))),
        "drop-in channel over REST": lambda name: _Sync(name, _on_channel(common, str(rest))),
        "asyncio drop-in channel over REST": lambda name: _Async(
            name, lambda: _on_aio_channel(common, str(rest))
        ),
    }
    opened: list[Way] = []
    try:
        for name, wire in NAMES.items():
            if addresses[wire] is not None:
                opened.append(makers[name](name))
    except BaseException:
        for way in opened:
            way.close()
        raise
    return opened


#: Nobody listens there, and nobody is asked: the door that would is replaced.
_NOWHERE = "localhost:1"


def _on_channel(common: dict[str, Any], rest: str) -> Any:
    """A client whose gRPC is the drop-in channel: what it says are messages, as a stub says them."""
    import bridge
    from bridge._doors.grpc import GrpcDoor

    client = bridge.Client(**common, grpc_address=_NOWHERE, routes="grpc")
    client._doors["grpc"].close()
    version = client._connection.cluster_version
    client._doors["grpc"] = GrpcDoor(bridge.channel(rest, **common), retry=NO_RETRY, cluster_version=version)
    return client


def _on_aio_channel(common: dict[str, Any], rest: str) -> Any:
    import bridge
    from bridge._doors.aio_grpc import AsyncGrpcDoor

    client = bridge.AsyncClient(**common, grpc_address=_NOWHERE, routes="grpc")
    version = client._connection.cluster_version
    client._doors["grpc"] = AsyncGrpcDoor(
        bridge.aio_channel(rest, **common), retry=NO_RETRY, cluster_version=version
    )
    return client
