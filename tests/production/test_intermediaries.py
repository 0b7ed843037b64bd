"""Both wires through real nginx and HAProxy: what they add, what they refuse, and what they cut off."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import bridge
from camunda_core.credentials import AnyCredentials, Basic, Bearer
from camunda_core.errors import (
    CamundaError,
    DeadlineExceeded,
    PermissionDenied,
    ResourceExhausted,
    Unauthenticated,
    Unavailable,
)
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_core.tls import Tls
from camunda_grpc import gateway_pb2 as pb
from camunda_worker import Job, Observer, Worker
from tests.fakes.gateway import running
from tests.fakes.grpc import LIMIT, Answer, ScriptedGateway
from tests.fakes.rest import Exchange, RestServer, answer
from tests.production.fronts import PEM, HAProxy, Nginx

pytestmark = pytest.mark.long

TRUST = Tls(ca=PEM / "ca.pem")
OURS = Tls(ca=PEM / "ca.pem", certificate=PEM / "client.pem", key=PEM / "client.key")
FEW = RetryPolicy(max_attempts=3, initial_delay=0.01, max_delay=0.05)

Front = Nginx | HAProxy
Open = Callable[..., Any]


class Behind:
    """A gateway on both wires that takes everything and counts it."""

    def __init__(self) -> None:
        self.grpc = ScriptedGateway()
        self.grpc.script["PublishMessage"] = [Answer((pb.PublishMessageResponse(key=1),))]
        self.grpc.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="8.6.0"),))]
        self.rest = RestServer()
        self.rest.script(answer(200, {"messageKey": "1", "tenantId": "<default>"}))

    @property
    def ports(self) -> dict[str, int]:
        return {"grpc_port": self.grpc.port, "rest_port": self.rest.port}

    def seen(self, wire: str) -> list[str]:
        """The names of the messages that came, one for each time."""
        if wire == "grpc":
            return [call.request.name for call in list(self.grpc.calls)]
        return [request.json["name"] for request in list(self.rest.requests)]

    def connections(self, wire: str) -> int:
        """Over how many connections they came to the proxy, which says so in ``x-from``."""
        if wire == "grpc":
            return len({dict(call.metadata)["x-from"] for call in list(self.grpc.calls)})
        return len({request.headers["x-from"] for request in list(self.rest.requests)})

    def stop(self) -> None:
        self.grpc.release()
        self.grpc.stop()
        self.rest.stop()


@pytest.fixture
def behind() -> Iterator[Behind]:
    made = Behind()
    yield made
    made.stop()


@pytest.fixture
def fronts(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    made: list[Any] = []

    def start(kind: type[Any], **arguments: Any) -> Any:
        folder = tmp_path / f"front-{len(made)}"
        folder.mkdir()
        made.append(kind(folder, **arguments))
        return made[-1]

    yield start
    for each in made:
        each.stop()


@pytest.fixture(params=["grpc", "rest"])
def wire(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["sync", "asyncio"])
def publish(request: pytest.FixtureRequest, wire: str) -> Callable[..., None]:
    """Publishes messages of these names, one after another, through a client of its own: what must not be made twice."""

    def arguments(address: str, path: str, more: dict[str, Any]) -> dict[str, Any]:
        given = {"transport": wire, "env": {}, "tls": TRUST, "retry": NO_RETRY, "timeout": 20, **more}
        return {f"{wire}_address": address + (path if wire == "rest" else ""), **given}

    def blocking(address: str, *names: str, path: str = "", **more: Any) -> None:
        with bridge.Client(**arguments(address, path, more)) as client:
            for name in names:
                client.publish_message(name, correlation_key="1")

    def awaited(address: str, *names: str, path: str = "", **more: Any) -> None:
        async def work() -> None:
            async with bridge.AsyncClient(**arguments(address, path, more)) as client:
                for name in names:
                    await client.publish_message(name, correlation_key="1")

        asyncio.run(work())

    return blocking if request.param == "sync" else awaited


BOTH = pytest.mark.parametrize("kind", [Nginx, HAProxy], ids=["nginx", "haproxy"])


@BOTH
def test_tls_and_a_context_path(kind: Any, fronts: Open, behind: Behind, publish: Any, wire: str) -> None:
    front = fronts(kind, **behind.ports)
    publish(front.address, "paid")
    publish(front.address, "paid", path="/cluster-id")
    assert behind.seen(wire) == ["paid", "paid"]
    if wire == "rest":
        assert {request.target for request in behind.rest.requests} == {"/v2/messages/publication"}


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (Nginx, {"server": f"ssl_client_certificate {PEM}/ca.pem; ssl_verify_client on;"}),
        (HAProxy, {"bind": f"ca-file {PEM}/ca.pem verify required"}),
    ],
    ids=["nginx", "haproxy"],
)
def test_a_client_certificate(
    kind: Any, lines: dict[str, str], fronts: Open, behind: Behind, publish: Any, wire: str
) -> None:
    front = fronts(kind, **behind.ports, **lines)
    publish(front.address, "paid", tls=OURS)
    with pytest.raises(CamundaError) as caught:
        publish(front.address, "never")
    assert "certificate" in str(caught.value) or "400" in str(caught.value)
    assert behind.seen(wire) == ["paid"]


class Watching(Observer):
    """Counts the polls that failed."""

    failures = 0

    def poll_failed(self, job_type: str, error: CamundaError) -> None:
        self.failures += 1


async def test_a_worker_without_its_client_certificate_ends_and_says_so(
    fronts: Open, behind: Behind, wire: str
) -> None:
    front = fronts(
        Nginx, **behind.ports, server=f"ssl_client_certificate {PEM}/ca.pem; ssl_verify_client on;"
    )
    arguments: Any = {f"{wire}_address": front.address, "transport": wire, "env": {}, "tls": TRUST}
    async with bridge.AsyncClient(**arguments) as client:
        for _ in range(10):  # grpcio reads the page in one way or in another
            watching = Watching()
            worker = Worker(client, observers=[watching])

            @worker.task("work")
            async def work() -> None: ...

            with pytest.raises(CamundaError, match="client certificate"):
                await asyncio.wait_for(worker.work(), LIMIT)
            assert watching.failures == 3


@pytest.mark.parametrize("kind", [Nginx, HAProxy], ids=["nginx", "haproxy"])
def test_basic(kind: Any, fronts: Open, behind: Behind, publish: Any, wire: str, tmp_path: Path) -> None:
    if kind is Nginx:
        users = tmp_path / "users"
        users.write_text("demo:{PLAIN}secret\n")
        lines = {"server": f'auth_basic "gateway"; auth_basic_user_file {users};'}
    else:
        right = "ZGVtbzpzZWNyZXQ="
        lines = {
            "front": f'http-request deny deny_status 401 unless {{ req.hdr(authorization) "Basic {right}" }}'
        }
    front = fronts(kind, **behind.ports, **lines)
    publish(front.address, "paid", credentials=Basic("demo", "secret"))
    for wrong in (Basic("demo", "other"), None):
        with pytest.raises(Unauthenticated):
            publish(front.address, "never", credentials=wrong)
    assert behind.seen(wire) == ["paid"]


def test_auth_request(fronts: Open, behind: Behind, publish: Any, wire: str) -> None:
    def judged(exchange: Exchange) -> bool:
        status = {"Bearer good": 200, "Bearer poor": 403}.get(
            exchange.request.headers.get("authorization", ""), 401
        )
        return answer(status)(exchange)

    with RestServer() as identity:
        identity.script(judged)
        lines = f"""
            auth_request /auth;
            location = /auth {{ internal; proxy_pass http://127.0.0.1:{identity.port}/userinfo; proxy_method GET;
              proxy_pass_request_body off; proxy_set_header Content-Length ""; proxy_set_header Content-Type "";
              proxy_set_header TE ""; auth_request off; }}
        """
        front = fronts(Nginx, **behind.ports, server=lines)
        publish(front.address, "paid", credentials=Bearer("good"))
        refused: dict[type[CamundaError], AnyCredentials | None] = {
            PermissionDenied: Bearer("poor"),
            Unauthenticated: Bearer("bad"),
        }
        for kind, credentials in refused.items():
            with pytest.raises(kind):
                publish(front.address, "never", credentials=credentials)
        renewed: list[str] = []

        def token() -> str:
            renewed.append("good" if renewed else "old")
            return renewed[-1]

        publish(front.address, "again", credentials=Bearer(token))
        assert renewed == ["old", "good"], "one renewal after the proxy's 401"
    assert behind.seen(wire) == ["paid", "again"]


PAGES = {
    403: PermissionDenied,
    429: ResourceExhausted,
    502: Unavailable,
    503: Unavailable,
    504: DeadlineExceeded,
}


@BOTH
@pytest.mark.parametrize("status", PAGES)
def test_a_page_means_the_same_on_both_wires(
    kind: Any, status: int, fronts: Open, behind: Behind, publish: Any, wire: str
) -> None:
    lines = (
        {"server": f"return {status};"}
        if kind is Nginx
        else {"front": f"http-request deny deny_status {status}"}
    )
    front = fronts(kind, **behind.ports, **lines)
    with pytest.raises(PAGES[status]) as caught:
        publish(front.address, "never", retry=FEW)
    assert str(status) in str(caught.value)
    # Over REST the page of a 503 proves that nothing was handed on; over gRPC it is lost.
    handed_on = status in (502, 504) or (status == 503 and wire == "grpc")
    if status != 403:
        assert caught.value.attempts == (1 if handed_on else 3), "what may have been executed is not repeated"


def test_a_body_that_the_proxy_finds_too_large(fronts: Open, behind: Behind, wire: str) -> None:
    front = fronts(Nginx, **behind.ports, server="client_max_body_size 100k;")
    arguments: Any = {f"{wire}_address": front.address, "transport": wire, "env": {}, "tls": TRUST}
    with bridge.Client(**arguments) as client, pytest.raises(ResourceExhausted) as caught:
        client.publish_message("never", correlation_key="1", variables={"text": "x" * 300_000})
    assert caught.value.attempts == 1
    assert not behind.seen(wire)


def test_connections_that_end_after_so_many_requests_cost_no_call(
    fronts: Open, behind: Behind, publish: Any, wire: str
) -> None:
    front = fronts(
        Nginx,
        **behind.ports,
        server="keepalive_requests 20;",
        grpc="grpc_set_header x-from $remote_port;",
        rest="proxy_set_header Connection ''; proxy_set_header x-from $remote_port;",
    )
    names = [f"m{number}" for number in range(200)]
    publish(front.address, *names, retry=FEW)
    assert behind.seen(wire) == names
    assert behind.connections(wire) >= 10


@pytest.mark.parametrize("wire", ["rest"], indirect=True)
def test_connections_that_haproxy_ends_cost_no_call(
    fronts: Open, behind: Behind, publish: Any, wire: str
) -> None:
    """Over REST; its HTTP/2 ends no connection after so many requests in the versions that distributions have."""
    lines = (
        "http-request set-header x-from %[src_port]",
        "http-after-response set-header connection close if { rand(20) eq 0 }",
    )
    front = fronts(HAProxy, **behind.ports, front="\n  ".join(lines), bind="alpn http/1.1")
    names = [f"m{number}" for number in range(200)]
    publish(front.address, *names, retry=FEW)
    assert behind.seen(wire) == names
    assert behind.connections(wire) > 1


@BOTH
def test_reloads_lose_no_call_and_repeat_none(
    kind: Any, fronts: Open, behind: Behind, publish: Any, wire: str
) -> None:
    front = fronts(kind, **behind.ports)
    lost: list[tuple[str, CamundaError]] = []
    done: list[str] = []
    over = threading.Event()

    def call(caller: int) -> None:
        for number in range(10_000):
            if over.is_set():
                return
            names = [f"{caller}-{number}-{each}" for each in range(10)]
            try:
                publish(front.address, *names, retry=FEW)
            except CamundaError as error:
                lost.append((names[0], error))
            else:
                done.extend(names)

    callers = [threading.Thread(target=call, args=(number,)) for number in range(4)]
    for each in callers:
        each.start()
    for number in range(6):
        called, limit = len(done) + len(lost), time.monotonic() + LIMIT
        over.wait(0.6)
        while len(done) + len(lost) < called + 20 and time.monotonic() < limit:
            over.wait(0.02)
        if number < 5:
            front.reload()
    over.set()
    for each in callers:
        each.join(60)
    seen = behind.seen(wire)
    assert len(seen) == len(set(seen)), "nothing was made twice"
    assert set(done) <= set(seen), "what was confirmed was made"
    assert len(done) > 50
    unsaid = [error for _, error in lost if not error.sent or error.answered]
    assert not unsaid, "only what may have been executed is handed to the caller"
    # A reload may break the connection of each caller once, in the middle of a call.
    assert len(lost) <= 4 * 5


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        (Nginx, {"server": "grpc_read_timeout 2s; proxy_read_timeout 2s; grpc_send_timeout 2s;"}),
        (HAProxy, {"idle": "2s"}),
    ],
    ids=["nginx", "haproxy"],
)
async def test_workers_outlive_idle_cuts_and_lose_no_job(
    kind: Any, lines: dict[str, str], fronts: Open, wire: str
) -> None:
    await _work_through(kind, lines, fronts, wire, between=2.6, reload=False)


@BOTH
async def test_workers_outlive_reloads_and_lose_no_job(kind: Any, fronts: Open, wire: str) -> None:
    await _work_through(kind, {}, fronts, wire, between=0.7, reload=True)


async def _work_through(
    kind: Any, lines: dict[str, str], fronts: Open, wire: str, *, between: float, reload: bool
) -> None:
    async with running() as gateway:
        ports = {
            "grpc_port": int(gateway.grpc.rpartition(":")[2]),
            "rest_port": int(gateway.rest.rpartition(":")[2].rstrip("/")),
        }
        front = fronts(kind, **ports, **lines)
        arguments: Any = {f"{wire}_address": front.address, "transport": wire, "env": {}, "tls": TRUST}
        handled: list[str] = []
        async with bridge.AsyncClient(**arguments) as client:
            worker = Worker(client)

            @worker.task("work", timeout=30)
            async def work(job: Job) -> None:
                handled.append(job.key)

            at_work = asyncio.ensure_future(worker.work())
            keys: list[int] = []
            for _ in range(4):
                keys += await gateway.add("work", 10)
                await asyncio.sleep(between)  # the proxy cuts what is silent for so long, or is loaded anew
                if reload:
                    front.reload()
            keys += await gateway.add("work", 10)
            assert await gateway.ended(keys, 60) == []
            worker.stop()
            await at_work
        summary = await gateway.summary("work")
        assert summary["completed"] == 50
        assert summary["completions"] == 50, "no job was answered twice"
        assert summary["locked"] == 0
        assert len(set(handled)) == 50
