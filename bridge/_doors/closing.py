"""What grpcio says when its channel is closed, in the words of the project: the twin of ``bridge._doors.aio_closing``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from bridge._doors.waiting import Background
from camunda_core.errors import CamundaError, Cancelled

__all__ = ["unless_closed"]


@contextlib.contextmanager
def unless_closed(_: Background, rpc: str) -> Iterator[None]:
    """Cancelled, an error of the call, in place of the ValueError that grpcio raises when its channel is closed."""
    try:
        yield
    except ValueError as error:
        if isinstance(error, CamundaError) or "closed" not in str(error):
            raise
        raise Cancelled("the client was closed", operation=rpc, sent=False) from None
