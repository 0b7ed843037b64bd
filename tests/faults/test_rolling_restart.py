"""Three gateways that are restarted one after another under load: every call that was not sent goes through, and
none that was sent is made twice. Each does as a process of its own would: it ends as on
SIGTERM, is gone for a while, and comes back where it was. A gateway that is a process, ended under a worker, comes last.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import bridge
from camunda_core.errors import CamundaError, NotFound
from camunda_core.retry import RetryPolicy
from camunda_grpc import gateway_pb2 as pb
from camunda_worker import Worker
from tests.fakes.grpc import Answer, ScriptedGateway
from tests.fakes.names import NameServer
from tests.fakes.rest import Exchange, RestServer, answer
from tests.faults.program import Program
from tests.gateways import models

LIMIT = 60.0
CALLERS = 4
PATIENT = RetryPolicy(max_attempts=60, initial_delay=0.02, max_delay=0.1)


class Node:
    """A gateway that can be told to end, and comes back at its address; it counts the messages that it took by name."""

    def __init__(self, wire: str, port: int = 0, host: str = "127.0.0.1") -> None:
        self.wire, self.host = wire, host
        self.took: list[str] = []
        self._server: Any = None
        self.port = port
        self.start()

    def start(self) -> None:
        if self.wire == "grpc":
            self._server = ScriptedGateway(port=self.port, host=self.host)
            self._server.script["PublishMessage"] = [Answer((pb.PublishMessageResponse(key=1),))]
        else:
            self._server = RestServer(port=self.port, host=self.host)
            self._server.script(_slowly)
        self.port = self._server.port

    def end(self) -> None:
        """As SIGTERM does: over gRPC GOAWAY and time for what is under way; over REST connections that are closed."""
        if self.wire == "grpc":
            self._server.stop(5.0)
            self.took += [call.request.name for call in self._server.calls]
        else:
            self._server.stop()
            self.took += [request.json["name"] for request in self._server.requests]


def _slowly(exchange: Exchange) -> bool:
    """Answers after a moment, so that whoever ends this gateway finds requests under way."""
    time.sleep(0.003)
    return answer(200, {"messageKey": "1", "tenantId": "<default>"})(exchange)


class Callers:
    """Publish messages, which must not be made twice, each under a name of its own, until they are told to end."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.failed: list[tuple[str, CamundaError]] = []
        self.over = threading.Event()

    def _names(self, caller: int) -> Iterator[str]:
        for number in range(100_000):
            if self.over.is_set():
                return
            yield f"{caller}-{number}"

    def blocking(self, client: bridge.Client, caller: int) -> None:
        for name in self._names(caller):
            try:
                client.publish_message(name, correlation_key="1", timeout=LIMIT)
            except CamundaError as error:
                self.failed.append((name, error))
            else:
                self.done.append(name)
            time.sleep(0.002)

    async def awaited(self, client: bridge.AsyncClient, caller: int) -> None:
        for name in self._names(caller):
            try:
                await client.publish_message(name, correlation_key="1", timeout=LIMIT)
            except CamundaError as error:
                self.failed.append((name, error))
            else:
                self.done.append(name)
            await asyncio.sleep(0.002)


def call_on(made: Callers, aio: bool, arguments: dict[str, Any]) -> threading.Thread:
    """The callers of one client, at work in threads or in tasks of their own."""

    def threads() -> None:
        with bridge.Client(**arguments) as client:
            each = [
                threading.Thread(target=made.blocking, args=(client, number)) for number in range(CALLERS)
            ]
            for one in each:
                one.start()
            for one in each:
                one.join()

    async def tasks() -> None:
        async with bridge.AsyncClient(**arguments) as client:
            await asyncio.gather(*(made.awaited(client, number) for number in range(CALLERS)))

    thread = threading.Thread(target=(lambda: asyncio.run(tasks())) if aio else threads)
    thread.start()
    return thread


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + LIMIT
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.01)


@pytest.fixture(params=["grpc", "rest"])
def wire(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["sync", "asyncio"])
def aio(request: pytest.FixtureRequest) -> bool:
    return bool(request.param == "asyncio")


def _restart_in_turn(nodes: list[Node], arguments: dict[str, Any], aio: bool) -> None:
    callers = Callers()
    at_work = call_on(callers, aio, arguments)
    try:
        for node in nodes:
            before = len(callers.done)
            until(lambda before=before: len(callers.done) >= before + 40, "calls go through before")  # type: ignore[misc]
            node.end()
            before = len(callers.done)
            until(
                lambda before=before: len(callers.done) >= before + 40, "calls go through while one is away"
            )  # type: ignore[misc]
            node.start()
    finally:
        callers.over.set()
        at_work.join(LIMIT)
    assert not at_work.is_alive()
    for node in nodes:
        node.end()
    took = Counter(name for node in nodes for name in node.took)
    assert [name for name, times in took.items() if times > 1] == [], "nothing was made twice"
    assert set(callers.done) <= set(took), "what was confirmed was made"
    lost = [(name, str(error)) for name, error in callers.failed if not error.sent or error.answered]
    assert lost == [], "what was not sent goes through"
    # At most what was on its way at each of the restarts; over gRPC even that is let finish.
    assert len(callers.failed) <= CALLERS * len(nodes)
    unconfirmed = set(took) - set(callers.done)
    assert unconfirmed <= {name for name, _ in callers.failed}


def test_three_gateways_with_addresses_of_their_own(wire: str, aio: bool) -> None:
    nodes = [Node(wire) for _ in range(3)]
    addresses = [f"http://{each.host}:{each.port}" for each in nodes]
    arguments = {f"{wire}_address": addresses, "transport": wire, "env": {}, "retry": PATIENT}
    _restart_in_turn(nodes, arguments, aio)


def test_three_gateways_behind_one_name(wire: str, aio: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    hosts = ("127.0.0.1", "127.0.0.2", "127.0.0.3")
    first = Node(wire, host=hosts[0])
    nodes = [first, *(Node(wire, first.port, host) for host in hosts[1:])]
    real = socket.getaddrinfo

    def resolved(host: Any, *more: Any, **named: Any) -> Any:
        if host not in ("gateway.test", b"gateway.test"):
            return real(host, *more, **named)
        return [found for each in hosts for found in real(each, *more, **named)]

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    with NameServer(hosts) as names:
        server = f"dns://127.0.0.1:{names.port}/" if wire == "grpc" else "http://"
        address = f"{server}gateway.test:{first.port}"
        arguments = {f"{wire}_address": address, "transport": wire, "env": {}, "retry": PATIENT}
        _restart_in_turn(nodes, arguments, aio)


@pytest.fixture
def program(tmp_path: Path) -> Iterator[Program]:
    made = Program(tmp_path)
    yield made
    made.end()


def _orders(program: Program, numbers: range, *, past: int = 0) -> list[str]:
    """Starts them, after so many instances of something else: their keys are no one's before."""
    with bridge.Client(grpc_address=program.addresses["grpc_address"], env={}, transport="grpc") as client:
        for name, words in (("empty", {}), ("order", {"charge": "charge", "ship": "ship"})):
            client.deploy_resource((models.filename(name), models.model(name, process=name, **words)))
        for _ in range(past):
            client.create_process_instance("empty")
        return [
            client.create_process_instance("order", variables={"number": number}).process_instance_key
            for number in numbers
        ]


def _still_there(program: Program, keys: list[str]) -> list[str]:
    left = []
    with bridge.Client(grpc_address=program.addresses["grpc_address"], env={}, transport="grpc") as client:
        for key in keys:
            try:
                client.cancel_process_instance(key)
            except NotFound:
                continue
            left.append(key)
    return left


async def test_a_gateway_that_is_told_to_end_under_a_worker(wire: str, program: Program) -> None:
    handled: Counter[tuple[str, int]] = Counter()
    async with bridge.AsyncClient(**program.addresses, transport=wire, env={}) as client:  # type: ignore[arg-type]
        worker = Worker(client)

        @worker.task("charge", timeout=60)
        async def charge(number: int) -> None:
            handled["charge", number] += 1
            await asyncio.sleep(0.01)

        @worker.task("ship", timeout=60)
        async def ship(number: int) -> None:
            handled["ship", number] += 1

        at_work = asyncio.ensure_future(worker.work())
        await asyncio.to_thread(_orders, program, range(60))
        await asyncio.to_thread(until, lambda: len(handled) >= 20, "the load has begun")
        assert await asyncio.to_thread(program.end), "it ends by itself"
        assert not at_work.done()
        await asyncio.to_thread(program.start)
        keys = await asyncio.to_thread(_orders, program, range(100, 130), past=300)
        wanted = {(what, number) for what in ("charge", "ship") for number in range(100, 130)}
        await asyncio.to_thread(until, lambda: wanted <= set(handled), "the worker goes on")
        worker.stop()
        await asyncio.wait_for(at_work, LIMIT)
    assert {what for what, times in handled.items() if times > 1} == set(), "none was handled twice"
    assert await asyncio.to_thread(_still_there, program, keys) == [], "no job was lost"
