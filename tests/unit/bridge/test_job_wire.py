"""Which wire serves a worker, and that a job is the same whichever reads it."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from grpc import StatusCode
from hypothesis import given, settings

import bridge
from bridge._table.transcode import exchange
from camunda_core import errors
from camunda_core.credentials import Basic
from camunda_core.jobs import ActivatedJob, JobRequest, JobWire, JobWires
from camunda_core.retry import RetryPolicy
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc._activated import job_of as job_of_message
from camunda_rest._activated import job_of as job_of_json
from tests.contract import fill
from tests.fakes.grpc import Abort, Answer, ScriptedGateway
from tests.fakes.rest_jobs import JobGateway

OFTEN = RetryPolicy(max_attempts=5, initial_delay=0.001, max_delay=0.002)
RPCS = ("ActivateJobs", "StreamActivatedJobs", "CompleteJob", "FailJob", "ThrowError", "UpdateJobTimeout")


@pytest.fixture
def native() -> Iterator[ScriptedGateway]:
    made = ScriptedGateway()
    yield made
    made.release()
    made.stop()


@pytest.fixture
def rest() -> Iterator[JobGateway]:
    with JobGateway() as made:
        yield made


@asynccontextmanager
async def opened(
    rest: JobGateway, native: ScriptedGateway, routes: str, **more: Any
) -> AsyncIterator[JobWires]:
    """A wire of a client that knows both gateways."""
    with bridge.Client(
        rest_address=rest.address, grpc_address=native.address, routes=routes, retry=OFTEN, **more
    ) as client:
        wire = client.job_wire()
    try:
        yield wire
    finally:
        await wire.close()


async def taken(wire: JobWire, rest: JobGateway, native: ScriptedGateway, job_type: str) -> dict[str, str]:
    """The wire that each call of a worker takes, or "off"."""
    request, job = JobRequest(job_type, "w", 30), ActivatedJob(job_key="5", type=job_type)
    calls = {
        "ActivateJobs": lambda: wire.activate(request, 1, wait=0, timeout=5),
        "CompleteJob": lambda: wire.complete(job, "", timeout=5),
        "FailJob": lambda: wire.fail(job, retries=1, message="", backoff=0, variables="", timeout=5),
        "ThrowError": lambda: wire.throw_error(job, code="E", message="", variables="", timeout=5),
        "UpdateJobTimeout": lambda: wire.extend(job, 5, timeout=5),
    }
    ways = {}
    for rpc, call in calls.items():
        before = len(rest.requests), len(native.calls)
        try:
            await call()
        except errors.NotFound:
            pass
        except errors.Unimplemented as error:
            if not error.sent:
                assert error.operation == rpc
                assert "switched off" in error.message
                ways[rpc] = "off"
                continue
        seen = len(rest.requests) - before[0], len(native.calls) - before[1]
        ways[rpc] = {(1, 0): "rest", (0, 1): "grpc"}[seen]
        if ways[rpc] == "grpc":
            assert native.calls[-1].rpc == rpc
    try:
        feed = await wire.stream(request)
        with pytest.raises(errors.Unavailable):
            await feed.read()
        assert native.calls[-1].rpc == "StreamActivatedJobs"
        ways["StreamActivatedJobs"] = "grpc"
    except errors.Unimplemented as error:
        ways["StreamActivatedJobs"] = "off" if "switched off" in error.message else "rest"
    return ways


ROUTES = (
    "rest",
    "grpc",
    "",
    "rest, StreamActivatedJobs=grpc",
    "grpc, CompleteJob=rest",
    "grpc, job:charge=rest",
    "rest, StreamActivatedJobs=off, job:charge=grpc",
    "off, ActivateJobs=grpc, CompleteJob=rest",
    "off",
)


@pytest.mark.parametrize("routes", ROUTES)
async def test_every_call_goes_where_the_routes_say(
    rest: JobGateway, native: ScriptedGateway, routes: str
) -> None:
    native.script["StreamActivatedJobs"] = [Answer()]
    async with opened(rest, native, routes) as wire:
        decided = bridge.Routes.read(routes, rest=True, grpc=True)
        for job_type in ("charge", "ship"):
            wanted = {rpc: decided.of(rpc, job_type) for rpc in RPCS}
            its_own = wire.of(job_type)
            assert await taken(its_own, rest, native, job_type) == wanted
            assert its_own.pushes == (wanted["StreamActivatedJobs"] == "grpc")
            assert its_own.cancels == (wanted["ActivateJobs"] != "rest")
            names = {"rest": "REST", "grpc": "gRPC"}
            said = [wanted[rpc] for rpc in RPCS if rpc not in ("StreamActivatedJobs", "UpdateJobTimeout")]
            assert its_own.name == " and ".join(names[way] for way in dict.fromkeys(said) if way != "off")


async def test_with_one_address_the_plain_wire_serves_where_nothing_is_off(
    rest: JobGateway, native: ScriptedGateway
) -> None:
    for address, routes, kind in (
        ({"rest_address": rest.address}, "rest", "RestJobWire"),
        ({"grpc_address": native.address}, "grpc", "GrpcJobWire"),
        ({"grpc_address": native.address}, "grpc, StreamActivatedJobs=off", "RoutedJobWires"),
    ):
        with bridge.Client(**address, routes=routes) as client:  # type: ignore[arg-type]
            wires = client.job_wire()
        assert type(wires).__name__ == kind
        await wires.close()


@pytest.mark.parametrize("wire", ["rest", "grpc"])
async def test_settings_are_those_of_the_client_but_nothing_is_repeated(
    rest: JobGateway, native: ScriptedGateway, wire: str
) -> None:
    native.script["ActivateJobs"] = [Abort(StatusCode.UNAVAILABLE)]
    rest.faults = [lambda exchange: False] * 3
    async with opened(rest, native, wire, credentials=Basic("demo", "demo")) as made:
        with pytest.raises(errors.Unavailable):
            await made.of("charge").activate(JobRequest("charge", "w", 30), 1, wait=0, timeout=5)
    if wire == "rest":
        (request,) = rest.requests
        assert request.headers["authorization"] == "Basic ZGVtbzpkZW1v"
    else:
        (call,) = native.calls
        assert call.metadata["authorization"] == "Basic ZGVtbzpkZW1v"


async def test_every_entrance_has_one(rest: JobGateway, native: ScriptedGateway) -> None:
    addresses = {"rest_address": rest.address, "grpc_address": native.address}
    makers: list[Any] = [bridge.Client, bridge.AsyncClient, bridge.channel, bridge.aio_channel]
    for make in makers:
        source = make(**addresses, routes="rest, job:charge=grpc")
        wires = source.job_wire()
        rest.add()
        work, charge = wires.of("work"), wires.of("charge")
        (job,) = await work.activate(JobRequest("work", "w", 30), 5, wait=1, timeout=5)
        await work.complete(job, '{"done":true}', timeout=5)
        await charge.complete(ActivatedJob(job_key="9", type="charge"), "", timeout=5)
        await wires.close()
        closed = source.aclose() if make is bridge.AsyncClient else source.close()
        if closed is not None:
            await closed
    assert rest.completed == ["1"] * len(makers)
    assert native.count("CompleteJob") == len(makers)


async def test_a_drop_in_channel_with_interceptors_has_none(rest: JobGateway) -> None:
    class Watcher(grpc.aio.UnaryUnaryClientInterceptor):  # type: ignore[misc]
        async def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
            return await continuation(details, request)

    async with bridge.aio_channel(rest.address, interceptors=[Watcher()]) as channel:
        with pytest.raises(errors.ConfigurationError, match="interceptors"):
            channel.job_wire()


def test_without_an_event_loop_there_is_none(rest: JobGateway) -> None:
    with (
        bridge.Client(rest_address=rest.address) as client,
        pytest.raises(errors.ConfigurationError, match="event loop"),
    ):
        client.job_wire()


def test_a_client_gives_wires_to_any_loop(rest: JobGateway) -> None:
    async def work(client: Any) -> str:
        wire = client.job_wire()
        (job,) = await wire.activate(JobRequest("work", "w", 30), 1, wait=1, timeout=5)
        await wire.complete(job, "", timeout=5)
        await wire.close()
        return str(job.job_key)

    rest.add(2)
    with bridge.Client(rest_address=rest.address) as client:
        assert sorted(asyncio.run(work(client)) for _ in range(2)) == ["1", "2"]


# A job is the same whoever reads it


def as_json(message: Any) -> Any:
    return exchange("ActivateJobs").answer_to_rest(pb.ActivateJobsResponse(jobs=[message]))["jobs"][0]


def whole(job: ActivatedJob) -> dict[str, Any]:
    """Also what does not count when jobs are compared."""
    return dataclasses.asdict(job)


def test_a_job_with_everything_is_the_same_on_both_wires() -> None:
    message = fill.filled(pb.ActivatedJob)
    data = {**as_json(message), "rootProcessInstanceKey": "5", "businessId": "b", "physicalTenantId": "p"}
    read = job_of_json(data)
    assert job_of_message(message) == read
    blank = ActivatedJob(job_key="")
    assert [
        each.name
        for each in dataclasses.fields(read)
        if getattr(read, each.name) == getattr(blank, each.name)
    ] == []


@settings(max_examples=3 * settings.default.max_examples)
@given(fill.anything(pb.ActivatedJob))
def test_any_job_is_the_same_on_both_wires(message: Any) -> None:
    message.key = message.key or 1
    data = as_json(message)
    assert whole(job_of_message(message)) == whole(job_of_json(data))
