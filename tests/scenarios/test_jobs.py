"""The life of a job, the same on every path."""

from __future__ import annotations

import json
import time
from threading import Thread

from tests.gateways.base import CLOCK, REAL_GATEWAY, RECORDS
from tests.scenarios.stage import TENANT, Case, scenario


@scenario()
def test_a_job_carries_all_that_it_is_about(case: Case) -> None:
    process, charge, _ = case.order()
    instance = case.start(process, {"order": 7, "lines": [{"sku": "a"}]})
    job = case.job(charge)
    assert (job.type, job.worker, job.retries) == (charge, "suite", 3)
    assert (job.bpmnProcessId, job.processDefinitionVersion, job.processInstanceKey) == (process, 1, instance)
    assert job.elementId == "charge"
    assert json.loads(job.customHeaders) == {"currency": "EUR"}
    assert json.loads(job.variables) == {"order": 7, "lines": [{"sku": "a"}]}
    assert job.deadline > 0
    assert job.processDefinitionKey
    assert job.elementInstanceKey


@scenario()
def test_several_jobs_come_at_once_and_no_more_than_asked_for(case: Case) -> None:
    process, charge, _ = case.order()
    for number in range(5):
        case.start(process, {"number": number})
    first, rest = case.jobs(charge, 3), case.jobs(charge, 2)
    assert [json.loads(job.variables)["number"] for job in (*first, *rest)] == [0, 1, 2, 3, 4]
    assert case.poll(type=charge) == []


@scenario()
def test_only_the_variables_asked_for_are_fetched(case: Case) -> None:
    process, charge, _ = case.order()
    case.start(process, {"a": 1, "b": 2, "c": 3})
    assert json.loads(case.job(charge, fetchVariable=["a", "c", "absent"]).variables) == {"a": 1, "c": 3}


@scenario()
def test_a_job_is_taken_without_a_worker_and_for_the_default_tenant(case: Case) -> None:
    process, charge, _ = case.order()
    case.start(process)
    assert case.job(charge, worker="", tenantIds=[TENANT]).worker == ""


@scenario(features={REAL_GATEWAY})
def test_an_empty_poll_waits_as_long_as_asked(case: Case) -> None:
    began = time.monotonic()
    assert case.poll(type=case.name("nothing"), requestTimeout=-1) == []
    at_once = time.monotonic() - began
    assert case.poll(type=case.name("nothing"), requestTimeout=1000) == []
    assert time.monotonic() - began >= at_once + 1.0


@scenario(features={REAL_GATEWAY}, recorded=False)
def test_a_long_poll_brings_the_job_that_comes_meanwhile(case: Case) -> None:
    process, charge, _ = case.order()
    found: list[object] = []
    waiting = Thread(target=lambda: found.extend(case.poll(type=charge, requestTimeout=15_000)), daemon=True)
    waiting.start()
    time.sleep(0.2)
    before = len(case.entries)
    case.start(process)
    waiting.join(20)
    assert len(found) == 1
    case.entries[before:] = sorted(
        case.entries[before:], key=lambda entry: entry.rpc
    )  # whichever ended first


@scenario()
def test_a_completed_job_moves_its_instance_on(case: Case) -> None:
    process, charge, ship = case.order()
    case.start(process, {"a": 1})
    case.complete(case.job(charge), paid=True, lines=[1, {"b": None}])
    job = case.job(ship)
    assert json.loads(job.variables) == {"a": 1, "paid": True, "lines": [1, {"b": None}]}
    case.call("CompleteJob", jobKey=job.key)
    case.refused("CompleteJob", jobKey=job.key)


@scenario()
def test_a_failed_job_comes_again_with_the_retries_that_are_left(case: Case) -> None:
    process, charge, _ = case.order()
    case.start(process)
    job = case.job(charge)
    case.call("FailJob", jobKey=job.key, retries=2, errorMessage="no connection")
    again = case.job(charge)
    assert (again.key, again.retries) == (job.key, 2)


@scenario(features={REAL_GATEWAY})  # the gateway of the in-memory engine leaves the variables out
def test_a_failed_job_comes_again_with_its_variables(case: Case) -> None:
    process, charge, _ = case.order()
    case.start(process)
    case.call("FailJob", jobKey=case.job(charge).key, retries=2, variables='{"tried":["card"]}')
    assert json.loads(case.job(charge).variables) == {"tried": ["card"]}


@scenario(features={CLOCK})
def test_a_failed_job_comes_again_after_its_back_off(case: Case) -> None:
    process, charge, _ = case.order()
    case.start(process)
    job = case.job(charge)
    case.call("FailJob", jobKey=job.key, retries=1, retryBackOff=3_600_000)
    assert case.poll(type=charge) == []
    case.gateway.clock.add(3601)
    assert case.job(charge).retries == 1


@scenario(features={CLOCK})
def test_a_job_that_runs_out_of_time_comes_again(case: Case) -> None:
    process, charge, _ = case.order()
    case.start(process)
    job = case.job(charge, timeout=600_000)
    assert case.poll(type=charge) == []
    case.gateway.clock.add(601)
    assert case.job(charge).key == job.key


@scenario(features={CLOCK})
def test_a_longer_timeout_keeps_a_job(case: Case) -> None:
    process, charge, _ = case.order()
    case.start(process)
    job = case.job(charge, timeout=60_000)
    case.call("UpdateJobTimeout", jobKey=job.key, timeout=3_600_000)
    case.gateway.clock.add(120)
    assert case.poll(type=charge) == []
    case.gateway.clock.add(3600)
    assert case.job(charge).key == job.key


@scenario(features={REAL_GATEWAY})
def test_a_timeout_of_nothing_gives_a_job_back(case: Case) -> None:
    process, charge, _ = case.order()
    for number in (0, 1):
        case.start(process, {"number": number})
    jobs = case.jobs(charge, 2, timeout=3_600_000)
    for job, timeout in zip(jobs, (0, -1), strict=True):
        case.call("UpdateJobTimeout", jobKey=job.key, timeout=timeout)
    assert [job.key for job in case.jobs(charge, 2)] == [job.key for job in jobs]


@scenario()
def test_new_retries_are_those_of_the_next_activation(case: Case) -> None:
    process, charge, _ = case.order()
    case.start(process)
    job = case.job(charge)
    case.call("UpdateJobRetries", jobKey=job.key, retries=9)
    case.call("FailJob", jobKey=job.key, retries=8)
    assert case.job(charge).retries == 8


@scenario()
def test_a_thrown_error_is_caught(case: Case) -> None:
    process, book, handler, code = (case.name(each) for each in ("booking", "book", "apologise", "REFUSED"))
    case.deploy(case.resource("error", process=process, job=book, handler=handler, error=code))
    case.start(process, {"a": 1})
    job = case.job(book)
    case.call("ThrowError", jobKey=job.key, errorCode=code, errorMessage="no seats", variables='{"seats":0}')
    # What the error brings is for the boundary event alone.
    assert json.loads(case.job(handler).variables) == {"a": 1}


@scenario(features={RECORDS})
def test_an_error_that_nobody_catches_is_an_incident(case: Case) -> None:
    process, book, handler, code = (case.name(each) for each in ("booking", "book", "apologise", "REFUSED"))
    case.deploy(case.resource("error", process=process, job=book, handler=handler, error=code))
    instance = case.start(process)
    job = case.job(book)
    case.call("ThrowError", jobKey=job.key, errorCode="SOMETHING_ELSE", errorMessage="?")
    assert case.gateway.incident_of(instance)
    assert case.poll(type=book) == []


@scenario()
def test_every_instance_of_a_multi_instance_is_a_job(case: Case) -> None:
    process, price = case.name("pricing"), case.name("price")
    case.deploy(case.resource("multi-instance", process=process, job=price))
    case.start(process, {"items": ["a", "b", "c"]})
    jobs = case.jobs(price, 3)
    assert [json.loads(job.variables)["item"] for job in jobs] == ["a", "b", "c"]
    assert len({job.elementInstanceKey for job in jobs}) == 3
    for number, job in enumerate(jobs):
        case.complete(job, price=number)


@scenario()
def test_a_user_task_of_the_old_kind_is_a_job(case: Case) -> None:
    process = case.name("approval")
    case.deploy(case.resource("user-task-job", process=process))
    instance = case.start(process)
    found = [job for job in _user_tasks(case) if job.processInstanceKey == instance]
    assert [job.elementId for job in found] == ["approve"]


def _user_tasks(case: Case) -> list[object]:
    """All such tasks share one job type, so others' may come as well: those are given back and not remembered."""
    found: list[object] = []

    def look() -> bool:
        for job in case.poll(type="io.camunda.zeebe:userTask", requestTimeout=500):
            if job.bpmnProcessId == case.name("approval"):
                found.append(job)
        return bool(found)

    case.eventually(look, "the task came")
    return found
