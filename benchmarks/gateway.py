"""A gateway that does nothing but answer, on both wires, in a process of its own: ``python -m benchmarks.gateway [core]``.

It knows two requests: to activate jobs, which it answers with as many as are asked for, and every other one, which it takes for the
creation of a process instance. Answers are made once, as bytes.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import grpc
import grpc.aio

from camunda_grpc._generated import gateway_pb2

__all__ = [
    "INSTANCE",
    "Addresses",
    "client_core",
    "job",
    "jobs_answer",
    "process_of",
    "running",
    "server_core",
]

ROOT = Path(__file__).parents[1]

#: What the creation of a process instance is answered with, in the words of 8.10.
INSTANCE = {
    "processDefinitionKey": "2251799813685249",
    "processDefinitionId": "order",
    "processDefinitionVersion": 1,
    "processInstanceKey": "2251799813685251",
    "tenantId": "<default>",
    "variables": {},
    "tags": [],
    "businessId": None,
}


def job(number: int) -> dict[str, Any]:
    """An activated job with about 290 bytes of variables, in the words of 8.10."""
    lines = [{"sku": f"sku-{number}-{line}", "quantity": line, "price": 12.5 * line} for line in range(1, 5)]
    return {
        "type": "charge",
        "processDefinitionId": "order",
        "processDefinitionVersion": 1,
        "elementId": "charge-card",
        "customHeaders": {"retries": "3"},
        "worker": "benchmark",
        "retries": 3,
        "deadline": 1790000000000,
        "variables": {
            "orderId": f"order-{number}",
            "customer": "Ada Lovelace",
            "paid": False,
            "lines": lines,
        },
        "tenantId": "<default>",
        "jobKey": str(2251799813690000 + number),
        "processInstanceKey": str(2251799813680000 + number),
        "processDefinitionKey": "2251799813685249",
        "elementInstanceKey": str(2251799813700000 + number),
        "kind": "BPMN_ELEMENT",
        "listenerEventType": "UNSPECIFIED",
        "userTask": None,
        "tags": [],
        "rootProcessInstanceKey": str(2251799813680000 + number),
        "businessId": None,
        "priority": 0,
        "jobLeaseToken": None,
        "physicalTenantId": "default",
    }


@cache
def jobs_answer(count: int) -> dict[str, Any]:
    """The answer to an activation."""
    return {"jobs": [job(number) for number in range(count)]}


@cache
def _grpc_jobs(count: int) -> bytes:
    from bridge._table.transcode import exchange

    answer: bytes = exchange("ActivateJobs").answer_from_rest(jobs_answer(count)).SerializeToString()
    return answer


@cache
def _rest_jobs(count: int) -> bytes:
    return _http(jobs_answer(count))


def _http(answer: Any) -> bytes:
    body = json.dumps(answer, separators=(",", ":")).encode()
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nDate: Sat, 21 Nov 2026 12:00:00 GMT\r\n\r\n"
    )
    return head.encode() + body


class _Rest(asyncio.Protocol):
    """As much of HTTP/1.1 as clients need that send one request at a time and its length."""

    _created = _http(INSTANCE)
    _length = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
    _wanted = re.compile(rb'"maxJobsToActivate": *(\d+)')

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._read = b""

    def data_received(self, data: bytes) -> None:
        self._read += data
        head, end, body = self._read.partition(b"\r\n\r\n")
        length = self._length.search(head)
        if not end or len(body) < (int(length[1]) if length else 0):
            return
        self._read = b""
        wanted = self._wanted.search(body)
        self._transport.write(_rest_jobs(int(wanted[1])) if wanted else self._created)


class _Grpc(grpc.GenericRpcHandler):
    """Bytes in, bytes out."""

    def __init__(self) -> None:
        created = gateway_pb2.CreateProcessInstanceResponse(
            processDefinitionKey=int(INSTANCE["processDefinitionKey"]),  # type: ignore[call-overload]
            bpmnProcessId="order",
            version=1,
            processInstanceKey=int(INSTANCE["processInstanceKey"]),  # type: ignore[call-overload]
            tenantId="<default>",
        ).SerializeToString()

        async def create(request: bytes, context: Any) -> bytes:
            return created

        async def activate(request: bytes, context: Any) -> Any:
            yield _grpc_jobs(gateway_pb2.ActivateJobsRequest.FromString(request).maxJobsToActivate)

        self._create: Any = grpc.unary_unary_rpc_method_handler(create)
        self._activate: Any = grpc.unary_stream_rpc_method_handler(activate)

    def service(self, handler_call_details: Any) -> Any:
        return self._activate if handler_call_details.method.endswith("/ActivateJobs") else self._create


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((_Grpc(),))
    grpc_port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    rest = await loop.create_server(_Rest, "127.0.0.1", 0)
    left_alone = asyncio.Event()
    loop.add_reader(
        sys.stdin.fileno(), left_alone.set
    )  # whoever started it closes the pipe, if only by dying
    print(f"127.0.0.1:{grpc_port} http://127.0.0.1:{rest.sockets[0].getsockname()[1]}", flush=True)
    await left_alone.wait()
    rest.close()
    await server.stop(None)


class Addresses(NamedTuple):
    """Where the gateway listens."""

    grpc: str
    rest: str


@contextmanager
def process_of(command: Sequence[str]) -> Iterator[subprocess.Popen[str]]:
    """A process that talks over stdin and stdout. It ends with the context, by seeing its stdin closed."""
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdin is not None
        try:
            yield process
        finally:
            process.stdin.close()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()


@contextmanager
def running() -> Iterator[Addresses]:
    """A gateway that runs as long as the context does, on the core that the client leaves to it."""
    core = server_core()
    command = [sys.executable, "-m", "benchmarks.gateway", *([] if core is None else [str(core)])]
    with process_of(command) as process:
        assert process.stdout is not None
        yield Addresses(*process.stdout.readline().split())


_cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def client_core() -> int | None:
    """The core for whoever makes the calls; None where cores cannot be chosen, or there is only one."""
    return _cores[0] if len(_cores) > 1 else None


def server_core() -> int | None:
    """The core for the gateway."""
    return _cores[1] if len(_cores) > 1 else None


if __name__ == "__main__":
    if len(sys.argv) > 1:
        os.sched_setaffinity(0, {int(sys.argv[1])})
    asyncio.run(_serve())
