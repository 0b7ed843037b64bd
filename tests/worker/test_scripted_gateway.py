"""The scripted gateway itself: what it does where a real one is peculiar."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import grpc
import grpc.aio
import pytest

from camunda_grpc._generated import gateway_pb2, gateway_pb2_grpc
from tests.fakes.gateway import Server


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server() as running:
        yield running


@pytest.fixture
async def stub(server: Server) -> AsyncIterator[Any]:
    async with grpc.aio.insecure_channel(server.grpc.address) as channel:
        yield gateway_pb2_grpc.GatewayStub(channel)


@pytest.fixture
async def post(server: Server) -> AsyncIterator[Any]:
    async with aiohttp.ClientSession(server.rest.address) as session:

        async def send(path: str, body: Any) -> tuple[int, Any]:
            async with session.post(path, json=body) as answer:
                return answer.status, await answer.json(content_type=None)

        yield send


def activation(**more: Any) -> dict[str, Any]:
    return {"type": "work", "worker": "w", "timeout": 60_000, "maxJobsToActivate": 10, **more}


async def test_an_abandoned_rest_poll_swallows_the_next_job(server: Server, post: Any) -> None:
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(post("/v2/jobs/activation", activation(requestTimeout=5000)), 0.2)
    (poll,) = server.store.polls["work"]
    for _ in range(500):  # the connection's end arrives a moment later
        if poll.abandoned:
            break
        await asyncio.sleep(0.01)
    await server.add("work")
    summary = await server.summary("work")
    assert (summary["locked"], summary["swallowed"]) == (1, 1)


async def test_a_cancelled_grpc_poll_leaves_the_next_job_to_others(server: Server, stub: Any) -> None:
    call = stub.ActivateJobs(gateway_pb2.ActivateJobsRequest(**activation(requestTimeout=5000)))
    assert await server.waiting("work", 1, 5.0) == 1
    call.cancel()
    for _ in range(500):
        if not server.store.polls["work"]:
            break
        await asyncio.sleep(0.01)
    await server.add("work")
    assert (await server.summary("work"))["waiting"] == 1


async def test_a_lock_that_runs_out_frees_its_job(server: Server, post: Any) -> None:
    await server.add("work")
    for _ in range(2):
        _, answer = await post("/v2/jobs/activation", activation(timeout=50, requestTimeout=5000))
        assert len(answer["jobs"]) == 1
    assert (await server.summary("work"))["activations"] == 2


async def test_what_a_full_stream_cannot_take_is_left_to_polls(server: Server, stub: Any, post: Any) -> None:
    request = gateway_pb2.StreamActivatedJobsRequest(type="work", worker="w", timeout=60_000)
    stub.StreamActivatedJobs(request)
    assert await server.waiting("work", 1, 5.0, streams=True) == 1
    await server.add("work", 2000)
    summary = await server.summary("work")
    assert summary["locked"] + summary["yields"] == 2000
    assert summary["yields"] == summary["waiting"] > 0


async def test_commands_are_refused_in_the_words_of_the_real_one(
    server: Server, stub: Any, post: Any
) -> None:
    (key,) = await server.add("work", retries=1)
    assert (await post(f"/v2/jobs/{key}/failure", {"retries": 0}))[0] == 204
    state = f"'{key}', but it is in state 'FAILED'"
    status, problem = await post(f"/v2/jobs/{key}/completion", {})
    assert (status, problem["title"]) == (409, "INVALID_STATE")
    assert problem["detail"].endswith(state)
    for name, code in ((key, grpc.StatusCode.FAILED_PRECONDITION), (key + 1, grpc.StatusCode.NOT_FOUND)):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.CompleteJob(gateway_pb2.CompleteJobRequest(jobKey=name))
        assert refused.value.code() == code
        trailers = [name for name, value in refused.value.trailing_metadata() or () if value]
        assert "grpc-status-details-bin" in trailers


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("UNAVAILABLE", grpc.StatusCode.UNAVAILABLE),
        ("goaway", grpc.StatusCode.UNAVAILABLE),
        ("reset", grpc.StatusCode.UNAVAILABLE),
        ("rst", grpc.StatusCode.INTERNAL),
    ],
)
async def test_a_fault_strikes_as_often_as_it_is_told_to(
    server: Server, kind: str, code: grpc.StatusCode
) -> None:
    (key,) = await server.add("work")
    rule = await server.fault(kind, "CompleteJob", "work", count=2)

    async def complete() -> None:
        # A connection of its own for each call: one that has just been struck may still look alive to the
        # channel, and then the next call dies on it before the gateway has seen it.
        async with grpc.aio.insecure_channel(
            server.grpc.address, options=[("grpc.use_local_subchannel_pool", 1)]
        ) as channel:
            stub = gateway_pb2_grpc.GatewayStub(channel)
            await stub.CompleteJob(gateway_pb2.CompleteJobRequest(jobKey=key), timeout=10)

    for _ in range(2):
        with pytest.raises(grpc.aio.AioRpcError) as failed:
            await complete()
        assert failed.value.code() == code
    await complete()
    assert await server.drop(rule) == 2
