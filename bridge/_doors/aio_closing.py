"""What grpc.aio says when its channel is closed, in the words of the project. Its twin for grpc is ``bridge._doors.closing``."""

from __future__ import annotations

import asyncio
from types import TracebackType

from bridge._doors.aio_waiting import Background, being_stopped
from camunda_core.errors import Cancelled
from camunda_grpc._names import grpc

__all__ = ["instead_of", "unless_closed"]

_CLOSED = "the client was closed"


def instead_of(error: BaseException, background: Background, rpc: str) -> Cancelled | None:
    """Cancelled, an error of the call, in place of what grpcio does when its channel is closed; None for anything else.

    It refuses a new call with UsageError, and one under way it ends as if the task were cancelled that waits for it.
    """
    if isinstance(error, grpc.aio.UsageError) and "closed" in str(error):
        return Cancelled(_CLOSED, operation=rpc, sent=False)
    if isinstance(error, asyncio.CancelledError) and background.closed and not being_stopped():
        return Cancelled(_CLOSED, operation=rpc, answered=False)
    return None


class unless_closed:  # noqa: N801  it reads as a phrase; a generator would cost each call as much as its answer
    """Raises what ``instead_of`` has for the error of its block."""

    __slots__ = ("_background", "_rpc")

    def __init__(self, background: Background, rpc: str) -> None:
        self._background, self._rpc = background, rpc

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        instead = None if error is None else instead_of(error, self._background, self._rpc)
        if instead is not None:
            raise instead from None
