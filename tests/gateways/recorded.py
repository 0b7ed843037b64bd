"""What a real 8.6.0 answered in states that the embedded gateway has not, played back on both wires.

Back-pressure, paused processing, several partitions and tenants: each call is answered as it was recorded, to whichever path asks.
Nothing is processed. Only tests that name this gateway run on it.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import any_pb2, json_format
from google.rpc import status_pb2

from camunda_grpc import gateway_pb2 as pb
from tests.gateways import base
from tests.gateways.base import Clock, Gateway, Record

DATA = Path(__file__).resolve().parents[1] / "data" / "recorded"
VERSION = "8.6.0"
WIRES = frozenset({base.GRPC, base.REST})
FEATURES = frozenset({base.FLOW_CONTROL, base.PAUSE, base.OPEN})

PAIRS, STATES = f"golden-{VERSION}.json", f"states-{VERSION}.json"

Call = dict[str, Any]
_SERVICE = pb.DESCRIPTOR.services_by_name["Gateway"]
_KEY = re.compile(r"\b225[12]\d{12}\b")


def read(file: str, name: str) -> list[Call]:
    """The calls of one recorded scenario, or of one state of the gateway."""
    recorded: dict[str, list[Call]] = json.loads((DATA / file).read_text(encoding="utf-8"))
    return recorded[name]


class Recorded(Gateway):
    """The recording behind both wires.

    Args:
        partitions: 1; with more, jobs and back-pressure come from several, as they were recorded.
        environment: with ``ZEEBE_BROKER_GATEWAY_MULTITENANCY_ENABLED`` it answers as with multi-tenancy on.
    """

    name = f"recorded-{VERSION}"
    version = VERSION
    wires = WIRES
    features = FEATURES

    def __init__(self, *, partitions: int = 1, environment: Mapping[str, str] | None = None) -> None:
        tenants = (environment or {}).get("ZEEBE_BROKER_GATEWAY_MULTITENANCY_ENABLED") == "true"
        several = partitions > 1
        self._calm = [
            *read(PAIRS, "test_topology_is_the_same"),
            *(read(STATES, "tenants") if tenants else ()),
            *(read(STATES, "jobs-of-partitions") if several else ()),
        ]
        self._limited = (
            read(STATES, "pressure-on-partitions")
            if several
            else read(PAIRS, "test_every_command_feels_back_pressure")
        )
        self._paused = read(PAIRS, "test_a_paused_broker_refuses_commands_and_finds_no_jobs")
        self._state: list[Call] = []
        self._grpc: grpc.Server | None = None
        self._http: ThreadingHTTPServer | None = None
        self._port = 0

    def start(self) -> None:
        self._grpc = grpc.server(ThreadPoolExecutor(8))
        self._grpc.add_generic_rpc_handlers((_Answers(self._calls),))
        self._port = self._grpc.add_insecure_port("127.0.0.1:0")
        self._grpc.start()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self._calls))
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, daemon=True).start()

    def close(self) -> None:
        if self._grpc is not None:
            self._grpc.stop(0).wait(10)
            self._grpc = None
        if self._http is not None:
            self._http.shutdown()
            self._http.server_close()
            self._http = None

    @property
    def alive(self) -> bool:
        return self._grpc is not None

    @property
    def clock(self) -> Clock:
        raise LookupError("a recording has no clock")

    @property
    def grpc_address(self) -> str:
        return f"127.0.0.1:{self._port}"

    @property
    def rest_address(self) -> str:
        assert self._http is not None
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    def _calls(self) -> list[Call]:
        """What can be asked now: first what belongs to the state."""
        kinds = {call["rpc"] for call in self._state}
        return [*self._state, *(call for call in self._calm if call["rpc"] not in kinds)]

    def records(self) -> list[Record]:
        raise LookupError("a recording has no records")

    def tail(self) -> str:
        return ""

    @contextmanager
    def limited(self, *, requests: int | None = None, writes_per_second: int | None = None) -> Iterator[None]:
        """Back-pressure while the block runs, as with a limit of one write per second."""
        self._state = self._limited
        try:
            yield
        finally:
            self._state = []

    def pause(self) -> None:
        """As while processing is paused, until ``resume``."""
        self._state = self._paused

    def resume(self) -> None:
        """As when nothing is wrong."""
        self._state = []


def _one(calls: list[Call], asked: Any, said: Callable[[Call], Any]) -> Call | None:
    """The recorded call of which most was asked, keys apart; None when of each something was not, and there are several."""
    wanted = _fields(asked)
    found = [call for call in calls if _fields(said(call)) <= wanted]
    if not found and len(calls) == 1:
        return calls[0]
    return max(found, key=lambda call: len(_fields(said(call))), default=None)


def _fields(said: Any) -> set[str]:
    """The fields of a request, each as text."""
    return {_KEY.sub("#", json.dumps(field, sort_keys=True)) for field in (said or {}).items()}


class _Answers(grpc.GenericRpcHandler):
    """The gRPC side."""

    def __init__(self, calls: Callable[[], list[Call]]) -> None:
        self._calls = calls

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        method = _SERVICE.methods_by_name.get(details.method.rpartition("/")[2])
        if method is None:
            return None
        ask, answer = (getattr(pb, each.name) for each in (method.input_type, method.output_type))

        def messages(request: Any, context: grpc.ServicerContext) -> list[Any]:
            said = self._said(method.name, request)
            if "code" in said:
                context.set_trailing_metadata(_details(said))
                context.abort(getattr(grpc.StatusCode, said["code"]), said["text"])
            found = said.get("messages", [said.get("response", {})])
            return [json_format.ParseDict(each, answer()) for each in found]

        serialize, parse = answer.SerializeToString, ask.FromString
        if method.server_streaming:
            return grpc.unary_stream_rpc_method_handler(
                lambda request, context: iter(messages(request, context)), parse, serialize
            )
        return grpc.unary_unary_rpc_method_handler(
            lambda request, context: messages(request, context)[0], parse, serialize
        )

    def _said(self, rpc: str, request: Any) -> dict[str, Any]:
        calls = [call for call in self._calls() if call["rpc"] == rpc]
        asked = json_format.MessageToDict(request, preserving_proto_field_name=True)
        call = _one(calls, asked, lambda call: call["grpc"]["request"])
        return call["grpc"] if call else {"code": "UNKNOWN", "text": f"not recorded: {rpc} {asked}"}


def _details(said: Call) -> tuple[tuple[str, bytes], ...]:
    """The status details; ``partitions`` are the texts of one status each inside it."""
    if not said.get("details"):
        return ()
    code = getattr(grpc.StatusCode, said["code"]).value[0]
    status = status_pb2.Status(code=code, message=said["text"])
    for text in said.get("partitions", ()):
        packed = any_pb2.Any()
        packed.Pack(status_pb2.Status(code=code, message=text))
        status.details.append(packed)
    return (("grpc-status-details-bin", status.SerializeToString()),)


def _handler(calls: Callable[[], list[Call]]) -> type[BaseHTTPRequestHandler]:
    """The REST side."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            is_json = self.headers.get("content-type", "").startswith("application/json")
            body = json.loads(content) if content and is_json else None
            answer = self._answer(body)
            said = json.dumps(answer["body"]).encode() if "body" in answer else b""
            self.send_response(answer["status"])
            if "type" in answer:
                self.send_header("Content-Type", answer["type"])
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_POST = do_PUT = do_PATCH = do_DELETE = do_GET

        def _answer(self, body: Any) -> dict[str, Any]:
            kind = _kind({"method": self.command, "path": self.path, "body": body})
            found = [call for call in calls() if call.get("rest") and _kind(call["rest"]["request"]) == kind]
            call = _one(found, body, lambda call: call["rest"]["request"].get("body"))
            if call is None:
                detail = f"not recorded: {self.command} {self.path} {body}"
                problem = {"type": "about:blank", "title": "not recorded", "status": 501, "detail": detail}
                return {"status": 501, "type": "application/problem+json", "body": problem}
            response: dict[str, Any] = call["rest"]["response"]
            return response

        def log_message(self, format: str, *args: Any) -> None: ...

    return Handler


def _kind(request: dict[str, Any]) -> tuple[str, str, bool, tuple[str, ...]]:
    """What makes two requests of one kind: the operation, whether a result is awaited, and what is changed of a job."""
    body = request.get("body") or {}
    path = _KEY.sub("#", request["path"])
    return request["method"], path, bool(body.get("awaitCompletion")), tuple(body.get("changeset", ()))
