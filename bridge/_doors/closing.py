"""What grpcio says when its channel is closed, in the words of the project: the twin of ``bridge._doors.aio_closing``."""

from __future__ import annotations

from types import TracebackType

from bridge._doors.waiting import Background
from camunda_core.errors import CamundaError, Cancelled

__all__ = ["instead_of", "unless_closed"]


def instead_of(error: BaseException, _: Background, rpc: str) -> Cancelled | None:
    """Cancelled, an error of the call, in place of the ValueError that grpcio raises when its channel is
    closed; None for anything else.
    """
    if isinstance(error, ValueError) and not isinstance(error, CamundaError) and "closed" in str(error):
        return Cancelled("the client was closed", operation=rpc, sent=False)
    return None


class unless_closed:  # noqa: N801  it reads as a phrase
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
