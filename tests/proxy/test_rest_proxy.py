"""REST in front of a gateway of gRPC: what has no RPC, what is no request, who is gone, who is asking.

That calls and refusals are those of the gateway itself show the scenarios, on the path ``rest-proxy``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

import bridge
from camunda_core.errors import NotFound
from camunda_core.tls import Tls
from camunda_embedded import EmbeddedGateway
from camunda_grpc import gateway_pb2 as pb
from camunda_proxy import DoorTls, Limits, RestProxy
from tests.fakes.certificates import Authority
from tests.fakes.grpc import Answer, ScriptedGateway
from tests.proxy.test_proxy import PROCESS, until


@pytest.fixture
def gateway() -> Iterator[EmbeddedGateway]:
    with EmbeddedGateway() as running:
        yield running


@pytest.fixture
async def proxy(gateway: EmbeddedGateway) -> AsyncIterator[RestProxy]:
    async with RestProxy(gateway.grpc_address, listen="127.0.0.1:0", page="127.0.0.1:0") as running:
        yield running


@pytest.fixture
async def client(proxy: RestProxy) -> AsyncIterator[bridge.AsyncClient]:
    async with bridge.AsyncClient(rest_address=proxy.address, env={}) as opened:
        yield opened


async def test_a_process_is_deployed_started_and_worked_off(client: bridge.AsyncClient) -> None:
    await client.deploy_resource(("p.bpmn", PROCESS))
    made = await client.create_process_instance("p", variables={"n": 1})
    (job,) = await client.activate_jobs("work", max_jobs_to_activate=5)
    assert str(job.process_instance_key) == made.process_instance_key
    await client.complete_job(job.job_key, {"done": True})


async def test_an_update_of_retries_and_timeout_is_two_calls() -> None:
    native = ScriptedGateway()
    native.script["UpdateJobRetries"] = [Answer((pb.UpdateJobRetriesResponse(),))]
    native.script["UpdateJobTimeout"] = [Answer((pb.UpdateJobTimeoutResponse(),))]
    try:
        async with (
            RestProxy(native.address, listen="127.0.0.1:0") as proxy,
            aiohttp.ClientSession() as session,
            session.patch(
                f"{proxy.address}/v2/jobs/7", json={"changeset": {"retries": 2, "timeout": 1000}}
            ) as answer,
        ):
            assert answer.status == 204
        assert [call.rpc for call in native.calls] == ["UpdateJobRetries", "UpdateJobTimeout"]
    finally:
        native.stop()


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "said"),
    [
        ("POST", "/v2/process-instances/search", {"json": {}}, 404, "which has no such operation"),
        ("GET", "/nowhere", {}, 404, "which has no such operation"),
        ("POST", "/v2/process-instances", {"data": b"{"}, 400, "the body is no JSON"),
        ("POST", "/v2/process-instances", {"data": b"[1]"}, 400, "no JSON object"),
        ("POST", "/v2/process-instances", {"data": b"[" * 100_000}, 400, "the body is no JSON"),
        ("POST", "/v2/process-instances", {"json": {"unheardOf": 1}}, 400, "unheardOf"),
        ("POST", "/v2/jobs/seven/completion", {"json": {}}, 400, "jobKey"),
        ("PATCH", "/v2/jobs/7", {"json": {"changeset": {"color": "red"}}}, 400, "color can be updated"),
        ("PATCH", "/v2/jobs/7", {"json": {}}, 400, "changeset: must be an object"),
        ("POST", "/v2/deployments", {"data": b"x"}, 400, "must be multipart/form-data"),
    ],
)
async def test_what_is_no_request_is_refused_by_name(
    proxy: RestProxy, method: str, path: str, sent: dict[str, Any], status: int, said: str
) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.request(method, proxy.address + path, **sent) as answer,
    ):
        problem = await answer.json(content_type=None)
        assert (answer.status, problem["status"]) == (status, status)
        assert said in problem["detail"]


async def test_a_refusal_keeps_its_class(client: bridge.AsyncClient) -> None:
    with pytest.raises(NotFound, match="no such job was found"):
        await client.complete_job(2251799813685249)


async def test_a_poll_whose_client_has_gone_takes_no_job(
    proxy: RestProxy, client: bridge.AsyncClient, gateway: EmbeddedGateway
) -> None:
    await client.deploy_resource(("p.bpmn", PROCESS))
    body = {"type": "work", "timeout": 600_000, "maxJobsToActivate": 5, "requestTimeout": 30_000}
    async with aiohttp.ClientSession() as session:
        poll = asyncio.ensure_future(session.post(f"{proxy.address}/v2/jobs/activation", json=body))
        await until(lambda: proxy._in_flight.counts["polls"] == 1)
        poll.cancel()
        await asyncio.wait([poll])
    await until(lambda: proxy._in_flight.counts["polls"] == 0)
    await client.create_process_instance("p")
    assert len(await client.activate_jobs("work", max_jobs_to_activate=5)) == 1


async def test_what_is_beyond_a_limit_is_refused(gateway: EmbeddedGateway) -> None:
    limits = Limits(message_size=1000)
    async with (
        RestProxy(gateway.grpc_address, listen="127.0.0.1:0", limits=limits) as proxy,
        aiohttp.ClientSession() as session,
        session.post(f"{proxy.address}/v2/process-instances", data=b" " * 2000) as answer,
    ):
        assert answer.status == 413


async def test_its_door_speaks_tls(gateway: EmbeddedGateway, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    pair = authority.issue("proxy")
    door = DoorTls(pair.certificate, pair.key)
    async with RestProxy(gateway.grpc_address, listen="127.0.0.1:0", door_tls=door) as proxy:
        assert proxy.address.startswith("https://")
        tls = Tls(ca=authority.ca)
        async with bridge.AsyncClient(rest_address=proxy.address, tls=tls, env={}) as client:
            assert (await client.topology()).cluster_size == 1


async def test_its_pages_say_how_it_is(proxy: RestProxy) -> None:
    async with aiohttp.ClientSession(proxy.page_address) as session:
        async with session.get("/readyz") as page:
            assert (page.status, await page.text()) == (200, "ready\n")
        async with session.get("/") as page:
            assert proxy.address in await page.text()
