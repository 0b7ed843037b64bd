"""HTTP by the fast engine, for the blocking client: each attempt is made in the loop of the process."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from camunda_core._engines import FAST
from camunda_core._loop_thread import LoopThread, loop_thread
from camunda_core._secrecy import Sealed, without_frames
from camunda_rest._fast import FastTransport
from camunda_rest._invocation import NoAnswer
from camunda_rest._request import HttpRequest
from camunda_rest._response import HttpResponse
from camunda_rest._transport import Kept, Settings

if TYPE_CHECKING:
    from camunda_core._usage import WireUse

__all__ = ["FastBlockingTransport"]


class FastBlockingTransport:
    """A ``BlockingTransport``. Requests are made for ``first``, which stands for its own address."""

    def __init__(self, settings: Settings, first: str) -> None:
        self._settings, self._first = settings, first
        self._lock = threading.Lock()
        self._home: LoopThread | None = None
        #: In the loop alone: it is made there.
        self._inner: FastTransport | None = None
        self._under_way = 0
        self._closed = False

    def attempt(
        self,
        request: HttpRequest,
        identity: Sealed,
        extra: Mapping[str, str] | None,
        left: float | None,
        keep: bool,
    ) -> HttpResponse | _Kept | NoAnswer | BaseException:
        """One attempt; with ``keep`` a success is left unread. It raises nothing but what interrupts it."""
        with self._lock:
            self._under_way += 1
            if self._home is None:
                self._home = loop_thread()
            home = self._home
        if self._settings.address != self._first:
            request = request._replace(url=self._settings.address + request.url[len(self._first) :])
        answer: Any = None
        try:
            answer = home.wait_for(lambda: self._made(request, identity, extra, left, keep))
        except BaseException as error:
            return without_frames(error)
        finally:
            kept = isinstance(answer, _Kept)
            if not kept:
                self.leave()
        return answer  # type: ignore[no-any-return]

    async def _made(
        self,
        request: HttpRequest,
        identity: Sealed,
        extra: Mapping[str, str] | None,
        left: float | None,
        keep: bool,
    ) -> HttpResponse | _Kept | NoAnswer | BaseException:
        if self._inner is None:
            self._inner = FastTransport(self._settings)
        answer = await self._inner.attempt(request, identity, extra, left, keep)
        if isinstance(answer, (HttpResponse, NoAnswer, BaseException)):
            return answer
        return _Kept(self, answer)

    def close(self) -> None:
        """Closes the connections, as soon as nothing is under way."""
        with self._lock:
            self._closed = True
        self.leave(0)

    def leave(self, ended: int = 1) -> None:
        """Something that was under way has ended."""
        with self._lock:
            self._under_way -= ended
            home = self._home if self._closed and self._under_way == 0 else None
        if home is not None:
            home.later(self._close)

    async def _close(self) -> None:
        inner, self._inner = self._inner, None
        if inner is not None:
            await inner.close()

    def later(self, work: Any) -> None:
        """Has a coroutine made, and awaited, in the loop."""
        assert self._home is not None
        self._home.later(work)

    def next_of(self, chunks: Any) -> bytes | None:
        """The next of an asynchronous iterator; None at its end."""
        assert self._home is not None

        async def following() -> bytes | None:
            found: bytes | None = await anext(chunks, None)
            return found

        return self._home.wait_for(following)

    def usage(self) -> WireUse:
        """What is open, and how much of it is taken, as it is now."""
        inner = self._inner
        if inner is None:
            from camunda_core._usage import WireUse

            return WireUse(wire="REST", engine=FAST, connections=0, running=0, waiting=0)
        return inner.usage()


class _Kept:
    """A success whose body is still to be read."""

    def __init__(self, way: FastBlockingTransport, answer: Kept) -> None:
        self._way, self._answer = way, answer
        self._open = True
        self.status: int = answer.status
        self.headers: Mapping[str, str] = answer.headers

    def chunks(self) -> Iterator[bytes]:
        """The body. Raises Unanswered."""
        chunks = self._answer.chunks()
        while (chunk := self._way.next_of(chunks)) is not None:
            yield chunk

    def close(self) -> None:
        """Leaves it."""
        if self._open:
            self._open = False
            self._way.later(self._answer.close)
            self._way.leave()
