"""Workers on a real broker of 8.6.0 that pushes back: ``python -m benchmarks.worker_real [--jobs N] [--seconds S]``.

Jobs wait; each contestant in turn, a process of its own, works them off: ours with its defaults, pyzeebe with its defaults and
tuned for throughput, and plain loops on the stub and on aiohttp with constant settings, searched over a small grid. Once as the
broker comes, once with a limit on what a partition may write, which refuses everything, completions included.

Completions are counted by the broker. In the end its clock is moved past all locks: what can be activated then was lost.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from contextlib import nullcontext
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

import bridge
from benchmarks.contestants import Contestant
from camunda_core.errors import ResourceExhausted
from tests.gateways.broker import Broker
from tests.gateways.models import unique

__all__ = ["Outcome", "main"]

ROOT = Path(__file__).parents[1]
_LOCK = 300.0
_MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"
    targetNamespace="benchmarks">
  <process id="{id}" isExecutable="true">
    <startEvent id="start"/>
    <sequenceFlow id="in" sourceRef="start" targetRef="charge"/>
    <serviceTask id="charge"><extensionElements><zeebe:taskDefinition type="{id}"/></extensionElements></serviceTask>
    <sequenceFlow id="out" sourceRef="charge" targetRef="end"/>
    <endEvent id="end"/>
  </process>
</definitions>
"""
_EVENTS = re.compile(r"^zeebe_job_events_total\{(.*)\} ([0-9.E+]+)$", re.MULTILINE)

OURS = {
    "ours, gRPC": Contestant("ours", "grpc", ""),
    "ours, gRPC, stream": Contestant("ours", "grpc", "", {"stream": True}),
    "ours, REST": Contestant("ours", "rest", ""),
}
PYZEEBE = {
    "pyzeebe, defaults": Contestant("pyzeebe", "grpc", "", {"timeout_ms": int(_LOCK * 1000)}),
    "pyzeebe, tuned": Contestant(
        "pyzeebe",
        "grpc",
        "",
        {
            "timeout_ms": int(_LOCK * 1000),
            "max_jobs_to_activate": 100,
            "max_running_jobs": 1000,
            "worker": {"poll_retry_delay": 0.005},
        },
    ),
}


@dataclass(frozen=True)
class Outcome:
    """``rate``: jobs completed per second, from the first to the last; ``cpu``: ms of the worker's process per job."""

    rate: float
    cpu: float
    completed: int
    runs: int
    jobs: int
    lost: int


class Ground:
    """A broker, and jobs in it."""

    def __init__(self, broker: Broker, seconds: float) -> None:
        self._broker = broker
        self._seconds = seconds

    async def outcome(self, contestant: Contestant, jobs: int, writes: int | None) -> Outcome:
        """``jobs`` wait for the contestant, who works for at most ``seconds``."""
        job_type = unique("job")
        await self._create(job_type, jobs)
        limit = nullcontext() if writes is None else self._broker.management.limited(writes_per_second=writes)
        with limit:
            address = self._broker.grpc_address if contestant.address == "grpc" else self._broker.rest_address
            given = replace(contestant, address=address, job_type=job_type, keys=True)
            process = subprocess.Popen(  # noqa: ASYNC220 - nothing else is to happen meanwhile
                [sys.executable, "-m", "benchmarks.contestants", json.dumps(asdict(given))],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=None if os.environ.get("BENCHMARK_LOUD") else subprocess.DEVNULL,
                text=True,
            )
            try:
                seen = await self._watched(job_type, jobs)
                cpu = _cpu_seconds(process.pid)
            finally:
                process.send_signal(signal.SIGTERM)
                said, _ = process.communicate(timeout=10)
        (began, first), (ended, last) = seen[0], seen[-1]
        rate = (last - first) / (ended - began) if ended > began else 0.0
        await asyncio.sleep(1.0)  # what was on its way is in the broker by now
        last = self._events(job_type, "completed")
        tally = json.loads(said) if said else {"runs": 0, "jobs": 0}
        lost = await self._left(job_type, jobs) - (jobs - last)
        return Outcome(rate, cpu / max(last, 1) * 1000, last, tally["runs"], tally["jobs"], lost)

    async def _create(self, job_type: str, jobs: int) -> None:
        async with bridge.AsyncClient(grpc_address=self._broker.grpc_address, timeout=60.0) as client:
            await client.deploy_resource((f"{job_type}.bpmn", _MODEL.format(id=job_type).encode()))

            async def some(count: int) -> None:
                created = 0
                while created < count:
                    try:
                        await client.create_process_instance(
                            job_type, variables={"order": created, "note": "x" * 100}
                        )
                        created += 1
                    except ResourceExhausted:  # the broker has enough for the moment
                        await asyncio.sleep(0.1)

            await asyncio.gather(*(some(jobs // 16 + (each < jobs % 16)) for each in range(16)))
        for _ in range(100):
            if self._events(job_type, "created") >= jobs:
                return
            await asyncio.sleep(0.1)
        raise RuntimeError("the jobs were not created within 10 s")

    async def _watched(self, job_type: str, jobs: int) -> list[tuple[float, int]]:
        """When how many were completed: from the first moment that some were."""
        began = time.monotonic()
        seen: list[tuple[float, int]] = []
        while time.monotonic() - began < self._seconds + 5:
            now, done = time.monotonic(), self._events(job_type, "completed")
            if done and (not seen or done > seen[-1][1] or now - seen[0][0] > self._seconds):
                seen.append((now, done))
                if done >= jobs or now - seen[0][0] > self._seconds:
                    break
            await asyncio.sleep(0.05)
        return seen or [(began, 0), (time.monotonic(), 0)]

    async def _left(self, job_type: str, jobs: int) -> int:
        """How many jobs there are once every lock is over."""
        self._broker.clock.add(_LOCK + 60)
        left = 0
        async with bridge.AsyncClient(grpc_address=self._broker.grpc_address) as client:
            empty = 0
            while left < jobs and empty < 3:
                got = await client.activate_jobs(
                    job_type, max_jobs_to_activate=500, job_timeout=3600, request_timeout=0.5
                )
                left += len(got)
                empty = 0 if got else empty + 1
        return left

    def _events(self, job_type: str, action: str) -> int:
        with urllib.request.urlopen(
            f"{self._broker.management_address}/actuator/prometheus", timeout=10
        ) as answer:
            text = answer.read().decode()
        return sum(
            int(float(value))
            for labels, value in _EVENTS.findall(text)
            if f'action="{action}"' in labels and f'type="{job_type}"' in labels
        )


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _grid(text: str, wire: str) -> dict[str, Contestant]:
    """``batch,...:at_once,...:pause,...`` as constant settings of a wire's plain loop."""
    batches, at_onces, pauses = ([float(each) for each in part.split(",")] for part in text.split(":"))
    return {
        f"plain loop, {_NAMES[wire]}, {batch:.0f} a poll, {at_once:.0f} at once, {pause * 1000:.0f} ms": Contestant(
            _PLAIN[wire], wire, "", {"batch": int(batch), "at_once": int(at_once), "pause": pause}
        )
        for batch, at_once, pause in itertools.product(batches, at_onces, pauses)
        if at_once <= batch
    }


_NAMES = {"grpc": "gRPC", "rest": "REST"}
_PLAIN = {"grpc": "raw", "rest": "raw rest"}


async def _compared(ground: Ground, given: argparse.Namespace, writes: int | None) -> None:
    limit = "as it comes" if writes is None else f"at most {writes} writes a second"
    print(f"\n### Real broker, {limit}, {given.jobs} jobs that wait\n")
    print("| | jobs/s | CPU ms a job | completed | handler ran | for jobs | lost |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    outcomes: dict[str, list[Outcome]] = {}

    async def let(name: str, contestant: Contestant, rounds: int = 1) -> None:
        for _ in range(rounds):
            outcome = await ground.outcome(contestant, given.jobs, writes)
            outcomes.setdefault(name, []).append(outcome)
            print(
                f"| {name} | {outcome.rate:.1f} | {outcome.cpu:.2f} | {outcome.completed} | {outcome.runs} "
                f"| {outcome.jobs} | {outcome.lost} |",
                flush=True,
            )

    await ground.outcome(OURS["ours, gRPC"], given.jobs, None)  # the JVM is cold: this one does not count
    best: dict[str, list[str]] = {}
    settings: dict[str, Contestant] = {}
    for wire in _NAMES:
        grid = _grid(given.grid, wire)
        settings |= grid
        for name, contestant in grid.items():
            await let(name, contestant)
        best[wire] = sorted(grid, key=lambda name: outcomes[name][0].rate, reverse=True)[:2]
    for _ in range(given.rounds):
        for name in (*best["grpc"], *best["rest"]):
            await let(name, settings[name])
        for name, contestant in OURS.items():
            await let(name, contestant)
    for name, contestant in PYZEEBE.items():
        await let(name, contestant)
    rates = {name: median(each.rate for each in found) for name, found in outcomes.items()}
    top = {wire: max(rates[name] for name in names) for wire, names in best.items()}
    print()
    for name, contestant in {**settings, **OURS, **PYZEEBE}.items():
        wire = contestant.address
        share = rates[name] / top[wire]
        print(
            f"{name}: {rates[name]:.1f} jobs/s, {share:.2f} of the best constant setting over {_NAMES[wire]}"
        )


async def _run(given: argparse.Namespace) -> None:
    with Broker("8.6.0", records=False) as broker:
        ground = Ground(broker, given.seconds)
        for writes in given.writes:
            await _compared(ground, given, writes or None)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worker_real", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2000, help="that wait for each contestant (%(default)s)")
    parser.add_argument("--seconds", type=float, default=20.0, help="that each has at most (%(default)s)")
    parser.add_argument(
        "--rounds", type=int, default=3, help="of ours and the best of the grid (%(default)s)"
    )
    parser.add_argument(
        "--grid",
        default="32,128:8,32,128:0.01,0.1",
        help="batch:at once:pause of the plain loop (%(default)s)",
    )
    parser.add_argument(
        "--writes", type=int, nargs="+", default=[0, 200], help="limits to try, 0 is none (%(default)s)"
    )
    asyncio.run(_run(parser.parse_args()))


if __name__ == "__main__":
    main()
