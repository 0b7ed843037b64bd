"""``python -m benchmarks.hardship.soak [MINUTES]``: three workers on three wires under faults every few seconds.

Memory, descriptors, threads and tasks have to stay flat, and every job has to be completed. Exits with 1
where something does not hold.
"""

from __future__ import annotations

import argparse
import random
import signal
import statistics
import sys
import time

from benchmarks.hardship.parts import ENGINES, KINDS, Network, Working, running
from camunda_core.errors import CamundaError

#: What may happen, and for how long (s).
FAULTS = {
    "delay 0.3": 3.0,
    "stall": 3.0,
    "mute": 4.0,
    "partition": 4.0,
    "reset": 0.0,
    "STOP": 3.0,
    "KILL": 2.0,
}
_LOCK = 8.0
#: Seconds after the last fault in which all jobs have to be done.
_REST = 90.0
#: How much more than in the first third the last third may have: share and absolute, by what it is. Over REST
#: each of the 16 slots may have a connection of its own, kept since the last burst until the next break.
_FLAT = {"mib": (0.10, 8.0), "descriptors": (0.0, 16.0), "threads": (0.0, 4.0), "tasks": (0.0, 16.0)}


def _struck(network: Network, what: str, seconds: float) -> Network:
    """One fault, from its beginning to its end; gives the network that is there afterwards."""
    if what == "STOP":
        network.send(signal.SIGSTOP)
        time.sleep(seconds)
        network.send(signal.SIGCONT)
    elif what == "KILL":
        network.end()
        time.sleep(seconds)
        return network.again()
    else:
        network.order(what)
        time.sleep(seconds)
        network.order("pass")
    return network


def _flat(worker: Working) -> list[str]:
    """What has grown, in words."""
    seen = worker.seen[10:]  # what is loaded with the first jobs and the first faults counts for nobody
    third = len(seen) // 3
    told = []
    for what, (share, absolute) in _FLAT.items():
        early = statistics.median(each[what] for each in seen[:third])
        late = statistics.median(each[what] for each in seen[-third:])
        grown = late > early * (1 + share) + absolute
        print(
            f"  {worker.kind:7} {what:12} {early:8.1f} -> {late:8.1f}{'  GROWS' if grown else ''}", flush=True
        )
        if grown:
            told.append(f"{what} of {worker.kind} grew from {early:g} to {late:g}")
    return told


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hardship.soak", description=__doc__)
    parser.add_argument("minutes", nargs="?", type=float, default=30.0)
    parser.add_argument("--rate", type=float, default=5.0, help="jobs a second and wire (%(default)s)")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--engine", choices=ENGINES, default=ENGINES[0], help="of the workers (%(default)s)")
    given = parser.parse_args()
    print(f"seed {given.seed}", flush=True)
    chance = random.Random(given.seed)
    wrong: list[str] = []
    with running() as (gateway, network, client):
        workers = [Working(kind, network.ports, _LOCK, engine=given.engine) for kind in KINDS]
        try:
            began, made, unsure, faults = time.monotonic(), 0, 0, 0
            next_fault = began + 15.0
            while time.monotonic() < began + given.minutes * 60:
                due = int((time.monotonic() - began) * given.rate) - made
                for _ in range(min(due, 50)):
                    for kind in KINDS:
                        try:
                            client.create_process_instance(kind)
                        except CamundaError as error:  # the machine is busy: nobody knows whether it was made
                            print(f"not sure of a job of {kind}: {error}", flush=True)
                            unsure += 1
                    made += 1
                if time.monotonic() >= next_fault:
                    what = chance.choice(list(FAULTS))
                    network = _struck(network, what, FAULTS[what] * chance.uniform(0.5, 1.5))
                    faults += 1
                    next_fault = time.monotonic() + chance.uniform(3.0, 8.0)
                time.sleep(0.05)
            ended = time.monotonic()
            while gateway.alive() and time.monotonic() < ended + _REST:
                time.sleep(0.5)
            left = gateway.alive()
            print(
                f"{made * len(KINDS)} jobs, {faults} faults, {time.monotonic() - ended:.1f} s until the last was done",
                flush=True,
            )
            if left:
                wrong.append(f"{left} jobs were not done within {_REST:g} s")
            for worker in workers:
                if (code := worker.process.poll()) is not None:
                    wrong.append(f"the worker of {worker.kind} has ended with {code}")
                again = sum(count - 1 for count in worker.runs.values())
                print(
                    f"  {worker.kind:7} {len(worker.runs)} jobs run, {again} runs more than one a job",
                    flush=True,
                )
                if not left and not made - unsure <= len(worker.runs) <= made:
                    wrong.append(
                        f"{made - len(worker.runs)} jobs of {worker.kind} are done and were never run"
                    )
                wrong += _flat(worker)
            for worker in workers:
                if worker.end(signal.SIGTERM) != 0:
                    wrong.append(f"the worker of {worker.kind} did not end by SIGTERM")
        finally:
            for worker in workers:
                worker.end()
            network.end()
    for each in wrong:
        print(each)
    print("it does not hold" if wrong else "it holds")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
