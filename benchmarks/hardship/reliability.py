"""``python -m benchmarks.hardship.reliability``: each fault on each wire, and what it cost; writes docs/reliability.md."""

from __future__ import annotations

import argparse
import contextlib
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from benchmarks.hardship.parts import ENGINES, KINDS, Gateway, Network, Working, running, token_url

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reliability.md"
_BEGIN, _END = "<!-- begin: written by make reliability -->", "<!-- end -->"
_LOCK, _RATE, _BEFORE, _LENGTH, _MOST = 10.0, 20.0, 3.0, 6.0, 60.0
_TOKENS = 5.0
#: By its name in the table: how jobs come, and what the worker stands on.
WIRES = {
    f"{kind}, {engine}" if engine != "default" else kind: (kind, engine)
    for kind in KINDS
    for engine in ENGINES
}

#: By its name in the table: what the network is told, and whether it is that of the identity provider.
FAULTS = {
    "none": ("pass", False),
    "every piece 300 ms late": ("delay 0.3", False),
    "nothing arrives, all of it later (a burst of loss)": ("stall", False),
    "half-open: answers are swallowed": ("mute", False),
    "partition: both ways are swallowed": ("partition", False),
    "all connections are reset": ("reset", False),
    "gateway: kill -STOP, then -CONT": ("STOP", False),
    "gateway: kill -KILL, then a new one": ("KILL", False),
    "identity provider: kill -STOP, then -CONT": ("STOP", True),
    "identity provider: kill -KILL, then a new one": ("KILL", True),
}


class Cost(NamedTuple):
    """``locked``: jobs that were still not done 3 s after the fault. ``recovery`` and ``done``: seconds after its
    end until a job was run, and until all were done; None is never, within a minute.
    """

    jobs: int
    lost: int
    repeated: int
    locked: int
    recovery: float | None
    done: float | None


def _begun(network: Network, what: str) -> None:
    if what in ("STOP", "KILL"):
        network.send(signal.SIGSTOP if what == "STOP" else signal.SIGKILL)
    else:
        network.order(what)


def _ended(network: Network, what: str) -> Network:
    if what == "KILL":
        network.end()
        return network.again()
    if what == "STOP":
        network.send(signal.SIGCONT)
    else:
        network.order("pass")
    return network


def _left(gateway: Gateway, until: float) -> int:
    """How many jobs are not done, at the latest at ``until``."""
    while (left := gateway.alive()) and time.monotonic() < until:
        time.sleep(0.1)
    return left


def cost(wire: str, fault: str) -> Cost:
    """Puts a worker on this wire through the fault, with jobs coming all the time."""
    what, of_provider = FAULTS[fault]
    kind, engine = WIRES[wire]
    with contextlib.ExitStack() as stack:
        gateway, network, client = stack.enter_context(running((kind,), _TOKENS if of_provider else 0.0))
        struck, ports, tokens = network, network.ports, ""
        if of_provider:  # a network of its own
            struck = Network([gateway.ports[2]])
            stack.callback(lambda: struck.end())
            tokens = token_url([0, 0, struck.ports[0]])
        worker = Working(kind, ports, _LOCK, tokens, engine)
        stack.callback(worker.end)
        client.create_process_instance(kind)
        _left(gateway, time.monotonic() + _MOST)
        began, made, striking = time.monotonic(), 1, False
        length = _BEFORE + (2 * _TOKENS if of_provider else _LENGTH)
        while (passed := time.monotonic() - began) < length:
            if passed >= _BEFORE and not striking:
                striking = True
                _begun(struck, what)
            if made < passed * _RATE:
                client.create_process_instance(kind)
                made += 1
            else:
                time.sleep(0.01)
        struck = _ended(struck, what)
        if not of_provider:
            network = struck
        stack.callback(network.end)
        over = time.monotonic()
        locked = _left(gateway, over + 3.0)
        lost = _left(gateway, over + _MOST)
        done = time.monotonic() - over
        runs = [each - over for each in worker.ran_at if each > over]
        again = sum(worker.runs.values()) - len(worker.runs)
        return Cost(made, lost, again, locked, min(runs, default=None), None if lost else done)


def _words(value: float | None, otherwise: str) -> str:
    return otherwise if value is None else f"{value:.1f} s"


def table(found: dict[tuple[str, str], Cost]) -> str:
    """All that was found, as Markdown."""
    lines = ["| fault | wire | jobs | lost | repeated | locked | first job after | all done after |"]
    lines.append("|---|---|---|---|---|---|---|---|")
    for (fault, wire), each in found.items():
        none_was_left = "never" if each.lost else "–"
        ends = f"{_words(each.recovery, none_was_left)} | {_words(each.done, 'never')}"
        lines.append(
            f"| {fault} | {wire} | {each.jobs} | {each.lost} | {each.repeated} | {each.locked} | {ends} |"
        )
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hardship.reliability", description=__doc__)
    parser.add_argument("--faults", nargs="*", default=[""], help="beginnings of their names")
    parser.add_argument("--at-once", type=int, default=3)
    parser.add_argument("--print", action="store_true", help="print the table, write nothing")
    given = parser.parse_args()
    cells = [(fault, wire) for fault in FAULTS if fault.startswith(tuple(given.faults)) for wire in WIRES]
    found: dict[tuple[str, str], Cost] = {}
    with ThreadPoolExecutor(given.at_once) as pool:
        for (fault, wire), each in zip(
            cells, pool.map(lambda cell: cost(cell[1], cell[0]), cells), strict=True
        ):
            found[fault, wire] = each
            print(fault, wire, each, file=sys.stderr, flush=True)
    if given.print:
        print(table(found))
        return
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_BEGIN)
    after = rest.partition(_END)[2]
    PAGE.write_text(f"{before}{_BEGIN}\n\n{table(found)}\n\n{_END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
