"""The blocking and the asyncio client behind one face, so that one test proves both."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Iterator
from typing import Any

from camunda_rest import AsyncRestClient, RestClient
from camunda_rest._documents import AsyncDownload
from camunda_rest._search import AsyncSearch

SIDES = ("blocking", "asyncio")


def opened(side: str, address: str, **options: Any) -> Any:
    """A client of that side; both are used as the blocking one is."""
    return (
        RestClient(address, **options) if side == "blocking" else awaited(AsyncRestClient(address, **options))
    )


def awaited(client: Any) -> Waiting:
    """An asyncio client that is used as the blocking one is."""
    return Waiting(client, asyncio.new_event_loop(), owner=True)


class Waiting:
    """Waits for whatever an asyncio object gives."""

    def __init__(self, inner: Any, loop: asyncio.AbstractEventLoop, owner: bool = False) -> None:
        self._inner = inner
        self._loop = loop
        self._owner = owner

    def _wait(self, found: Any) -> Any:
        if inspect.isawaitable(found):
            found = self._loop.run_until_complete(found)
        if isinstance(found, (AsyncSearch, AsyncDownload)) or inspect.isasyncgen(found):
            return Waiting(found, self._loop)
        return found

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, "aclose" if name == "close" else name)
        if not callable(found):
            return found
        call: Callable[..., Any] = found
        return lambda *args, **named: self._wait(call(*args, **named))

    def __iter__(self) -> Iterator[Any]:
        reading = aiter(self._inner)
        while True:
            try:
                yield self._wait(anext(reading))
            except StopAsyncIteration:
                return

    def __repr__(self) -> str:
        return repr(self._inner)

    def __enter__(self) -> Waiting:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._loop.run_until_complete(self._inner.aclose())
            self._loop.run_until_complete(asyncio.sleep(0.02))  # transports close some turns later
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.run_until_complete(self._loop.shutdown_default_executor())
        finally:
            if self._owner:
                self._loop.close()
