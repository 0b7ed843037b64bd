"""The fast engine through proxies that others wrote, where they are installed."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

import bridge
import camunda_grpc
from camunda_core import errors
from camunda_core.retry import NO_RETRY, RetryPolicy
from camunda_core.tls import Tls
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc
from tests.fakes.certificates import Authority
from tests.fakes.grpc import Abort, Answer, ScriptedGateway
from tests.fakes.ports import free_port

REQUEST = pb.CompleteJobRequest(jobKey=1)
JOB = pb.ActivatedJob(key=7, type="t", variables='{"text":"' + "x" * 4000 + '"}')

NGINX = """
daemon off; master_process off; pid {place}/nginx.pid; error_log {place}/error.log;
events {{ worker_connections 256; }}
http {{
    access_log off; client_body_temp_path {place}/b; proxy_temp_path {place}/p; fastcgi_temp_path {place}/f;
    uwsgi_temp_path {place}/u; scgi_temp_path {place}/s; http2_max_concurrent_streams 4;
    server {{
        listen 127.0.0.1:{port} ssl http2;
        ssl_certificate {place}/server.pem; ssl_certificate_key {place}/server.key;
        location / {{ grpc_pass grpc://{upstream}; grpc_read_timeout 60s; }}
    }}
}}
"""
HAPROXY = """
global
    maxconn 256
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
frontend gateway
    bind 127.0.0.1:{port} ssl crt {place}/both.pem alpn h2
    default_backend gateways
backend gateways
    server one {upstream} proto h2
"""
PROXIES = {"nginx": NGINX, "haproxy": HAPROXY}


@pytest.fixture
def gateway() -> Iterator[ScriptedGateway]:
    made = ScriptedGateway()
    yield made
    made.release()
    made.stop()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture(params=PROXIES)
def proxy(
    request: pytest.FixtureRequest, gateway: ScriptedGateway, authority: Authority, tmp_path: Path
) -> Iterator[str]:
    """The address of a proxy with TLS in front of the gateway."""
    program = shutil.which(request.param)
    if program is None:
        pytest.skip(f"{request.param} is not installed")
    pair = authority.issue("server")
    (tmp_path / "both.pem").write_bytes(pair.certificate.read_bytes() + pair.key.read_bytes())
    port, file = free_port(), tmp_path / "proxy.conf"
    file.write_text(
        PROXIES[request.param].format(place=tmp_path, port=port, upstream=gateway.address), encoding="utf-8"
    )
    command = [program, "-c", str(file)] if request.param == "nginx" else [program, "-db", "-f", str(file)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        limit = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > limit:
                    process.kill()
                    assert process.stderr is not None
                    pytest.fail(f"{request.param} does not start: {process.stderr.read().decode()}")
                time.sleep(0.02)
        yield f"https://127.0.0.1:{port}"
        process.terminate()


async def test_calls_streams_and_errors_come_through(
    proxy: str, gateway: ScriptedGateway, authority: Authority
) -> None:
    gateway.script["StreamActivatedJobs"] = [Answer((JOB,) * 50)]
    gateway.script["FailJob"] = [Abort(grpc.StatusCode.NOT_FOUND, "gone")]
    given: Any = {"tls": Tls(ca=authority.ca), "engine": "fast", "retry": NO_RETRY, "timeout": 20}
    async with camunda_grpc.aio_channel(proxy, **given) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)

        async def complete() -> Any:
            return await stub.CompleteJob(REQUEST)

        # More at once than the proxy takes on one connection.
        assert await asyncio.gather(*(complete() for _ in range(40))) == [pb.CompleteJobResponse()] * 40
        assert [each async for each in stub.StreamActivatedJobs(pb.StreamActivatedJobsRequest(type="t"))] == [
            JOB
        ] * 50
        with pytest.raises(errors.NotFound, match="gone"):
            await stub.FailJob(pb.FailJobRequest(jobKey=1))
        large = pb.PublishMessageRequest(name="paid", variables="x" * 900_000)
        assert await stub.PublishMessage(large) == pb.PublishMessageResponse()


async def test_a_gateway_behind_it_that_is_gone_is_unavailable_and_found_again(
    proxy: str, gateway: ScriptedGateway, authority: Authority
) -> None:
    patient = RetryPolicy(max_attempts=100, initial_delay=0.05, max_delay=0.2)
    tls = Tls(ca=authority.ca)
    async with bridge.AsyncClient(
        grpc_address=proxy, tls=tls, engine="fast", retry=patient, timeout=30
    ) as client:
        await client.complete_job(1)
        gateway.stop()
        with pytest.raises((errors.Unavailable, errors.DeadlineExceeded)):
            await client.complete_job(1, timeout=0.5)
        gateway.start()
        await client.complete_job(1)


async def test_who_does_not_trust_it_is_told_so(proxy: str) -> None:
    attempts = []
    for _ in range(10):  # what else can go wrong with a handshake on a busy machine is tried again
        async with camunda_grpc.aio_channel(proxy, engine="fast", timeout=20) as channel:
            stub: Any = gateway_pb2_grpc.GatewayStub(channel)
            with pytest.raises(errors.Unavailable, match="authority") as caught:
                await stub.CompleteJob(REQUEST)
            assert not caught.value.sent
        attempts.append(caught.value.attempts)
        if attempts[-1] == 1:
            break
    assert 1 in attempts
