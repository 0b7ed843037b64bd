"""Calls over gRPC: what those of ``grpc.aio`` offer, each of which is one exchange over HTTP/2."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from httpunk import HeaderMap

from camunda_fast._connection import Exchange
from camunda_fast._messages import metadata_of, reset_status, size_of, status_of, unpacked

if TYPE_CHECKING:
    from camunda_fast._channel import FastChannel, Method

__all__ = ["UNREADABLE", "Call", "ToldCall", "UnaryCall"]

#: Bytes of one message that may be under way beyond those that came.
_AHEAD = 4 * 1024 * 1024
_TOO_LARGE = "CLIENT: Received message larger than max ({} vs. {})"
_CANCELLED = ("CANCELLED", "Locally cancelled by application!")
UNREADABLE = ("INTERNAL", "Exception deserializing response!")


class Call(Exchange):
    """A call of any kind, as one exchange."""

    __slots__ = (
        "_began", "_early", "_encoding", "_have", "_initial", "_lent", "_message", "_packed", "_parts", "_rest",
        "_status", "_trailing", "_whole", "method", "wait",
    )  # fmt: skip
    pool: FastChannel
    connection: Any

    def __init__(
        self,
        channel: FastChannel,
        method: Method,
        body: bytes,
        headers: HeaderMap | None,
        timeout: float | None,
        wait: bool,
    ) -> None:
        super().__init__(channel, method.path, body)
        self.method, self.wait = method, wait
        self.asked = headers  # type: ignore[assignment]  # None where it is never sent
        self._initial: HeaderMap | None = None
        self._trailing: HeaderMap | None = None
        self._encoding = ""
        #: The beginning of a message whose length is not known yet.
        self._rest = b""
        #: What there is of a message that is still coming, how many bytes, of how many, and whether it is
        #: compressed. The five bytes before it are left out.
        self._parts: list[bytes] | None = None
        self._have = self._whole = self._packed = 0
        #: How many bytes of it were made room for before it is read; and how many, at most, before they came.
        self._early = self._lent = 0
        self._message: bytes | None = None
        self._status: tuple[str, str] | None = None
        self._began: asyncio.Future[None] | None = None
        if timeout is not None:
            channel.limit(self, timeout)

    # What the connection says

    def head(self, status: int, headers: HeaderMap, over: bool) -> None:
        if over:
            if not self._is_too_much(headers):
                self._finish(status_of(status, headers, ended=True), headers)
            return
        if status != 200 or headers.get("content-type") != b"application/grpc":  # which it nearly always is
            said = status_of(status, headers, ended=False)
            if said is not None:
                self._give_up(*said)
                return
        # httpunk limits headers itself, but not before the server has acknowledged our settings.
        if self._is_too_much(headers):
            return
        self._initial = headers
        if self._began is not None:
            self._begin(self._began)
        encoding = headers.get("grpc-encoding")
        if encoding is not None:
            self._encoding = encoding.decode("latin-1")

    def data(self, chunk: bytes) -> None:
        most, at = self.pool.largest, 0
        if self._parts:  # the pieces of a large one are joined once, when all are there
            at = self._whole - self._have
            if len(chunk) < at:
                self._parts.append(chunk)
                self._have += len(chunk)
                self._make_room()
                return
            message, self._parts = b"".join((*self._parts, chunk[:at])), None
            if not self._came(message):
                return
        elif self._rest:
            chunk, self._rest = self._rest + chunk, b""
        while len(chunk) - at >= 5:
            self._packed, length = chunk[at], int.from_bytes(chunk[at + 1 : at + 5], "big")
            if most is not None and length > most:
                self._give_up("RESOURCE_EXHAUSTED", _TOO_LARGE.format(length, most))
                return
            self._whole, begin, at = length, at + 5, at + 5 + length
            if len(chunk) < at:
                self._parts, self._have = [chunk[begin:]], len(chunk) - begin
                self._make_room()
                return
            if not self._came(chunk[begin:at]):
                return
        if at < len(chunk):
            self._rest = chunk[at:]

    def _came(self, message: bytes) -> bool:
        """A message is whole; False when the call is over with it."""
        if self._packed:
            most = self.pool.largest
            made = unpacked(message, self._encoding, most)
            if made is None:
                self._give_up("INTERNAL", "a message of the answer cannot be decompressed")
                return False
            message = made
            if most is not None and len(message) > most:
                self._give_up("RESOURCE_EXHAUSTED", _TOO_LARGE.format(f"more than {most}", most))
                return False
        early, self._early = self._early, 0
        self._arrived(message, 5 + self._whole - early)
        return self._status is None

    def _make_room(self) -> None:
        """Lets a message that is still coming come: it may be larger than the window.

        What there is of it makes room. Of one that is larger more than that does, lest it takes a
        round trip for each window of it.
        """
        have, early, whole, connection = self._have, self._early, self._whole, self.connection
        if self.unread or connection is None or early >= min(whole, have + _AHEAD // 2):
            return
        wanted, ahead = have, min(whole, have + _AHEAD)
        more = max(0, ahead - have - self._lent)
        if whole > connection.window and more <= connection.lendable:
            connection.lendable -= more
            self._lent += more
            wanted = ahead
        if wanted > early:
            self._early = wanted
            self.release(wanted - early)

    def over(self, trailers: HeaderMap | None) -> None:
        if trailers is None:
            self._finish(("UNKNOWN", "the answer ended without a status"), None)
        elif trailers.get("grpc-status") == b"0":
            self._finish(None, trailers)
        elif not self._is_too_much(trailers):
            self._finish(status_of(200, trailers, ended=True), trailers)

    def reset(self, code: int, untouched: bool) -> None:
        if self.ends is not None and code == 8 and self.ends <= self.pool.loop.time():
            self._broke(("DEADLINE_EXCEEDED", "Deadline Exceeded"), untouched)
        else:
            self._broke(reset_status(code), untouched)

    def lost(self, why: str, untouched: bool) -> None:
        self._broke(("UNAVAILABLE", why), untouched)

    def _broke(self, status: tuple[str, str], untouched: bool) -> None:
        again = untouched and self._initial is None and not self.outcome.done()
        if not (again and self.moved()):
            self._finish(status, None)

    # What the channel says

    def failed(self, code: str, text: str) -> None:
        """It ends before it was sent."""
        self._finish((code, text), None)

    def unsendable(self, error: BaseException) -> None:
        self.failed("INTERNAL", f"the request cannot be sent: {error}")

    def expired(self) -> None:
        if self._status is None:
            self._give_up("DEADLINE_EXCEEDED", "Deadline Exceeded")

    # Inside

    @property
    def unread(self) -> bool:
        """Whether whole messages wait for who reads them."""
        return False

    def _arrived(self, message: bytes, unread: int) -> None:
        """A message is there, of which so many bytes have made no room yet."""
        raise NotImplementedError

    def _end(self, well: bool) -> None:
        """The status is known; with ``well`` it is OK."""
        raise NotImplementedError

    def _begin(self, began: asyncio.Future[None]) -> None:
        if not began.done():
            began.set_result(None)

    def _is_too_much(self, headers: HeaderMap) -> bool:
        """Whether it has ended because headers are longer than we read."""
        most = self.pool.longest_headers
        if len(headers) < 2 or (size := size_of(headers)) <= most:
            return False
        self._give_up("RESOURCE_EXHAUSTED", f"received metadata size exceeds hard limit ({size} vs. {most})")
        return True

    def _finish(self, status: tuple[str, str] | None, trailers: HeaderMap | None) -> None:
        if self._status is None and not self.outcome.done():
            self._status = status or ("OK", "")
            self._trailing = trailers
            self.pool.finished(self)
            self._end(self._status[0] == "OK")
            if self._began is not None:
                self._begin(self._began)

    def _give_up(self, code: str, text: str) -> None:
        """Ends it from here."""
        self.hang_up()
        self._finish((code, text), None)

    def _fail(self) -> None:
        assert self._status is not None
        initial, trailing = metadata_of(self._initial), metadata_of(self._trailing)
        self.outcome.set_exception(self.pool.words.failure(*self._status, initial, trailing))
        self.outcome.exception()  # nobody need look

    def _abandoned(self) -> None:
        """Whoever waited for it does so no longer."""
        if self._status is None:
            self._status = _CANCELLED
            self.hang_up()
            self.pool.finished(self)

    # What a program asks for

    def done(self) -> bool:
        """Whether it is over."""
        return self.outcome.done()

    def cancel(self) -> bool:
        """Ends it here and now; the gateway is told. False when it is over already."""
        if self.outcome.done():
            return False
        self.outcome.cancel()
        self._abandoned()
        return True

    def cancelled(self) -> bool:
        """Whether ``cancel`` ended it."""
        return self._status is _CANCELLED

    async def _over(self) -> tuple[str, str]:
        if not self.outcome.done():
            await asyncio.wait({self.outcome})
        return self._status or _CANCELLED

    async def _beginning(self) -> None:
        if self._initial is None and not self.outcome.done():
            if self._began is None:
                self._began = self.pool.loop.create_future()
            await asyncio.wait({self._began, self.outcome}, return_when=asyncio.FIRST_COMPLETED)

    async def code(self) -> Any:
        """The status code; waits for the end."""
        return self.pool.words.codes[(await self._over())[0]]

    async def details(self) -> str:
        """The status text; waits for the end."""
        return (await self._over())[1]

    async def initial_metadata(self) -> Any:
        """What came before the first message; waits for it."""
        await self._beginning()
        return self.pool.words.metadata(*metadata_of(self._initial))

    async def trailing_metadata(self) -> Any:
        """What came after the last message; waits for the end."""
        await self._over()
        return self.pool.words.metadata(*metadata_of(self._trailing))

    async def debug_error_string(self) -> str:
        """The status as text; waits for the end."""
        code, text = await self._over()
        return "" if code == "OK" else f"{code}: {text}"

    async def wait_for_connection(self) -> None:
        """Waits until the answer begins, and raises the error if that was the end."""
        await self._beginning()
        if self._initial is None and self.outcome.done():
            self.outcome.result()


class UnaryCall(Call):
    """A call with one answer."""

    __slots__ = ()

    def _arrived(self, message: bytes, unread: int) -> None:
        if self._message is not None:
            self._give_up("UNIMPLEMENTED", "Too many responses: the answer should be one message")
            return
        self._message = message
        connection = self.connection
        if connection is not None and connection.lost is None:
            connection.release(self, unread)

    def _end(self, well: bool) -> None:
        if well and self._message is None:
            self._status = ("INTERNAL", "the answer has no message")
        elif well:
            try:
                self.outcome.set_result(self.method.read(self._message or b""))
                return
            except Exception:
                self._status = UNREADABLE
        self._fail()

    def __await__(self) -> Generator[Any, None, Any]:
        if not self.outcome.done():
            try:
                return (yield from self.outcome)
            except asyncio.CancelledError:
                self._abandoned()
                raise
        return self.outcome.result()


class ToldCall(UnaryCall):
    """One that nobody awaits: ``ended`` is called with what it failed with, or None, in the same turn in
    which the answer is read.
    """

    __slots__ = ("ended",)
    among_many = True
    ended: Callable[[BaseException | None], None] | None

    def _end(self, well: bool) -> None:
        if well and self._message == b"":
            self.outcome.set_result(None)  # nobody reads it, and nothing in it could be wrong
        else:
            super()._end(well)
        self._tell()

    def cancel(self) -> bool:
        cancelled = super().cancel()
        if cancelled:
            self._tell()
        return cancelled

    def _tell(self) -> None:
        ended, self.ended = self.ended, None  # which may hold what holds this
        if ended is not None:
            ended(asyncio.CancelledError() if self.outcome.cancelled() else self.outcome.exception())
