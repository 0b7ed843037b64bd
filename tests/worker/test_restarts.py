"""A broker that goes away under load, and programs that are told to end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from tests.gateways.registry import on_gateways
from tests.worker.conftest import WAYS, Shop

PROGRAM = """
import sys, time
import bridge
from camunda_worker import Worker

kind, address, job_type, stream = sys.argv[1:]
worker = Worker(bridge.Client(**{f"{kind}_address": address}), grace=1.0)


@worker.task(job_type, timeout=300, max_jobs_active=10, stream=stream == "stream")
def work(number: int) -> None:
    sys.stdout.write(f"began {number}\\n")
    sys.stdout.flush()
    time.sleep(600)


worker.run()
print("ended", flush=True)
"""


def started(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=os.getcwd())


@on_gateways("embedded", "cluster")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
async def test_a_signal_ends_a_program_and_no_job_stays_locked(shop: Shop, number: signal.Signals) -> None:
    kind = "rest" if shop.way == "rest" else "grpc"
    (address,) = shop.address().values()
    command = [sys.executable, "-c", PROGRAM, kind, address, shop.charge, shop.way]
    await shop.orders(20)
    with started(command) as program:
        try:
            assert program.stdout is not None
            for _ in range(10):
                line = await asyncio.wait_for(asyncio.to_thread(program.stdout.readline), 30)
                assert line.startswith("began")
            await shop.orders(5)
            program.send_signal(number)
            sent = time.monotonic()
            assert (await asyncio.to_thread(program.communicate, timeout=20))[0].endswith("ended\n")
            assert time.monotonic() - sent < 1.0 + 1.0 + 4.0  # the grace, what follows it, and a slow machine
            assert program.returncode == 0
        finally:
            program.kill()
    jobs = await shop.taken(shop.charge, 25)
    assert len({job.job_key for job in jobs}) == 25
    assert {job.retries for job in jobs} == {3}
