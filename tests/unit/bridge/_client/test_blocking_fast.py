"""The blocking client over the fast engine: what a program sees of the thread that carries its calls."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import bridge
from camunda_core.errors import Cancelled, InvalidRequest, NotFound
from camunda_embedded import EmbeddedGateway
from camunda_grpc import gateway_pb2, gateway_pb2_grpc

ORDER = Path(__file__).parents[4] / "examples" / "order.bpmn"
WIRES = ("grpc", "rest")
TYPE = "charge-card"


@pytest.fixture
def gateway() -> Iterator[EmbeddedGateway]:
    with EmbeddedGateway() as running, bridge.Client(rest_address=running.rest_address, env={}) as client:
        client.deploy_resource(ORDER)
        yield running


def address(gateway: EmbeddedGateway, wire: str) -> dict[str, Any]:
    return {f"{wire}_address": getattr(gateway, f"{wire}_address")}


@pytest.fixture(params=WIRES)
def wire(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def client(gateway: EmbeddedGateway, wire: str) -> Iterator[bridge.Client]:
    with bridge.Client(**address(gateway, wire), engine="fast", env={}) as made:
        yield made


def until(true: Any) -> bool:
    """Whether it becomes true within 20 s."""
    deadline = time.monotonic() + 20
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(true())


def test_a_process_runs_as_over_any_engine(client: bridge.Client) -> None:
    with client.stream_activated_jobs(TYPE, job_timeout=60) as stream:
        assert until(lambda: client.wires[0].running)  # over gRPC only what comes then is pushed
        instance = client.create_process_instance("order", variables={"total": 10, "name": "é"})
        job = next(stream)
    client.fail_job(job.job_key, retries=3)
    (again,) = client.activate_jobs(TYPE, max_jobs_to_activate=1, job_timeout=60)
    assert again.process_instance_key == instance.process_instance_key
    assert again.variables["name"] == "é"
    client.complete_job(again.job_key, variables={"paid": True})
    with pytest.raises(NotFound):
        client.complete_job(again.job_key)


def test_what_is_open_is_told(client: bridge.Client, wire: str) -> None:
    client.topology()
    (use,) = client.wires
    assert (use.engine, use.wire.lower()) == ("fast", wire)
    assert use.connections == 1


def test_closing_closes_the_connections(gateway: EmbeddedGateway, wire: str) -> None:
    client = bridge.Client(**address(gateway, wire), engine="fast", env={})
    client.topology()
    assert client.wires[0].connections == 1
    client.close()
    client.close()
    assert until(lambda: client.wires[0].connections == 0)


def test_a_file_is_uploaded_and_read_piece_by_piece(tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    (tmp_path / "a.bin").write_bytes(content)
    with (
        EmbeddedGateway(dialect="8.8") as newer,
        bridge.Client(**address(newer, "rest"), engine="fast", env={}) as client,
    ):
        put = client.create_document(tmp_path / "a.bin")
        with client.get_document(put.document_id, content_hash=put.content_hash) as file:
            assert next(iter(file))  # and the rest is left
        assert client.get_document(put.document_id, content_hash=put.content_hash).read() == content


def test_thirty_threads_call_at_once(client: bridge.Client) -> None:
    found: list[str] = []

    def create() -> None:
        for _ in range(5):
            found.append(client.create_process_instance("order").process_instance_key)

    threads = [threading.Thread(target=create) for _ in range(30)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(set(found)) == 150


def test_polls_keep_no_call_waiting_however_few_connections_are_kept(gateway: EmbeddedGateway) -> None:
    with bridge.Client(**address(gateway, "rest"), engine="fast", pool_size=1, env={}) as client:
        polls = [
            threading.Thread(
                target=lambda: client.activate_jobs(
                    "nothing", max_jobs_to_activate=1, job_timeout=1, request_timeout=3
                )
            )
            for _ in range(3)
        ]
        for each in polls:
            each.start()
        assert until(lambda: client.wires[0].running == 3)
        assert client.topology()
        assert client.wires[0].running == 3
        for each in polls:
            each.join()


def test_closing_ends_a_poll_under_way(gateway: EmbeddedGateway) -> None:
    client = bridge.Client(**address(gateway, "grpc"), engine="fast", env={})
    ended: list[Any] = []

    def poll() -> None:
        try:
            ended.append(
                client.activate_jobs("nothing", max_jobs_to_activate=1, job_timeout=1, request_timeout=60)
            )
        except Cancelled as error:
            ended.append(error)

    beside = threading.Thread(target=poll)
    beside.start()
    assert until(lambda: client.wires[0].running)
    client.close()
    beside.join(20)
    (error,) = ended
    assert isinstance(error, Cancelled)
    with pytest.raises(InvalidRequest, match="closed"):
        client.topology()


def test_an_observer_is_told_when_its_call_would_wait_for_itself(gateway: EmbeddedGateway, wire: str) -> None:
    said: list[Any] = []

    class Calling:
        def began(self, request: Any) -> None: ...
        def ended(self, request: Any, begun: Any, result: Any) -> None:
            if not said:
                said.append("once")
                try:
                    said.append(client.topology().gateway_version)
                except InvalidRequest as error:
                    said.append(error.message)

    options: dict[str, Any] = {
        **address(gateway, wire),
        "engine": "fast",
        "env": {},
        "observers": [Calling()],
    }
    with bridge.Client(**options) as client:
        assert client.topology()
    assert len(said) == 2
    # Over REST observers are told in the thread of the caller, which may make another call.
    assert ("in another thread" in said[1]) is (wire == "grpc")


def test_a_stub_for_threads_goes_over_it_where_its_channel_speaks_rest(gateway: EmbeddedGateway) -> None:
    with bridge.channel(gateway.rest_address, engine="fast", env={}) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        request = gateway_pb2.CreateProcessInstanceRequest(bpmnProcessId="order", version=-1)
        assert stub.CreateProcessInstance(request).processInstanceKey
        assert stub.CreateProcessInstance.future(request).result(timeout=20).processInstanceKey
        assert "camunda-calls" in [each.name for each in threading.enumerate()]


#: Each is a program of its own: it ends by itself, whatever its client was doing.
HEAD = """
import os, signal, sys, threading, time
import bridge
from camunda_core import errors as bridge_errors
client = bridge.Client({wire}_address={address!r}, engine="fast", env={{}})
print(client.topology().gateway_version, flush=True)
"""
PROGRAMS = {
    "nothing is closed": "client.stream_activated_jobs('nothing', job_timeout=60)\nprint('end', flush=True)",
    "a thread waits": """
def poll():
    try:
        client.activate_jobs('nothing', max_jobs_to_activate=1, job_timeout=1, request_timeout=60)
    except bridge_errors.CamundaError:
        pass
threading.Thread(target=poll, daemon=True).start()
time.sleep(0.2)
print('end', flush=True)
""",
    "Ctrl-C": """
threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
try:
    client.activate_jobs('nothing', max_jobs_to_activate=1, job_timeout=1, request_timeout=60)
except KeyboardInterrupt:
    print('end', flush=True)
client.close()
""",
    "a fork": """
client.create_process_instance('order')
child = os.fork()
if child == 0:
    for _ in range(3):
        client.create_process_instance('order')
    client.close()
    os._exit(0)
_, status = os.waitpid(child, 0)
client.create_process_instance('order')
client.close()
print('end' if status == 0 else status, flush=True)
""",
}


@pytest.mark.parametrize("what", PROGRAMS)
def test_a_program_ends(gateway: EmbeddedGateway, wire: str, what: str) -> None:
    if what == "a fork" and not hasattr(os, "fork"):
        pytest.skip("there is no fork here")
    head = HEAD.format(wire=wire, address=getattr(gateway, f"{wire}_address"))
    ran = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", head + PROGRAMS[what]],
        capture_output=True,
        text=True,
        check=False,
        timeout=40,
    )
    assert ran.stdout.splitlines()[1:] == ["end"], ran.stderr
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""


@pytest.mark.parametrize("missing", [("grpc",), ("grpc", "google", "google.protobuf")])
def test_over_grpc_it_needs_protobuf_and_no_grpcio(
    gateway: EmbeddedGateway, missing: tuple[str, ...]
) -> None:
    program = f"""
import sys
for name in {missing!r}:
    sys.modules[name] = None
import bridge
from camunda_core.errors import ConfigurationError
for kind in (bridge.Client, bridge.AsyncClient):
    try:
        made = kind(grpc_address={gateway.grpc_address!r}, engine="fast", env={{}})
        print(made.topology().gateway_version if kind is bridge.Client else "made")
    except ConfigurationError as error:
        print(error)
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=40
    )
    said = ran.stdout.splitlines()
    assert len(said) == 2, ran.stderr
    for each in said:
        assert each.startswith("a gRPC route needs camunda-bridge[grpc]") is ("google" in missing), each


def test_what_is_rehearsed_stays_on_grpcio(gateway: EmbeddedGateway) -> None:
    options = {**address(gateway, "grpc"), "engine": "fast", "env": {}}
    with bridge.Client(**options, rehearse=True) as client:
        client.topology()
        assert client.wires[0].engine == "default"
        assert client.rehearsal is not None
        assert "test_blocking_fast" in repr(client.rehearsal.report())


def test_interrupting_leaves_the_client_as_it_was(client: bridge.Client) -> None:
    main = threading.main_thread().ident
    assert main is not None
    beside = threading.Timer(0.3, lambda: signal.pthread_kill(main, signal.SIGINT))
    beside.start()
    with pytest.raises(KeyboardInterrupt):
        client.activate_jobs("nothing", max_jobs_to_activate=1, job_timeout=1, request_timeout=60)
    beside.join()
    assert client.topology()
    assert until(lambda: not client.wires[0].running)  # the gateway waits for nobody
