"""One worker as a process: ``python -m benchmarks.hardship.worker WIRE GRPC_PORT REST_PORT LOCK [TOKEN_URL]``.

WIRE is grpc, stream or rest; LOCK is in seconds. It says on stdout, in lines of JSON, which job has been
run, and once a second what it is made of: memory (MiB), descriptors, threads, tasks. SIGTERM stops it.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any

import bridge
from camunda_core.oauth import OAuth
from camunda_worker import Job, Worker
from tests.fakes.identity import AUDIENCE, CLIENT, SECRET


def _say(**what: Any) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


def _memory() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20


async def _watched() -> None:
    while True:
        _say(
            mib=round(_memory(), 1),
            descriptors=len(os.listdir("/proc/self/fd")) - 1,
            threads=len(os.listdir("/proc/self/task")),  # those of grpcio as well
            tasks=len(asyncio.all_tasks()),
        )
        await asyncio.sleep(1.0)


def main(kind: str, grpc_port: str, rest_port: str, lock: str, token_url: str = "") -> None:
    credentials = OAuth(token_url, CLIENT, SECRET, audience=AUDIENCE) if token_url else None
    with bridge.Client(
        transport="rest" if kind == "rest" else "grpc",
        credentials=credentials,
        grpc_address=f"http://127.0.0.1:{grpc_port}",
        rest_address=f"http://127.0.0.1:{rest_port}",
    ) as client:
        worker = Worker(client, name=kind, grace=5.0)

        @worker.task(kind, timeout=float(lock), stream=kind == "stream", max_jobs_active=16)
        async def run(job: Job) -> None:
            if worker.health().state == "working" and not watching:
                watching.append(asyncio.ensure_future(_watched()))
            await asyncio.sleep(0.02)
            _say(ran=job.key)

        watching: list[asyncio.Task[None]] = []
        worker.run()


if __name__ == "__main__":
    main(*sys.argv[1:])
