"""The gRPC server: the protocol's service and the health service on ``grpc.aio``, errors with the
real gateway's details.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from urllib.parse import quote

import grpc
import grpc.aio
from google.protobuf.message import DecodeError
from google.rpc import status_pb2

from camunda_core import errors
from camunda_core._rpcs import SERVICE
from camunda_embedded._callers import admit_over_grpc
from camunda_embedded._limits import MAX_MESSAGE, MAX_METADATA, MAX_READ, MAX_REFUSAL
from camunda_embedded._service import Service
from camunda_embedded._tokens import TokenCheck
from camunda_grpc._generated import gateway_pb2 as pb

__all__ = ["GrpcServer"]

HEALTH = "grpc.health.v1.Health"
_OPTIONS = (
    # Larger messages are read, so that they can be refused in the real gateway's words.
    ("grpc.max_receive_message_length", MAX_READ),
    ("grpc.max_send_message_length", -1),
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.min_ping_interval_without_data_ms", 30_000),
    ("grpc.so_reuseport", 0),
    ("grpc.max_metadata_size", MAX_METADATA),
    ("grpc.absolute_max_metadata_size", MAX_METADATA),
)
#: What a status message has as it is, besides letters and digits.
_PLAIN = "".join(chr(code) for code in range(0x20, 0x7F) if chr(code) != "%")
_logger = logging.getLogger(__name__)


class GrpcServer:
    """Serves a ``Service`` on loopback; with ``auth``, to those whose tokens it takes."""

    def __init__(self, service: Service, auth: TokenCheck | None = None) -> None:
        self._handlers = _Handlers(service, auth)
        self._server: grpc.aio.Server | None = None

    async def start(self, port: int, host: str = "127.0.0.1") -> int:
        """Opens the port (0: a free one) and returns it; OSError when it cannot be had."""
        server = grpc.aio.server(options=_OPTIONS)
        server.add_generic_rpc_handlers((self._handlers,))
        try:
            bound = server.add_insecure_port(f"{host}:{port}")
        except RuntimeError as error:
            raise OSError(f"the gRPC port {port} cannot be opened: {error}") from error
        await server.start()
        self._server = server
        return int(bound)

    async def stop(self) -> None:
        """Ends open calls and closes the port."""
        if self._server is not None:
            await self._handlers.close()
            await self._server.stop(0.1)
            self._server = None


class _Handlers(grpc.GenericRpcHandler):
    """Finds the handler of a method; requests and answers are bytes up to here."""

    def __init__(self, service: Service, auth: TokenCheck | None) -> None:
        self._service = service
        self._auth = auth
        self._waiting: set[asyncio.Task[Any]] = set()
        unary = grpc.unary_unary_rpc_method_handler
        stream = grpc.unary_stream_rpc_method_handler
        self._methods: dict[str, Any] = {
            f"/{HEALTH}/Check": unary(_check_health),
            f"/{HEALTH}/Watch": stream(self._ending_with_us(_watch_health)),
            f"/{SERVICE}/ActivateJobs": stream(self._guarded(self._ending_with_us(self._activate_jobs))),
            f"/{SERVICE}/StreamActivatedJobs": stream(
                self._guarded(self._ending_with_us(self._stream_activated_jobs))
            ),
        }
        for rpc in service.handled:
            handler = self._answering(rpc, partial(service.answer, rpc))
            self._methods[f"/{SERVICE}/{rpc}"] = unary(self._guarded(handler))
        with_result = self._answering("CreateProcessInstanceWithResult", service.create_with_result)
        self._methods[f"/{SERVICE}/CreateProcessInstanceWithResult"] = unary(
            self._guarded(self._ending_with_us(with_result))
        )

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Any:
        method = handler_call_details.method
        unknown = partial(grpc.unary_unary_rpc_method_handler, self._guarded(_unknown(method)))
        return self._methods.get(method) or unknown()

    def _guarded(
        self, handler: Callable[[bytes, Any], Awaitable[Any]]
    ) -> Callable[[bytes, Any], Awaitable[Any]]:
        """A call that wants a token, where tokens are wanted."""
        if (auth := self._auth) is None:
            return handler

        async def handle(data: bytes, context: Any) -> Any:
            try:
                await admit_over_grpc(auth, context.invocation_metadata() or ())
            except errors.CamundaError as error:
                await _abort(context, error, details=False)
            return await handler(data, context)

        return handle

    def _ending_with_us(
        self, handler: Callable[[bytes, Any], Awaitable[Any]]
    ) -> Callable[[bytes, Any], Awaitable[Any]]:
        """A call that may wait: when the gateway stops it ends as CANCELLED, as the real gateway ends it."""

        async def handle(data: bytes, context: Any) -> Any:
            work = asyncio.ensure_future(handler(data, context))
            self._waiting.add(work)
            try:
                return await work
            except asyncio.CancelledError:
                if not work.cancelled():
                    work.cancel()  # the client has gone, not we
                    await asyncio.wait([work])
                    raise
                await context.abort(grpc.StatusCode.CANCELLED, "the gateway stops")
            finally:
                self._waiting.discard(work)

        return handle

    async def close(self) -> None:
        """Ends the calls that wait."""
        for work in tuple(self._waiting):
            work.cancel()
        for _ in range(10):  # let them say so to their clients
            await asyncio.sleep(0)

    @staticmethod
    def _answering(
        rpc: str, answer: Callable[[Any], Awaitable[Any]]
    ) -> Callable[[bytes, Any], Awaitable[bytes]]:
        request_class = getattr(pb, f"{rpc}Request")

        async def handle(data: bytes, context: Any) -> bytes:
            request = await _parse(request_class, data, context)
            try:
                return bytes((await answer(request)).SerializeToString())
            except errors.CamundaError as error:
                await _abort(context, error)
                raise

        return handle

    async def _activate_jobs(self, data: bytes, context: Any) -> None:
        request = await _parse(pb.ActivateJobsRequest, data, context)
        try:
            answer = await self._service.activate_jobs(request)
        except errors.CamundaError as error:
            await _abort(context, error)
            return
        if answer is None:
            return
        try:
            await context.write(answer.SerializeToString())
        except (asyncio.CancelledError, grpc.aio.BaseError):
            self._service.give_back(job.key for job in answer.jobs)
            raise

    async def _stream_activated_jobs(self, data: bytes, context: Any) -> None:
        request = await _parse(pb.StreamActivatedJobsRequest, data, context)
        arrived = asyncio.Event()
        try:
            stream = self._service.open_stream(request, arrived.set)
        except errors.CamundaError as error:
            # The real gateway checks these fields before its error mapping, and gives no details.
            await _abort(context, error, details="tenant" in error.message)
            return
        job = None
        try:
            while True:
                job = stream.take()
                if job is None:
                    arrived.clear()
                    await arrived.wait()
                    continue
                await context.write(job.SerializeToString())
                job = None
        finally:
            stream.close(*([job] if job is not None else []))


async def _parse(request_class: Any, data: bytes, context: Any) -> Any:
    if len(data) > MAX_MESSAGE:
        text = f"gRPC message exceeds maximum size {MAX_MESSAGE}: {len(data)}"
        await context.abort(grpc.StatusCode.RESOURCE_EXHAUSTED, text)
    try:
        return request_class.FromString(data)
    except DecodeError:
        await context.abort(grpc.StatusCode.UNKNOWN, "Application error processing RPC")


async def _abort(context: Any, error: errors.CamundaError, *, details: bool = True) -> None:
    code = grpc.StatusCode[error.grpc_code]
    metadata: tuple[tuple[str, bytes], ...] = ()
    text = _shortened(error.message)
    if details and code is not grpc.StatusCode.UNIMPLEMENTED:
        status = status_pb2.Status(code=code.value[0], message=text)
        metadata = (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(code, text, metadata)


def _shortened(text: str) -> str:
    """What of a text goes into the metadata, where what is no plain ASCII takes up three bytes for
    each byte.
    """
    size = len(quote(text, safe=_PLAIN))
    if size <= MAX_REFUSAL:
        return text
    kept = text[: int(len(text) * MAX_REFUSAL / size)]
    while len(quote(kept, safe=_PLAIN)) > MAX_REFUSAL:  # what is not plain stands at the beginning
        kept = kept[: len(kept) * 9 // 10]
    return f"{kept}… ({len(text) - len(kept)} characters more)"


def _unknown(method: str) -> Callable[[bytes, Any], Awaitable[bytes]]:
    async def handle(_: bytes, context: Any) -> bytes:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"Method not found: {method[1:]}")
        return b""

    return handle


# The health protocol has two messages of one field each; the library for it would be a
# dependency for these bytes.
_SERVING = b"\x08\x01"
_SERVICE_UNKNOWN = b"\x08\x03"


def _health_service(data: bytes) -> str:
    return data[2 : 2 + data[1]].decode("utf-8", "replace") if len(data) > 1 and data[0] == 0x0A else ""


async def _check_health(data: bytes, context: Any) -> bytes:
    name = _health_service(data)
    if name not in ("", SERVICE):
        await context.abort(grpc.StatusCode.NOT_FOUND, f"unknown service {name}")
    return _SERVING


async def _watch_health(data: bytes, context: Any) -> None:
    await context.write(_SERVING if _health_service(data) in ("", SERVICE) else _SERVICE_UNKNOWN)
    await asyncio.Event().wait()
