"""A stub of the gateway on any channel, made of the protocol's own description: the generated one needs
grpcio, and makes all multi-callables at once.
"""

from __future__ import annotations

from typing import Any

from google.protobuf import message_factory

from camunda_grpc._generated import gateway_pb2

__all__ = ["Stub", "stub_of"]

_SERVICE = gateway_pb2.DESCRIPTOR.services_by_name["Gateway"]


class Stub:
    """One multi-callable for each RPC, by its name, made when it is first asked for."""

    def __init__(self, channel: Any) -> None:
        self._channel = channel

    def __getattr__(self, name: str) -> Any:
        method = _SERVICE.methods_by_name.get(name)
        if method is None:
            raise AttributeError(f"the gateway has no RPC {name!r}")
        request = message_factory.GetMessageClass(method.input_type)
        answer = message_factory.GetMessageClass(method.output_type)
        make = self._channel.unary_stream if method.server_streaming else self._channel.unary_unary
        made = make(
            f"/{_SERVICE.full_name}/{name}",
            request_serializer=request.SerializeToString,
            response_deserializer=answer.FromString,
        )
        setattr(self, name, made)
        return made


def stub_of(channel: Any) -> Any:
    """The gateway's RPCs over ``channel``."""
    return Stub(channel)
