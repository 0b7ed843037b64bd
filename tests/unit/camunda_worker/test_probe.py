"""The probe answers what Kubernetes and curl ask, and nothing that anyone sends it can disturb the worker."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator

import pytest

from camunda_core.errors import ConfigurationError
from camunda_worker import _probe as module
from camunda_worker._health import Health, TaskHealth
from camunda_worker._probe import MAX_CONNECTIONS, MAX_HEAD, MAX_SECONDS, Probe
from tests.fakes.gateway.relay import reset
from tests.fakes.job_wire import until


class Worker:
    """Something with a health."""

    def __init__(self) -> None:
        self.live = self.ready = True
        self.broken = False

    def health(self) -> Health:
        if self.broken:
            raise RuntimeError("no idea")
        task = TaskHealth(job_type="charge-card", wire="gRPC", running=2, counts={"completed": 7})
        return Health(worker="demo", state="working", live=self.live, ready=self.ready, tasks=(task,))


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
async def probe(worker: Worker) -> AsyncIterator[Probe]:
    probe = Probe(worker.health)
    await probe.start()
    yield probe
    await probe.close()


async def send(probe: Probe, request: bytes) -> bytes:
    """All that comes back until the probe closes the connection."""
    host, _, port = (await probe.start()).rpartition(":")
    reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
    try:
        writer.write(request)
        return await asyncio.wait_for(reader.read(), 20)
    finally:
        writer.close()
        await writer.wait_closed()


async def ask(probe: Probe, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    raw = await send(
        probe, f"{method} {path} HTTP/1.1\r\nHost: probe\r\nUser-Agent: kube-probe/1.31\r\n\r\n".encode()
    )
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split(" ")[1]), headers, body


@pytest.mark.parametrize("path", ["/", "/live", "/ready", "/ready?verbose=1"])
async def test_a_worker_that_is_well_is_200_with_its_health_as_json(
    probe: Probe, worker: Worker, path: str
) -> None:
    status, headers, body = await ask(probe, path)
    assert status == 200
    assert headers["content-type"] == "application/json"
    assert headers["connection"] == "close"
    assert int(headers["content-length"]) == len(body)
    assert json.loads(body) == json.loads(json.dumps(worker.health().as_dict()))


@pytest.mark.parametrize(
    ("live", "ready", "answers"),
    [
        (True, False, {"/live": 200, "/ready": 503, "/": 503}),
        (False, False, {"/live": 503, "/ready": 503, "/": 503}),
        (False, True, {"/live": 503, "/ready": 200, "/": 503}),
    ],
)
async def test_what_is_not_well_is_503(
    probe: Probe, worker: Worker, live: bool, ready: bool, answers: dict[str, int]
) -> None:
    worker.live, worker.ready = live, ready
    for path, expected in answers.items():
        status, _, body = await ask(probe, path)
        assert status == expected, path
        assert json.loads(body)["ready"] is ready


async def test_head_is_answered_as_get_without_the_body(probe: Probe, worker: Worker) -> None:
    status, headers, body = await ask(probe, "/ready", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["content-length"]) > 0
    worker.ready = False
    assert (await ask(probe, "/ready", "HEAD"))[0] == 503


async def test_another_path_is_404_and_another_method_405(probe: Probe) -> None:
    assert (await ask(probe, "/healthz"))[0] == 404
    assert (await ask(probe, "//live"))[0] == 404
    assert (await ask(probe, "http://probe/live"))[0] == 404
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        status, headers, _ = await ask(probe, "/live", method)
        assert (status, headers["allow"]) == (405, "get, head")


@pytest.mark.parametrize(
    "request_",
    [
        b"\r\n\r\n",
        b"GET /live\r\n\r\n",
        b"\x16\x03\x01\x00\xff\r\n\r\n",
        b"GET /live HTTP/2\r\n\r\n",
        b"GET  / HTTP/1.1\r\n\r\n",
    ],
    ids=["nothing", "http 0.9", "bytes of tls", "http 2", "two spaces"],
)
async def test_what_is_no_http_1_is_400(probe: Probe, request_: bytes) -> None:
    assert (await send(probe, request_)).startswith(b"HTTP/1.1 400 ")


async def test_a_request_in_single_bytes_is_answered(probe: Probe) -> None:
    host, _, port = (await probe.start()).rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    for byte in b"GET /live HTTP/1.1\r\nHost: probe\r\n\r\n":
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0)
    assert (await asyncio.wait_for(reader.read(), 20)).startswith(b"HTTP/1.1 200 ")
    writer.close()
    await writer.wait_closed()


async def test_a_head_that_never_ends_is_cut_at_its_limit(probe: Probe) -> None:
    answer = await send(probe, b"GET /live HTTP/1.1\r\nx: " + b"x" * MAX_HEAD)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert (await ask(probe, "/live"))[0] == 200


async def test_a_client_that_says_nothing_is_cut_after_its_time(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_SECONDS", 0.01)
    assert await closed_by_the_probe(probe, b"GET /live HT")
    assert probe.connections == 0


async def closed_by_the_probe(probe: Probe, request: bytes) -> bool:
    try:
        return await send(probe, request) == b""
    except ConnectionError:
        return True


async def test_idle_connections_do_not_keep_others_out(probe: Probe) -> None:
    host, _, port = (await probe.start()).rpartition(":")
    idle = [await asyncio.open_connection(host, int(port)) for _ in range(MAX_CONNECTIONS)]
    for oldest, _ in idle[:3]:
        await until(lambda: probe.connections == MAX_CONNECTIONS)
        assert (await ask(probe, "/live"))[0] == 200
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(oldest.read(), MAX_SECONDS / 2) == b""
        idle.append(await asyncio.open_connection(host, int(port)))
    assert probe.connections <= MAX_CONNECTIONS
    for _, writer in idle:
        reset(writer)  # one that is closed may still wait for its answer
    await until(lambda: probe.connections == 0)
    assert (await ask(probe, "/live"))[0] == 200


async def test_a_health_that_raises_is_503_and_logged_once(
    probe: Probe, worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    worker.broken = True
    with caplog.at_level(logging.ERROR, "camunda_worker"):
        for _ in range(3):
            status, _, body = await ask(probe, "/live")
            assert status == 503
            assert json.loads(body) == {"error": "RuntimeError: no idea"}
    assert [record.message for record in caplog.records] == ["the probe cannot tell how the worker is"]
    worker.broken = False
    assert (await ask(probe, "/live"))[0] == 200


async def test_start_gives_the_bound_address_and_close_frees_it(worker: Worker) -> None:
    probe = Probe(worker.health)
    await probe.close()  # nothing to close
    address = await probe.start()
    assert address == await probe.start()
    host, _, port = address.rpartition(":")
    assert host == "127.0.0.1"
    assert int(port) > 0
    reader, writer = await asyncio.open_connection(host, int(port))
    await until(lambda: probe.connections == 1)
    await asyncio.wait_for(probe.close(), 10)
    await probe.close()
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(reader.readexactly(1), 10)
    writer.close()
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await asyncio.open_connection(host, int(port))
    again = Probe(worker.health, address)
    assert await again.start() == address
    await again.close()


async def test_an_address_that_cannot_be_bound_is_named(probe: Probe, worker: Worker) -> None:
    taken = await probe.start()
    with pytest.raises(ConfigurationError, match=f"probe: cannot listen on '{taken}'"):
        await Probe(worker.health, taken).start()
    with pytest.raises(ConfigurationError, match=r"probe: cannot listen on 'no-such-host\.invalid:0'"):
        await Probe(worker.health, "no-such-host.invalid:0").start()


async def test_every_address_of_the_machine_can_be_asked_for(worker: Worker) -> None:
    probe = Probe(worker.health, "0.0.0.0:0")
    assert (await probe.start()).startswith("0.0.0.0:")
    assert (await ask(probe, "/live"))[0] == 200
    await probe.close()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "8080",
        ":8080",
        "127.0.0.1",
        "127.0.0.1:",
        "127.0.0.1:x",
        "127.0.0.1:65536",
        "::1:8080",
        "[::1",
        "a b:1",
        "host:1/live",
        "http://host:1",
    ],
)
def test_what_is_no_address_is_refused_when_it_is_given(worker: Worker, address: str) -> None:
    with pytest.raises(ConfigurationError, match="is no address"):
        Probe(worker.health, address)
