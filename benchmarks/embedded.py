"""What the embedded gateway carries: ``python -m benchmarks.embedded engine|workers [--jobs N] [--seconds S] [--json]``.

``engine``   process instances of one service task, without a wire: created, activated and completed a hundred at a time, with the
             memory of the process sampled on the way. It is flat from the moment the log of records is full.
``workers``  the same over gRPC: the gateway in a process of its own, streaming workers at once in this one, instances created by
             eight callers. Jobs per second from the first creation to the last completion.

Both stop at ``--seconds`` and say how far they came. Figures are wall clock; nothing here is asserted by a test but the memory.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import grpc.aio

from camunda_embedded._engine.engine import Engine
from camunda_embedded._service import Service
from camunda_grpc._generated import gateway_pb2 as pb
from camunda_grpc._generated import gateway_pb2_grpc

__all__ = ["Sample", "Work", "engine_load", "worker_load"]

TYPE = "load"
MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
    targetNamespace="benchmarks">
  <process id="load" isExecutable="true">
    <startEvent id="start"/>
    <sequenceFlow id="in" sourceRef="start" targetRef="charge"/>
    <serviceTask id="charge"><extensionElements><zeebe:taskDefinition type="load"/></extensionElements></serviceTask>
    <sequenceFlow id="out" sourceRef="charge" targetRef="end"/>
    <endEvent id="end"/>
  </process>
</definitions>
"""
DEPLOYMENT = pb.DeployResourceRequest(resources=[pb.Resource(name="load.bpmn", content=MODEL.encode())])
AT_ONCE = 100
CREATORS = 8
#: Milliseconds that the engine's clock moves on with each hundred jobs.
STEP = 20


class Sample(NamedTuple):
    """The state after ``jobs`` jobs: seconds since the start, bytes of memory (0 where unknown), and what the engine holds."""

    jobs: int
    seconds: float
    rss: int
    objects: int
    alive: int


class Work(NamedTuple):
    """Jobs that the workers completed, in how many seconds, and how many each of them had."""

    jobs: int
    seconds: float
    shares: list[int]


def engine_load(jobs: int, seconds: float, samples: int = 10) -> Iterator[Sample]:
    """Puts jobs through an engine and yields a sample at the start and ``samples`` times on the way."""
    now = 1_790_000_000_000
    engine = Engine(lambda: now)
    service = Service(engine, "8.6.0")
    service.handle("DeployResource", DEPLOYMENT)
    began = time.monotonic()
    every = max(AT_ONCE, jobs // samples // AT_ONCE * AT_ONCE)
    yield _sample(engine, 0, began)
    for done in range(AT_ONCE, jobs + 1, AT_ONCE):
        for number in range(done - AT_ONCE, done):
            variables = f'{{"order":{number},"lines":[{{"sku":"a-{number}","price":12.5}}]}}'
            request = pb.CreateProcessInstanceRequest(bpmnProcessId="load", version=-1, variables=variables)
            service.handle("CreateProcessInstance", request)
        for job, _ in engine.jobs.activate(TYPE, "benchmark", 60_000, AT_ONCE, []):
            service.handle("CompleteJob", pb.CompleteJobRequest(jobKey=job.key, variables='{"paid":true}'))
        now += STEP
        engine.kernel.run_due()
        if done % every == 0 or time.monotonic() - began > seconds:
            yield _sample(engine, done, began)
            if time.monotonic() - began > seconds:
                return


def _sample(engine: Engine, jobs: int, began: float) -> Sample:
    spent = time.monotonic() - began
    gc.collect()
    alive = len(engine.kernel.instances) + len(engine.jobs.all) + len(engine.kernel.schedule)
    return Sample(jobs, spent, _rss(), len(gc.get_objects()), alive)


def _rss() -> int:
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
    except OSError:
        return 0


async def worker_load(
    address: str, jobs: int, workers: int, seconds: float, opened: Callable[[], int] | None = None
) -> Work:
    """Streaming workers on a gateway that complete what they get until ``jobs`` are done or the time is up.

    ``opened`` says how many streams the gateway has; without it half a second is left for them to open.
    """
    shares = [0] * workers
    finished = asyncio.Event()

    async def work(number: int, stub: Any) -> None:
        request = pb.StreamActivatedJobsRequest(
            type=TYPE, worker=f"w{number}", timeout=600_000, tenantIds=["<default>"]
        )
        async for job in stub.StreamActivatedJobs(request):
            await stub.CompleteJob(pb.CompleteJobRequest(jobKey=job.key, variables='{"paid":true}'))
            shares[number] += 1
            if sum(shares) >= jobs:
                finished.set()

    async def create(stub: Any, count: int) -> None:
        for number in range(count):
            variables = f'{{"order":{number},"lines":[{{"sku":"a-{number}","price":12.5}}]}}'
            await stub.CreateProcessInstance(
                pb.CreateProcessInstanceRequest(bpmnProcessId="load", version=-1, variables=variables)
            )

    async with grpc.aio.insecure_channel(address) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)
        await stub.DeployResource(DEPLOYMENT)
        tasks = [asyncio.ensure_future(work(number, stub)) for number in range(workers)]
        for _ in range(200):  # the streams are open before the first job is there
            await asyncio.sleep(0.5 if opened is None else 0.05)
            if opened is None or opened() == workers:
                break
        began = time.monotonic()
        parts = [jobs // CREATORS + (number < jobs % CREATORS) for number in range(CREATORS)]
        tasks += [asyncio.ensure_future(create(stub, count)) for count in parts]
        ended = asyncio.ensure_future(finished.wait())
        # A task that ends by itself has failed, or is a creator that is done.
        pending = {ended, *tasks}
        while not ended.done() and (left := began + seconds - time.monotonic()) > 0:
            done, pending = await asyncio.wait(pending, timeout=left, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        spent = time.monotonic() - began
        for task in (ended, *tasks):
            task.cancel()
        await asyncio.gather(ended, *tasks, return_exceptions=True)
    return Work(sum(shares), spent, shares)


def _over_grpc(jobs: int, workers: int, seconds: float) -> Work:
    command = [sys.executable, "-m", "camunda_embedded", "--grpc-port", "0", "--rest-port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    ) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().split()[1]
            return asyncio.run(worker_load(address, jobs, workers, seconds))
        finally:
            process.terminate()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.embedded", description=__doc__)
    parser.add_argument("what", choices=("engine", "workers"))
    parser.add_argument("--jobs", type=int, help="1000000 for engine, 20000 for workers")
    parser.add_argument("--workers", type=int, default=32, help="streams at once (%(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=480.0, help="when to stop at the latest (%(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    given = parser.parse_args()
    if given.what == "workers":
        found = _over_grpc(given.jobs or 20_000, given.workers, given.seconds)
        shares = f"{min(found.shares)} to {max(found.shares)} each"
        rate = found.jobs / found.seconds
        print(
            json.dumps(found._asdict())
            if given.json
            else f"{found.jobs} jobs, {given.workers} streaming workers ({shares}): {rate:.0f} jobs/s"
        )
        return
    for sample in engine_load(given.jobs or 1_000_000, given.seconds):
        rate = sample.jobs / sample.seconds if sample.jobs else 0
        text = f"{sample.jobs:>9} jobs  {sample.seconds:7.1f} s  {rate:6.0f} jobs/s  {sample.rss / 1e6:6.1f} MB RSS  "
        print(
            json.dumps(sample._asdict())
            if given.json
            else f"{text}{sample.objects:>7} objects  {sample.alive} alive",
            flush=True,
        )


if __name__ == "__main__":
    main()
