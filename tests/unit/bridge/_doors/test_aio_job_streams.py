"""Job streams of the client on both wires: what they bring, what they outlive, and how they end."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import grpc
import pytest

import bridge
from camunda_core.errors import CamundaError, Cancelled, DeadlineExceeded, NotFound, UnsupportedField
from camunda_core.retry import NO_RETRY
from camunda_grpc import gateway_pb2 as pb
from tests.fakes.grpc import Abort, Answer, ScriptedGateway, Stall
from tests.fakes.rest import problem
from tests.fakes.rest_jobs import JobGateway
from tests.unit.bridge._doors.aio_side import Underway, until


@pytest.fixture
def rest() -> Iterator[JobGateway]:
    with JobGateway() as made:
        yield made


@pytest.fixture
async def client(rest: JobGateway) -> AsyncIterator[bridge.AsyncClient]:
    async with bridge.AsyncClient(rest_address=rest.address) as made:
        yield made


@pytest.fixture
def native() -> Iterator[ScriptedGateway]:
    made = ScriptedGateway()
    yield made
    made.release()
    made.stop()


def job(key: int) -> pb.ActivatedJob:
    return pb.ActivatedJob(key=key, type="work")


async def keys(jobs: Any, count: int) -> list[str]:
    found = []
    async for each in jobs:
        found.append(each.job_key)
        if len(found) == count:
            break
    return found


async def test_over_rest_it_brings_jobs_and_gives_back_what_was_not_read(
    rest: JobGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bridge")
    rest.add(3)
    async with bridge.AsyncClient(rest_address=rest.address, stream_capacity=3) as client:
        async with client.stream_activated_jobs("work", job_timeout=60) as jobs:
            assert await keys(jobs, 1) == ["1"]
            await client.complete_job("1")
        assert await keys(jobs, 1) == []
    assert rest.completed == ["1"]
    assert len(rest.available) == 2
    assert not rest.locked
    assert "emulated by long polling" in caplog.text


async def test_over_rest_no_more_than_its_capacity_is_activated(rest: JobGateway) -> None:
    rest.add(9)
    async with bridge.AsyncClient(rest_address=rest.address, stream_capacity=4) as client:
        jobs = client.stream_activated_jobs("work")
        await until(lambda: len(rest.locked) == 4, "it fills up")
        assert await keys(jobs, 1) == ["1"]
        assert len(rest.locked) == 4
        assert await keys(jobs, 1) == ["2"]
        await until(lambda: len(rest.locked) == 6, "half of it is empty, so it polls")


async def test_over_rest_it_outlives_an_outage(rest: JobGateway, caplog: pytest.LogCaptureFixture) -> None:
    rest.faults += [problem(503, "UNAVAILABLE"), problem(503, "UNAVAILABLE")]
    rest.add(1)
    async with bridge.AsyncClient(rest_address=rest.address, retry=NO_RETRY) as client:
        assert await keys(client.stream_activated_jobs("work"), 1) == ["1"]
    assert caplog.text.count("the stream goes on trying") == 1


async def test_over_rest_it_ends_with_an_error_that_trying_again_would_not_heal(
    rest: JobGateway, client: bridge.AsyncClient
) -> None:
    rest.faults.append(problem(403, "FORBIDDEN", "not yours"))
    with pytest.raises(CamundaError, match="not yours"):
        await keys(client.stream_activated_jobs("work"), 1)


async def test_over_rest_it_ends_at_its_deadline(client: bridge.AsyncClient) -> None:
    with pytest.raises(DeadlineExceeded, match="the deadline of the stream is over"):
        await keys(client.stream_activated_jobs("work", timeout=0.2), 1)


async def test_what_the_cluster_is_too_old_for_is_refused(
    rest: JobGateway, client: bridge.AsyncClient
) -> None:
    with pytest.raises(UnsupportedField, match="tenantFilter"):
        await keys(client.stream_activated_jobs("work", tenant_filter="ASSIGNED"), 1)
    assert not rest.activations


async def test_over_grpc_it_is_refused_as_well(native: ScriptedGateway) -> None:
    native.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="8.6.0"),))]
    native.script["StreamActivatedJobs"] = [Stall(messages=(job(1),))]
    async with bridge.AsyncClient(grpc_address=native.address) as client:
        jobs = client.stream_activated_jobs
        with pytest.raises(UnsupportedField, match="tenantFilter"):
            await keys(jobs("work", tenant_filter="ASSIGNED"), 1)
        assert native.count("StreamActivatedJobs") == 0
        assert await keys(jobs("work"), 1) == ["1"]


async def test_one_that_is_dropped_ends(rest: JobGateway, native: ScriptedGateway) -> None:
    native.script["StreamActivatedJobs"] = [Stall()]
    async with bridge.AsyncClient(rest_address=rest.address) as client:
        stream = client.stream_activated_jobs("work")
        inner: Any = stream._stream
        del stream
        gc.collect()
        with pytest.raises(Cancelled):
            await inner.take()
    async with bridge.AsyncClient(grpc_address=native.address) as client:
        stream = client.stream_activated_jobs("work")
        inner = stream._stream
        del stream
        gc.collect()
        with pytest.raises(Cancelled):
            await inner.take()


async def test_over_grpc_it_outlives_its_gateway(
    native: ScriptedGateway, caplog: pytest.LogCaptureFixture
) -> None:
    native.script["StreamActivatedJobs"] = [
        Abort(grpc.StatusCode.UNAVAILABLE, messages=(job(1),)),
        Answer((job(2),)),
        Stall(messages=(job(3),)),
    ]
    async with (
        bridge.AsyncClient(grpc_address=native.address, retry=NO_RETRY) as client,
        client.stream_activated_jobs("work", job_timeout=5) as jobs,
    ):
        assert await keys(jobs, 3) == ["1", "2", "3"]
    assert native.calls[-1].request.timeout == 5000
    assert "is opened again" in caplog.text


async def test_over_grpc_it_ends_with_an_error_that_trying_again_would_not_heal(
    native: ScriptedGateway,
) -> None:
    native.script["StreamActivatedJobs"] = [Abort(grpc.StatusCode.NOT_FOUND, "gone")]
    async with bridge.AsyncClient(grpc_address=native.address) as client:
        with pytest.raises(NotFound, match="gone"):
            await keys(client.stream_activated_jobs("work"), 1)
        native.script["StreamActivatedJobs"] = [Stall()]
        with pytest.raises(DeadlineExceeded):
            await keys(client.stream_activated_jobs("work", timeout=0.2), 1)


async def test_over_grpc_a_job_that_cannot_be_read_is_failed_and_the_others_come(
    native: ScriptedGateway,
) -> None:
    bad = pb.ActivatedJob(key=7, type="work", retries=3, variables="[1]")
    nameless = pb.ActivatedJob(type="work", variables="nonsense")
    native.script["StreamActivatedJobs"] = [Stall(messages=(bad, nameless, job(8)))]
    async with bridge.AsyncClient(grpc_address=native.address, retry=NO_RETRY) as client:
        jobs = client.stream_activated_jobs("work")
        assert await keys(jobs, 1) == ["8"]
        inner: Any = jobs._stream
        assert inner.unreadable == 2
    failed = [(each.request.jobKey, each.request.retries) for each in native.calls if each.rpc == "FailJob"]
    assert failed == [(7, 2)]  # closing waits until the gateway knows
    assert native.count("StreamActivatedJobs") == 1


async def test_over_grpc_it_may_be_closed_while_it_is_read(native: ScriptedGateway) -> None:
    begun = threading.Event()
    native.script["StreamActivatedJobs"] = [Stall(then=begun.set)]
    async with bridge.AsyncClient(grpc_address=native.address) as client:
        jobs = client.stream_activated_jobs("work")

        async def read() -> list[str]:
            return await keys(jobs, 1)

        reading = Underway(read)
        await until(begun.is_set, "it is read")
        await jobs.aclose()
        assert await reading.ended() == []
