"""REST over HTTP/2, which the fast engine speaks, through real nginx and HAProxy."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import bridge
from camunda_core.retry import NO_RETRY
from camunda_core.tls import Tls
from camunda_rest import AsyncRestClient, operations
from camunda_worker import Job, Worker
from tests.fakes.gateway import running
from tests.fakes.rest import RestServer, answer
from tests.production.fronts import PEM, HAProxy, Nginx

pytestmark = pytest.mark.long

TRUST = Tls(ca=PEM / "ca.pem")
SAYING = {
    Nginx: {"server": "client_max_body_size 20m; proxy_set_header x-version $server_protocol;"},
    HAProxy: {"front": "http-request set-header x-version HTTP/%[req.ver]"},
}


@pytest.fixture
def fronts(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    made: list[Any] = []

    def start(kind: type[Any], **arguments: Any) -> Any:
        made.append(kind(tmp_path, **arguments))
        return made[-1]

    yield start
    for each in made:
        each.stop()


@pytest.fixture(params=[Nginx, HAProxy], ids=["nginx", "haproxy"])
def kind(request: pytest.FixtureRequest) -> Any:
    return request.param


async def test_large_ones_go_through_and_what_nobody_reads_holds_up_nobody(
    kind: Any, fronts: Callable[..., Any]
) -> None:
    content = os.urandom(8_000_000)
    document = answer(200, content, content_type="application/octet-stream")
    with RestServer() as server:
        front = fronts(kind, grpc_port=1, rest_port=server.port, **SAYING[kind])
        given: Any = {"tls": TRUST, "engine": "fast", "retry": NO_RETRY, "timeout": 60}
        async with AsyncRestClient(front.address, **given) as client:
            server.script(document)
            assert await (await client.get_document("d")).read() == content
            unread = [await client.get_document("d") for _ in range(55)]
            server.script(answer(200, {}))
            for _ in range(20):
                assert await client.call(operations.COMPLETE_JOB, {"jobKey": 1}) == {}
            assert {each.headers["x-version"] for each in server.requests} <= {"HTTP/2.0", "HTTP/2"}
            await asyncio.gather(*(each.aclose() for each in unread))
            server.script(document)
            assert await (await client.get_document("d")).read() == content
            server.script(answer(200, {}))
            await client.call(operations.DEPLOY_RESOURCES, files=[("a.bpmn", content)])
            assert content in server.requests[0].body


async def test_a_worker_beside_its_own_polls_where_few_requests_share_a_connection(
    fronts: Callable[..., Any],
) -> None:
    async with running() as gateway:
        port = int(gateway.rest.rpartition(":")[2].rstrip("/"))
        lines = "http2_max_concurrent_streams 2; keepalive_requests 10;"
        front = fronts(Nginx, grpc_port=1, rest_port=port, server=lines)
        arguments: Any = {"rest_address": front.address, "transport": "rest", "env": {}, "tls": TRUST}
        async with bridge.AsyncClient(engine="fast", **arguments) as client:
            worker = Worker(client)

            @worker.task("work", timeout=60)
            async def work(job: Job) -> None:
                return None

            at_work = asyncio.ensure_future(worker.work())
            keys = await gateway.add("work", 100)
            assert await gateway.ended(keys, 120) == []
            worker.stop()
            await at_work
        summary = await gateway.summary("work")
    assert (summary["completed"], summary["completions"], summary["locked"]) == (100, 100, 0)
