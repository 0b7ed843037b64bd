"""Workers against a gateway that has jobs without end: jobs per second, CPU time a job, how soon a job is picked up, and memory.

Every worker is a process of its own that is started anew in each round; they take turns. The gateway counts what is completed, the
system what the worker's process takes (Linux only).
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.contestants import Contestant
from benchmarks.gateway import ROOT, Addresses, client_core
from benchmarks.measure import Effort, Goal, Table
from benchmarks.mock import JobsGateway, running
from benchmarks.peers import Absent, interpreter

__all__ = [
    "CONTESTANTS",
    "OURS",
    "SLOW",
    "TUNED_OPTIONS",
    "Measured",
    "flood",
    "floods",
    "measured",
    "ours",
    "ours_of",
    "soak",
    "worker",
]

_OFFICIAL = Path(__file__).with_name("official_worker.py")
_TYPE = "charge"
#: How many jobs the gateway has open at most: more than any worker takes that has a limit.
_OPEN, _OPEN_PUSHED = 4096, 256
#: How long the last of several workers may take to start after the first has.
_ALL_STARTED = 1.0
_START_SECONDS, _SECONDS, _SLOW_SECONDS = 30.0, 3.0, 15.0
TUNED_OPTIONS = {"max_jobs_to_activate": 100, "max_running_jobs": 1000, "worker": {"poll_retry_delay": 0.005}}

RAW, RAW_STREAM = "raw loop, gRPC polls of 32", "raw loop, gRPC stream, 32 at once"
RAW_REST = "raw loop, aiohttp, polls of 32"
TUNED, TUNED_THREAD = "pyzeebe, tuned", "pyzeebe, tuned, def in threads"
PYZEEBE, PYZEEBE_STREAM = "pyzeebe, defaults", "pyzeebe, stream"
OFFICIAL, OFFICIAL_BEST = "official SDK, defaults", "official SDK, best setting"


def ours(what: str, engine: str) -> str:
    """What a worker of ours is called in tables."""
    return f"ours, {what}, fast" if engine == "fast" else f"ours, {what}"


#: Ours: which wire, and what its task is given.
OURS: dict[str, tuple[str, dict[str, Any]]] = {
    "gRPC": ("grpc", {}),
    "gRPC, 300 slots": ("grpc", {"max_jobs_active": 300}),
    "gRPC, def in threads": ("grpc", {"handler": "thread"}),
    "gRPC, stream=True": ("grpc", {"stream": True}),
    "REST": ("rest", {}),
    "REST, 300 slots": ("rest", {"max_jobs_active": 300}),
}


def ours_of(what: str, engine: str) -> Contestant:
    """Our worker, over an engine."""
    address, options = OURS[what]
    return Contestant("ours", address, _TYPE, {**options, "engine": engine})


CONTESTANTS = {
    RAW: Contestant("raw", "grpc", _TYPE, {"batch": 32}),
    TUNED: Contestant("pyzeebe", "grpc", _TYPE, TUNED_OPTIONS),
    TUNED_THREAD: Contestant("pyzeebe", "grpc", _TYPE, {**TUNED_OPTIONS, "handler": "thread"}),
    RAW_STREAM: Contestant("raw stream", "grpc", _TYPE, {"at_once": 32}),
    PYZEEBE_STREAM: Contestant("pyzeebe", "grpc", _TYPE, {"worker": {"stream_enabled": True}}),
    RAW_REST: Contestant("raw rest", "rest", _TYPE, {"batch": 32}),
    OFFICIAL_BEST: Contestant("official", "rest", _TYPE),
}
#: So slow that one long look is enough.
SLOW = {
    PYZEEBE: Contestant("pyzeebe", "grpc", _TYPE),
    OFFICIAL: Contestant("official", "rest", _TYPE),
}
_OFFICIAL_LIMITS = (100, 300, 1000)
#: How many times the jobs per second of a tuned pyzeebe, and of the official SDK's best, an engine is to make.
_TIMES = {"default": (1.2, 15), "fast": (2.2, 20)}
_WAITING = ("gRPC", "gRPC, stream=True", "REST")


@dataclass
class _Uneven(Table):
    """Some contenders have one figure only."""

    def ratio(self, contender: str, base: str) -> float:
        ours, theirs = self.figures[contender], self.figures[base]
        if len(ours) == len(theirs):
            return super().ratio(contender, base)
        return median(ours) / median(theirs)


@dataclass
class _Rates(_Uneven):
    """Figures are seconds a job times 1e6, as in every table; shown are jobs per second."""

    def markdown(self) -> str:
        bases = [base for base in self.bases if base in self.figures]
        head = ["", "jobs/s, median (min to max)", *(f"times {base}" for base in bases)]
        lines = [head, ["---", *(["---:"] * (len(head) - 1))]]
        for name, values in self.figures.items():
            rates = [1e6 / value for value in values]
            spread = f"{median(rates):.1f} ({min(rates):.1f} to {max(rates):.1f})"
            lines.append([name, spread, *(f"{1 / self.ratio(name, base):.3g}" for base in bases)])
        lines += [[name, f"not measured: {why}", *("" for _ in bases)] for name, why in self.missing.items()]
        widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
        rows = ("| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines)
        return "\n".join((f"### {self.title}", "", *rows))


@dataclass
class _Waits(Table):
    """Figures are ms, and so are the goals' limits."""

    def verdicts(self) -> list[tuple[Goal, float | None]]:
        return [
            (goal, median(found) if (found := self.figures.get(goal.contender)) else None)
            for goal in self.goals
        ]


@dataclass
class Measured:
    """What a worker did in a span of time; ``peak`` in kB."""

    jobs: int
    wall: float
    cpu: float
    peak: int
    #: The share of its core that the gateway took.
    gateway: float = 0.0


class _Process:
    """A contestant at work, seen from the outside."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._place = Path(f"/proc/{process.pid}")

    def cpu(self) -> float:
        """Seconds, user and system, of all threads."""
        fields = (self._place / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, what: str = "VmRSS") -> int:
        """kB; "VmHWM" is the peak."""
        for line in (self._place / "status").read_text().splitlines():
            if line.startswith(what + ":"):
                return int(line.split()[1])
        raise LookupError(what)


@contextlib.contextmanager
def _working(contestant: Contestant, gateway: JobsGateway) -> Iterator[_Process]:
    address = gateway.grpc if contestant.address == "grpc" else gateway.rest
    if contestant.who == "official":
        limit, handler = contestant.options.get("limit", 0), contestant.options.get("handler", "async")
        command = [
            str(interpreter()),
            "-I",
            "-W",
            "ignore",
            str(_OFFICIAL),
            address,
            _TYPE,
            str(limit),
            handler,
        ]
    else:
        given = json.dumps(asdict(replace(contestant, address=address)))
        command = [sys.executable, "-m", "benchmarks.contestants", given]
    gateway.order("dry")
    loud = None if os.environ.get("BENCHMARK_LOUD") else subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=loud, text=True) as process:
        try:
            yield _Process(process)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()


def floods(
    contestants: Sequence[Contestant], gateway: JobsGateway, seconds: float, open_jobs: int, first: int
) -> Measured:
    """Several workers as one."""
    with contextlib.ExitStack() as stack:
        processes = [stack.enter_context(_working(each, gateway)) for each in contestants]
        gateway.order(f"flood {open_jobs}")
        _until(gateway, first)
        if len(processes) > 1:
            time.sleep(_ALL_STARTED)
        gateway.order("report")
        cpu, began = sum(each.cpu() for each in processes), time.monotonic()
        time.sleep(seconds)
        report = gateway.order("report")
        wall = time.monotonic() - began
        cpu = sum(each.cpu() for each in processes) - cpu
        peak = sum(each.memory("VmHWM") for each in processes)
        return Measured(report.completed, wall, cpu, peak, report.cpu / wall)


def _until(gateway: JobsGateway, jobs: int) -> None:
    began = time.monotonic()
    done = 0
    while done < jobs:
        if time.monotonic() - began > _START_SECONDS:
            raise Absent(f"{done} jobs in {_START_SECONDS:.0f} s")
        time.sleep(0.05)
        done += gateway.order("report").completed


def flood(
    contestant: Contestant, gateway: JobsGateway, seconds: float, open_jobs: int, first: int
) -> Measured:
    """Jobs without end for a worker, ``open_jobs`` at a time; measured for ``seconds`` once it has done the ``first``."""
    return floods([contestant], gateway, seconds, open_jobs, first)


def _trickle(contestant: Contestant, gateway: JobsGateway, seconds: float) -> list[float]:
    with _working(contestant, gateway):
        gateway.order("trickle 0.11")
        _until(gateway, 5)
        gateway.order("report")
        time.sleep(seconds)
        return gateway.order("report").waits


def worker(addresses: Addresses | None, effort: Effort) -> list[Table]:
    """Ours, pyzeebe and the official SDK with their defaults and with the best ones, and loops on the bare libraries."""
    return measured(effort, pick_up=True)


def measured(effort: Effort, *, pick_up: bool) -> list[Table]:
    """The same; ``pick_up`` is whether it is also measured how soon a single job is done."""
    seconds = _SECONDS * effort.share
    waiting = [ours(what, engine) for what in _WAITING for engine in effort.engines]
    rates = _Rates(
        "Worker, jobs per second",
        "µs a job",
        (RAW, TUNED, PYZEEBE, OFFICIAL, OFFICIAL_BEST),
        [
            goal
            for engine in effort.engines
            for goal in (
                Goal("jobs/s", ours("gRPC", engine), TUNED, 1 / _TIMES[engine][0]),
                Goal("jobs/s", ours("gRPC", engine), PYZEEBE, 1e-3),
                Goal("jobs/s", ours("gRPC", engine), OFFICIAL, 1e-3),
                Goal("jobs/s", ours("REST", engine), OFFICIAL_BEST, 1 / _TIMES[engine][1]),
            )
        ],
    )
    cpu = _Uneven(
        "Worker, CPU time",
        "µs a job",
        (RAW, RAW_STREAM, RAW_REST, TUNED, PYZEEBE_STREAM, OFFICIAL_BEST),
        [
            goal
            for engine in effort.engines
            for goal in (
                Goal("CPU", ours("gRPC", engine), TUNED, 1 / _TIMES[engine][0]),
                Goal("CPU", ours("gRPC, stream=True", engine), PYZEEBE_STREAM, 0.35),
                Goal("CPU", ours("REST", engine), OFFICIAL_BEST, 1 / _TIMES[engine][1]),
            )
        ],
    )
    waits = _Waits(
        "Worker, from a job's arrival at the gateway to its completion, one by one",
        "ms",
        (),
        [Goal("pick-up", name, name, 20.0) for name in waiting],
    )
    contestants = {
        **CONTESTANTS,
        **{ours(what, engine): ours_of(what, engine) for what in OURS for engine in effort.engines},
    }
    slow = dict(SLOW)
    with running() as gateway:
        try:
            best = _best_setting(gateway)
            contestants[OFFICIAL_BEST] = replace(contestants[OFFICIAL_BEST], options={"limit": best})
            print(f"official SDK, best setting: max_concurrent_jobs={best}\n", flush=True)
        except Absent as absent:
            for table in (rates, cpu, waits):
                table.missing |= {OFFICIAL: str(absent), OFFICIAL_BEST: str(absent)}
            del contestants[OFFICIAL_BEST], slow[OFFICIAL]
        for _ in range(effort.rounds):
            for name, contestant in contestants.items():
                limit = _OPEN_PUSHED if "stream" in name else _OPEN
                found = flood(contestant, gateway, seconds, limit, 500 if name != OFFICIAL_BEST else 100)
                _note(name, found, rates, cpu)
        for name, contestant in slow.items():
            _note(name, flood(contestant, gateway, _SLOW_SECONDS, _OPEN, 1), rates, cpu)
        for name in (*waiting, PYZEEBE, PYZEEBE_STREAM, OFFICIAL) if pick_up else ():
            if name in contestants or name in slow:
                contestant = {**contestants, **slow}[name]
                waits.figures[name] = [each * 1e3 for each in _trickle(contestant, gateway, 6.0)]
    return [rates, cpu, waits] if pick_up else [rates, cpu]


def _best_setting(gateway: JobsGateway) -> int:
    found = {}
    for limit in _OFFICIAL_LIMITS:
        contestant = Contestant("official", "rest", _TYPE, {"limit": limit})
        found[limit] = flood(contestant, gateway, 6.0, _OPEN, limit).jobs
    return max(found, key=lambda limit: found[limit])


def _note(name: str, found: Measured, rates: Table, cpu: Table) -> None:
    jobs = max(found.jobs, 1)
    rates.figures.setdefault(name, []).append(found.wall / jobs * 1e6)
    cpu.figures.setdefault(name, []).append(found.cpu / jobs * 1e6)
    print(
        f"{name}: {found.jobs / found.wall:.0f} jobs/s, {found.cpu / jobs * 1e6:.0f} µs, peak {found.peak / 1024:.1f} MB, "
        f"gateway {found.gateway:.0%} of a core",
        file=sys.stderr,
        flush=True,
    )


def soak(jobs: int, seconds: float, contestant: Contestant) -> Iterator[tuple[int, float, int, int]]:
    """Jobs done, seconds, kB now and kB at the peak, a hundred times on the way to ``jobs``; for ``seconds`` at most."""
    with running() as gateway, _working(contestant, gateway) as process:
        gateway.order(f"flood {_OPEN_PUSHED}")
        _until(gateway, 500)
        began, done, shown = time.monotonic(), 500, 0
        while done < jobs and time.monotonic() - began < seconds:
            time.sleep(0.2)
            done += gateway.order("report").completed
            if done - shown >= jobs / 20:
                shown = done
                yield done, time.monotonic() - began, process.memory(), process.memory("VmHWM")
        yield done, time.monotonic() - began, process.memory(), process.memory("VmHWM")


def main(arguments: Sequence[str] | None = None) -> None:
    """``python -m benchmarks.worker --jobs N``: the memory of our worker over that many jobs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.worker", description=main.__doc__)
    parser.add_argument("--jobs", type=int, default=1_000_000, help="(%(default)s)")
    parser.add_argument(
        "--seconds", type=float, default=600.0, help="when to stop at the latest (%(default)s)"
    )
    parser.add_argument("--wire", choices=("grpc", "stream", "rest"), default="grpc")
    parser.add_argument("--engine", choices=("default", "fast"), default="default")
    given = parser.parse_args(arguments)
    if (core := client_core()) is not None:
        os.sched_setaffinity(0, {core})
    options: dict[str, Any] = {
        "max_jobs_active": 64,
        "stream": given.wire == "stream",
        "engine": given.engine,
    }
    contestant = Contestant("ours", "rest" if given.wire == "rest" else "grpc", _TYPE, options)
    for done, spent, now, peak in soak(given.jobs, given.seconds, contestant):
        print(f"{done:>9} jobs  {spent:6.1f} s  {now / 1024:6.1f} MB  peak {peak / 1024:6.1f} MB", flush=True)


if __name__ == "__main__":
    main()
