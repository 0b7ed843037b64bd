"""REST: HTTP/2 where TLS agrees on it, else HTTP/1.1.

Nothing that a server may have looked at is sent twice: who repeats, and when, is decided above.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping

from camunda_fast._answers import AHEAD, Answer, Broken
from camunda_fast._connection import Carrier, Exchange, Profile
from camunda_fast._dialing import NoConnection, Target
from camunda_fast._http1 import Http1
from camunda_fast._http2 import Http2
from camunda_fast._pool import Pool

__all__ = ["HttpPool"]

_HTTP2 = "h2"
#: Exchanges at once on one connection of HTTP/2. As many answers that nobody reads must leave room in its
#: window, so that they do not hold up the others; httpunk keeps up to a third of it to itself, until more
#: is read.
MOST_STREAMS = 60
_TOGETHER = 2 * MOST_STREAMS * AHEAD
#: Seconds of silence, while an answer is awaited, after which a PING is sent, and for its answer.
_KEEPALIVE, _PATIENCE = 5.0, 4.0


class HttpPool(Pool):
    """``size`` connections at most, of which one that is unused for ``idle`` seconds is not used again.

    ``longest_header``  bytes of the longest header of an answer that is read
    """

    wire, connecting = "REST", 60.0

    def __init__(
        self, target: Target, authority: str, *, size: int, idle: float, longest_header: int
    ) -> None:
        profile = Profile(
            authority=authority,
            scheme="https",
            window=AHEAD,
            together=_TOGETHER,
            header_list=4 * longest_header,
            keepalive=_KEEPALIVE,
            patience=_PATIENCE,
            most=MOST_STREAMS,
            idle=idle,
        )
        shared = target.context is not None and _HTTP2 in target.protocols
        super().__init__(target, profile, size=size, shared=shared)
        self._longest_header = longest_header

    def speaking(self, agreed: str | None) -> Carrier:
        return (Http2 if agreed == _HTTP2 else Http1)(self._profile, self._changed)

    async def exchange(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | AsyncIterator[bytes] | None,
        *,
        timeout: float | None,
        most: int | None,
        keeps: bool = False,
    ) -> Answer:
        """One request and its answer, within ``timeout`` seconds: whole, or with ``keeps`` its headers.

        Of a body larger than ``most`` bytes a little more than that is read. Raises Broken.
        """
        if self.closed:
            raise Broken("closed")
        longest = self._longest_header
        answer = Answer(self, method, path, headers, body, longest_header=longest, most=most, keeps=keeps)
        if timeout is not None:
            self.limit(answer, timeout)
        self.start(answer)
        return await answer.come()

    def finished(self, exchange: Exchange) -> None:
        waited = exchange in self._waiting
        super().finished(exchange)
        if waited and not self._waiting:  # nobody wants a connection any more
            for task in self._dialing:
                task.cancel()

    def _failed(self, failure: BaseException) -> None:
        if isinstance(failure, (NoConnection, OSError)):  # the latter: lost before it was used
            failure = Broken("unconnected", getattr(failure, "cause", failure))
        if self._waiting:
            next(iter(self._waiting)).unsendable(failure)
        self._advance()
