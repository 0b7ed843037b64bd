"""Camunda 8 on both wires behind one interface.

    import bridge

    stub = GatewayStub(bridge.channel("http://localhost:8080"))          # old code, any stub of the protocol
    channel = bridge.aio_channel("http://localhost:8080")                # the same for asyncio and pyzeebe
    client = bridge.Client(rest_address="http://localhost:8080")         # new code; AsyncClient for asyncio

Which wire serves which RPC is a matter of ``routes``. Nothing is imported before it is used, so
that the client over REST needs neither grpcio nor protobuf.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bridge._canary.comparison import Comparison
    from bridge._canary.fallback import Fallback
    from bridge._canary.following import follow_routes
    from bridge._canary.shadow import Shadow
    from bridge._client.aio_client import AsyncClient
    from bridge._client.client import Client
    from bridge._dropin.entry import aio_channel, channel
    from bridge._rehearsal.channel import rehearse
    from bridge._rehearsal.rehearsal import Rehearsal
    from bridge.routing import Routes

__all__ = [
    "AsyncClient",
    "Client",
    "Comparison",
    "Fallback",
    "Rehearsal",
    "Routes",
    "Shadow",
    "aio_channel",
    "channel",
    "follow_routes",
    "rehearse",
]

_LATER = {
    "AsyncClient": "bridge._client.aio_client",
    "Client": "bridge._client.client",
    "Comparison": "bridge._canary.comparison",
    "Fallback": "bridge._canary.fallback",
    "Rehearsal": "bridge._rehearsal.rehearsal",
    "Routes": "bridge.routing",
    "Shadow": "bridge._canary.shadow",
    "aio_channel": "bridge._dropin.entry",
    "channel": "bridge._dropin.entry",
    "follow_routes": "bridge._canary.following",
    "rehearse": "bridge._rehearsal.channel",
}


def __getattr__(name: str) -> Any:
    if name == "models":  # is there without being imported, as if a client had loaded it
        return import_module("bridge.models")
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        value = getattr(import_module(_LATER[name]), name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("grpc", "google"):
            raise
        text = f"bridge.{name} needs grpcio and protobuf: pip install 'camunda-bridge[grpc]'"
        raise ModuleNotFoundError(text, name=error.name) from error
    globals()[name] = value
    return value
