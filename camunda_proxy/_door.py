"""The door of gRPC: every RPC of the gateway and the health service, carried to a REST door by the table.

What a client sent is read with our own classes, so that it is the drop-in channel's way from there: one row of the
table, one door. Nothing of a job is lost on the way: what was activated for a client that has gone is given back.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import grpc
import grpc.aio
from google.protobuf.message import DecodeError

from bridge._doors.aio_rest import AsyncRestDoor
from bridge._dropin.health import HEALTH_SERVICE, Health
from bridge._dropin.method import SERVICE, Method
from bridge._dropin.status import fitting
from camunda_core.errors import CamundaError, DeadlineExceeded, Internal, NotFound, ResourceExhausted
from camunda_grpc._generated import gateway_pb2
from camunda_proxy._chunks import next_message
from camunda_proxy._headers import passed_on
from camunda_proxy._limits import CALLS, POLLS, STREAMS, InFlight
from camunda_proxy._metrics import Metrics
from camunda_rest import operations as op

__all__ = ["GrpcDoor"]

log = logging.getLogger("camunda_proxy")

_NOT_SERVING = b"\x08\x02"
#: Bytes of the trailers of a refusal: clients take 8 KiB of headers by default, and learn no code where there are more.
_TRAILERS = 7 * 1024

Handler = Callable[[bytes, Any], Awaitable[Any]]


class GrpcDoor(grpc.GenericRpcHandler):
    """Finds the handler of a method; requests and answers are bytes up to here."""

    def __init__(
        self,
        rest: AsyncRestDoor,
        in_flight: InFlight,
        metrics: Metrics,
        *,
        message_size: int,
        own_credentials: bool,
    ) -> None:
        self.draining = False
        self._rest = rest
        self._in_flight = in_flight
        self._metrics = metrics
        self._message_size = message_size
        self._headers = partial(passed_on, own_credentials=own_credentials)
        self._waiting: set[asyncio.Task[Any]] = set()
        self._background: set[asyncio.Task[Any]] = set()
        self._drained = asyncio.Event()
        self._health = Health(None, None)
        unary = grpc.unary_unary_rpc_method_handler
        stream = grpc.unary_stream_rpc_method_handler
        self._methods: dict[str, Any] = {
            f"/{HEALTH_SERVICE}/Check": unary(self._check_health),
            f"/{HEALTH_SERVICE}/Watch": stream(self._watch_health),
        }
        for method in gateway_pb2.DESCRIPTOR.services_by_name["Gateway"].methods:
            handler = self._handler(method.name, Method(method.name, None, None))
            make = stream if method.server_streaming else unary
            self._methods[f"/{SERVICE}/{method.name}"] = make(handler)

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        """The handler of a call, for grpcio."""
        method = handler_call_details.method
        known = self._methods.get(method)
        return known or grpc.unary_unary_rpc_method_handler(partial(_unknown, method))

    def drain(self) -> None:
        """Ends what waits: polls without jobs, streams with UNAVAILABLE, so that their clients go elsewhere."""
        self.draining = True
        self._drained.set()
        for task in tuple(self._waiting):
            task.cancel()

    async def settle(self) -> None:
        """Waits for jobs that are being given back."""
        while self._background:
            await asyncio.wait(tuple(self._background))

    # One call

    def _handler(self, rpc: str, served: Method) -> Handler:
        if served.row.emulated:
            return self._observed(rpc, STREAMS, partial(self._stream, served))
        if served.row.messages:
            return self._observed(rpc, POLLS, partial(self._activate, served))
        return self._observed(rpc, CALLS, partial(self._call, served))

    def _observed(self, rpc: str, kind: str, handle: Handler) -> Handler:
        """A call that is counted, and whose failure is told as the cluster's own gateway tells it."""

        async def observed(data: bytes, context: Any) -> Any:
            began, code = time.monotonic(), "CANCELLED"
            try:
                with self._in_flight.one(kind, self._rest.background.count):
                    answer = await handle(data, context)
                code = "OK"
                return answer
            except CamundaError as error:
                code = error.grpc_code
                await _abort(context, error)
            except asyncio.CancelledError:
                raise
            except grpc.aio.BaseError:
                code = "UNKNOWN"
                raise
            except Exception:
                code = "INTERNAL"
                log.exception("%s: a fault of the proxy", rpc)
                await context.abort(grpc.StatusCode.INTERNAL, "a fault of the proxy; its log says which")
            finally:
                self._metrics.calls.labels(rpc, code).inc()
                self._metrics.seconds.labels(rpc).observe(time.monotonic() - began)

        return observed

    def _request(self, served: Method, data: bytes) -> Any:
        if len(data) > self._message_size:
            raise ResourceExhausted(f"gRPC message exceeds maximum size {self._message_size}: {len(data)}")
        try:
            message = served.message(data)
        except DecodeError:
            raise Internal("the request cannot be read: it is no message of this RPC") from None
        return served.request(message)

    async def _call(self, served: Method, data: bytes, context: Any) -> Any:
        answer = await self._rest.call(
            served.rpc,
            self._request(served, data),
            timeout=_time_left(context),
            headers=self._headers(context.invocation_metadata()),
        )
        return served.answer(answer)

    async def _activate(self, served: Method, data: bytes, context: Any) -> None:
        request = self._request(served, data)
        headers = self._headers(context.invocation_metadata())
        timeout = _time_left(context)

        poll = self._rest.activate(
            served.rpc, request, timeout=timeout, headers=headers, read=lambda job: (served.job(job), job)
        )
        try:
            answer = await self._until_drained(
                poll, lambda answer: self._give_back([job for _, job in answer["jobs"]], headers)
            )
        except _Drained:
            return
        left = deque(answer["jobs"])
        try:
            while left:
                count, message = next_message(left)
                await context.write(message)
                self._metrics.jobs.labels(served.rpc).inc(count)
                for _ in range(count):
                    left.popleft()
        finally:
            if left:
                self._give_back([job for _, job in left], headers)

    async def _stream(self, served: Method, data: bytes, context: Any) -> None:
        request = self._request(served, data)
        headers = self._headers(context.invocation_metadata())
        stream = self._rest.stream(
            served.rpc,
            request,
            timeout=_time_left(context),
            headers=headers,
            read=lambda job: (served.job(job), job),
        )
        taken: Any = None
        try:
            while True:
                message, taken = await self._until_drained(
                    stream.take(), lambda left: self._give_back([left[1]], headers)
                )
                await context.write(message)
                taken = None
                self._metrics.jobs.labels(served.rpc).inc()
        except _Drained:
            await context.abort(grpc.StatusCode.UNAVAILABLE, "the proxy stops: open the stream again")
        finally:
            stream.cancel()
            if taken is not None:
                self._give_back([taken], headers)

    async def _until_drained(self, waiting: Any, left: Callable[[Any], None]) -> Any:
        """What ``waiting`` gives; raises _Drained when the proxy stops first.

        ``left`` gets what was there in the moment in which the client went away.
        """
        if self.draining:
            waiting.close()
            raise _Drained
        task = asyncio.ensure_future(waiting)
        self._waiting.add(task)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled() and self.draining:
                raise _Drained from None
            if not task.cancel() and not task.cancelled() and task.exception() is None:
                left(task.result())
            raise
        finally:
            self._waiting.discard(task)

    def _give_back(self, jobs: list[Any], headers: dict[str, str]) -> None:
        if not jobs:
            return
        self._metrics.returned.inc(len(jobs))
        task = asyncio.ensure_future(self._rest.give_back(jobs, headers))
        self._background.add(task)
        task.add_done_callback(self._background.discard)

    # Health

    async def _check_health(self, data: bytes, context: Any) -> Any:
        try:
            self._health.check_service(data)
            return await self._health_now(self._headers(context.invocation_metadata()))
        except CamundaError as error:
            await _abort(context, error)

    async def _health_now(self, headers: dict[str, str]) -> bytes:
        if self.draining:
            return _NOT_SERVING
        try:
            topology = await self._rest.client.call(
                op.GET_TOPOLOGY, timeout=self._rest.timeout, headers=headers
            )
        except CamundaError as error:
            log.warning("the cluster does not say how it is: %s", error)
            return _NOT_SERVING
        return bytes(self._health.answer(topology))

    async def _watch_health(self, data: bytes, context: Any) -> None:
        try:
            self._health.check_service(data)
        except NotFound:
            await context.write(
                b"\x08\x03"
            )  # SERVICE_UNKNOWN, and the call goes on: so the protocol wants it
        except CamundaError as error:
            await _abort(context, error)
        else:
            await context.write(await self._health_now(self._headers(context.invocation_metadata())))
        await self._drained.wait()
        await context.write(_NOT_SERVING)


class _Drained(Exception):
    """The proxy stops."""


def _time_left(context: Any) -> float | None:
    """Seconds until the caller's deadline; None where it has none. Raises DeadlineExceeded when it is over."""
    left: float | None = context.time_remaining()
    if left is not None and left <= 0:
        raise DeadlineExceeded("the deadline was over before the call arrived")
    return left


async def _unknown(method: str, _: bytes, context: Any) -> None:
    await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"Method not found: {method.lstrip('/')}")


async def _abort(context: Any, error: CamundaError) -> None:
    code, details, trailing, whole = fitting(error, _TRAILERS)
    if not whole:
        log.warning("a refusal was too long for its client: %s", error)
    await context.abort(code, details, trailing)
