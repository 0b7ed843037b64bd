"""Client interceptors around calls that are served over REST, as grpc.aio runs them around its own.

grpc.aio takes interceptors when a channel is made, and keeps the running of them to itself; this is
the same protocol: ``await interceptor.intercept_unary_unary(continuation, client_call_details,
request)`` gives a call or a response.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Sequence
from typing import Any

import grpc
import grpc.aio

from bridge._dropin.aio_call import AsyncMessagesCall, AsyncRestCall
from camunda_core.deadline import Deadline

__all__ = ["intercepted"]

_KINDS = {
    "unary_unary": (grpc.aio.UnaryUnaryClientInterceptor, "intercept_unary_unary"),
    "unary_stream": (grpc.aio.UnaryStreamClientInterceptor, "intercept_unary_stream"),
}


def intercepted(plain: Any, kind: str, method: str | bytes, interceptors: Sequence[Any]) -> Any:
    """``plain`` behind those of ``interceptors`` that are for its kind of RPC, the first one outermost."""
    base, name = _KINDS[kind]
    steps = [getattr(each, name) for each in interceptors if isinstance(each, base)]
    return _Intercepted(plain, kind, method, steps) if steps else plain


class _Intercepted:
    def __init__(self, plain: Any, kind: str, method: str | bytes, steps: Sequence[Any]) -> None:
        self._plain = plain
        self._kind = kind
        self._method = method.encode() if isinstance(method, str) else method
        self._steps = steps

    def __call__(
        self,
        request: Any,
        *,
        timeout: float | None = None,
        metadata: Any = None,
        credentials: Any = None,
        wait_for_ready: bool | None = None,
        compression: Any = None,
    ) -> Any:
        details = grpc.aio.ClientCallDetails(
            self._method,  # type: ignore[arg-type]  # bytes, as grpc.aio itself gives them
            timeout,
            grpc.aio.Metadata(*(metadata or ())),
            credentials,
            wait_for_ready,
        )
        deadline = Deadline(timeout)
        if self._kind == "unary_unary":
            return AsyncRestCall(self._unary(details, request), deadline, "")
        return _InterceptedStream(self._through(0, details, request), deadline, "")

    async def _unary(self, details: Any, request: Any) -> Any:
        outcome = await self._through(0, details, request)
        return await outcome if inspect.isawaitable(outcome) else outcome

    async def _through(self, index: int, details: Any, request: Any) -> Any:
        if index == len(self._steps):
            return self._plain(
                request,
                timeout=details.timeout,
                metadata=details.metadata,
                credentials=details.credentials,
                wait_for_ready=details.wait_for_ready,
            )

        async def continuation(next_details: Any, next_request: Any) -> Any:
            return await self._through(index + 1, next_details, next_request)

        return await self._steps[index](continuation, details, request)


class _InterceptedStream(AsyncMessagesCall):
    """The task gives the call, or whatever async iterator the interceptor made of it."""

    _iterator: AsyncIterator[Any] | None = None

    async def read(self) -> Any:
        if self._iterator is None:
            self._iterator = (await self._task).__aiter__()
        try:
            return await self._iterator.__anext__()
        except StopAsyncIteration:
            return grpc.aio.EOF

    def cancel(self) -> bool:
        if self._task.done() and not self._task.cancelled() and self._task.exception() is None:
            inner = getattr(self._task.result(), "cancel", None)
            return bool(inner()) if inner else False
        return super().cancel()
