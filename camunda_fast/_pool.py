"""The connections to one address, and the exchanges that wait for one.

Another connection is opened where those that there are take no more, or the server allows no more on
them: answers must not wait behind polls.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any, ClassVar

from httpunk import HTTPunkError

from camunda_core._usage import WireUse
from camunda_fast._connection import Carrier, Exchange, Profile
from camunda_fast._dialing import Target, agreed_on, connect

__all__ = ["Pool"]


class Pool:
    """For the running event loop.

    ``size``    connections at most; exchanges beyond what they take wait in their order
    ``shared``  whether a connection is likely to carry many exchanges, so that one is opened at a time
    """

    wire: ClassVar[str]
    #: Seconds that one attempt to connect may take.
    connecting: ClassVar[float]

    def __init__(self, target: Target, profile: Profile, *, size: int, shared: bool) -> None:
        self.loop = asyncio.get_running_loop()
        self.closed = False
        self._target, self._profile, self._size, self._shared = target, profile, size, shared
        self._connections: dict[Carrier, None] = {}
        #: Those of them that may take another exchange; the last one is asked first.
        self._ready: dict[Carrier, None] = {}
        #: Those that take no more, with answers still to come, or to be closed.
        self._leaving: set[Carrier] = set()
        self._dialing: set[asyncio.Task[Carrier]] = set()
        #: Attempts to connect that have failed since one did not.
        self._failures = 0
        self._open: dict[Exchange, None] = {}
        self._waiting: OrderedDict[Exchange, None] = OrderedDict()
        self._limits: dict[Exchange, float] = {}
        #: Rings when the first of them is over: a timer for each costs a tenth of a short call.
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = float("inf")

    def speaking(self, agreed: str | None) -> Carrier:
        """A connection of the protocol that TLS has agreed on; None without TLS, or without ALPN."""
        raise NotImplementedError

    # Exchanges

    def start(self, exchange: Exchange) -> None:
        """Sends a request, now or when there is a connection for it."""
        self._open[exchange] = None
        if self._waiting or not self._placed(exchange):
            self._waiting[exchange] = None
            self._advance()

    def finished(self, exchange: Exchange) -> None:
        """It has ended, however it did."""
        self._open.pop(exchange, None)
        if self._waiting:
            self._waiting.pop(exchange, None)
        if exchange.ends is not None:
            self.unlimited(exchange)

    def limit(self, exchange: Exchange, seconds: float) -> None:
        """It is to end after so many seconds."""
        exchange.ends = self._limits[exchange] = end = self.loop.time() + seconds
        if end < self._alarm_at:
            self._set_alarm(end)

    def unlimited(self, exchange: Exchange) -> None:
        """It may take any time from now on."""
        self._limits.pop(exchange, None)

    def _set_alarm(self, at: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._alarm_at = self.loop.call_at(at, self._ring), at

    def _ring(self) -> None:
        now, self._alarm, self._alarm_at = self.loop.time(), None, float("inf")
        for exchange in [each for each, end in self._limits.items() if end <= now]:
            self.unlimited(exchange)
            exchange.expired()
        if self._limits:
            self._set_alarm(min(self._limits.values()))

    def _placed(self, exchange: Exchange) -> bool:
        """Whether a connection has taken it, or it cannot be sent at all."""
        while self._ready:
            connection = next(reversed(self._ready))
            try:
                if connection.open(exchange):
                    return True
            except (ValueError, TypeError, HTTPunkError) as error:
                exchange.unsendable(error)
                return True
            self._ready.pop(connection, None)
        return False

    def _advance(self) -> None:
        """Sends what waits, as far as there are connections for it, and asks for more of them."""
        while self._waiting:
            exchange, _ = self._waiting.popitem(last=False)
            if not self._placed(exchange):
                self._waiting[exchange] = None
                self._waiting.move_to_end(exchange, last=False)
                break
        if self._waiting:
            self._dial()

    # Connections

    def _dial(self) -> None:
        """Opens as many connections as what waits is likely to need."""
        needed = 1 if self._shared else len(self._waiting)
        for _ in range(min(needed, self._size - len(self._connections)) - len(self._dialing)):
            self._dial_one()

    def _dial_one(self) -> None:
        if not self.closed:
            work = connect(self._target, lambda: _Agreeing(self), self.connecting)
            task = self.loop.create_task(work)
            self._dialing.add(task)
            task.add_done_callback(self._dialed)
            self._turned()

    def _dialed(self, task: asyncio.Task[Carrier]) -> None:
        self._dialing.discard(task)
        if task.cancelled():
            return
        failure = task.exception()
        if failure is None:
            connection = task.result()
            self._shared = connection.many
            if connection.lost is not None:
                failure = connection.cause or ConnectionError(connection.lost)
            elif self.closed:
                connection.abandon()
            else:
                self._failures = 0
                self._connections[connection] = None
                self._changed(connection)
                self._turned()
        if failure is not None and not self.closed:
            self._failures += 1
            self._failed(failure)

    def _failed(self, failure: BaseException) -> None:
        """An attempt to connect has failed."""
        raise NotImplementedError

    def _turned(self) -> None:
        """There is something to connect to, or there is not."""

    def _changed(self, connection: Carrier) -> None:
        """A connection takes another exchange, takes none any more, is lost, or gone."""
        if connection in self._connections:
            if connection.usable:
                self._ready[connection] = None
            else:
                del self._connections[connection]
                self._ready.pop(connection, None)
                self._leaving.add(connection)
                self._turned()
        if connection.gone:
            self._leaving.discard(connection)
        if self._waiting:
            self._advance()

    def usage(self) -> WireUse:
        """What is open, and how much of it is taken."""
        every = [each for each in (*self._connections, *self._leaving) if each.lost is None]
        limits = [each.allowed for each in every if each.allowed is not None]
        return WireUse(
            wire=self.wire,
            engine="fast",
            connections=len(every),
            running=sum(each.busy for each in every),
            waiting=len(self._waiting),
            limit=min(limits, default=None),
        )

    async def close(self, grace: float | None = None) -> None:
        """Closes the connections, when exchanges have ended or ``grace`` seconds are over."""
        self.closed = True
        if self.loop.is_closed():
            self.abandon()
            return
        if grace and self._open:
            await asyncio.wait([each.outcome for each in self._open], timeout=grace)
        for each in list(self._open):
            each.cancel()
        for task in self._dialing:
            task.cancel()
        if self._dialing:
            await asyncio.wait(self._dialing)
        await asyncio.gather(*(each.close() for each in [*self._connections, *self._leaving]))
        self._turned()

    def abandon(self) -> None:
        """The same where nothing can be awaited, be it after the event loop has gone."""
        self.closed = True
        for each in [*self._connections, *self._leaving]:
            each.abandon()


class _Agreeing(asyncio.Protocol):
    """Gives its place to the connection of the protocol that TLS has agreed on."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def connection_made(self, transport: Any) -> None:
        made = self._pool.speaking(agreed_on(transport))
        transport.set_protocol(made)
        made.connection_made(transport)
