"""grpcio's abstract classes with their type arguments, which exist for type checkers only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
import grpc.aio

__all__ = [
    "AioUnaryStreamCall",
    "AioUnaryStreamMultiCallable",
    "AioUnaryUnaryCall",
    "AioUnaryUnaryMultiCallable",
    "Future",
    "UnaryStreamMultiCallable",
    "UnaryUnaryMultiCallable",
]

if TYPE_CHECKING:
    Future: TypeAlias = grpc.Future[Any]
    UnaryUnaryMultiCallable: TypeAlias = grpc.UnaryUnaryMultiCallable[Any, Any]
    UnaryStreamMultiCallable: TypeAlias = grpc.UnaryStreamMultiCallable[Any, Any]
    AioUnaryUnaryCall: TypeAlias = grpc.aio.UnaryUnaryCall[Any, Any]
    AioUnaryStreamCall: TypeAlias = grpc.aio.UnaryStreamCall[Any, Any]
    AioUnaryUnaryMultiCallable: TypeAlias = grpc.aio.UnaryUnaryMultiCallable[Any, Any]
    AioUnaryStreamMultiCallable: TypeAlias = grpc.aio.UnaryStreamMultiCallable[Any, Any]
else:
    Future = grpc.Future
    UnaryUnaryMultiCallable = grpc.UnaryUnaryMultiCallable
    UnaryStreamMultiCallable = grpc.UnaryStreamMultiCallable
    AioUnaryUnaryCall = grpc.aio.UnaryUnaryCall
    AioUnaryStreamCall = grpc.aio.UnaryStreamCall
    AioUnaryUnaryMultiCallable = grpc.aio.UnaryUnaryMultiCallable
    AioUnaryStreamMultiCallable = grpc.aio.UnaryStreamMultiCallable
