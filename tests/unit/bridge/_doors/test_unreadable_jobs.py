"""``activate_jobs`` where a job cannot be read: it is failed, and costs no other, on both wires."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from typing import Any

import grpc
import pytest

import bridge
from camunda_core.retry import NO_RETRY
from camunda_grpc import gateway_pb2 as pb
from camunda_grpc import gateway_pb2_grpc as stubs
from tests.fakes.grpc import Abort, Answer, ScriptedGateway
from tests.fakes.rest import RestServer, Step, answer, problem
from tests.unit.bridge._doors.test_stream_ends import BATCHES

Activate = Callable[..., list[str]]


def blocking(**more: Any) -> list[str]:
    with bridge.Client(retry=NO_RETRY, env={}, **more) as client:
        found = client.activate_jobs("work", max_jobs_to_activate=5, request_timeout=0, timeout=10)
        return [job.job_key for job in found]


def awaited(**more: Any) -> list[str]:
    async def run() -> list[str]:
        async with bridge.AsyncClient(retry=NO_RETRY, env={}, **more) as client:
            found = await client.activate_jobs("work", max_jobs_to_activate=5, request_timeout=0, timeout=10)
            return [job.job_key for job in found]

    return asyncio.run(run())


clients = pytest.mark.parametrize("activate", [blocking, awaited])


@pytest.fixture
def server() -> Iterator[RestServer]:
    with RestServer() as made:
        yield made


@pytest.fixture
def native() -> Iterator[ScriptedGateway]:
    made = ScriptedGateway()
    yield made
    made.release()
    made.stop()


@clients
@pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES)
def test_over_rest_it_is_failed_and_the_others_are_given(
    server: RestServer, caplog: pytest.LogCaptureFixture, activate: Activate, batch: Step
) -> None:
    server.script(batch, answer(204))
    assert activate(rest_address=server.address) == ["8"]
    assert server.requests[1].target == "/v2/jobs/7/failure"
    assert server.requests[1].json["retries"] == 2
    assert "cannot be read" in server.requests[1].json["errorMessage"]
    assert [each.levelno for each in caplog.records if "is failed" in each.getMessage()] == [logging.ERROR]


@clients
def test_over_rest_where_failing_it_fails_the_others_are_given_all_the_same(
    server: RestServer, caplog: pytest.LogCaptureFixture, activate: Activate
) -> None:
    jobs = [{"jobKey": "7", "variables": [1]}, {"type": "nameless"}, {"jobKey": "8"}]
    server.script(answer(200, {"jobs": jobs}), problem(404, "NOT_FOUND", "it has gone"))
    assert activate(rest_address=server.address) == ["8"]
    assert "job 7 stays locked until its timeout: failing it failed" in caplog.text
    assert "a job stays locked until its timeout" in caplog.text  # the one without a key


@clients
def test_over_rest_a_batch_of_nothing_else_is_none(server: RestServer, activate: Activate) -> None:
    server.script(answer(200, {"jobs": [{"jobKey": "7", "variables": [1]}]}), answer(204))
    assert activate(rest_address=server.address) == []
    assert [each.target for each in server.requests] == ["/v2/jobs/activation", "/v2/jobs/7/failure"]


def _batch() -> pb.ActivateJobsResponse:
    bad = pb.ActivatedJob(key=7, type="work", retries=3, variables="[1]", jobLeaseToken="t")
    nameless = pb.ActivatedJob(type="work", variables="nonsense")
    return pb.ActivateJobsResponse(jobs=[bad, nameless, pb.ActivatedJob(key=8, type="work", retries=3)])


@clients
def test_over_grpc_it_is_failed_and_the_others_are_given(
    native: ScriptedGateway, caplog: pytest.LogCaptureFixture, activate: Activate
) -> None:
    native.script["ActivateJobs"] = [Answer((_batch(),))]
    assert activate(grpc_address=native.address) == ["8"]
    # Closing waits until the gateway knows.
    (failed,) = [each.request for each in native.calls if each.rpc == "FailJob"]
    assert (failed.jobKey, failed.retries, failed.jobLeaseToken) == (7, 2, "t")
    assert "are no JSON object" in failed.errorMessage
    assert "a job of type work stays locked until its timeout" in caplog.text


@clients
def test_over_grpc_where_failing_it_fails_the_others_are_given_all_the_same(
    native: ScriptedGateway, caplog: pytest.LogCaptureFixture, activate: Activate
) -> None:
    native.script["ActivateJobs"] = [Answer((_batch(),))]
    native.script["FailJob"] = [Abort(grpc.StatusCode.NOT_FOUND, "it has gone")]
    assert activate(grpc_address=native.address) == ["8"]
    assert "job 7 stays locked until its timeout: failing it failed" in caplog.text


def test_the_drop_in_raises(server: RestServer) -> None:
    server.script(answer(200, {"jobs": [{"jobKey": "8", "retries": {}}]}))
    with bridge.channel(server.address, retry=NO_RETRY) as channel:
        call = stubs.GatewayStub(channel).ActivateJobs(
            pb.ActivateJobsRequest(type="work", timeout=1000, maxJobsToActivate=1, requestTimeout=-1)
        )
        with pytest.raises(grpc.RpcError):
            list(call)
