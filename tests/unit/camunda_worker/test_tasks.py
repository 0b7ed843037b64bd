"""What a task and a worker may be declared with, and what a worker says of itself."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

import bridge
from camunda_core.errors import (
    CamundaError,
    ConfigurationError,
    InvalidRequest,
    PermissionDenied,
)
from camunda_worker import Job, Router, Worker
from tests.fakes.job_wire import MemoryWire
from tests.unit.camunda_worker import process_handlers

# Declarations


def handler() -> None: ...


@pytest.mark.parametrize(
    ("job_type", "options", "named"),
    [
        ("", {}, "job_type"),
        (" ", {}, "job_type"),
        (7, {}, "job_type"),
        ("work", {"timeout": 0}, "timeout"),
        ("work", {"timeout": 1e30}, "timeout"),
        ("work", {"retry_backoff": 1e30}, "retry_backoff"),
        ("work", {"timeout": "30"}, "timeout"),
        ("work", {"timeout": float("inf")}, "timeout"),
        ("work", {"max_jobs_active": 0}, "max_jobs_active"),
        ("work", {"max_jobs_active": True}, "max_jobs_active"),
        ("work", {"retry_backoff": -1}, "retry_backoff"),
        ("work", {"execution": "fork"}, "execution"),
        ("work", {"processes": 2}, "processes"),
        ("work", {"execution": "process", "processes": 0}, "processes"),
        ("work", {"fetch_variables": "orderId"}, "fetch_variables"),
        ("work", {"fetch_variables": [""]}, "fetch_variables"),
        ("work", {"tenant_ids": [1]}, "tenant_ids"),
        ("work", {"middleware": [handler]}, "middleware"),
    ],
)
def test_a_task_that_cannot_work_is_refused_by_name(
    job_type: Any, options: dict[str, Any], named: str
) -> None:
    chosen = process_handlers.process_id if "process" in str(options) else handler
    with pytest.raises(ConfigurationError, match=named):
        Router().task(job_type, **options)(chosen)


@pytest.mark.parametrize("job_type", [handler, None, 7, "", b"work"])
def test_a_job_type_that_is_none_is_refused_where_it_is_written(job_type: Any) -> None:
    with pytest.raises(ConfigurationError, match="job_type"):
        Router().task(job_type)


def test_a_task_without_parentheses_is_refused_with_the_way_out() -> None:
    router = Router()
    with pytest.raises(ConfigurationError, match=r'write @worker\.task\("charge"\)'):

        @router.task  # type: ignore[arg-type]
        def charge() -> None: ...

    assert router.job_types == ()


def test_an_asynchronous_handler_runs_in_the_loop_alone() -> None:
    async def work() -> None: ...

    with pytest.raises(ConfigurationError, match="async"):
        Router().task("work", execution="thread")(work)


def test_a_local_function_cannot_run_in_a_process() -> None:
    with pytest.raises(ConfigurationError, match="a lambda"):
        Router().task("work", execution="process")(lambda: None)


def test_a_job_type_has_one_handler() -> None:
    worker = Worker(MemoryWire())
    worker.task("work")(handler)
    with pytest.raises(ConfigurationError, match="'work' is declared twice"):
        worker.task("work")(handler)
    router = Router()
    router.task("work", timeout=timedelta(seconds=5))(handler)
    with pytest.raises(ConfigurationError, match="'work' is declared twice"):
        worker.include(router)
    assert worker.job_types == ("work",)


def test_a_decorated_handler_is_left_as_it_is() -> None:
    assert Router().task("work")(handler) is handler


def test_a_worker_wants_a_client() -> None:
    with pytest.raises(ConfigurationError, match="client must be"):
        Worker(object())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"grace": -1}, "grace"),
        ({"max_jobs_active": 0}, "max_jobs_active"),
        ({"permanent_after": "x"}, "permanent_after"),
    ],
)
def test_a_worker_that_cannot_work_is_refused_by_name(options: dict[str, Any], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        Worker(MemoryWire(), **options)


# Life


async def test_a_worker_without_tasks_says_so() -> None:
    with pytest.raises(ConfigurationError, match="no task"):
        await Worker(MemoryWire()).work()


async def test_a_worker_that_was_stopped_before_it_began_ends_at_once() -> None:
    wire = MemoryWire()
    wire.put(1)
    worker = Worker(wire)
    worker.task("work")(handler)
    worker.stop()
    await asyncio.wait_for(worker.work(), 5)
    assert not wire.executed
    assert wire.closed
    with pytest.raises(InvalidRequest, match="works once"):
        await worker.work()


async def test_a_permanent_error_is_raised_after_running_jobs_have_ended() -> None:
    denied: list[bool] = []

    def fault(call: str, key: str) -> CamundaError | None:
        return PermissionDenied("no more") if denied and call == "activate" else None

    wire, done = MemoryWire(fault), []
    wire.put(1)
    worker = Worker(wire, permanent_after=0, grace=5)

    @worker.task("work")
    async def work(job: Job) -> None:
        denied.append(True)
        await asyncio.sleep(1.0)
        done.append(job.key)

    with pytest.raises(PermissionDenied):
        await asyncio.wait_for(worker.work(), 20)
    assert done == ["1"]
    assert wire.executed == {("complete", "1"): 1}
    health = worker.health()
    assert (health.state, health.live, health.ready) == ("stopped", False, False)


async def test_health_tells_how_a_worker_is() -> None:
    wire = MemoryWire()
    worker = Worker(wire, name="shop")
    worker.task("work")(handler)
    assert (worker.health().state, worker.health().ready) == ("new", False)
    wire.put(1, 2)
    work = asyncio.create_task(worker.work())
    for _ in range(1000):
        if worker.health().ready and worker.counts.of("work")["completed"] == 2:
            break
        await asyncio.sleep(0.005)
    health = worker.health()
    assert (health.worker, health.state, health.live, health.ready) == ("shop", "working", True, True)
    assert health.tasks[0].counts["completed"] == 2
    worker.stop(0)
    await asyncio.wait_for(work, 30)
    assert worker.health().state == "stopped"


def test_clients_bear_a_wire() -> None:
    with bridge.Client(rest_address="http://localhost:1") as client:
        assert Worker(client).name
