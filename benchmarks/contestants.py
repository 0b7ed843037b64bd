"""The workers that compete, each a process of its own: ``python -m benchmarks.contestants '{"who": ..., ...}'``.

All have the same handler, which looks at one variable and gives one back. They work until SIGTERM or SIGINT; then the process says
on stdout how often a handler ran and for how many jobs, and is gone.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Contestant", "Tally"]


@dataclass
class Contestant:
    """Who works, where and how. ``address``: "http://..." is REST. ``options`` depend on ``who``."""

    who: str
    address: str
    job_type: str
    options: dict[str, Any] = field(default_factory=dict)
    #: Whether the keys of jobs are kept, to see whether one was handled twice.
    keys: bool = False
    #: How many task types the worker has; more than one: "charge-0", "charge-1", ...
    types: int = 1

    @property
    def job_types(self) -> list[str]:
        """The task types."""
        if self.types == 1:
            return [self.job_type]
        return [f"{self.job_type}-{number}" for number in range(self.types)]


class Tally:
    """How often a handler ran; with ``keys``, for which jobs."""

    def __init__(self, keys: bool) -> None:
        self.runs = 0
        self._keys: set[str] | None = set() if keys else None

    def ran(self, key: Any) -> None:
        self.runs += 1
        if self._keys is not None:
            self._keys.add(str(key))

    def tell(self, *_: Any) -> None:
        """Says it, and ends the process without ado: how workers stop is not what is compared."""
        distinct = self.runs if self._keys is None else len(self._keys)
        os.write(1, (json.dumps({"runs": self.runs, "jobs": distinct}) + "\n").encode())
        os._exit(0)


def _handler(tally: Tally, kind: str, job_class: type) -> Callable[..., Any]:
    async def charge(order: Any, job: Any) -> dict[str, bool]:
        tally.ran(job.key)
        return {"paid": True}

    def charge_in_thread(order: Any, job: Any) -> dict[str, bool]:
        tally.ran(job.key)
        return {"paid": True}

    handler: Callable[..., Any] = charge if kind == "async" else charge_in_thread
    handler.__annotations__ = {"order": Any, "job": job_class, "return": dict[str, bool]}
    return handler


def ours(given: Contestant, tally: Tally) -> None:
    """``options``: "handler" is "async" or "thread", "engine" that of the client; the rest is for the task."""
    import bridge
    from camunda_worker import Job, Worker

    options = dict(given.options)
    engine = options.pop("engine", "default")
    handler = _handler(tally, options.pop("handler", "async"), Job)
    client = (
        bridge.Client(rest_address=given.address, engine=engine)
        if given.address.startswith("http")
        else bridge.Client(grpc_address=given.address, engine=engine)
    )
    worker = Worker(client)
    for job_type in given.job_types:
        worker.task(job_type, **options)(handler)
    asyncio.run(worker.work())


def pyzeebe(given: Contestant, tally: Tally) -> None:
    """``options``: "handler"; "worker", what ZeebeWorker is given besides; the rest is for the task."""
    from pyzeebe import Job, ZeebeWorker, create_insecure_channel

    async def work() -> None:
        options = dict(given.options)
        handler = _handler(tally, options.pop("handler", "async"), Job)
        channel = create_insecure_channel(grpc_address=given.address)
        make: Any = ZeebeWorker  # untyped
        worker = make(channel, **options.pop("worker", {}))
        for job_type in given.job_types:
            worker.task(job_type, **options)(handler)
        await worker.work()

    asyncio.run(work())


def raw(given: Contestant, tally: Tally) -> None:
    """A loop on the bare stub: polls for "batch" jobs, and answers all of them at once before it polls again.

    At most "at_once" answers are on their way; after a refusal it pauses for "pause" seconds.
    """
    asyncio.run(_raw(given, tally))


async def _raw(given: Contestant, tally: Tally) -> None:
    import grpc
    import grpc.aio

    from camunda_grpc._generated import gateway_pb2 as pb
    from camunda_grpc._generated import gateway_pb2_grpc

    batch, pause = given.options.get("batch", 32), given.options.get("pause", 0.05)
    gate = asyncio.Semaphore(given.options.get("at_once", batch))
    request = pb.ActivateJobsRequest(
        type=given.job_type, worker="raw", timeout=300_000, maxJobsToActivate=batch, requestTimeout=10_000
    )
    async with grpc.aio.insecure_channel(given.address) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)

        async def answer(job: Any) -> None:
            json.loads(job.variables)["order"]
            tally.ran(job.key)
            variables = json.dumps({"paid": True})
            while True:
                try:
                    async with gate:
                        await stub.CompleteJob(pb.CompleteJobRequest(jobKey=job.key, variables=variables))
                    return
                except grpc.aio.AioRpcError as error:
                    if error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED:
                        raise
                    await asyncio.sleep(pause)

        while True:
            jobs: list[Any] = []
            try:
                async for message in stub.ActivateJobs(request):
                    jobs.extend(message.jobs)
            except grpc.aio.AioRpcError as error:
                if error.code() is not grpc.StatusCode.RESOURCE_EXHAUSTED:
                    raise
                await asyncio.sleep(pause)
            await asyncio.gather(*map(answer, jobs))


def raw_stream(given: Contestant, tally: Tally) -> None:
    """A loop on the bare stub that reads the stream and answers each job in a task; at most "at_once" of them."""
    asyncio.run(_raw_stream(given, tally))


async def _raw_stream(given: Contestant, tally: Tally) -> None:
    import grpc.aio

    from camunda_grpc._generated import gateway_pb2 as pb
    from camunda_grpc._generated import gateway_pb2_grpc

    gate = asyncio.Semaphore(given.options.get("at_once", 32))
    request = pb.StreamActivatedJobsRequest(type=given.job_type, worker="raw", timeout=300_000)
    answers = set()
    async with grpc.aio.insecure_channel(given.address) as channel:
        stub: Any = gateway_pb2_grpc.GatewayStub(channel)

        async def answer(job: Any) -> None:
            json.loads(job.variables)["order"]
            tally.ran(job.key)
            await stub.CompleteJob(
                pb.CompleteJobRequest(jobKey=job.key, variables=json.dumps({"paid": True}))
            )
            gate.release()

        await gate.acquire()
        async for job in stub.StreamActivatedJobs(request):
            task = asyncio.ensure_future(answer(job))
            answers.add(task)
            task.add_done_callback(answers.discard)
            await gate.acquire()


def raw_rest(given: Contestant, tally: Tally) -> None:
    """The same as ``raw`` on a plain ``aiohttp.ClientSession``."""
    asyncio.run(_raw_rest(given, tally))


async def _raw_rest(given: Contestant, tally: Tally) -> None:
    import aiohttp

    batch, pause = given.options.get("batch", 32), given.options.get("pause", 0.05)
    gate = asyncio.Semaphore(given.options.get("at_once", batch))
    jobs = f"{given.address}/v2/jobs"
    request = {
        "type": given.job_type,
        "worker": "raw",
        "timeout": 300_000,
        "maxJobsToActivate": batch,
        "requestTimeout": 10_000,
    }
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=256)) as session:

        async def answer(job: Any) -> None:
            job["variables"]["order"]
            key = job.get("jobKey") or job["key"]  # 8.6
            tally.ran(key)
            url = f"{jobs}/{key}/completion"
            while True:
                async with gate, session.post(url, json={"variables": {"paid": True}}) as done:
                    await done.read()
                    if done.status == 204:
                        return
                    if done.status not in (429, 503):
                        done.raise_for_status()
                await asyncio.sleep(pause)

        while True:
            async with session.post(f"{jobs}/activation", json=request) as found:
                taken = (await found.json())["jobs"] if found.status == 200 else None
            if taken is None:
                await asyncio.sleep(pause)
            else:
                await asyncio.gather(*map(answer, taken))


_WHO: dict[str, Callable[[Contestant, Tally], None]] = {
    "ours": ours,
    "pyzeebe": pyzeebe,
    "raw": raw,
    "raw stream": raw_stream,
    "raw rest": raw_rest,
}


def main() -> None:
    given = Contestant(**json.loads(sys.argv[1]))
    tally = Tally(given.keys)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, tally.tell)
    _WHO[given.who](given, tally)


if __name__ == "__main__":
    main()
