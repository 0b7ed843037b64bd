"""A proxy between real clients of gRPC and a gateway of REST: what is lost, limited, passed on, and how it comes to rest.

That calls and refusals are those of the gateway itself show the scenarios, on the path ``proxy``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import grpc
import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from camunda_core.credentials import Basic
from camunda_core.errors import ConfigurationError
from camunda_embedded import EmbeddedGateway
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from camunda_proxy import DoorTls, Limits, Proxy
from tests.fakes.certificates import Authority
from tests.fakes.rest import RestServer, answer

PATIENCE = 20.0
PROCESS = (
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t" '
    b'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"><process id="p" isExecutable="true">'
    b'<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="work"/>'
    b'<serviceTask id="work"><extensionElements><zeebe:taskDefinition type="work"/></extensionElements></serviceTask>'
    b"</process></definitions>"
)


@pytest.fixture
def gateway() -> Any:
    with EmbeddedGateway() as running:
        yield running


@pytest.fixture
async def proxy(gateway: EmbeddedGateway) -> AsyncIterator[Proxy]:
    async with Proxy(gateway.rest_address, listen="127.0.0.1:0", page="127.0.0.1:0") as running:
        yield running


@pytest.fixture
async def stub(proxy: Proxy) -> AsyncIterator[Any]:
    async with grpc.aio.insecure_channel(proxy.address) as channel:
        yield stubs.GatewayStub(channel)


def rest_server(*steps: Any) -> RestServer:
    server = RestServer()
    server.script(*steps)
    return server


async def until(true: Callable[[], bool] | Callable[[], Awaitable[bool]]) -> None:
    async def wait() -> None:
        while True:
            found = true()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)

    await asyncio.wait_for(wait(), PATIENCE)


async def start(stub: Any, instances: int) -> None:
    await stub.DeployResource(
        pb.DeployResourceRequest(resources=[pb.Resource(name="p.bpmn", content=PROCESS)])
    )
    for _ in range(instances):
        await stub.CreateProcessInstance(pb.CreateProcessInstanceRequest(bpmnProcessId="p", version=-1))


def activation(**more: Any) -> pb.ActivateJobsRequest:
    given = {
        "type": "work",
        "worker": "w",
        "timeout": 600_000,
        "maxJobsToActivate": 32,
        "requestTimeout": 10_000,
    }
    return pb.ActivateJobsRequest(**{**given, **more})


async def jobs_of(stub: Any, **more: Any) -> list[Any]:
    return [job async for message in stub.ActivateJobs(activation(**more)) for job in message.jobs]


async def test_jobs_go_through_by_poll_and_stream_and_are_answered(stub: Any) -> None:
    await start(stub, 3)
    (first, *others) = await jobs_of(stub)
    assert first.type == "work"
    assert len(others) == 2
    for job in (first, *others):
        await stub.CompleteJob(pb.CompleteJobRequest(jobKey=job.key, variables='{"done": true}'))
    stream = stub.StreamActivatedJobs(pb.StreamActivatedJobsRequest(type="work", worker="w", timeout=600_000))
    await start(stub, 1)
    job = await asyncio.wait_for(stream.read(), PATIENCE)
    assert job.type == "work"
    stream.cancel()


async def test_jobs_that_fill_more_than_one_message_come_in_several(
    stub: Any, gateway: EmbeddedGateway
) -> None:
    await start(stub, 0)
    text = '{"text": "' + "x" * 700_000 + '"}'
    for _ in range(4):
        await stub.CreateProcessInstance(
            pb.CreateProcessInstanceRequest(bpmnProcessId="p", version=-1, variables=text)
        )
    sizes = []
    found = 0
    async for message in stub.ActivateJobs(activation()):
        sizes.append(message.ByteSize())
        found += len(message.jobs)
    assert found == 4
    assert len(sizes) == 4
    assert max(sizes) < 4 * 1024 * 1024


async def test_a_job_whose_client_has_gone_is_given_back(stub: Any, proxy: Proxy) -> None:
    poll = stub.ActivateJobs(activation())
    reading = asyncio.ensure_future(poll.read())
    await until(lambda: proxy._in_flight.counts["polls"] == 1)
    poll.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    await start(stub, 1)
    # The poll that was left takes the job and gives it back; the lock of ten minutes would show otherwise.
    found: list[Any] = []

    async def comes() -> bool:
        found.extend(await jobs_of(stub, requestTimeout=500))
        return bool(found)

    await until(comes)
    assert found[0].retries == 3


async def test_what_is_beyond_a_limit_is_refused_and_the_rest_goes_on(gateway: EmbeddedGateway) -> None:
    limits = Limits(polls=1, streams=1, message_size=1000)
    async with (
        Proxy(gateway.rest_address, listen="127.0.0.1:0", limits=limits) as proxy,
        grpc.aio.insecure_channel(proxy.address) as channel,
    ):
        stub: Any = stubs.GatewayStub(channel)
        poll = asyncio.ensure_future(jobs_of(stub))
        await until(lambda: proxy._in_flight.counts["polls"] == 1)
        with pytest.raises(grpc.aio.AioRpcError, match="1 polls at once") as refused:
            await jobs_of(stub)
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        with pytest.raises(grpc.aio.AioRpcError, match="exceeds maximum size 1000") as refused:
            await stub.PublishMessage(pb.PublishMessageRequest(name="x" * 1001))
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert (await stub.Topology(pb.TopologyRequest())).clusterSize == 1
        await start(stub, 1)
        assert len(await poll) == 1


async def test_junk_is_refused_and_hurts_nobody(stub: Any, proxy: Proxy) -> None:
    async with grpc.aio.insecure_channel(proxy.address) as channel:
        for method, code in (
            ("/gateway_protocol.Gateway/CompleteJob", grpc.StatusCode.INTERNAL),
            ("/gateway_protocol.Gateway/NoSuchRpc", grpc.StatusCode.UNIMPLEMENTED),
            ("/somewhere.Else/CompleteJob", grpc.StatusCode.UNIMPLEMENTED),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await channel.unary_unary(method)(b"\xff\xff\xff")
            assert refused.value.code() is code
    assert (await stub.Topology(pb.TopologyRequest())).clusterSize == 1


async def test_a_callers_credentials_go_on_and_what_belongs_to_the_connection_does_not() -> None:
    with rest_server(answer(200, {"brokers": [], "gatewayVersion": "8.6.0"})) as server:
        async with (
            Proxy(server.address, listen="127.0.0.1:0") as proxy,
            grpc.aio.insecure_channel(proxy.address) as channel,
        ):
            stub: Any = stubs.GatewayStub(channel)
            metadata = (
                ("authorization", "Bearer abc"),
                ("traceparent", "00-1-2-01"),
                ("transfer-encoding", "chunked"),
                ("host", "elsewhere"),
                ("content-length", "5"),
            )
            await stub.Topology(pb.TopologyRequest(), metadata=metadata)
        (seen,) = ({name.lower(): value for name, value in each.headers.items()} for each in server.requests)
    assert (seen["authorization"], seen["traceparent"]) == ("Bearer abc", "00-1-2-01")
    assert "transfer-encoding" not in seen
    assert seen["host"] == server.address.removeprefix("http://")
    assert seen.get("content-length", "0") == "0"


async def test_with_credentials_of_its_own_a_callers_are_not_passed_on() -> None:
    with rest_server(answer(200, {"brokers": [], "gatewayVersion": "8.6.0"})) as server:
        async with (
            Proxy(server.address, listen="127.0.0.1:0", credentials=Basic("proxy", "secret")) as proxy,
            grpc.aio.insecure_channel(proxy.address) as channel,
        ):
            stub: Any = stubs.GatewayStub(channel)
            await stub.Topology(
                pb.TopologyRequest(), metadata=(("authorization", "Bearer abc"), ("cookie", "a=b"))
            )
        (seen,) = ({name.lower(): value for name, value in each.headers.items()} for each in server.requests)
    assert seen["authorization"].startswith("Basic ")
    assert "cookie" not in seen


async def test_a_refusal_of_the_cluster_arrives_with_its_code_text_and_details(stub: Any) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await stub.CompleteJob(pb.CompleteJobRequest(jobKey=2251799813685249))
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    assert "no such job was found" in (refused.value.details() or "")
    assert dict(refused.value.trailing_metadata() or ())["grpc-status-details-bin"]


async def test_a_cluster_that_is_not_there_is_unavailable_within_the_deadline() -> None:
    with rest_server(answer(200, {})) as server:
        gone = server.address
    async with (
        Proxy(gone, listen="127.0.0.1:0", page="127.0.0.1:0") as proxy,
        grpc.aio.insecure_channel(proxy.address) as channel,
    ):
        stub: Any = stubs.GatewayStub(channel)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.Topology(pb.TopologyRequest(), timeout=PATIENCE)
        assert refused.value.code() is grpc.StatusCode.UNAVAILABLE
        health: Any = health_pb2_grpc.HealthStub(channel)
        shown = await health.Check(health_pb2.HealthCheckRequest())
        assert shown.status == health_pb2.HealthCheckResponse.NOT_SERVING
        async with aiohttp.ClientSession(proxy.page_address) as session, session.get("/readyz") as page:
            assert (page.status, await page.text()) == (503, "no answer from the cluster\n")


async def test_it_drains_polls_end_empty_streams_go_elsewhere_and_late_calls_are_served(
    gateway: EmbeddedGateway,
) -> None:
    proxy = Proxy(gateway.rest_address, listen="127.0.0.1:0")
    await proxy.start()
    async with grpc.aio.insecure_channel(proxy.address) as channel:
        stub: Any = stubs.GatewayStub(channel)
        poll = asyncio.ensure_future(jobs_of(stub))
        stream = stub.StreamActivatedJobs(
            pb.StreamActivatedJobsRequest(type="other", worker="w", timeout=1000)
        )
        reading = asyncio.ensure_future(stream.read())
        health: Any = health_pb2_grpc.HealthStub(channel)
        watch = health.Watch(health_pb2.HealthCheckRequest())
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.SERVING
        await until(lambda: proxy._in_flight.counts == {"calls": 0, "polls": 1, "streams": 1})
        stopping = asyncio.ensure_future(proxy.stop(5.0))
        assert (await watch.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        await start(stub, 1)  # it arrives while the proxy stops
        assert await asyncio.wait_for(poll, PATIENCE) == []
        with pytest.raises(grpc.aio.AioRpcError, match="the proxy stops") as ended:
            await reading
        assert ended.value.code() is grpc.StatusCode.UNAVAILABLE
        await asyncio.wait_for(stopping, PATIENCE)
    async with grpc.aio.insecure_channel(gateway.grpc_address) as channel:
        assert len(await jobs_of(stubs.GatewayStub(channel))) == 1, (
            "the poll that was left keeps the job locked"
        )


async def test_its_pages_say_how_it_is(stub: Any, proxy: Proxy) -> None:
    await start(stub, 1)
    assert len(await jobs_of(stub)) == 1
    async with aiohttp.ClientSession(proxy.page_address) as session:
        async with session.get("/readyz") as page:
            assert (page.status, await page.text()) == (200, "ready\n")
        async with session.get("/healthz") as page:
            assert page.status == 200
        async with session.get("/metrics") as page:
            metrics = await page.text()
        async with session.get("/") as page:
            shown = await page.text()
    assert 'camunda_proxy_calls_total{code="OK",rpc="CreateProcessInstance"} 1.0' in metrics
    assert 'camunda_proxy_jobs_total{rpc="ActivateJobs"} 1.0' in metrics
    assert 'camunda_proxy_in_flight{kind="polls"} 0.0' in metrics
    assert proxy.address in shown
    assert ">ready<" in shown


async def test_its_door_speaks_tls_and_asks_clients_who_they_are(
    gateway: EmbeddedGateway, tmp_path: Path
) -> None:
    authority = Authority(tmp_path)
    server, client = authority.issue("proxy"), authority.issue("client")
    tls = DoorTls(server.certificate, server.key, clients=authority.ca)
    async with Proxy(gateway.rest_address, listen="127.0.0.1:0", door_tls=tls) as proxy:
        ca = authority.ca.read_bytes()
        known = grpc.ssl_channel_credentials(ca, client.key.read_bytes(), client.certificate.read_bytes())
        async with grpc.aio.secure_channel(proxy.address, known) as channel:
            stub: Any = stubs.GatewayStub(channel)
            assert (await stub.Topology(pb.TopologyRequest())).clusterSize == 1
        async with grpc.aio.secure_channel(proxy.address, grpc.ssl_channel_credentials(ca)) as channel:
            stub = stubs.GatewayStub(channel)
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await stub.Topology(pb.TopologyRequest(), timeout=5)
            assert refused.value.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"listen": "26500"}, 'listen must be "host:port"'),
        ({"listen": "127.0.0.1:70000"}, 'listen must be "host:port"'),
        ({"page": "x"}, 'page must be "host:port"'),
    ],
)
async def test_settings_that_cannot_work_are_refused_by_name(given: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        Proxy("http://127.0.0.1:1", **given)


async def test_a_port_that_is_taken_and_files_that_are_not_there_are_named(
    proxy: Proxy, gateway: EmbeddedGateway
) -> None:
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        await Proxy(gateway.rest_address, listen=proxy.address).start()
    with pytest.raises(ConfigurationError, match=r"key of the door: .*No such file"):
        DoorTls(b"-----BEGIN CERTIFICATE-----", "nowhere.pem")
    with pytest.raises(ConfigurationError, match="polls must be 1 or more"):
        Limits(polls=0)
