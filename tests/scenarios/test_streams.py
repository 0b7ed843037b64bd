"""Streams of jobs: pushed natively, emulated by long polling over REST, the same to their reader."""

from __future__ import annotations

import json
from typing import Any

from tests.scenarios.callers import Stream
from tests.scenarios.stage import Case, scenario


def open_stream(case: Case, process: str, job_type: str, **fields: object) -> Stream:
    """A stream that is known to work: instances are started until it has brought a job."""
    stream = case.stream(job_type, **fields)

    def brings() -> bool:
        case.start(process)
        return stream.next(0.25) is not None

    case.eventually(brings, "the stream brings jobs")
    return stream


def brought(instances: list[int], *streams: Stream) -> list[Any]:
    """The jobs of these instances, from whichever stream brings each; others are passed over."""
    found: dict[int, Any] = {}
    for _ in range(400):
        for stream in streams:
            job = stream.next(0.05)
            if job is not None and job.processInstanceKey in instances:
                assert job.processInstanceKey not in found, "a job came twice"
                found[job.processInstanceKey] = job
        if len(found) == len(instances):
            return [found[instance] for instance in instances]
    raise AssertionError(f"{len(found)} of {len(instances)} jobs came")


@scenario()
def test_a_stream_brings_jobs_as_they_come(case: Case) -> None:
    process, charge, _ = case.order()
    stream = open_stream(case, process, charge, fetchVariable=["number"])
    instances = [case.start(process, {"number": number, "other": "x"}) for number in range(3)]
    jobs = brought(instances, stream)
    assert [json.loads(job.variables) for job in jobs] == [{"number": number} for number in range(3)]
    assert {(job.type, job.worker, job.retries) for job in jobs} == {(charge, "suite", 3)}
    case.pushed(*jobs)
    for job in jobs:
        case.complete(job)


@scenario()
def test_a_job_that_failed_comes_again_on_the_stream(case: Case) -> None:
    process, charge, _ = case.order()
    stream = open_stream(case, process, charge)
    instance = case.start(process)
    (job,) = brought([instance], stream)
    case.call("FailJob", jobKey=job.key, retries=1)
    (again,) = brought([instance], stream)
    assert (again.key, again.retries) == (job.key, 1)
    case.pushed(job)
    case.pushed(again)


@scenario()
def test_two_streams_share_the_jobs_and_none_comes_twice(case: Case) -> None:
    process, charge, _ = case.order()
    streams = [open_stream(case, process, charge), case.stream(charge)]
    started = [case.start(process) for _ in range(8)]
    case.pushed(*brought(started, *streams))


@scenario()
def test_a_cancelled_stream_takes_no_more_jobs(case: Case) -> None:
    process, charge, _ = case.order()
    stream = open_stream(case, process, charge)
    stream.cancel()
    instance = case.start(process)
    # What a poll that was on its way still brought has been given back, its retries untouched.
    while (job := case.job(charge)).processInstanceKey != instance:
        case.entries.pop()  # from before the stream was there
    assert job.retries == 3
    assert stream.next(0) is None
