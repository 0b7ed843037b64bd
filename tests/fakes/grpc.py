"""A gateway that does what a test tells it to, and a wire that can be cut: real servers on free local
ports.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf import any_pb2, message_factory
from google.rpc import status_pb2

from camunda_grpc import gateway_pb2
from tests.fakes.ports import free_port

SERVICE = gateway_pb2.DESCRIPTOR.services_by_name["Gateway"]
LIMIT = 20.0  # seconds after which nothing here waits any longer


@dataclass(frozen=True)
class Answer:
    """OK, with these messages; a unary RPC takes the first, or an empty one."""

    messages: tuple[Any, ...] = ()
    trailing: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Abort:
    """This status, with the gateway's status details or without, after these messages."""

    code: grpc.StatusCode
    details: str = "scripted"
    with_status: bool = True
    inner: tuple[Any, ...] = ()
    messages: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Stall:
    """Nothing, until the call is over or the gateway stops; ``then`` is called first."""

    then: Callable[[], None] = field(default=lambda: None)
    messages: tuple[Any, ...] = ()


@dataclass(frozen=True)
class Endless:
    """Message after message, for as long as the client takes them; ``written`` counts them."""

    message: Any
    written: list[int]
    most: int = 50_000


@dataclass(frozen=True)
class Call:
    """What a gateway saw of a call."""

    rpc: str
    request: Any
    metadata: dict[str, Any]
    time_remaining: float | None
    peer: str
    host: str = ""
    pairs: tuple[tuple[str, Any], ...] = ()


def status_details(code: grpc.StatusCode, message: str, *inner: Any) -> bytes:
    """A serialized google.rpc.Status, as it travels in grpc-status-details-bin."""
    status = status_pb2.Status(code=code.value[0], message=message)
    for each in inner:
        packed = any_pb2.Any()
        packed.Pack(each)
        status.details.append(packed)
    return bytes(status.SerializeToString())


class ScriptedGateway:
    """All RPCs of the protocol. ``script["CompleteJob"] = [Abort(...), Answer()]`` is played call by call,
    the last for ever.
    """

    def __init__(
        self,
        *,
        credentials: grpc.ServerCredentials | None = None,
        options: Any = (),
        port: int = 0,
        host: str = "127.0.0.1",
    ) -> None:
        self.script: dict[str, list[Any]] = defaultdict(list)
        self.calls: list[Call] = []
        self._credentials = credentials
        self._options = (("grpc.so_reuseport", 0), *options)
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.host = host
        self.port = port or free_port(host)
        self._server: Any = None
        self.start()

    def start(self) -> None:
        """Starts it, on the port that it had before."""
        self._stopping = threading.Event()
        self._server = grpc.server(ThreadPoolExecutor(40), options=self._options)
        self._server.add_generic_rpc_handlers((_Handlers(self),))
        address = f"{self.host}:{self.port}"
        if self._credentials is None:
            self.port = self._server.add_insecure_port(address)
        else:
            self.port = self._server.add_secure_port(address, self._credentials)
        self._server.start()

    def stop(self, grace: float | None = None) -> None:
        """Stops it: with ``grace`` calls may go on for so long, without they are cut off."""
        stopped = self._server.stop(grace)
        if grace is None:
            self._stopping.set()
        assert stopped.wait(LIMIT)
        self._stopping.set()

    def release(self) -> None:
        """Ends all stalls."""
        self._stopping.set()

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def count(self, rpc: str) -> int:
        return sum(call.rpc == rpc for call in list(self.calls))

    def play(self, rpc: str, request: Any, context: grpc.ServicerContext, answer: Any) -> Iterator[Any]:
        with self._lock:
            steps = self.script[rpc]
            step = steps.pop(0) if len(steps) > 1 else steps[0] if steps else Answer()
            self.calls.append(
                Call(
                    rpc,
                    request,
                    dict(context.invocation_metadata()),
                    context.time_remaining(),
                    context.peer(),
                    context._rpc_event.call_details.host.decode(),  # type: ignore[attr-defined]
                    tuple((key, value) for key, value in context.invocation_metadata()),
                )
            )
        if isinstance(step, Endless):
            while context.is_active() and step.written[0] < step.most and not self._stopping.is_set():
                yield step.message
                step.written[0] += 1
            return
        if isinstance(step, Stall):
            yield from step.messages
            over = threading.Event()
            context.add_callback(over.set)
            step.then()
            limit = time.monotonic() + LIMIT
            while not (over.wait(0.01) or self._stopping.is_set()) and time.monotonic() < limit:
                pass
            return
        if isinstance(step, Abort):
            yield from step.messages
            if step.with_status:
                context.set_trailing_metadata(
                    (("grpc-status-details-bin", status_details(step.code, step.details, *step.inner)),)
                )
            context.abort(step.code, step.details)
        context.send_initial_metadata((("served-by", "script"),))
        context.set_trailing_metadata(step.trailing)
        yield from step.messages or ((answer(),) if answer is not None else ())


class _Handlers(grpc.GenericRpcHandler):
    def __init__(self, gateway: ScriptedGateway) -> None:
        self._gateway = gateway

    def service(self, details: Any) -> Any:
        name = details.method.rpartition("/")[2]
        if name in ("Sum", "Chat"):  # kinds of RPC that the protocol does not have
            return self._foreign(name)
        method = SERVICE.methods_by_name.get(name)
        if method is None:
            return None
        request = message_factory.GetMessageClass(method.input_type)
        response = message_factory.GetMessageClass(method.output_type)

        def stream(message: Any, context: Any) -> Iterator[Any]:
            return self._gateway.play(name, message, context, None)

        def unary(message: Any, context: Any) -> Any:
            return next(self._gateway.play(name, message, context, response), response())

        streaming = name in ("ActivateJobs", "StreamActivatedJobs")
        make = grpc.unary_stream_rpc_method_handler if streaming else grpc.unary_unary_rpc_method_handler
        return make(stream if streaming else unary, request.FromString, response.SerializeToString)

    def _foreign(self, name: str) -> Any:
        def take(requests: Any, context: Any) -> list[bytes]:
            taken = list(requests)
            metadata = dict(context.invocation_metadata())
            self._gateway.calls.append(Call(name, taken, metadata, context.time_remaining(), context.peer()))
            if b"bad" in taken:
                context.abort(grpc.StatusCode.NOT_FOUND, "bad")
            return taken

        if name == "Sum":
            return grpc.stream_unary_rpc_method_handler(lambda r, c: b",".join(take(r, c)))
        return grpc.stream_stream_rpc_method_handler(lambda r, c: iter(take(r, c)))


class _Pair:
    """A connection that is relayed: the near side's socket, the far side's, and a thread for each direction.

    A socket is closed when no thread uses it any more. Its number goes to the next one at once, and a
    thread that was about to read would take what is another's.
    """

    def __init__(self, near: socket.socket, far: socket.socket) -> None:
        self._both = (near, far)
        self._cut = False
        ways = ((near, far), (far, near))
        self._threads = [threading.Thread(target=self._relay, args=way, daemon=True) for way in ways]
        for each in self._threads:
            each.start()

    def _relay(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while (data := source.recv(65536)) and not self._cut:
                sink.sendall(data)
        if not self._cut:
            self._shut(socket.SHUT_RDWR)

    def _shut(self, how: int) -> None:
        for each in self._both:
            with contextlib.suppress(OSError):
                each.shutdown(how)

    def cut(self) -> None:
        """Resets it."""
        self._cut = True
        for each in self._both:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._shut(socket.SHUT_RD)
        for thread in self._threads:
            thread.join(0.2)
            if thread.is_alive():  # it waits for somebody who does not read
                self._shut(socket.SHUT_RDWR)
                thread.join(LIMIT)
        for each in self._both:
            each.close()


class Wire:
    """A TCP relay to ``port`` whose connections can be reset, and whose door can be shut."""

    def __init__(self, port: int) -> None:
        self._upstream = port
        self._open: list[_Pair] = []
        self._lock = threading.Lock()
        self._shut = False
        self.made = 0
        self._listener = socket.create_server(("127.0.0.1", free_port()))
        self.port: int = self._listener.getsockname()[1]
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def _accept(self) -> None:
        while not self._shut:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(("127.0.0.1", self._upstream), timeout=LIMIT)
            except OSError:
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                near.close()
                continue
            with self._lock:
                self.made += 1
                self._open.append(_Pair(near, far))

    def cut(self) -> None:
        """Resets every connection there is."""
        with self._lock:
            connections, self._open = self._open, []
        for each in connections:
            each.cut()

    def close(self) -> None:
        """Cuts, and refuses new connections from now on."""
        self._shut = True
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join(LIMIT)
        self._listener.close()
        self.cut()


def until(condition: Callable[[], bool], what: str) -> None:
    """Waits for ``condition``; fails the test when it does not come true."""
    limit = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < limit, f"{what} did not happen within {LIMIT:g} s"
        time.sleep(0.005)
