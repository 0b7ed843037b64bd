"""The blocking client: what it sends, and where it may be used."""

from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from camunda_core.credentials import Basic
from camunda_core.errors import CamundaError, ConfigurationError, InvalidRequest
from camunda_core.retry import RetryPolicy
from camunda_core.tls import Tls
from camunda_rest import RestClient, operations
from camunda_rest import _pool as pool
from tests.fakes.rest import RestServer, answer, problem

CREATE = operations.CREATE_PROCESS_INSTANCE
PEM = Path(__file__).parent.parent / "camunda_core" / "pem"


def test_a_call_is_one_request_with_everything_in_its_place(server: RestServer) -> None:
    server.script(answer(200, {"processInstanceKey": "7"}))
    with RestClient(
        server.address + "/ctx", credentials=Basic("demo", "demo"), user_agent="mine/1"
    ) as client:
        got = client.call(
            CREATE, body={"processDefinitionId": "ä", "tenantId": None}, headers={"X-Trace": "t"}
        )
    assert got == {"processInstanceKey": "7"}
    (request,) = server.requests
    assert (request.method, request.target) == ("POST", "/ctx/v2/process-instances")
    assert request.json == {"processDefinitionId": "ä"}
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept"] == "application/json"
    assert request.headers["authorization"] == "Basic ZGVtbzpkZW1v"
    assert request.headers["user-agent"] == "mine/1"
    assert request.headers["x-trace"] == "t"
    assert request.headers["host"] == f"127.0.0.1:{server.port}"


def test_the_library_names_itself(server: RestServer) -> None:
    with RestClient(server.address) as client:
        client.call(CREATE)
    assert server.requests[0].headers["user-agent"].startswith("camunda-bridge")


def test_a_physical_tenant_is_part_of_the_path(server: RestServer) -> None:
    with RestClient(server.address, physical_tenant="east") as client:
        client.call(operations.COMPLETE_JOB, {"jobKey": "5"})
    assert server.requests[0].target == "/physical-tenants/east/v2/jobs/5/completion"


def test_a_success_without_a_body_is_none(server: RestServer) -> None:
    server.script(answer(204))
    with RestClient(server.address) as client:
        assert client.call(operations.COMPLETE_JOB, {"jobKey": 5}, {"variables": {}}) is None


def test_calls_share_a_connection(server: RestServer) -> None:
    with RestClient(server.address) as client:
        for _ in range(20):
            client.call(CREATE)
    assert server.connections == 1


def test_many_threads_share_a_client(server: RestServer) -> None:
    with RestClient(server.address) as client, ThreadPoolExecutor(16) as threads:
        bodies = [{"processDefinitionId": str(i)} for i in range(200)]
        assert list(threads.map(lambda body: client.call(CREATE, body=body), bodies)) == [{}] * 200
    assert sorted(int(r.json["processDefinitionId"]) for r in server.requests) == list(range(200))
    assert server.connections <= 16


def test_it_works_beside_a_running_event_loop(server: RestServer) -> None:
    async def within() -> Any:
        with RestClient(server.address) as client:
            return client.call(CREATE)

    assert asyncio.run(within()) == {}


@pytest.mark.default_engine("looks into urllib3's pool")
def test_a_connection_that_was_idle_for_long_is_not_used_again(
    server: RestServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RestClient(server.address) as client:
        client.call(CREATE)
        client.call(CREATE)
        monkeypatch.setattr(pool, "IDLE_LIMIT", 0.0)
        client.call(CREATE)
    assert [r.connection for r in server.requests] == [1, 1, 2]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # newer Pythons warn of fork beside threads
@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_uses_no_connection_of_its_parent(server: RestServer) -> None:
    with RestClient(server.address) as client:
        client.call(CREATE)
        child = os.fork()
        if child == 0:
            status = 1
            try:
                client.call(CREATE)
                status = 0
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        client.call(CREATE)
    assert [r.connection for r in server.requests] == [1, 2, 1]


def test_a_closed_client_says_so_and_closing_twice_is_harmless(server: RestServer) -> None:
    client = RestClient(server.address)
    client.call(CREATE)
    client.close()
    client.close()
    with pytest.raises(InvalidRequest, match="closed") as caught:
        client.call(CREATE)
    assert not caught.value.sent
    assert len(server.requests) == 1


def test_bad_input_is_refused_before_anything_is_sent(server: RestServer) -> None:
    bad: list[dict[str, Any]] = [
        {"body": {"variables": {"x": float("nan")}}},
        {"path": {"jobKey": "x"}},
        {"files": [("a", b"")]},
        {"timeout": "soon"},
        {"headers": {"host": "x"}},
    ]
    with RestClient(server.address) as client:
        for arguments in bad:
            with pytest.raises(InvalidRequest) as caught:
                client.call(CREATE, **arguments)
            assert not caught.value.sent
    assert server.connections == 0


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"timeout": 0}, "timeout"),
        ({"timeout": timedelta(seconds=-1)}, "timeout"),
        ({"timeout": "10"}, "timeout"),
        ({"pool_size": 0}, "pool_size"),
        ({"tls": Tls(ca=PEM / "ca.pem")}, "plain HTTP"),
        ({"physical_tenant": "a b"}, "physical_tenant"),
    ],
)
def test_a_client_that_cannot_work_is_refused_when_it_is_made(options: Any, text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        RestClient("http://localhost:8080", **options)


def test_a_certificate_bundle_of_the_environment_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(PEM / "server.pem", PEM / "server.key")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(PEM / "ca.pem"))
    with RestServer(tls=context) as server, RestClient(server.address) as client:
        assert client.call(CREATE) == {}
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "missing.pem"))
    with pytest.raises(ConfigurationError, match="REQUESTS_CA_BUNDLE"):
        RestClient("https://localhost")


def test_a_call_in_another_thread_ends_as_it_would_have_when_the_client_is_closed() -> None:
    with RestServer() as server:
        entered, go = threading.Event(), threading.Event()

        def held(exchange: Any) -> bool:
            entered.set()
            assert go.wait(10)
            return answer(200, {"late": True})(exchange)

        server.script(held)
        client = RestClient(server.address)
        with ThreadPoolExecutor(1) as threads:
            running = threads.submit(client.call, CREATE)
            assert entered.wait(10)
            client.close()
            go.set()
            assert running.result(10) == {"late": True}


def test_a_client_that_is_closed_while_a_call_pauses_repeats_nothing() -> None:
    paused = RetryPolicy(max_attempts=5, initial_delay=60.0, max_delay=60.0)
    with RestServer() as server:
        server.script(problem(503, "UNAVAILABLE", "not now"))
        client = RestClient(server.address, retry=paused, timeout=600)
        with ThreadPoolExecutor(1) as threads:
            running = threads.submit(client.call, operations.GET_TOPOLOGY)
            while not server.requests:
                threading.Event().wait(0.01)
            client.close()
            with pytest.raises(CamundaError) as caught:
                running.result(30)
        assert len(server.requests) == 1
        assert caught.value.attempts == 1


@pytest.mark.default_engine("looks into urllib3's pool")
def test_a_call_that_finds_the_pool_closed_says_that_the_client_is(server: RestServer) -> None:
    client = RestClient(server.address)
    client._sites[0].way.close()  # as close() does just after the call has looked
    with pytest.raises(InvalidRequest, match="this RestClient is closed") as caught:
        client.call(operations.GET_TOPOLOGY)
    assert caught.value.attempts == 1
    assert not caught.value.sent
    assert server.requests == []
