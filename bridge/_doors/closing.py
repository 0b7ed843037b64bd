"""What grpcio says when its channel is closed, in the words of the project: the twin of ``bridge._doors.aio_closing``."""

from __future__ import annotations

from types import TracebackType

from bridge._doors.waiting import Background
from camunda_core.errors import CamundaError, Cancelled

__all__ = ["unless_closed"]


class unless_closed:  # noqa: N801  it reads as a phrase
    """Cancelled, an error of the call, in place of the ValueError that grpcio raises when its channel is closed."""

    __slots__ = ("_rpc",)

    def __init__(self, _: Background, rpc: str) -> None:
        self._rpc = rpc

    def __enter__(self) -> None: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, ValueError) and not isinstance(error, CamundaError) and "closed" in str(error):
            raise Cancelled("the client was closed", operation=self._rpc, sent=False) from None
