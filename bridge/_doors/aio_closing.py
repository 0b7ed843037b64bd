"""What grpc.aio says when its channel is closed, in the words of the project. Its twin for grpc is ``bridge._doors.closing``."""

from __future__ import annotations

import asyncio
from types import TracebackType

from bridge._doors.aio_waiting import Background, being_stopped
from camunda_core.errors import Cancelled
from camunda_grpc._names import grpc

__all__ = ["unless_closed"]

_CLOSED = "the client was closed"


class unless_closed:  # noqa: N801  it reads as a phrase; a generator would cost each call as much as its answer
    """Cancelled, an error of the call, in place of what grpcio does when its channel is closed.

    It refuses a new call with UsageError, and one under way it ends as if the task were cancelled that waits for it.
    """

    __slots__ = ("_background", "_rpc")

    def __init__(self, background: Background, rpc: str) -> None:
        self._background, self._rpc = background, rpc

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            return
        if isinstance(error, grpc.aio.UsageError) and "closed" in str(error):
            raise Cancelled(_CLOSED, operation=self._rpc, sent=False) from None
        if isinstance(error, asyncio.CancelledError) and self._background.closed and not being_stopped():
            raise Cancelled(_CLOSED, operation=self._rpc, answered=False) from None
