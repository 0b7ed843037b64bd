# Derived from test_aio_job_streams.py by scripts/derive_sync.py: change that file, then run the script.
"""Job streams of the client on both wires: what they bring, what they outlive, and how they end."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Iterator
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
from tests.unit.bridge._doors.side import Underway, until


@pytest.fixture
def rest() -> Iterator[JobGateway]:
    with JobGateway() as made:
        yield made


@pytest.fixture
def client(rest: JobGateway) -> Iterator[bridge.Client]:
    with bridge.Client(rest_address=rest.address) as made:
        yield made


@pytest.fixture
def native() -> Iterator[ScriptedGateway]:
    made = ScriptedGateway()
    yield made
    made.release()
    made.stop()


def job(key: int) -> pb.ActivatedJob:
    return pb.ActivatedJob(key=key, type="work")


def keys(jobs: Any, count: int) -> list[str]:
    found = []
    for each in jobs:
        found.append(each.job_key)
        if len(found) == count:
            break
    return found


def test_over_rest_it_brings_jobs_and_gives_back_what_was_not_read(
    rest: JobGateway, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "bridge")
    rest.add(3)
    with bridge.Client(rest_address=rest.address, stream_capacity=3) as client:
        with client.stream_activated_jobs("work", job_timeout=60) as jobs:
            assert keys(jobs, 1) == ["1"]
            client.complete_job("1")
        assert keys(jobs, 1) == []
    assert rest.completed == ["1"]
    assert len(rest.available) == 2
    assert not rest.locked
    assert "emulated by long polling" in caplog.text


def test_over_rest_no_more_than_its_capacity_is_activated(rest: JobGateway) -> None:
    rest.add(9)
    with bridge.Client(rest_address=rest.address, stream_capacity=4) as client:
        jobs = client.stream_activated_jobs("work")
        until(lambda: len(rest.locked) == 4, "it fills up")
        assert keys(jobs, 1) == ["1"]
        assert len(rest.locked) == 4
        assert keys(jobs, 1) == ["2"]
        until(lambda: len(rest.locked) == 6, "half of it is empty, so it polls")


def test_over_rest_it_outlives_an_outage(rest: JobGateway, caplog: pytest.LogCaptureFixture) -> None:
    rest.faults += [problem(503, "UNAVAILABLE"), problem(503, "UNAVAILABLE")]
    rest.add(1)
    with bridge.Client(rest_address=rest.address, retry=NO_RETRY) as client:
        assert keys(client.stream_activated_jobs("work"), 1) == ["1"]
    assert caplog.text.count("the stream goes on trying") == 1


def test_over_rest_it_ends_with_an_error_that_trying_again_would_not_heal(
    rest: JobGateway, client: bridge.Client
) -> None:
    rest.faults.append(problem(403, "FORBIDDEN", "not yours"))
    with pytest.raises(CamundaError, match="not yours"):
        keys(client.stream_activated_jobs("work"), 1)


def test_over_rest_it_ends_at_its_deadline(client: bridge.Client) -> None:
    with pytest.raises(DeadlineExceeded, match="the deadline of the stream is over"):
        keys(client.stream_activated_jobs("work", timeout=0.2), 1)


def test_what_the_cluster_is_too_old_for_is_refused(rest: JobGateway, client: bridge.Client) -> None:
    with pytest.raises(UnsupportedField, match="tenantFilter"):
        keys(client.stream_activated_jobs("work", tenant_filter="ASSIGNED"), 1)
    assert not rest.activations


def test_over_grpc_it_is_refused_as_well(native: ScriptedGateway) -> None:
    native.script["Topology"] = [Answer((pb.TopologyResponse(gatewayVersion="8.6.0"),))]
    native.script["StreamActivatedJobs"] = [Stall(messages=(job(1),))]
    with bridge.Client(grpc_address=native.address) as client:
        jobs = client.stream_activated_jobs
        with pytest.raises(UnsupportedField, match="tenantFilter"):
            keys(jobs("work", tenant_filter="ASSIGNED"), 1)
        assert native.count("StreamActivatedJobs") == 0
        assert keys(jobs("work"), 1) == ["1"]


def test_one_that_is_dropped_ends(rest: JobGateway, native: ScriptedGateway) -> None:
    native.script["StreamActivatedJobs"] = [Stall()]
    with bridge.Client(rest_address=rest.address) as client:
        stream = client.stream_activated_jobs("work")
        inner: Any = stream._stream
        del stream
        gc.collect()
        with pytest.raises(Cancelled):
            inner.take()
    with bridge.Client(grpc_address=native.address) as client:
        stream = client.stream_activated_jobs("work")
        inner = stream._stream
        del stream
        gc.collect()
        with pytest.raises(Cancelled):
            inner.take()


def test_over_grpc_it_outlives_its_gateway(native: ScriptedGateway, caplog: pytest.LogCaptureFixture) -> None:
    native.script["StreamActivatedJobs"] = [
        Abort(grpc.StatusCode.UNAVAILABLE, messages=(job(1),)),
        Answer((job(2),)),
        Stall(messages=(job(3),)),
    ]
    with (
        bridge.Client(grpc_address=native.address, retry=NO_RETRY) as client,
        client.stream_activated_jobs("work", job_timeout=5) as jobs,
    ):
        assert keys(jobs, 3) == ["1", "2", "3"]
    assert native.calls[-1].request.timeout == 5000
    assert "is opened again" in caplog.text


def test_over_grpc_it_ends_with_an_error_that_trying_again_would_not_heal(
    native: ScriptedGateway,
) -> None:
    native.script["StreamActivatedJobs"] = [Abort(grpc.StatusCode.NOT_FOUND, "gone")]
    with bridge.Client(grpc_address=native.address) as client:
        with pytest.raises(NotFound, match="gone"):
            keys(client.stream_activated_jobs("work"), 1)
        native.script["StreamActivatedJobs"] = [Stall()]
        with pytest.raises(DeadlineExceeded):
            keys(client.stream_activated_jobs("work", timeout=0.2), 1)


def test_over_grpc_a_job_that_cannot_be_read_is_failed_and_the_others_come(
    native: ScriptedGateway,
) -> None:
    bad = pb.ActivatedJob(key=7, type="work", retries=3, variables="[1]")
    nameless = pb.ActivatedJob(type="work", variables="nonsense")
    native.script["StreamActivatedJobs"] = [Stall(messages=(bad, nameless, job(8)))]
    with bridge.Client(grpc_address=native.address, retry=NO_RETRY) as client:
        jobs = client.stream_activated_jobs("work")
        assert keys(jobs, 1) == ["8"]
        inner: Any = jobs._stream
        assert inner.unreadable == 2
    failed = [(each.request.jobKey, each.request.retries) for each in native.calls if each.rpc == "FailJob"]
    assert failed == [(7, 2)]  # closing waits until the gateway knows
    assert native.count("StreamActivatedJobs") == 1


def test_over_grpc_it_may_be_closed_while_it_is_read(native: ScriptedGateway) -> None:
    begun = threading.Event()
    native.script["StreamActivatedJobs"] = [Stall(then=begun.set)]
    with bridge.Client(grpc_address=native.address) as client:
        jobs = client.stream_activated_jobs("work")

        def read() -> list[str]:
            return keys(jobs, 1)

        reading = Underway(read)
        until(begun.is_set, "it is read")
        jobs.close()
        assert reading.ended() == []
