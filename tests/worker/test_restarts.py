"""A gateway that goes away under load, and programs that are told to end."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter

import pytest

from tests.gateways.base import GRPC, REST
from tests.gateways.registry import on_gateways
from tests.worker.conftest import WAYS, Shop, eventually, working
from tests.worker.outage import Unsteady


@on_gateways("embedded", wires={GRPC, REST})
@pytest.mark.parametrize("way", WAYS)
async def test_a_restart_under_load_loses_nothing(gateway_name: str, way: str) -> None:
    with Unsteady() as gateway:
        assert gateway.name == gateway_name
        shop = Shop(gateway, way)
        worker, handled = shop.worker(), Counter[int]()

        @worker.task(shop.charge, timeout=12, stream=shop.stream)
        async def charge(number: int) -> None:
            handled[number] += 1
            await asyncio.sleep(0.02)

        @worker.task(shop.ship, timeout=12, stream=shop.stream)
        async def ship() -> None:
            await asyncio.sleep(0.02)

        await shop.orders(150)
        async with working(worker) as work:
            await eventually(lambda: len(handled) >= 30, "the load has begun")
            in_hand = sum(task.running + task.waiting + task.answering for task in worker.health().tasks)
            await asyncio.to_thread(gateway.kill)
            await eventually(lambda: not worker.health().ready, "the outage shows")
            await asyncio.to_thread(gateway.come_back)
            await eventually(lambda: worker.health().ready, "the worker is back", within=40)
            if shop.stream:
                await eventually(
                    lambda: all(task.streaming for task in worker.health().tasks), "streams are back"
                )
            await eventually(
                lambda: worker.counts.of(shop.ship)["completed"] >= 150, "all orders shipped", within=90
            )
            assert not work.done()
        assert len(handled) == 150
        repeated = sum(count - 1 for count in handled.values())
        # Only a job whose answer was on its way when all was cut may come again.
        assert repeated <= in_hand + 64
        assert worker.counts.of(shop.charge)["failed"] == 0
        shop.close()


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
            # The grace, what follows it, and a slow machine; its handlers sleep for much longer.
            assert (await asyncio.to_thread(program.communicate, timeout=40))[0].endswith("ended\n")
            assert program.returncode == 0
        finally:
            program.kill()
    jobs = await shop.taken(shop.charge, 25)
    assert len({job.job_key for job in jobs}) == 25
    assert {job.retries for job in jobs} == {3}
