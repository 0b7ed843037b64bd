"""Handlers for processes, and a worker that is to be terminated: ``python -m tests.worker.heavy <address> <means>``."""

from __future__ import annotations

import asyncio
import os
import sys
import time

from camunda_worker import Job, Worker
from camunda_worker._run import shift


def crashing(job: Job) -> None:
    """Takes its process down when it has the first job."""
    if job.variables["n"] == 0:
        os._exit(1)
    time.sleep(0.02)


def endless(job: Job) -> None:
    """Work that outlasts every grace."""
    os.write(1, b"begun\n")
    time.sleep(600)


def terminated(address: str, means: str) -> None:
    """Has 10 processes for jobs of one type, and takes jobs of another; ends within a grace of 2 s."""
    import bridge

    rest = means == "rest"
    client = bridge.Client(rest_address=address) if rest else bridge.Client(grpc_address=address)
    # A busy machine takes longer than 0.9 s to answer for all of them; what is not answered then stays locked.
    shift._LAST_ANSWERS = 15.0
    worker = Worker(client, grace=2.0)
    worker.task("busy", execution="process", processes=10, timeout=600)(endless)

    @worker.task("wire", stream=means == "stream", timeout=600)
    async def handle(job: Job) -> None:
        await asyncio.sleep(600)

    worker.run()


if __name__ == "__main__":
    from tests.worker import heavy

    heavy.terminated(*sys.argv[1:])
