"""A cluster with several gateways: calls go on where one fails, are not lost and not made twice; a name that
means another machine later is asked again. On both wires, sync and asyncio.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

import bridge
import camunda_grpc
from camunda_core.errors import Aborted, CamundaError, ConfigurationError, DeadlineExceeded, Unavailable
from camunda_core.observing import CallRequest, Hooks
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from camunda_rest import RestClient
from camunda_rest.operations import COMPLETE_JOB
from camunda_worker import Worker
from tests.fakes.gateway import running
from tests.fakes.grpc import Abort, Answer, ScriptedGateway, Stall, Wire, until
from tests.fakes.names import NameServer
from tests.fakes.ports import free_port
from tests.fakes.rest import RestServer, answer, problem, reset_after_request, stall

FAST = RetryPolicy(max_attempts=3, initial_delay=0.001, max_delay=0.002)


class Client:
    """A client of the bridge on one wire, sync or asyncio, behind one face."""

    def __init__(self, wire: str, aio: bool, addresses: Any, **arguments: Any) -> None:
        arguments = {f"{wire}_address": addresses, "transport": wire, "env": {}, **arguments}
        self._loop = asyncio.new_event_loop() if aio else None
        if self._loop is None:
            self.client: Any = bridge.Client(**arguments)
        else:
            try:
                self.client = self._loop.run_until_complete(self._made(arguments))
            except BaseException:
                self._loop.close()
                raise

    async def _made(self, arguments: dict[str, Any]) -> Any:
        return bridge.AsyncClient(**arguments)

    def _do(self, name: str, *given: Any, **named: Any) -> Any:
        made = getattr(self.client, name)(*given, **named)
        return made if self._loop is None else self._loop.run_until_complete(asyncio.wait_for(made, 60))

    def complete(self, **named: Any) -> None:
        """What may be repeated."""
        self._do("complete_job", 1, **named)

    def publish(self, **named: Any) -> None:
        """What must not be made twice."""
        self._do("publish_message", "paid", correlation_key="1", **named)

    def close(self) -> None:
        if self._loop is None:
            self.client.close()
        else:
            self._do("aclose")
            self._loop.close()


class Node:
    """A scripted gateway on one wire."""

    def __init__(self, wire: str, port: int = 0, host: str = "127.0.0.1") -> None:
        self.wire = wire
        self._grpc = ScriptedGateway(port=port, host=host) if wire == "grpc" else None
        self._rest = RestServer(port=port, host=host) if wire == "rest" else None
        self.port = (self._grpc or self._rest).port  # type: ignore[union-attr]
        self.host = host
        self.answers()

    @property
    def address(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def seen(self) -> int:
        return len(self._grpc.calls) if self._grpc else len(self._rest.requests)  # type: ignore[union-attr]

    @property
    def requests(self) -> list[Any]:
        """What came."""
        return list(self._grpc.calls if self._grpc else self._rest.requests)  # type: ignore[union-attr]

    def answers(self) -> None:
        if self._grpc:
            self._grpc.script["PublishMessage"] = [Answer((pb.PublishMessageResponse(key=1),))]
        if self._rest:
            self._rest.script(answer(200, {"messageKey": "1", "tenantId": "<default>"}))

    def refuses(self) -> None:
        """Says itself that it cannot: an answer, after which anything may be repeated."""
        if self._grpc:
            for rpc in ("CompleteJob", "PublishMessage"):
                self._grpc.script[rpc] = [Abort(grpc.StatusCode.UNAVAILABLE)]
        else:
            self._rest.script(problem(503, "UNAVAILABLE", "no leader"))  # type: ignore[union-attr]

    def hangs(self) -> None:
        if self._grpc:
            self._grpc.script["CompleteJob"] = [Stall()]
        else:
            self._rest.script(stall())  # type: ignore[union-attr]

    def breaks(self) -> None:
        """Takes the request, and breaks the connection off."""
        if self._rest:
            self._rest.script(reset_after_request())

    def stop(self) -> None:
        if self._grpc:
            self._grpc.release()
            self._grpc.stop()
        else:
            self._rest.stop()  # type: ignore[union-attr]


Make = Callable[..., Client]


@pytest.fixture(params=["grpc", "rest"])
def wire(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["sync", "asyncio"])
def make(request: pytest.FixtureRequest, wire: str) -> Iterator[Make]:
    made: list[Client] = []

    def client(addresses: Any, **arguments: Any) -> Client:
        made.append(Client(wire, request.param == "asyncio", addresses, **arguments))
        return made[-1]

    yield client
    for each in made:
        each.close()


@pytest.fixture
def nodes(wire: str) -> Iterator[list[Node]]:
    made = [Node(wire) for _ in range(3)]
    yield made
    for each in made:
        each.stop()


def nobody() -> str:
    return f"http://127.0.0.1:{free_port()}"


def test_calls_stay_with_the_first_gateway_while_it_answers(make: Make, nodes: list[Node]) -> None:
    client = make([each.address for each in nodes])
    for _ in range(5):
        client.complete()
    assert [each.seen for each in nodes] == [5, 0, 0]


def test_what_was_not_sent_goes_on_at_once_whatever_the_policy(make: Make, nodes: list[Node]) -> None:
    client = make([nobody(), nobody(), nodes[0].address], retry=NO_RETRY)
    client.publish()
    client.publish()
    assert nodes[0].seen == 2


def test_addresses_may_be_one_text(make: Make, nodes: list[Node]) -> None:
    client = make(f"{nobody()}, {nodes[0].address}", retry=NO_RETRY)
    client.publish()
    assert nodes[0].seen == 1


def test_a_gateway_that_went_is_left_and_taken_again_when_the_next_one_goes(
    make: Make, nodes: list[Node], wire: str
) -> None:
    first, second, _ = nodes
    client = make([first.address, second.address], retry=NO_RETRY)
    client.publish()
    first.stop()
    until(lambda: _refused(first.port), "the end of the first gateway")
    try:
        client.publish()
    except (
        CamundaError
    ):  # the connection may have been broken while it was on its way; never silently repeated
        client.publish()
    assert second.seen == 1
    nodes[0] = again = Node(wire, first.port)
    client.publish()
    assert (second.seen, again.seen) == (2, 0), "it stays where it is"
    second.stop()
    until(lambda: _refused(second.port), "the end of the second gateway")
    for _ in range(600):  # until grpcio knows that the first one is back: seconds, of a slow machine many
        try:
            client.publish()
        except CamundaError:
            time.sleep(0.05)
            continue
        break
    assert again.seen == 1


def _refused(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_an_answer_that_may_be_repeated_goes_to_the_next_gateway(make: Make, nodes: list[Node]) -> None:
    nodes[0].refuses()
    client = make([each.address for each in nodes], retry=FAST)
    client.publish()
    assert [each.seen for each in nodes] == [1, 1, 0]


def test_without_retries_an_answer_is_the_callers_and_the_next_call_goes_on(
    make: Make, nodes: list[Node]
) -> None:
    nodes[0].refuses()
    client = make([each.address for each in nodes], retry=NO_RETRY)
    with pytest.raises(Unavailable):
        client.publish()
    client.publish()
    assert [each.seen for each in nodes] == [1, 1, 0]


def test_a_call_that_hangs_costs_its_own_time_and_no_other_call(make: Make, nodes: list[Node]) -> None:
    client = make([each.address for each in nodes], retry=NO_RETRY)
    client.publish()  # from now on there is a connection
    nodes[0].hangs()
    with pytest.raises(DeadlineExceeded):
        client.complete(timeout=1)
    client.complete()
    assert [each.seen for each in nodes[1:]] == [1, 0], [each.requests for each in nodes]


@pytest.mark.parametrize("wire", ["rest"], indirect=True)
def test_what_must_not_be_made_twice_is_not_when_the_connection_breaks(make: Make, nodes: list[Node]) -> None:
    nodes[0].breaks()
    client = make([each.address for each in nodes], retry=FAST)
    with pytest.raises(Aborted, match="may have been executed"):
        client.publish()
    assert [each.seen for each in nodes] == [1, 0, 0]
    client.publish()
    assert [each.seen for each in nodes] == [1, 1, 0]


@pytest.mark.parametrize("wire", ["grpc"], indirect=True)
def test_a_broken_connection_of_grpc_repeats_what_may_be_elsewhere(make: Make, nodes: list[Node]) -> None:
    gateway: Any = nodes[0]._grpc
    line = Wire(gateway.port)
    gateway.script["PublishMessage"] = gateway.script["CompleteJob"] = [Stall(line.cut)]
    client = make([f"http://{line.address}", nodes[1].address], retry=FAST)
    with pytest.raises(CamundaError) as caught:
        client.publish()
    assert not caught.value.answered
    assert nodes[1].seen == 0
    client.complete()
    assert nodes[1].seen == 1
    line.close()


def test_when_all_are_gone_the_error_comes_after_each_was_tried(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    gone = [nobody() for _ in range(3)]
    client = make(gone, retry=NO_RETRY, timeout=20)
    with caplog.at_level(logging.WARNING, logger="camunda_core"), pytest.raises(Unavailable) as caught:
        client.publish()
    assert caught.value.attempts == 3
    assert not caught.value.sent
    assert caught.value.elapsed < 10
    said = [record.getMessage() for record in caplog.records if "calls go to" in record.getMessage()]
    assert len(said) == 3
    assert all(
        address.removeprefix("http://") in line
        for address, line in zip([*gone[1:], gone[0]], said, strict=True)
    )


def test_observers_are_told_which_gateway_each_attempt_went_to(make: Make, nodes: list[Node]) -> None:
    went: list[int] = []

    def requested(request: CallRequest) -> None:
        went.append(request.port)

    gone = nobody()
    client = make([gone, nodes[0].address], retry=NO_RETRY, observers=[Hooks(on_request=requested)])
    client.publish()
    assert went == [int(gone.rpartition(":")[2]), nodes[0].port]


def test_many_callers_leave_a_gateway_once(wire: str, nodes: list[Node]) -> None:
    arguments: Any = {
        f"{wire}_address": [nobody(), *(each.address for each in nodes)],
        "transport": wire,
        "env": {},
    }
    with bridge.Client(retry=NO_RETRY, **arguments) as client:
        failures: list[BaseException] = []

        def work() -> None:
            try:
                client.publish_message("paid", correlation_key="1")
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=work) for _ in range(40)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(30)
    assert not failures
    assert sum(each.seen for each in nodes) == 40


async def test_a_worker_goes_on_with_the_next_gateway(wire: str) -> None:
    async with running() as second:
        keys = await second.add("work", 20)
        address = second.grpc if wire == "grpc" else second.rest
        arguments: Any = {f"{wire}_address": [nobody(), address], "transport": wire, "env": {}}
        async with bridge.AsyncClient(**arguments) as client:
            worker = Worker(client)

            @worker.task("work")
            async def work() -> None:
                pass

            running_worker = asyncio.ensure_future(worker.work())
            assert await second.ended(keys, 30) == []
            worker.stop()
            await running_worker
        assert (await second.summary("work"))["completed"] == 20


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["http://a:1", "https://b:1"], "some of its addresses are for TLS and others are not"),
        (["http://a:1", ""], "one of its addresses is empty"),
        (["http://a:1", "http://a:1"], "is there twice"),
        ([], "is empty"),
        ("http://a:1,", "one of its addresses is empty"),
        (["http://a:1", 5], "must be addresses, but [1] is 5"),
    ],
)
def test_lists_that_cannot_be_right_are_refused(make: Make, given: Any, said: str, wire: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        make(given)
    assert said in str(caught.value)
    assert f"{wire}_address" in str(caught.value)


def test_the_environment_may_name_several(wire: str, nodes: list[Node]) -> None:
    name = f"CAMUNDA_{wire.upper()}_ADDRESS"
    text = ",".join(
        each.removeprefix("http://") if wire == "grpc" else each for each in (nobody(), nodes[0].address)
    )
    with bridge.Client(env={name: text, "CAMUNDA_BRIDGE_TRANSPORT": wire}, retry=NO_RETRY) as client:
        client.complete_job(1)
    assert nodes[0].seen == 1


# Names whose addresses change ------------------------------------------------------------------------------------


@pytest.mark.parametrize("wire", ["rest"], indirect=True)
def test_a_name_is_asked_again_over_rest(make: Make, wire: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Node(wire)
    second = Node(wire, first.port, "127.0.0.2")
    now = ["127.0.0.1"]
    real = socket.getaddrinfo

    def resolved(host: Any, *more: Any, **named: Any) -> Any:
        return real(now[0] if host in ("gateway.test", b"gateway.test") else host, *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    client = make(f"http://gateway.test:{first.port}", retry=RetryPolicy(max_attempts=20, initial_delay=0.2))
    client.complete()
    now[0] = "127.0.0.2"
    first.stop()
    client.complete()
    assert (first.seen, second.seen) == (1, 1)
    second.stop()


@pytest.mark.parametrize("wire", ["grpc"], indirect=True)
def test_a_name_is_asked_again_over_grpc(make: Make, wire: str) -> None:
    first = Node(wire)
    second = Node(wire, first.port, "127.0.0.2")
    with NameServer("127.0.0.1") as names:
        client = make(
            f"dns://127.0.0.1:{names.port}/gateway.test:{first.port}",
            retry=RetryPolicy(max_attempts=40, initial_delay=0.2, max_delay=0.5),
            timeout=30,
        )
        client.complete()
        names.address = "127.0.0.2"
        first.stop()
        client.complete()
    assert (first.seen, second.seen) == (1, 1)
    second.stop()


# What only one wire has ------------------------------------------------------------------------------------------


def test_gateways_over_rest_may_have_context_paths_of_their_own() -> None:
    with RestServer() as first, RestServer() as second:
        second.script(answer(204))
        gone = f"http://127.0.0.1:{free_port()}/one"
        with RestClient([gone, f"{second.address}/two/v2"], retry=NO_RETRY) as client:
            client.call(COMPLETE_JOB, {"jobKey": 5})
        assert [each.target for each in second.requests] == ["/two/v2/jobs/5/completion"]
        assert not first.requests


def test_who_waits_until_a_gateway_is_ready_waits_for_any_of_them() -> None:
    port = free_port()
    with camunda_grpc.channel([f"127.0.0.1:{free_port()}", f"127.0.0.1:{port}"], retry=NO_RETRY) as channel:
        late: list[ScriptedGateway] = []
        timer = threading.Timer(0.5, lambda: late.append(ScriptedGateway(port=port)))
        timer.start()
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        stub.Topology(pb.TopologyRequest(), wait_for_ready=True, timeout=20)
        timer.join()
        assert late[0].count("Topology") == 1
        late[0].stop()


def test_who_watches_the_connectivity_sees_that_of_the_gateway_in_use() -> None:
    gateway = ScriptedGateway()
    gateway.script["Topology"] = [Answer()]
    with camunda_grpc.channel([f"127.0.0.1:{free_port()}", gateway.address], retry=NO_RETRY) as channel:
        states: list[Any] = []
        channel.subscribe(states.append)
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        stub.Topology(pb.TopologyRequest())
        until(lambda: any(state.name == "READY" for state in states), "the gateway in use is ready")
        channel.unsubscribe(states.append)
    gateway.stop()
