"""A worker in a test comes to rest at once on either wire, and no job is lost by that."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

import bridge
from camunda_core.errors import CamundaError
from camunda_embedded import EmbeddedGateway
from camunda_embedded._delivery import Polls
from camunda_embedded._engine.engine import Engine
from camunda_grpc import gateway_pb2 as pb
from camunda_worker import Worker
from camunda_worker._intake import polling
from camunda_worker._run import shift
from tests.scenarios.engine.models import END, START, flows, process

Running = Callable[[Worker], AbstractContextManager[None]]


def until(holds: Callable[[], Any]) -> None:
    """Waits until it holds, for 30 s at most."""
    for _ in range(6000):
        if holds():
            return
        time.sleep(0.005)
    raise AssertionError("it never held")


@pytest.fixture(params=["rest", "grpc"])
def client(request: pytest.FixtureRequest, camunda_gateway: EmbeddedGateway) -> bridge.AsyncClient:
    return bridge.AsyncClient(
        rest_address=camunda_gateway.rest_address,
        grpc_address=camunda_gateway.grpc_address,
        transport=request.param,
    )


@pytest.fixture
def long_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Polls longer than it is waited for a worker: who waits for its poll fails the test."""
    monkeypatch.setattr(polling, "POLL_WAIT", 60.0)
    monkeypatch.setattr(shift, "IN_AT_THE_LATEST", 60.0)


@pytest.mark.usefixtures("long_polls")
def test_a_worker_that_stops_does_not_wait_out_its_poll(
    camunda_gateway: EmbeddedGateway, camunda_run_worker: Running, client: bridge.AsyncClient
) -> None:
    worker = Worker(client)

    @worker.task("nothing")
    async def nothing() -> None: ...

    with camunda_run_worker(worker):
        until(lambda: camunda_gateway.polls == 1)
    assert camunda_gateway.polls == 0


@pytest.mark.usefixtures("long_polls")
def test_nor_does_one_that_a_program_runs_itself_and_polls_of_others_go_on(
    camunda_gateway: EmbeddedGateway, client: bridge.AsyncClient
) -> None:
    worker = Worker(client, name="mine")

    @worker.task("nothing")
    async def nothing() -> None: ...

    with bridge.Client(rest_address=camunda_gateway.rest_address) as other:

        def wait() -> None:
            with contextlib.suppress(CamundaError):  # its client is closed first
                other.activate_jobs(
                    "nothing", worker="other", max_jobs_to_activate=1, job_timeout=60, request_timeout=20
                )

        waits = threading.Thread(target=wait, daemon=True)
        waits.start()
        running = threading.Thread(target=worker.run, daemon=True)
        running.start()
        until(lambda: camunda_gateway.polls == 2)
        worker.stop()
        running.join(30)
        assert not running.is_alive()
        assert camunda_gateway.polls == 1
        camunda_gateway.end_polls()
    waits.join(30)


def test_an_ended_poll_is_answered_empty_and_the_next_job_stays_free(
    camunda_gateway: EmbeddedGateway,
    camunda_run_worker: Running,
    client: bridge.AsyncClient,
    camunda_client: bridge.Client,
) -> None:
    task = '<serviceTask id="t"><extensionElements><zeebe:taskDefinition type="ship"/></extensionElements></serviceTask>'
    camunda_client.deploy_resource(("p.bpmn", process("p", START, task, END, flows("s>t>e")).encode()))
    worker = Worker(client)
    done: list[bool] = []

    @worker.task("ship")
    async def ship() -> None:
        done.append(True)

    with camunda_run_worker(worker):
        camunda_client.create_process_instance("p")
        until(lambda: done and camunda_gateway.alive["instances"] == 0)
        until(lambda: camunda_gateway.polls == 1)
    camunda_client.create_process_instance("p")
    (job,) = camunda_client.activate_jobs("ship", max_jobs_to_activate=1, job_timeout=60)
    assert job.retries == 3
    assert done == [True]


async def test_polls_that_are_ended_bring_nothing() -> None:
    polls = Polls(Engine(lambda: 0))
    request = pb.ActivateJobsRequest(
        type="t", worker="w", timeout=1, maxJobsToActivate=1, requestTimeout=600_000
    )
    poll = asyncio.create_task(polls.activate(request))
    await asyncio.sleep(0)  # it has begun to wait
    assert len(polls) == 1
    polls.end()
    assert await asyncio.wait_for(poll, 20) is None
    assert not len(polls)
