"""The standard gRPC health check, answered from what REST's topology shows.

The two messages are so small that they are read and written by hand: the health stubs are a package
of their own, which only those who call the check have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bridge._dropin.method import SERVICE
from camunda_core.errors import InvalidArgument, NotFound

__all__ = ["HEALTH_SERVICE", "Health"]

HEALTH_SERVICE = "grpc.health.v1.Health"
_SERVING, _NOT_SERVING = b"\x08\x01", b"\x08\x02"
_SERVICE_FIELD = 0x0A


class Health:
    """Reads the request and writes the answer of ``Health/Check`` with the caller's own classes."""

    def __init__(
        self, serialize: Callable[[Any], bytes] | None, deserialize: Callable[[bytes], Any] | None
    ) -> None:
        self._serialize = serialize
        self._deserialize = deserialize

    def check_service(self, request: Any) -> None:
        """Raises NotFound for a service that the gateway does not have, as it does itself."""
        data: bytes = request if self._serialize is None else self._serialize(request)
        if not data:
            return
        if data[0] != _SERVICE_FIELD or len(data) < 2 or data[1] != len(data) - 2:
            raise InvalidArgument("the health check request cannot be read", sent=False)
        service = data[2:].decode()
        if service not in ("", SERVICE):
            raise NotFound(f"unknown service {service}", sent=False)

    def answer(self, topology: Mapping[str, Any]) -> Any:
        """SERVING when every partition that is listed has a healthy leader."""
        data = _SERVING if _is_serving(topology) else _NOT_SERVING
        return data if self._deserialize is None else self._deserialize(data)


def _is_serving(topology: Mapping[str, Any]) -> bool:
    partitions = [each for broker in topology.get("brokers", ()) for each in broker.get("partitions", ())]
    led = {p["partitionId"] for p in partitions if p["role"] == "leader" and p["health"] == "healthy"}
    return bool(led) and led == {p["partitionId"] for p in partitions}
