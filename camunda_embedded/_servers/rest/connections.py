"""The web server under the REST server: a connection that sends no whole request is closed, one
that sends nonsense gets 400.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

__all__ = ["Server"]

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class _Connection(RequestHandler):
    """One connection; between its requests, and before the first, it may wait for ``seconds``."""

    seconds = 0.0
    _idle: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.wait()

    def connection_lost(self, exc: BaseException | None) -> None:
        self.work()
        super().connection_lost(exc)

    def wait(self) -> None:
        """Begins to wait for a request, whatever part of one arrives."""
        self.work()
        self._idle = asyncio.get_running_loop().call_later(self.seconds, self.force_close)

    def work(self) -> None:
        """Ends the wait."""
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is no HTTP is the client's fault, and nothing for the gateway's log."""
        response = web.Response(status=status, text=message or "")
        response.force_close()
        return response


class Server(web.Server):
    """Serves a handler; ``seconds`` is how long a connection may stay open without a request."""

    def __init__(self, handler: Handler, seconds: float) -> None:
        super().__init__(_told(handler))
        self._seconds = seconds

    def __call__(self) -> RequestHandler:
        loop = asyncio.get_running_loop()
        connection = _Connection(self, loop=loop, keepalive_timeout=self._seconds)
        connection.seconds = self._seconds
        return connection


def _told(handler: Handler) -> Handler:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        connection = request.protocol
        if not isinstance(connection, _Connection):
            return await handler(request)
        connection.work()
        try:
            return await handler(request)
        finally:
            connection.wait()

    return handle
