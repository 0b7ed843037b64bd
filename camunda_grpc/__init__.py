"""Native gRPC: channels that know what a Camunda 8 gateway needs, and the compiled protocol.

from camunda_grpc import channel, gateway_pb2, gateway_pb2_grpc

with channel("localhost:26500") as wire:
    gateway = gateway_pb2_grpc.GatewayStub(wire)
    print(gateway.Topology(gateway_pb2.TopologyRequest()).gatewayVersion)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from camunda_grpc._extra import compiled, needing_extra

if TYPE_CHECKING:
    from camunda_grpc._aio_channel import aio_channel
    from camunda_grpc._channel import channel
    from camunda_grpc._generated import gateway_pb2, gateway_pb2_grpc

__all__ = ["aio_channel", "channel", "gateway_pb2", "gateway_pb2_grpc"]

_HOME = {
    "aio_channel": "camunda_grpc._aio_channel",
    "channel": "camunda_grpc._channel",
    "gateway_pb2": "camunda_grpc._generated",
    "gateway_pb2_grpc": "camunda_grpc._generated",
}


def __getattr__(name: str) -> Any:
    # Each is loaded when it is asked for: who brings stubs of his own should not wait for ours.
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    with needing_extra(name):
        value = compiled(name) if home == "camunda_grpc._generated" else getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
