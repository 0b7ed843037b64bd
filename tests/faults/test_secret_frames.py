"""No frame of a failed call shows what says who is calling: not ours, not those of the libraries below.

``pytest --showlocals`` and error reporters print the variables of every frame of a traceback, and of what caused it.
"""

from __future__ import annotations

import asyncio
import base64
import os
import traceback
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any

import pytest

import bridge
import camunda_grpc
from camunda_core.credentials import Basic, Bearer, Credentials
from camunda_core.errors import CamundaError
from camunda_core.jobs import ActivatedJob, JobRequest
from camunda_core.oauth import OAuth
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from camunda_rest import AsyncRestClient, RestClient, operations
from tests.fakes.rest import RestServer, Step, answer, close_without_answer, problem, raw, stall

SECRET = "s3cret-that-nobody-may-see"
ENCODED = base64.b64encode(f"me:{SECRET}".encode()).decode()
TESTS = os.path.dirname(os.path.dirname(__file__))

TIMEOUT = 0.5
QUICK = RetryPolicy(max_attempts=2, initial_delay=0)

Way = Callable[[str, Credentials], None]


@pytest.fixture(autouse=True)
def no_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


@pytest.fixture
def server() -> Iterator[RestServer]:
    with RestServer() as made:
        yield made


@pytest.fixture
def token_server() -> Iterator[RestServer]:
    with RestServer() as made:
        made.script(answer(200, {"access_token": SECRET, "expires_in": 3600}))
        yield made


def shown(value: Any, depth: int = 4) -> Iterator[str]:
    yield repr(value)
    if depth and isinstance(value, Mapping):
        for each in value.values():
            yield from shown(each, depth - 1)
    elif depth and isinstance(value, (list, tuple, set, frozenset)):
        for each in value:
            yield from shown(each, depth - 1)
    elif isinstance(value, str):
        yield str(value)


def leaks(error: BaseException) -> list[str]:
    """Where in the frames of an error, and of all that led to it, the secret can be read."""
    found: list[str] = []
    pending: list[BaseException | None] = [error]
    seen: set[int] = set()
    while pending:
        each = pending.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        pending += (each.__cause__, each.__context__)
        if any(word in repr(each) for word in (SECRET, ENCODED)):
            found.append(f"repr of {type(each)}")
        found += _leaks_of(each.__traceback__)
    return found


def _leaks_of(trace: TracebackType | None) -> list[str]:
    found = []
    for frame, line in traceback.walk_tb(trace):
        if frame.f_code.co_filename.startswith(TESTS):
            continue
        for name, value in frame.f_locals.items():
            if any(word in text for text in shown(value) for word in (SECRET, ENCODED)):
                found.append(f"{frame.f_code.co_filename}:{line} {frame.f_code.co_name}: {name}")
    return found


def rest_client(address: str, credentials: Credentials) -> None:
    with RestClient(address, credentials=credentials, retry=QUICK, timeout=TIMEOUT) as client:
        client.call(operations.GET_TOPOLOGY)


def async_rest_client(address: str, credentials: Credentials) -> None:
    async def call() -> None:
        async with AsyncRestClient(address, credentials=credentials, retry=QUICK, timeout=TIMEOUT) as client:
            await client.call(operations.GET_TOPOLOGY)

    asyncio.run(call())


def client(address: str, credentials: Credentials) -> None:
    with bridge.Client(rest_address=address, credentials=credentials, retry=QUICK, timeout=TIMEOUT) as made:
        made.topology()


def fast_client(address: str, credentials: Credentials) -> None:
    with bridge.Client(
        rest_address=address, credentials=credentials, retry=QUICK, timeout=TIMEOUT, engine="fast"
    ) as made:
        made.topology()


def async_client(address: str, credentials: Credentials) -> None:
    async def call() -> None:
        async with bridge.AsyncClient(
            rest_address=address, credentials=credentials, retry=QUICK, timeout=TIMEOUT
        ) as made:
            await made.topology()

    asyncio.run(call())


def activating_client(address: str, credentials: Credentials) -> None:
    with bridge.Client(rest_address=address, credentials=credentials, retry=QUICK, timeout=TIMEOUT) as made:
        made.activate_jobs("t", max_jobs_to_activate=1, request_timeout=0, timeout=TIMEOUT)


def channel(address: str, credentials: Credentials) -> None:
    with bridge.channel(address, credentials=credentials, retry=QUICK, timeout=TIMEOUT) as made:
        stubs.GatewayStub(made).Topology(pb.TopologyRequest())


def future(address: str, credentials: Credentials) -> None:
    with bridge.channel(address, credentials=credentials, retry=QUICK, timeout=TIMEOUT) as made:
        stubs.GatewayStub(made).Topology.future(pb.TopologyRequest()).result()


def aio_channel(address: str, credentials: Credentials) -> None:
    async def call() -> None:
        async with bridge.aio_channel(address, credentials=credentials, retry=QUICK, timeout=TIMEOUT) as made:
            await stubs.GatewayStub(made).Topology(pb.TopologyRequest())

    asyncio.run(call())


def polling_job_wire(address: str, credentials: Credentials) -> None:
    async def call() -> None:
        wire = RestClient(address, credentials=credentials).job_wire()
        try:
            await wire.activate(JobRequest("t", "w", 10.0), 1, wait=0, timeout=TIMEOUT)
        finally:
            await wire.close()

    asyncio.run(call())


def answering_job_wire(address: str, credentials: Credentials) -> None:
    async def call() -> None:
        wire = RestClient(address, credentials=credentials).job_wire()
        try:
            await wire.complete(ActivatedJob(job_key="1"), "{}", timeout=TIMEOUT)
        finally:
            await wire.close()

    asyncio.run(call())


WAYS: list[Way] = [
    rest_client,
    async_rest_client,
    client,
    fast_client,
    async_client,
    activating_client,
    channel,
    future,
    aio_channel,
    polling_job_wire,
    answering_job_wire,
]

STEPS: dict[str, Step] = {
    "silence": stall(),
    "a lost connection": close_without_answer(),
    "no HTTP": raw(b"what is this\r\n\r\n"),
    "broken chunks": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "half an answer": answer(200, b'{"half":', length=5000),
    "refused credentials": problem(401, "Unauthorized"),
    "no JSON": answer(200, b"<html>", content_type="text/html"),
    "a failure": problem(500, "INTERNAL", "broken"),
    "too much": answer(200, b" " * ((16 << 20) + 1)),
    "what cannot be unpacked": answer(200, b"{}", headers={"Content-Encoding": "gzip"}),
}


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_frame_of_a_failed_call_shows_the_secret(
    server: RestServer, token_server: RestServer, way: Way, step: Step
) -> None:
    kinds: list[Credentials] = [Basic("me", SECRET)]
    if step in (STEPS["a lost connection"], STEPS["refused credentials"]):
        oauth = OAuth(token_server.address + "/token", "me", "another")
        kinds += [Bearer(SECRET), Bearer(lambda: SECRET), oauth]
    for credentials in kinds:
        server.script(step)
        with pytest.raises(CamundaError) as caught:
            way(server.address, credentials)
        assert leaks(caught.value) == []
        assert any(word in str(server.requests[0].headers) for word in (SECRET, ENCODED)), "it was sent"


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_no_frame_shows_the_secret_where_nobody_listens(way: Way) -> None:
    for address in ("http://127.0.0.1:1", "https://127.0.0.1:1", "http://nowhere.invalid"):
        with pytest.raises(CamundaError) as caught:
            way(address, Basic("me", SECRET))
        assert leaks(caught.value) == []


def test_no_frame_of_a_failed_native_call_shows_the_secret() -> None:
    def sync() -> None:
        with camunda_grpc.channel(
            "127.0.0.1:1", credentials=Bearer(SECRET), retry=NO_RETRY, timeout=2
        ) as made:
            stubs.GatewayStub(made).Topology(pb.TopologyRequest())

    async def awaited() -> None:
        async with camunda_grpc.aio_channel(
            "127.0.0.1:1", credentials=Bearer(SECRET), retry=NO_RETRY, timeout=2
        ) as made:
            await stubs.GatewayStub(made).Topology(pb.TopologyRequest())

    for way in (sync, lambda: asyncio.run(awaited())):
        with pytest.raises(CamundaError) as caught:
            way()
        assert leaks(caught.value) == []


@pytest.mark.parametrize("way", [rest_client, async_rest_client], ids=["blocking", "asyncio"])
@pytest.mark.parametrize(
    "step",
    [
        stall(),
        close_without_answer(),
        raw(b"what is this\r\n\r\n"),
        answer(401, {"error": "invalid_client"}),
        answer(200, {"access_token": f"two words {SECRET}"}),
        answer(200, {"access_token": SECRET, "token_type": "mac"}),
        answer(200, b"x" * (2 << 20)),
    ],
)
def test_no_frame_of_a_failed_token_fetch_shows_the_secret_or_the_token(
    server: RestServer, token_server: RestServer, way: Way, step: Step
) -> None:
    token_server.script(step)
    credentials = OAuth(token_server.address + "/token", "me", SECRET, timeout=TIMEOUT, retry=NO_RETRY)
    with pytest.raises(CamundaError) as caught:
        way(server.address, credentials)
    assert leaks(caught.value) == []
    assert SECRET.encode() in token_server.requests[0].body


@pytest.mark.parametrize("way", [rest_client, async_rest_client], ids=["blocking", "asyncio"])
def test_no_frame_shows_a_token_of_a_callable_that_is_none(server: RestServer, way: Way) -> None:
    for token in (f"{SECRET}\n", f"Bearer {SECRET}", f"{SECRET} ü"):
        with pytest.raises(CamundaError) as caught:
            way(server.address, Bearer(lambda token=token: token))
        assert leaks(caught.value) == []


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize(
    ("way", "waits"),
    [
        pytest.param(
            rest_client,
            "urllib3.connection.HTTPConnection.getresponse",
            marks=pytest.mark.default_engine("requests itself"),
        ),
        (fast_client, "camunda_core._loop_thread._Work.wait"),
    ],
    ids=["requests", "fast"],
)
def test_no_frame_shows_the_secret_when_the_program_is_interrupted(
    server: RestServer, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException], way: Way, waits: str
) -> None:
    def interrupted(*_: Any, **__: Any) -> Any:
        raise stop

    monkeypatch.setattr(waits, interrupted)
    with pytest.raises(stop) as caught:
        way(server.address, Bearer(SECRET))
    assert leaks(caught.value) == []


def test_the_walk_finds_what_is_there() -> None:
    namespace: dict[str, Any] = {}
    exec(compile("def fail(headers):\n    raise ValueError('found')", "elsewhere.py", "exec"), namespace)
    with pytest.raises(ValueError, match="found") as caught:
        namespace["fail"]({"authorization": SECRET})
    assert len(leaks(caught.value)) == 1
