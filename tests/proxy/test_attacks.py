"""A proxy whose clients and whose cluster behave badly: no job stays locked, nothing grows, codes are right."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from typing import Any

import grpc
import grpc.aio
import pytest

from camunda_embedded import EmbeddedGateway
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from camunda_proxy import Limits, Proxy
from tests.fakes import rest as fake
from tests.proxy.test_proxy import PATIENCE, activation, jobs_of, rest_server, start, until

TOPOLOGY = {"brokers": [], "gatewayVersion": "8.6.0", "clusterSize": 1}
Code = grpc.StatusCode


@pytest.fixture
def gateway() -> Any:
    with EmbeddedGateway() as running:
        yield running


@pytest.fixture
async def proxy(gateway: EmbeddedGateway) -> AsyncIterator[Proxy]:
    async with Proxy(gateway.rest_address, listen="127.0.0.1:0") as running:
        yield running


async def refused_by(call: Any) -> grpc.aio.AioRpcError:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    return refused.value


def descriptors() -> int:
    """How many this process has open; 0 where that cannot be seen."""
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return 0


async def all_jobs(gateway: EmbeddedGateway, expected: int) -> list[Any]:
    """The jobs that are to be had at the cluster itself, once there are as many as expected."""
    found: list[Any] = []
    async with grpc.aio.insecure_channel(gateway.grpc_address) as channel:
        stub: Any = stubs.GatewayStub(channel)

        async def come() -> bool:
            found.extend(await jobs_of(stub, requestTimeout=300, maxJobsToActivate=1000))
            return len(found) >= expected

        await until(come)
    return found


async def big_jobs(stub: Any, count: int) -> None:
    await start(stub, 0)
    text = '{"text": "' + "x" * 200_000 + '"}'
    for _ in range(count):
        await stub.CreateProcessInstance(
            pb.CreateProcessInstanceRequest(bpmnProcessId="p", version=-1, variables=text)
        )


async def test_what_a_slow_reader_of_a_stream_did_not_take_comes_back(
    proxy: Proxy, gateway: EmbeddedGateway
) -> None:
    reader = grpc.aio.insecure_channel(proxy.address)
    slow: Any = stubs.GatewayStub(reader)
    stream = slow.StreamActivatedJobs(
        pb.StreamActivatedJobsRequest(type="work", worker="slow", timeout=600_000)
    )
    async with grpc.aio.insecure_channel(proxy.address) as channel:
        await big_jobs(stubs.GatewayStub(channel), 40)
    taken = await asyncio.wait_for(stream.read(), PATIENCE)
    handed_on = proxy.metrics.jobs.labels("StreamActivatedJobs")._value
    before = -1.0
    while handed_on.get() != before:  # until the window is full
        before = handed_on.get()
        await asyncio.sleep(0.3)
    assert before < 40, "flow control should have stopped the stream"
    stream.cancel()
    await reader.close()
    await until(lambda: proxy._in_flight.counts["streams"] == 0)
    back = await all_jobs(gateway, 40 - int(handed_on.get()))
    assert taken.key not in {job.key for job in back}
    assert all(job.retries == 3 for job in back)


async def test_what_a_client_that_goes_mid_answer_did_not_take_comes_back(
    proxy: Proxy, gateway: EmbeddedGateway
) -> None:
    async with grpc.aio.insecure_channel(proxy.address) as channel:
        await big_jobs(stubs.GatewayStub(channel), 40)
    reader = grpc.aio.insecure_channel(proxy.address)
    slow: Any = stubs.GatewayStub(reader)
    poll = slow.ActivateJobs(activation(maxJobsToActivate=40))
    first = await asyncio.wait_for(poll.read(), PATIENCE)
    poll.cancel()
    await reader.close()
    await until(lambda: proxy._in_flight.counts["polls"] == 0)
    handed_on = int(proxy.metrics.jobs.labels("ActivateJobs")._value.get())
    back = await all_jobs(gateway, 40 - handed_on)
    assert len(first.jobs) <= handed_on
    assert all(job.retries == 3 for job in back)


async def test_what_comes_in_the_moment_in_which_the_client_goes_is_given_back() -> None:
    with rest_server(fake.answer(204)) as server:
        async with Proxy(server.address, listen="127.0.0.1:0") as proxy:
            door: Any = proxy._door
            there: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
            given_back: list[Any] = []

            async def comes() -> Any:
                return await there

            reading = asyncio.ensure_future(door._until_drained(comes(), given_back.append))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            there.set_result("a job")
            await asyncio.sleep(0)  # the job is there, and nobody has looked yet
            reading.cancel()
            with pytest.raises(asyncio.CancelledError):
                await reading
    assert given_back == ["a job"]


@pytest.mark.parametrize(
    ("step", "codes"),
    [
        (fake.answer(500, b"<html>oops</html>", content_type="text/html"), {Code.INTERNAL}),
        (fake.answer(200, b"<html>login</html>", content_type="text/html"), {Code.INTERNAL, Code.UNKNOWN}),
        (fake.answer(503, b"<html>later</html>", content_type="text/html"), {Code.UNAVAILABLE}),
        (fake.problem(500, "INTERNAL", "\u00fc" * 50_000), {Code.INTERNAL}),
        (
            fake.problem(400, "INVALID_ARGUMENT", "x" * 50_000, instance="/" + "y" * 20_000),
            {Code.INVALID_ARGUMENT},
        ),
        (fake.close_without_answer(), {Code.UNAVAILABLE}),
        (fake.reset_after_request(), {Code.UNAVAILABLE}),
        (fake.answer(200, b'{"brokers": [', length=500), {Code.UNAVAILABLE}),
        (fake.raw(b"no http at all\r\n\r\n"), {Code.UNAVAILABLE, Code.INTERNAL, Code.UNKNOWN}),
        (fake.answer(200, b"[1, 2"), {Code.INTERNAL, Code.UNKNOWN}),
        (fake.answer(200, [1, 2]), {Code.INTERNAL, Code.UNKNOWN}),
    ],
)
async def test_a_cluster_that_answers_badly_is_told_by_code_and_the_next_call_is_served(
    step: Any, codes: set[Any]
) -> None:
    with rest_server(step, fake.answer(200, TOPOLOGY)) as server:
        async with (
            Proxy(server.address, listen="127.0.0.1:0") as proxy,
            grpc.aio.insecure_channel(proxy.address) as channel,
        ):
            stub: Any = stubs.GatewayStub(channel)
            refused = await refused_by(stub.Topology(pb.TopologyRequest(), timeout=PATIENCE))
            assert refused.code() in codes, refused
            assert refused.details()
            assert (await stub.Topology(pb.TopologyRequest(), timeout=PATIENCE)).clusterSize == 1


async def test_a_cluster_that_hangs_costs_a_caller_its_deadline_and_no_more() -> None:
    with rest_server(fake.stall(), fake.answer(200, TOPOLOGY)) as server:
        async with (
            Proxy(server.address, listen="127.0.0.1:0", timeout=0.5) as proxy,
            grpc.aio.insecure_channel(proxy.address) as channel,
        ):
            stub: Any = stubs.GatewayStub(channel)
            refused = await refused_by(stub.Topology(pb.TopologyRequest()))  # the proxy's own time
            assert refused.code() is Code.DEADLINE_EXCEEDED
            assert proxy._in_flight.counts["calls"] == 0
            assert (await stub.Topology(pb.TopologyRequest())).clusterSize == 1


async def test_metadata_beyond_measure_is_refused_and_large_ones_do_not_break_the_connection(
    proxy: Proxy,
) -> None:
    async with grpc.aio.insecure_channel(proxy.address) as channel:
        stub: Any = stubs.GatewayStub(channel)
        for size in (9_000, 20_000, 200_000):
            metadata = (("x-large", "y" * size),)
            refused = await refused_by(
                stub.Topology(pb.TopologyRequest(), metadata=metadata, timeout=PATIENCE)
            )
            assert refused.code() in (Code.RESOURCE_EXHAUSTED, Code.INVALID_ARGUMENT), refused
        many = tuple((f"x-{number}", "y") for number in range(100))
        assert (await stub.Topology(pb.TopologyRequest(), metadata=many)).clusterSize == 1
        binary = (("x-bytes-bin", bytes(range(256))),)
        assert (await stub.Topology(pb.TopologyRequest(), metadata=binary)).clusterSize == 1


async def test_a_field_that_is_newer_than_the_table_is_refused_by_code(proxy: Proxy) -> None:
    newer = pb.CompleteJobRequest(jobKey=5).SerializeToString() + b"\xfa\x7f\x01x"  # field 2047
    async with grpc.aio.insecure_channel(proxy.address) as channel:
        call = channel.unary_unary("/gateway_protocol.Gateway/CompleteJob")
        refused = await refused_by(call(newer))
        assert refused.code() is Code.UNIMPLEMENTED
        assert "leave them unset" in (refused.details() or "")
        stream = channel.unary_stream("/gateway_protocol.Gateway/ActivateJobs")
        assert (
            await refused_by(stream(activation().SerializeToString() + b"\xfa\x7f\x01x").read())
        ).code() is (Code.UNIMPLEMENTED)


async def test_polls_that_are_left_hold_back_others_of_their_kind_and_no_call(
    gateway: EmbeddedGateway,
) -> None:
    limits = Limits(polls=3, streams=2, calls=2)
    async with (
        Proxy(gateway.rest_address, listen="127.0.0.1:0", limits=limits) as proxy,
        grpc.aio.insecure_channel(proxy.address) as channel,
    ):
        stub: Any = stubs.GatewayStub(channel)
        refused = 0
        most = 0
        for _ in range(30):
            poll = stub.ActivateJobs(activation(type="none", requestTimeout=60_000))
            reading = asyncio.ensure_future(poll.read())
            await until(lambda reading=reading: proxy._in_flight.counts["polls"] == 1 or reading.done())
            most = max(most, proxy._rest.background.count)
            poll.cancel()
            (ended,) = await asyncio.gather(reading, return_exceptions=True)
            if isinstance(ended, grpc.aio.AioRpcError):
                assert ended.code() is Code.RESOURCE_EXHAUSTED
                refused += 1
            await until(lambda: proxy._in_flight.counts["polls"] == 0)
        assert most <= limits.polls + limits.streams + 1
        assert refused > 0
        assert (await stub.Topology(pb.TopologyRequest(), timeout=PATIENCE)).clusterSize == 1

        async def taken_again() -> bool:
            try:
                return await jobs_of(stub, requestTimeout=100) == []
            except grpc.aio.AioRpcError as error:
                assert error.code() is Code.RESOURCE_EXHAUSTED
                return False

        await until(taken_again)


@pytest.mark.long
async def test_ten_thousand_cancelled_polls_lock_no_job_and_leave_nothing(gateway: EmbeddedGateway) -> None:
    limits = Limits(polls=150, streams=50)
    async with (
        Proxy(gateway.rest_address, listen="127.0.0.1:0", limits=limits) as proxy,
        grpc.aio.insecure_channel(proxy.address) as channel,
    ):
        stub: Any = stubs.GatewayStub(channel)
        before = descriptors()
        codes: set[Any] = set()
        for _ in range(100):
            polls = [stub.ActivateJobs(activation(requestTimeout=60_000)) for _ in range(100)]
            reading = [asyncio.ensure_future(poll.read()) for poll in polls]
            # One that is cancelled before the server has seen it is cancelled by grpcio, and no test of ours.
            await until(
                lambda reading=reading: (
                    sum(each.done() for each in reading) + proxy._in_flight.counts["polls"] == 100
                )
            )
            for poll in polls:
                poll.cancel()
            for ended in await asyncio.gather(*reading, return_exceptions=True):
                codes.add(ended.code() if isinstance(ended, grpc.aio.AioRpcError) else type(ended))
            await until(lambda: proxy._in_flight.counts["polls"] == 0)
            # Those that were let in at the same moment had not begun when the next were counted.
            assert proxy._rest.background.count <= limits.polls + limits.streams + 20
            assert (await stub.Topology(pb.TopologyRequest(), timeout=PATIENCE)).clusterSize == 1
        assert codes == {asyncio.CancelledError, Code.RESOURCE_EXHAUSTED}
        await start(stub, 20)
        found: list[Any] = []

        async def come() -> bool:
            try:
                found.extend(await jobs_of(stub, requestTimeout=300))
            except grpc.aio.AioRpcError as error:
                assert error.code() is Code.RESOURCE_EXHAUSTED
            return len(found) == 20

        await until(come)
        await until(lambda: proxy._rest.background.count == 0)
        assert all(job.retries == 3 for job in found)
        door: Any = proxy._door
        assert not door._waiting
        await until(lambda: not door._background)
        assert proxy._in_flight.counts == {"calls": 0, "polls": 0, "streams": 0}
        # Both ends of what the pool keeps are in this process.
        assert descriptors() <= before + 2 * (limits.polls + limits.streams) + 50
