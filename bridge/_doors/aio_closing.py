"""What grpc.aio says when its channel is closed, in the words of the project. Its twin for grpc is ``bridge._doors.closing``."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator

from bridge._doors.aio_waiting import Background, being_stopped
from camunda_core.errors import Cancelled
from camunda_grpc._names import grpc

__all__ = ["unless_closed"]

_CLOSED = "the client was closed"


@contextlib.contextmanager
def unless_closed(background: Background, rpc: str) -> Iterator[None]:
    """Cancelled, an error of the call, in place of what grpcio does when its channel is closed.

    It refuses a new call with UsageError, and one under way it ends as if the task were cancelled that waits for it.
    """
    try:
        yield
    except grpc.aio.UsageError as error:
        if "closed" not in str(error):
            raise
        raise Cancelled(_CLOSED, operation=rpc, sent=False) from None
    except asyncio.CancelledError:
        if not background.closed or being_stopped():
            raise
        raise Cancelled(_CLOSED, operation=rpc, answered=False) from None
