"""Workers with jobs of real processes, on every gateway and every wire."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

import bridge
from camunda_core.errors import CamundaError
from camunda_worker import AlreadyAnswered, BpmnError, Job, JobFailure, Next, Router
from camunda_worker._intake import polling
from tests.gateways.base import CLOCK, RECORDS
from tests.gateways.models import unique
from tests.gateways.registry import on_gateways
from tests.worker import handlers
from tests.worker.conftest import PATIENCE, WAYS, Shop, eventually, working

HELD = ("embedded", "cluster")
pytestmark = [
    on_gateways(*HELD),
    pytest.mark.parametrize("way", WAYS),
    pytest.mark.usefixtures("short_polls"),
]


@pytest.fixture
def short_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that stops waits for its polls over REST, so that tests would spend their time in it."""
    monkeypatch.setattr(polling, "POLL_WAIT", 0.4)


@dataclass
class Receipt:
    paid: bool
    amount: Decimal


@on_gateways()
async def test_variables_come_by_name_and_type_and_results_go_back(shop: Shop) -> None:
    worker = shop.worker()

    @worker.task(shop.charge, stream=shop.stream)
    async def charge(amount: Decimal, job: Job, currency: str = "EUR") -> Receipt:
        assert job.custom_headers == {"currency": "EUR"}
        assert job.process_definition_id == shop.process
        return Receipt(paid=True, amount=amount * 2)

    @worker.task(shop.ship, stream=shop.stream)
    def ship(amount: float, paid: bool, variables: dict[str, Any]) -> dict[str, Any]:
        return {"shipped": paid, "seen": sorted(variables), "thread": threading.current_thread().name}

    async with working(worker):
        done = await asyncio.to_thread(
            shop.client.create_process_instance_with_result, shop.process, variables={"amount": 12.25}
        )
    assert done.variables["amount"] == 24.5
    assert done.variables["shipped"] is True
    assert done.variables["seen"] == ["amount", "paid"]
    assert done.variables["thread"] != threading.current_thread().name


@on_gateways()
async def test_jobs_that_waited_before_the_worker_began_are_done(shop: Shop) -> None:
    await shop.orders(20)
    worker, done = shop.worker(), []

    @worker.task(shop.charge, stream=shop.stream)
    async def charge(number: int) -> None:
        done.append(number)

    async with working(worker):
        await eventually(lambda: len(done) == 20, "20 jobs done")
        await shop.orders(5)
        await eventually(lambda: len(done) == 25, "25 jobs done")
    assert sorted(done) == sorted([*range(20), *range(5)])


@on_gateways(*HELD, features={RECORDS})
async def test_an_exception_costs_one_retry_and_leaves_its_traceback(shop: Shop) -> None:
    worker, seen = shop.worker(), []

    @worker.task(shop.charge, stream=shop.stream)
    async def charge(job: Job) -> None:
        seen.append(job.retries)
        if job.retries > 1:
            raise LookupError("no such card")
        raise JobFailure("no money", retries=0, variables={"reason": "money"})

    async with working(worker):
        instance = shop.order()
        incident = await asyncio.to_thread(shop.gateway.incident_of, int(instance))
    assert seen == [3, 2, 1]
    record = shop.gateway.wait_for_record(lambda record: record["key"] == incident, what="incident")
    assert record["value"]["errorMessage"] == "no money"
    failures = [
        record["value"]["errorMessage"]
        for record in shop.gateway.records()
        if record["valueType"] == "JOB"
        and record["intent"] == "FAILED"
        and str(record["value"]["processInstanceKey"]) == instance
    ]
    assert failures[0].endswith("LookupError: no such card")
    assert 'raise LookupError("no such card")' in failures[0]
    assert "camunda_worker" not in failures[0].replace(__file__, "")


async def test_a_bpmn_error_reaches_its_boundary_event(shop: Shop) -> None:
    process, job_type, apology = unique("error"), unique("work"), unique("apology")
    shop.deploy("error", process=process, job=job_type, error="refused", handler=apology)
    worker = shop.worker()

    @worker.task(job_type, stream=shop.stream)
    async def work() -> None:
        raise BpmnError("refused", "the bank said no", variables={"bank": "no"})

    @worker.task(apology, stream=shop.stream)
    async def apologise() -> dict[str, str]:
        return {"apology": "sorry"}

    async with working(worker):
        done = await asyncio.to_thread(shop.client.create_process_instance_with_result, process)
    assert done.variables["apology"] == "sorry"
    assert worker.counts.of(job_type)["error"] == 1


async def test_an_answer_by_hand_is_the_only_one(shop: Shop) -> None:
    worker, refused = shop.worker(), []

    @worker.task(shop.charge, stream=shop.stream)
    async def charge(job: Job) -> dict[str, int]:
        await job.complete({"by": "hand"})
        with pytest.raises(AlreadyAnswered) as caught:
            job.fail("too late")
        refused.append(caught.value)
        return {"never": "sent"}  # type: ignore[dict-item]

    @worker.task(shop.ship, stream=shop.stream)
    def ship(job: Job) -> None:
        job.extend(60)
        job.complete({"thread": True})

    async with working(worker):
        done = await asyncio.to_thread(shop.client.create_process_instance_with_result, shop.process)
    assert done.variables == {"by": "hand", "thread": True}
    assert len(refused) == 1


async def test_no_more_jobs_are_in_hand_than_the_limit(shop: Shop) -> None:
    worker, running, peak, done = shop.worker(), 0, 0, 0

    @worker.task(shop.charge, max_jobs_active=4, stream=shop.stream)
    async def charge() -> None:
        nonlocal running, peak, done
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0.01)
        running -= 1
        done += 1

    await shop.orders(20)
    async with working(worker):
        await shop.orders(20)
        await eventually(lambda: done == 40, "40 jobs done")
    assert peak == 4


async def test_a_worker_has_a_limit_over_all_its_tasks(shop: Shop) -> None:
    worker, running, peak, done = shop.worker(max_jobs_active=3), 0, 0, 0

    async def work() -> None:
        nonlocal running, peak, done
        running += 1
        peak = max(peak, running)
        await asyncio.sleep(0.01)
        running -= 1
        done += 1

    worker.task(shop.charge, stream=shop.stream)(work)
    worker.task(shop.ship, stream=shop.stream)(work)
    await shop.orders(15)
    async with working(worker):
        await eventually(lambda: done == 30, "30 jobs done")
    assert peak <= 3


async def test_handlers_in_processes(shop: Shop) -> None:
    worker = shop.worker()
    worker.task(shop.charge, stream=shop.stream, execution="process", processes=2)(handlers.square)
    worker.task(shop.ship, stream=shop.stream, execution="process", processes=1)(handlers.crash_at_zero)
    async with working(worker):
        results = await asyncio.gather(
            *(
                asyncio.to_thread(
                    shop.client.create_process_instance_with_result,
                    shop.process,
                    variables={"number": number},
                    request_timeout=30,
                    timeout=40,
                )
                for number in range(4)
            )
        )
    assert [done.variables["square"] for done in results] == [0, 1, 4, 9]
    assert worker.counts.of(shop.ship)["failed"] == 1, "only the job that crashed its process failed"


async def test_middleware_and_routers(shop: Shop) -> None:
    heard: list[str] = []

    def named(name: str) -> Any:
        async def middleware(job: Job, go_on: Next) -> Any:
            heard.append(f"{name} {job.type == shop.charge}")
            result = await go_on(job)
            return {**(result or {}), name: True}

        return middleware

    router = Router(middleware=[named("router")])

    @router.task(shop.charge, stream=shop.stream, middleware=[named("task")])
    async def charge() -> None:
        heard.append("handler")

    worker = shop.worker(middleware=[named("worker")])
    worker.include(router)
    worker.task(shop.ship, stream=shop.stream)(lambda: None)
    async with working(worker):
        done = await asyncio.to_thread(shop.client.create_process_instance_with_result, shop.process)
    assert heard == ["worker True", "router True", "task True", "handler", "worker False"]
    assert done.variables == {"worker": True, "router": True, "task": True}


@on_gateways(*HELD, features={RECORDS})
async def test_what_the_gateway_refuses_fails_the_job(shop: Shop) -> None:
    worker, results = shop.worker(), iter([float("nan"), {1: "a key"}, 1 << 70, object()])

    @worker.task(shop.charge, stream=shop.stream)
    async def charge(job: Job) -> dict[str, Any]:
        if job.retries == 1:
            raise JobFailure("enough", retries=0)
        return {"result": next(results)}

    async with working(worker):
        instance = shop.order()
        await asyncio.to_thread(shop.gateway.incident_of, int(instance))
    assert worker.counts.of(shop.charge)["failed"] == 3
    assert worker.counts.of(shop.charge)["completed"] == 0


async def test_a_stopped_worker_leaves_no_job_locked(shop: Shop) -> None:
    worker, began = shop.worker(grace=0.3), []

    @worker.task(shop.charge, max_jobs_active=3, timeout=300, stream=shop.stream)
    async def charge(number: int) -> None:
        began.append(number)
        await asyncio.Event().wait()

    async with working(worker) as work:
        await shop.orders(6)
        await eventually(lambda: len(began) == 3, "3 handlers run")
        worker.stop()
        await asyncio.wait_for(work, PATIENCE)
    jobs = await shop.taken(shop.charge, 6)
    assert sorted(job.variables["number"] for job in jobs) == list(range(6))
    assert {job.retries for job in jobs} == {3}
    assert worker.health().state == "stopped"


async def test_a_worker_that_stops_lets_its_handlers_end(shop: Shop) -> None:
    worker, began, done = shop.worker(), asyncio.Event(), []

    @worker.task(shop.charge, stream=shop.stream)
    async def charge(number: int) -> None:
        began.set()
        await asyncio.sleep(0.5)
        done.append(number)

    async with working(worker) as work:
        await shop.orders(1)
        await began.wait()
        worker.stop(grace=5)
        await asyncio.wait_for(work, PATIENCE)
    assert done == [0]
    assert len(await shop.taken(shop.ship)) == 1
    assert await shop.taken(shop.charge, within=0.5) == []


async def test_an_idle_poll_that_was_stopped_takes_no_job(shop: Shop) -> None:
    worker = shop.worker(grace=2)
    worker.task(shop.charge, timeout=300, stream=shop.stream)(lambda: None)
    async with working(worker) as work:
        await eventually(lambda: worker.health().ready, "the worker polls")
        worker.stop()
        await asyncio.wait_for(work, PATIENCE)
    await shop.orders(1)
    assert len(await shop.taken(shop.charge, within=3)) == 1


async def test_a_lock_is_extended_while_the_handler_lives(shop: Shop) -> None:
    worker, began = shop.worker(), []

    @worker.task(shop.charge, timeout=3, auto_extend=True, stream=shop.stream)
    async def charge(number: int) -> None:
        began.append(number)
        await asyncio.sleep(4.5)

    async with working(worker):
        await shop.orders(1)
        await eventually(lambda: began, "the handler runs")
        assert await shop.taken(shop.charge, within=4) == []
        await eventually(lambda: worker.counts.of(shop.charge)["completed"], "completed")
    assert began == [0]


async def test_a_worker_runs_in_a_thread_and_beside_a_loop(shop: Shop) -> None:
    worker, done = shop.worker(), []

    @worker.task(shop.charge, stream=shop.stream)
    def charge(number: int) -> None:
        done.append(number)

    thread = threading.Thread(target=worker.run)
    thread.start()
    await shop.orders(3)
    await eventually(lambda: len(done) == 3, "3 jobs done")
    worker.stop()
    await asyncio.to_thread(thread.join, 20)
    assert not thread.is_alive()

    beside, again = shop.worker(), []

    @beside.task(shop.ship, stream=shop.stream)
    def ship(number: int) -> None:
        again.append(number)
        if len(again) == 3:
            beside.stop()

    beside.run()  # blocks this loop, from within it
    assert sorted(again) == [0, 1, 2]


async def test_an_asyncio_client_is_a_client_too(shop: Shop) -> None:
    async with bridge.AsyncClient(**shop.address()) as client:
        worker, done = shop.worker(client), []

        @worker.task(shop.charge, stream=shop.stream)
        async def charge(number: int) -> None:
            done.append(number)

        async with working(worker):
            await shop.orders(3)
            await eventually(lambda: len(done) == 3, "3 jobs done")
        assert (await client.topology()).gateway_version


async def test_a_cancelled_worker_gives_its_jobs_back(shop: Shop) -> None:
    worker, began = shop.worker(), []

    @worker.task(shop.charge, timeout=300, stream=shop.stream)
    async def charge(number: int) -> None:
        began.append(number)
        await asyncio.Event().wait()

    task = asyncio.create_task(worker.work())
    await shop.orders(3)
    await eventually(lambda: len(began) == 3, "3 handlers run")
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 10)
    assert {job.retries for job in await shop.taken(shop.charge, 3)} == {3}


@on_gateways(*HELD, features={CLOCK})
async def test_a_job_whose_lock_ran_out_is_not_begun_twice_by_the_same_worker(shop: Shop) -> None:
    worker, began, done = shop.worker(), [], asyncio.Event()

    @worker.task(shop.charge, timeout=30, stream=shop.stream)
    async def charge(number: int) -> None:
        began.append(number)
        await done.wait()

    async with working(worker):
        await shop.orders(1)
        await eventually(lambda: began, "the handler runs")
        activated = worker.counts.of(shop.charge)["activated"]
        await asyncio.to_thread(shop.gateway.clock.add, 40)
        await eventually(lambda: worker.counts.of(shop.charge)["activated"] > activated, "it came again")
        done.set()
        await eventually(lambda: worker.counts.of(shop.charge)["completed"], "completed")
    assert began == [0]
    assert len(await shop.taken(shop.ship)) == 1


@on_gateways(*HELD, features={CLOCK})
async def test_a_failure_with_a_backoff_comes_back_after_it(shop: Shop) -> None:
    worker, seen = shop.worker(), []

    @worker.task(shop.charge, retry_backoff=600, stream=shop.stream)
    async def charge(job: Job) -> None:
        seen.append(job.retries)
        if job.retries == 3:
            raise ValueError("later")

    async with working(worker):
        await shop.orders(1)
        await eventually(lambda: seen, "the first attempt")
        await asyncio.sleep(0.5)
        assert seen == [3]
        await eventually(lambda: worker.counts.of(shop.charge)["failed"], "failed")
        await asyncio.to_thread(shop.gateway.clock.add, 601)
        await eventually(lambda: seen == [3, 2], "the second attempt")


async def test_a_permanent_error_ends_the_worker(shop: Shop) -> None:
    if shop.way == "rest":
        client: Any = bridge.Client(rest_address=f"{shop.gateway.rest_address}/elsewhere")
    else:
        client = bridge.Client(grpc_address=shop.gateway.grpc_address)
    with client:
        worker = shop.worker(client)
        worker.task(shop.charge, tenant_ids=() if shop.way == "rest" else ("not a tenant",))(lambda: None)
        with pytest.raises(CamundaError):
            await asyncio.wait_for(worker.work(), PATIENCE)
        assert worker.health().live is False
