"""The REST server of the embedded gateway: its life, what waits, the clock, and the dialect of 8.8 against the published OpenAPI.

The dialect of 8.6 is compared with the real gateway in ``tests/scenarios/test_rest_words.py``.
"""

from __future__ import annotations

import asyncio
import gc
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from functools import partial
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

import bridge
from camunda_core.errors import Unimplemented
from camunda_embedded import Clock, EmbeddedGateway
from camunda_embedded import _service as service
from camunda_embedded._engine.engine import Engine
from camunda_embedded._servers.rest import server as rest_server
from camunda_embedded._servers.rest.absent import absent_methods
from camunda_embedded._servers.rest.server import RestServer
from camunda_embedded._service import Service
from camunda_rest._request import HttpRequest
from tests.contract.openapi import spec
from tests.gateways import models

JSON, FORM = "application/json", "multipart/form-data; boundary=cut"
NOW = datetime(2030, 1, 1, tzinfo=timezone.utc)
UNKNOWN_KEY = str(2**51 + 10**12)


class Answer:
    def __init__(self, status: int, headers: dict[str, str], text: str) -> None:
        self.status = status
        self.headers = headers
        self.body: Any = json.loads(text) if text else None


class Rest:
    """Raw requests; with ``published`` every answer must be one that the published OpenAPI allows."""

    def __init__(self, gateway: Any, published: str = "") -> None:
        self.gateway = gateway
        self._spec = spec(published) if published else None

    def __call__(self, method: str, path: str, body: Any = None, content_type: str = JSON) -> Answer:
        address = urlsplit(self.gateway.rest_address).netloc
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        headers = {} if data is None else {"content-type": content_type}
        connection = http.client.HTTPConnection(address, timeout=30)
        try:
            connection.request(method, "/v2" + path, data, headers)
            raw = connection.getresponse()
            answer = Answer(raw.status, {n.lower(): v for n, v in raw.getheaders()}, raw.read().decode())
        finally:
            connection.close()
        if self._spec is not None:
            self._check(HttpRequest(method, f"http://localhost:8080/v2{path}", headers, data), answer)
        return answer

    def _check(self, request: HttpRequest, answer: Answer) -> None:
        assert self._spec is not None
        if answer.status >= 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.body["title"] in TITLES
            assert answer.body["status"] == answer.status
        else:
            self._spec.check_answer(request, answer.status, answer.body)

    def deploy(self, *names: str, **values: str) -> Answer:
        parts = b"".join(
            b'--cut\r\nContent-Disposition: form-data; name="resources"; filename="%s"\r\n\r\n%s\r\n'
            % (models.filename(name).encode(), filled(name, values))
            for name in names
        )
        answer = self("POST", "/deployments", parts + b"--cut--\r\n", FORM)
        assert answer.status == 200, answer.body
        return answer

    def create(self, **fields: Any) -> Answer:
        return self("POST", "/process-instances", {"processDefinitionId": "process", **fields})

    def jobs(self, type_: str, wait: int = -1, **fields: Any) -> list[Any]:
        body = {"type": type_, "timeout": 60_000, "maxJobsToActivate": 5, "requestTimeout": wait, **fields}
        answer = self("POST", "/jobs/activation", body)
        assert answer.status == 200, answer.body
        return list(answer.body["jobs"])


def filled(name: str, values: dict[str, str]) -> bytes:
    return models.model(name, **{each: values.get(each, each) for each in models.placeholders(name)})


#: What 8.8 puts into titles, its web server's phrases included.
TITLES = {
    "ABORTED", "UNAVAILABLE", "RESOURCE_EXHAUSTED", "UNKNOWN", "INTERNAL", "FORBIDDEN", "NOT_FOUND", "UNAUTHORIZED",
    "ALREADY_EXISTS", "INVALID_STATE", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED",
    "Bad Request", "Not Found", "Method Not Allowed", "Not Acceptable", "Unsupported Media Type", "Not Implemented",
}  # fmt: skip


@pytest.fixture
def rest() -> Iterator[Rest]:
    with EmbeddedGateway() as gateway:
        yield Rest(gateway)


@pytest.fixture
def newer() -> Iterator[Rest]:
    with EmbeddedGateway(dialect="8.8") as gateway:
        yield Rest(gateway, published="8.8.9")


# --- life ---


def test_a_stopped_gateway_has_closed_its_rest_port_and_ended_open_polls() -> None:
    before = threading.active_count()
    gateway = EmbeddedGateway().start()
    address = urlsplit(gateway.rest_address)
    answers: list[object] = []

    def poll() -> None:
        try:
            answers.append(
                Rest(gateway)("POST", "/jobs/activation", ACTIVATION | {"requestTimeout": 20_000}).status
            )
        except (OSError, http.client.HTTPException) as error:
            answers.append(error)

    polling = threading.Thread(target=poll)
    polling.start()
    wait_for_polls(gateway)
    gateway.stop()
    polling.join(10)
    assert len(answers) == 1
    assert answers[0] == 503 or isinstance(answers[0], Exception)
    with pytest.raises(OSError, match=r"refused|reset"):
        socket.create_connection((address.hostname or "", address.port or 0), timeout=5)
    assert threading.active_count() == before


ACTIVATION = {"type": "work", "timeout": 60_000, "maxJobsToActivate": 1}


def wait_for_polls(gateway: EmbeddedGateway, count: int = 1) -> None:
    """Until so many polls wait; bounded by the number of looks."""
    for _ in range(2000):
        if gateway.run(lambda: gateway.polls) >= count:
            return
        threading.Event().wait(0.005)
    pytest.fail("no poll came to wait")


def test_a_taken_rest_port_is_an_os_error_and_leaves_nothing(rest: Rest) -> None:
    port = urlsplit(rest.gateway.rest_address).port or 0
    before = threading.active_count()
    with pytest.raises(OSError, match="address already in use"):
        EmbeddedGateway(rest_port=port).start()
    assert threading.active_count() == before


async def test_the_asyncio_client_works_beside_it_in_the_same_process() -> None:
    with EmbeddedGateway() as gateway:
        async with bridge.AsyncClient(rest_address=gateway.rest_address) as client:
            topology = await client.topology()
    assert topology.gateway_version == "8.6.0"


def test_requests_reach_it_in_chunks_and_on_one_connection(rest: Rest) -> None:
    connection = http.client.HTTPConnection(urlsplit(rest.gateway.rest_address).netloc, timeout=10)
    for _ in range(150):
        connection.request(
            "POST",
            "/v2/messages/publication",
            iter([b'{"name":', b'"m"}']),
            {"content-type": JSON},
            encode_chunked=True,
        )
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["tenantId"]) == (200, "<default>")
    connection.close()


# --- waiting ---


def test_a_poll_gets_a_job_that_comes_later(rest: Rest) -> None:
    rest.deploy("order", charge="work")
    found: list[Any] = []
    polling = threading.Thread(target=lambda: found.extend(rest.jobs("work", wait=20_000)))
    polling.start()
    wait_for_polls(rest.gateway)
    created = rest.create()
    polling.join(10)
    assert [job["processInstanceKey"] for job in found] == [created.body["processInstanceKey"]]


def test_a_poll_of_a_client_that_left_takes_the_next_job(rest: Rest) -> None:
    rest.deploy("order", charge="work")
    connection = http.client.HTTPConnection(urlsplit(rest.gateway.rest_address).netloc, timeout=10)
    connection.request(
        "POST",
        "/v2/jobs/activation",
        json.dumps(ACTIVATION | {"requestTimeout": 20_000}),
        {"content-type": JSON},
    )
    wait_for_polls(rest.gateway)
    connection.close()
    rest.create()
    assert rest.jobs("work") == []
    rest.gateway.clock.advance(61)
    assert len(rest.jobs("work")) == 1


async def test_the_server_gives_up_on_a_poll_that_lives_on() -> None:
    clock = Clock(NOW)
    engine = Engine(clock.now)
    server = RestServer(Service(engine, "8.6.0"), clock, "8.6", answer_seconds=0.2)
    rest = Rest(SimpleNamespace(rest_address=f"http://127.0.0.1:{await server.start(0)}"))
    try:
        await asyncio.to_thread(rest.deploy, "order", charge="work")
        poll = ACTIVATION | {"requestTimeout": 5000}
        answer = await asyncio.to_thread(rest, "POST", "/jobs/activation", poll)
        said = {"type": "about:blank", "title": "Service Unavailable", "status": 503}
        assert answer.body == {**said, "instance": "/v2/jobs/activation"}
        await asyncio.to_thread(rest.create)
        for _ in range(500):
            (job,) = engine.jobs.all.values()
            if job.state == "ACTIVATED":  # for nobody
                break
            await asyncio.sleep(0.01)
        assert job.state == "ACTIVATED"
    finally:
        await server.stop()


def test_8_6_does_not_let_an_awaited_creation_say_how_long(
    rest: Rest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "REQUEST_TIMEOUT", 0.2)
    rest.deploy("order")
    answer = rest.create(awaitCompletion=True, requestTimeout=600_000)
    assert (answer.status, answer.body["title"]) == (504, "java.util.concurrent.TimeoutException")
    assert answer.body["detail"] == (
        "Expected to handle REST API request, but request timed out between gateway and broker"
    )


def test_8_8_lets_an_awaited_creation_say_how_long(newer: Rest) -> None:
    newer.deploy("order")
    answer = newer.create(awaitCompletion=True, requestTimeout=100)
    assert (answer.status, answer.body["title"]) == (504, "DEADLINE_EXCEEDED")


def test_an_awaited_creation_answers_with_the_variables_asked_for(rest: Rest) -> None:
    rest.deploy("empty")
    variables = {"a": 1, "b": {"c": [None, "ä😀", 2**53 + 1]}}
    answer = rest.create(awaitCompletion=True, variables=variables, fetchVariables=["b"])
    assert (answer.status, answer.body["variables"]) == (200, {"b": variables["b"]})


# --- the clock ---


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def test_a_pinned_clock_stands_still_until_it_is_reset() -> None:
    with EmbeddedGateway() as gateway:
        rest = Rest(gateway)
        rest.deploy("timer", job="remind", duration="PT1H")
        rest.create()
        later = NOW + timedelta(days=3650)
        assert rest("PUT", "/clock", {"timestamp": milliseconds(later)}).status == 204
        assert gateway.clock.moment == later
        assert len(rest.jobs("remind")) == 1
        assert not gateway.clock.ticking
        assert rest("POST", "/clock/reset").status == 204
        assert gateway.clock.ticking
        assert abs(gateway.clock.moment - datetime.now(timezone.utc)) < timedelta(seconds=60)


@pytest.mark.parametrize("dialect", ["8.6", "8.8"])
def test_the_clock_can_be_pinned_to_now_and_back(dialect: str) -> None:
    with EmbeddedGateway(dialect=dialect) as gateway:
        rest = Rest(gateway)
        now = milliseconds(datetime.now(timezone.utc)) - 20
        for moment in (now, now + 3_600_000, now + 60_000, 1):
            assert rest("PUT", "/clock", {"timestamp": moment}).status == 204
            assert gateway.clock.now() == moment
        assert rest("POST", "/clock/reset").status == 204
        assert rest("PUT", "/clock", {"timestamp": now + 60_000}).status == 204


def test_what_was_to_come_comes_when_the_clock_is_there_again() -> None:
    with EmbeddedGateway(clock=Clock(NOW)) as gateway:
        rest = Rest(gateway)
        rest.deploy("timer", job="remind", duration="PT1H")
        rest.create()
        assert rest("PUT", "/clock", {"timestamp": milliseconds(NOW - timedelta(hours=5))}).status == 204
        gateway.clock.advance(timedelta(hours=5))
        assert rest.jobs("remind") == []
        gateway.clock.advance(timedelta(hours=1))
        assert len(rest.jobs("remind")) == 1


def test_times_that_64_bits_cannot_hold_do_no_harm(rest: Rest) -> None:
    longest = 2**63 - 1
    rest.deploy("order", charge="work")
    rest.create()
    (job,) = rest.jobs("work", timeout=longest)
    assert job["deadline"] == longest
    changes = {"timeout": longest, "retries": 2**31 - 1}
    assert rest("PATCH", f"/jobs/{job['key']}", {"changeset": changes}).status == 204
    assert rest("POST", f"/jobs/{job['key']}/failure", {"retries": 1, "retryBackOff": longest}).status == 204
    assert rest("POST", "/messages/publication", {"name": "m", "timeToLive": longest}).status == 200
    answer = rest("PUT", "/clock", {"timestamp": longest})
    assert (answer.status, answer.body["title"]) == (400, "INVALID_ARGUMENT")
    assert rest.jobs("work") == []


# --- the dialect of 8.8 ---


def test_every_answer_of_8_8_is_one_that_is_published(newer: Rest) -> None:
    assert newer("GET", "/status").status == 204
    assert newer("GET", "/topology").body["gatewayVersion"].startswith("8.8.")
    deployed = newer.deploy("order", "credit", "address").body
    assert all(isinstance(deployed[name], str) for name in ("deploymentKey", "tenantId"))
    created = newer.create(variables={"x": 1}).body
    (job,) = newer.jobs("charge")
    assert {name: job[name] for name in ("kind", "listenerEventType", "tags")} == {
        "kind": "BPMN_ELEMENT",
        "listenerEventType": "UNSPECIFIED",
        "tags": [],
    }
    key, instance = job["jobKey"], created["processInstanceKey"]
    assert job["processInstanceKey"] == instance
    assert newer("PATCH", f"/jobs/{key}", {"changeset": {"retries": 3, "timeout": 1000}}).status == 204
    assert newer("POST", f"/jobs/{key}/failure", {"retries": 1, "errorMessage": "m"}).status == 204
    (job,) = newer.jobs("charge")
    assert newer("POST", f"/jobs/{key}/completion", {"variables": {"y": 2}}).status == 204
    (job,) = newer.jobs("ship")
    assert newer("POST", f"/jobs/{job['jobKey']}/error", {"errorCode": "none"}).status == 204
    assert newer("PUT", f"/element-instances/{instance}/variables", {"variables": {"z": 3}}).status == 204
    assert (
        newer("POST", f"/process-instances/{instance}/modification", {"activateInstructions": []}).status
        == 204
    )
    assert newer("POST", f"/process-instances/{instance}/cancellation").status == 204
    evaluated = newer(
        "POST",
        "/decision-definitions/evaluation",
        {"decisionDefinitionId": "decision", "variables": {"age": 20}},
    )
    assert evaluated.status == 200
    assert evaluated.body["decisionEvaluationKey"] == evaluated.body["decisionInstanceKey"]
    assert newer("POST", "/messages/publication", {"name": "m", "timeToLive": 1000}).status == 200
    assert newer("POST", "/signals/broadcast", {"signalName": "s"}).status == 200
    definition = created["processDefinitionKey"]
    assert newer("POST", f"/resources/{definition}/deletion").status == 200
    now = newer.gateway.clock.now() + 1000
    assert newer("PUT", "/clock", {"timestamp": now}).status == 204
    assert newer("POST", "/clock/reset").status == 204


def test_8_8_correlates_a_message(newer: Rest) -> None:
    newer.deploy("message")
    created = newer.create(variables={"orderId": "1"})
    answer = newer("POST", "/messages/correlation", {"name": "message", "correlationKey": "1"})
    assert answer.body["processInstanceKey"] == created.body["processInstanceKey"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "title", "detail"),
    [
        ("GET", "/nope", None, 404, "Not Found", "No endpoint GET /v2/nope."),
        ("GET", "/jobs/activation", None, 405, "Method Not Allowed", "Method 'GET' is not supported."),
        ("POST", "/jobs/activation", None, 415, "Unsupported Media Type", "Content-Type '' is not supported."),
        ("POST", "/jobs/activation", ACTIVATION | {"noSuch": 1}, 400, "Bad Request",
         "Request property [noSuch] cannot be parsed"),
        ("POST", "/jobs/activation", ACTIVATION | {"timeout": "5"}, 400, "Bad Request",
         "Request property [timeout] cannot be parsed"),
        ("POST", "/jobs/activation", ACTIVATION | {"tenantFilter": "ASSIGNED"}, 400, "Bad Request",
         "Request property [tenantFilter] cannot be parsed"),
        ("POST", "/jobs/activation", ACTIVATION | {"maxJobsToActivate": 0}, 400, "INVALID_ARGUMENT",
         "The value for maxJobsToActivate is '0' but must be greater than 0."),
        ("POST", "/jobs/activation", ACTIVATION | {"tenantIds": ["t"]}, 400, "INVALID_ARGUMENT",
         "Expected to handle request Activate Jobs with tenant identifier 't', but multi-tenancy is disabled"),
        ("POST", f"/jobs/{UNKNOWN_KEY}/failure", {"jobKey": UNKNOWN_KEY}, 400, "Bad Request",
         "Request property [jobKey] cannot be parsed"),
        ("POST", "/process-instances", {"processDefinitionId": "a", "processDefinitionKey": "1"}, 400, "INVALID_ARGUMENT",
         "Only one of [processDefinitionId, processDefinitionKey] is allowed."),
        ("PATCH", f"/jobs/{UNKNOWN_KEY}", {"changeset": {"priority": 1}}, 400, "Bad Request",
         "Request property [changeset.priority] cannot be parsed"),
        ("PATCH", f"/jobs/{UNKNOWN_KEY}", {"changeset": {"retries": 1, "noSuch": 1}}, 400, "Bad Request",
         "Request property [changeset.noSuch] cannot be parsed"),
        ("POST", "/deployments", b"--cut\r\n", 400, "Bad Request", "Failed to parse multipart servlet request"),
        ("POST", "/messages/correlation", {"name": "m", "timeToLive": 1}, 400, "Bad Request",
         "Request property [timeToLive] cannot be parsed"),
        ("POST", "/jobs/0/completion", {}, 503, "UNAVAILABLE",
         "Expected to execute command on partition 0, but either it does not exist, or the gateway is not yet aware of it"),
        ("POST", f"/jobs/{UNKNOWN_KEY}/completion", {}, 404, "NOT_FOUND",
         f"Command 'COMPLETE' rejected with code 'NOT_FOUND': Expected to complete job with key '{UNKNOWN_KEY}', "
         "but no such job was found"),
    ],
)  # fmt: skip
def test_8_8_refuses_with_problems(
    newer: Rest, method: str, path: str, body: Any, status: int, title: str, detail: str
) -> None:
    answer = newer(method, path, body, FORM if isinstance(body, bytes) else JSON)
    assert (answer.status, answer.body["title"], answer.body["detail"]) == (status, title, detail)


def test_8_8_says_by_name_what_the_embedded_gateway_lacks(newer: Rest) -> None:
    with (
        bridge.Client(rest_address=newer.gateway.rest_address) as client,
        pytest.raises(Unimplemented) as error,
    ):
        client.evaluate_conditional(variables={"a": 1})
    assert "EvaluateConditional is not supported by the embedded gateway" in error.value.message


def test_an_unexpected_failure_is_a_500_that_is_logged(
    rest: Rest, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("of the test")

    monkeypatch.setattr(rest_server, "parse_key", fail)
    answer = rest("POST", f"/jobs/{UNKNOWN_KEY}/completion")
    assert (answer.status, answer.body["detail"]) == (500, "Unexpected error: of the test")
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(("stop", "dialect"), [(signal.SIGTERM, "8.6"), (signal.SIGINT, "8.8")])
def test_the_command_opens_both_doors_until_it_is_told_to_end(stop: signal.Signals, dialect: str) -> None:
    command = [
        sys.executable,
        "-m",
        "camunda_embedded",
        "--grpc-port=0",
        "--rest-port=0",
        "--dialect",
        dialect,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        addresses = dict(running.stdout.readline().split() for _ in range(2))
        try:
            with bridge.Client(rest_address=addresses["REST"], grpc_address=addresses["gRPC"]) as client:
                assert client.topology().gateway_version.startswith(dialect)
        finally:
            running.send_signal(stop)
        assert running.wait(20) == 0


# --- operations that it has not ---


@pytest.mark.parametrize(
    ("dialect", "method", "path"),
    [
        ("8.6", "POST", "/process-instances/search"),
        ("8.6", "POST", "/incidents/search"),
        ("8.6", "GET", "/license"),
        ("8.6", "GET", "/documents/some-id"),
        ("8.8", "POST", "/documents/some-id/links"),
        ("8.9", "POST", "/audit-logs/search"),
        ("8.10", "GET", "/backups/runtime"),
    ],
)
def test_a_published_operation_that_it_has_not_is_501(dialect: str, method: str, path: str) -> None:
    with EmbeddedGateway(dialect=dialect) as gateway:
        rest = Rest(gateway)
        answer = rest(method, path, {} if method != "GET" else None)
        assert (answer.status, answer.body["title"]) == (501, "Not Implemented")
        assert answer.body["detail"] == f"{method} /v2{path} is not supported by the embedded gateway"
        assert rest("DELETE", "/license").status == 405
        assert rest("GET", "/no-such-path").status == 404


def test_8_6_does_not_know_what_came_later(rest: Rest) -> None:
    assert rest("POST", "/groups/search", {}).status == 404


def test_what_it_has_is_not_among_what_it_has_not() -> None:
    for line, dialect in (((8, 6), "8.6"), ((8, 8), "8.8")):
        server = RestServer(Service(Engine(lambda: 0), "8.6.0"), Clock(), dialect)
        for route in server._operations.routes:
            assert route.method not in absent_methods(line, route.path, server._served)


# --- connections ---


async def exchanged(port: int, *parts: bytes) -> bytes:
    """What comes back on a connection until it is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for part in parts:
        writer.write(part)
        await writer.drain()
    answer = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    return answer


@pytest.mark.parametrize(
    ("parts", "answer"),
    [
        ((), b""),
        ((b"GET /v2/topo",), b""),
        ((b"GET /v2/topology HTTP/1.1\r\nHost: x\r\n",), b""),
        ((b"GET /v2/topology HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /v2"), b"HTTP/1.1 200 OK"),
        (
            (b"POST /v2/jobs/activation HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
             b"Content-Length: 100\r\n\r\n{",), b"HTTP/1.1 408 Request Timeout",
        ),
    ],
)  # fmt: skip
async def test_a_connection_that_sends_no_whole_request_is_closed(
    parts: tuple[bytes, ...], answer: bytes
) -> None:
    server = RestServer(Service(Engine(lambda: 0), "8.6.0"), Clock(), "8.6", connection_seconds=0.3)
    port = await server.start(0)
    try:
        assert (await exchanged(port, *parts)).partition(b"\r\n")[0] == answer
    finally:
        await server.stop()


async def test_a_connection_that_waits_for_its_answer_stays_open() -> None:
    server = RestServer(
        Service(Engine(lambda: 0), "8.6.0"), Clock(), "8.6", connection_seconds=0.2, answer_seconds=0.6
    )
    port = await server.start(0)
    try:
        body = json.dumps(ACTIVATION | {"requestTimeout": 5000}).encode()
        head = b"POST /v2/jobs/activation HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
        assert (await exchanged(port, head % len(body) + body)).startswith(b"HTTP/1.1 503")
    finally:
        await server.stop()


@pytest.mark.parametrize(
    "nonsense",
    [b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n",
     b"POST /v2/x HTTP/1.1\r\nContent-Length: abc\r\n\r\n", b"GET / HTTP/1.1\r\n: nothing\r\n\r\n"],
)  # fmt: skip
async def test_what_is_no_http_is_400_and_no_traceback(
    nonsense: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    server = RestServer(Service(Engine(lambda: 0), "8.6.0"), Clock(), "8.6")
    port = await server.start(0)
    try:
        assert (await exchanged(port, nonsense)).startswith(b"HTTP/1.0 400") or b" 400 " in await exchanged(
            port, nonsense
        )
    finally:
        await server.stop()
    assert caplog.records == []


async def test_an_awaited_creation_that_nobody_waits_for_any_more_ends_in_silence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    engine = Engine(clock.now)
    server = RestServer(Service(engine, "8.8.0"), clock, "8.8", answer_seconds=0.1)
    rest = Rest(SimpleNamespace(rest_address=f"http://127.0.0.1:{await server.start(0)}"))
    try:
        await asyncio.to_thread(rest.deploy, "order", charge="work")
        answer = await asyncio.to_thread(partial(rest.create, awaitCompletion=True, requestTimeout=300))
        assert answer.status == 503
        await asyncio.sleep(0.5)
    finally:
        await server.stop()
    gc.collect()
    assert caplog.records == []
