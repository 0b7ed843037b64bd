"""What stands in for grpcio where it is not installed: the names, and no more behaviour than
programs rely on. ``aio`` stands in for ``grpc.aio``.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, MutableMapping
from types import SimpleNamespace
from typing import Any

__all__ = ["Call", "ChannelConnectivity", "Compression", "Future", "RpcError", "StatusCode", "aio"]


class StatusCode(enum.Enum):
    """The codes of gRPC, each with its number and its name in lower case."""

    OK = (0, "ok")
    CANCELLED = (1, "cancelled")
    UNKNOWN = (2, "unknown")
    INVALID_ARGUMENT = (3, "invalid argument")
    DEADLINE_EXCEEDED = (4, "deadline exceeded")
    NOT_FOUND = (5, "not found")
    ALREADY_EXISTS = (6, "already exists")
    PERMISSION_DENIED = (7, "permission denied")
    RESOURCE_EXHAUSTED = (8, "resource exhausted")
    FAILED_PRECONDITION = (9, "failed precondition")
    ABORTED = (10, "aborted")
    OUT_OF_RANGE = (11, "out of range")
    UNIMPLEMENTED = (12, "unimplemented")
    INTERNAL = (13, "internal")
    UNAVAILABLE = (14, "unavailable")
    DATA_LOSS = (15, "data loss")
    UNAUTHENTICATED = (16, "unauthenticated")


class ChannelConnectivity(enum.Enum):
    """The states of a channel."""

    IDLE = (0, "idle")
    CONNECTING = (1, "connecting")
    READY = (2, "ready")
    TRANSIENT_FAILURE = (3, "transient failure")
    SHUTDOWN = (4, "shutdown")


class Compression(enum.IntEnum):
    """How messages are compressed."""

    NoCompression = 0
    Deflate = 1
    Gzip = 2


class RpcError(Exception):
    """Raised by every call that fails."""


class Call:
    """A call."""


class Future:
    """A call whose answer is waited for."""

    def __class_getitem__(cls, _: Any) -> type[Future]:
        return cls


class _AioRpcError(RpcError):
    def __init__(
        self, code: StatusCode, initial: Any, trailing: Any, details: Any = None, debug: Any = None
    ) -> None:
        super().__init__()
        self._given = code, initial, trailing, details, debug

    def code(self) -> Any:
        return self._given[0]

    def initial_metadata(self) -> Any:
        return self._given[1]

    def trailing_metadata(self) -> Any:
        return self._given[2]

    def details(self) -> Any:
        return self._given[3]

    def debug_error_string(self) -> Any:
        return self._given[4]

    def __str__(self) -> str:
        return f"<AioRpcError {self._given[0].name}: {self._given[3]!r}>"


class _Metadata(Collection[Any]):
    """Pairs of a key and a value; keys may come more than once, and the first one counts."""

    def __init__(self, *pairs: tuple[str, str | bytes]) -> None:
        self._values: MutableMapping[str, list[str | bytes]] = {}
        for key, value in pairs:
            self._values.setdefault(key, []).append(value)

    def __getitem__(self, key: Any) -> Any:
        return self._values[key][0]

    def get(self, key: str, default: Any = None) -> Any:
        """The first value of a key."""
        return self._values[key][0] if key in self._values else default

    def get_all(self, key: str) -> list[str | bytes]:
        """All values of a key."""
        return list(self._values.get(key, ()))

    def __iter__(self) -> Iterator[Any]:
        for key, values in self._values.items():
            for value in values:
                yield key, value

    def keys(self) -> Any:
        """The keys, once each."""
        return self._values.keys()

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return sum(map(len, self._values.values()))

    def __eq__(self, other: object) -> bool:
        return tuple(self) == tuple(other) if isinstance(other, (tuple, _Metadata)) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Metadata({tuple(self)!r})"


class _UsageError(Exception):
    """Raised where a channel is used as it must not be: when it was closed."""


class _End:
    def __repr__(self) -> str:
        return "<EOF>"

    def __bool__(self) -> bool:
        return False


def _named(name: str, base: type = object) -> type:
    return type(name, (base,), {"__module__": __name__})


_call = _named("AioCall")
_interceptor = _named("ClientInterceptor")
_KINDS = ("UnaryUnary", "UnaryStream", "StreamUnary", "StreamStream")

#: ``grpc.aio``.
aio = SimpleNamespace(
    AioRpcError=_AioRpcError,
    Call=_call,
    Channel=_named("Channel"),
    ClientInterceptor=_interceptor,
    EOF=_End(),
    Metadata=_Metadata,
    UsageError=_UsageError,
    **{f"{kind}Call": _named(f"{kind}Call", _call) for kind in _KINDS},
    **{f"{kind}MultiCallable": _named(f"{kind}MultiCallable") for kind in _KINDS},
    **{f"{kind}ClientInterceptor": _named(f"{kind}ClientInterceptor", _interceptor) for kind in _KINDS},
)
