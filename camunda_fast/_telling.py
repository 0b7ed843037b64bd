"""A call that nobody awaits: its end is told at once, in the same turn in which the answer is read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from httpunk import HeaderMap

from camunda_fast._calls import UnaryExchange

if TYPE_CHECKING:
    from camunda_fast._channel import FastChannel, Method

__all__ = ["told"]


class _ToldExchange(UnaryExchange):
    __slots__ = ("ended",)
    among_many = True

    ended: Callable[[BaseException | None], None] | None

    def _end(self) -> None:
        if self._message == b"" and self._status is not None and self._status[0] == "OK":
            self.done.set_result(None)  # nobody reads it, and nothing in it could be wrong
        else:
            super()._end()
        self._tell()

    def cancel(self) -> bool:
        cancelled = super().cancel()
        if cancelled:
            self._tell()
        return cancelled

    def _tell(self) -> None:
        ended, self.ended = self.ended, None  # which may hold what holds this
        if ended is not None:
            ended(asyncio.CancelledError() if self.done.cancelled() else self.done.exception())


def told(
    channel: FastChannel,
    method: Method,
    body: bytes,
    headers: HeaderMap | None,
    timeout: float | None,
    ended: Callable[[BaseException | None], None],
    refused: tuple[str, str] | None,
) -> _ToldExchange:
    """Begins such a call: ``ended`` is called with what it failed with, or None."""
    exchange = _ToldExchange(channel, method, body, headers or HeaderMap(), timeout, False)
    exchange.ended = ended
    if refused is None:
        channel.start(exchange)
    else:
        exchange.failed(*refused)
    return exchange
