"""``grpc``: grpcio, or where it is not installed stand-ins for those of its names that the asyncio
channel and the errors are made with. With another engine under it that is all they need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from camunda_core._engines import GrpcWords

__all__ = ["HAS_GRPCIO", "WORDS", "grpc"]

if TYPE_CHECKING:
    import grpc

    HAS_GRPCIO = True
else:
    try:
        import grpc
        import grpc.aio

        HAS_GRPCIO = True
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "grpc":
            raise
        from camunda_grpc import _stand_ins as grpc

        HAS_GRPCIO = False


def _failure(code: str, text: str, initial: Any, trailing: Any) -> Exception:
    return grpc.aio.AioRpcError(
        grpc.StatusCode[code],
        grpc.aio.Metadata(*initial),
        grpc.aio.Metadata(*trailing),
        text,
        f"{code}: {text}",
    )


#: What another engine answers and raises with.
WORDS = GrpcWords(
    {code.name: code for code in grpc.StatusCode},
    {state.name: state for state in grpc.ChannelConnectivity},
    grpc.aio.Metadata,
    _failure,
    grpc.aio.UsageError,
    grpc.aio.EOF,
)
