"""``python -m benchmarks [name ...]``: measures, prints the tables as Markdown, and says which goals are met."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Callable, Sequence
from importlib.metadata import version

from benchmarks.calls import calls, native, pyzeebe_client
from benchmarks.engines import engines
from benchmarks.gateway import Addresses, client_core
from benchmarks.http2 import http2
from benchmarks.imports import imports
from benchmarks.layers import layers
from benchmarks.measure import Effort, Table
from benchmarks.mock import answering
from benchmarks.proxy import proxy
from benchmarks.rehearsal import rehearsal
from benchmarks.rest_api import rest_api
from benchmarks.transcoding import activation, transcoding
from benchmarks.wires import wires
from benchmarks.worker import worker

BENCHMARKS: dict[str, Callable[[Addresses, Effort], list[Table]]] = {
    "native": native,
    "calls": calls,
    "transcoding": transcoding,
    "activation": activation,
    "wires": wires,
    "pyzeebe": pyzeebe_client,
    "engines": engines,
    "http2": http2,
    "imports": imports,
    "layers": layers,
    "proxy": proxy,
    "rehearsal": rehearsal,
    "rest_api": rest_api,
    "worker": worker,
}

_LIBRARIES = ("grpcio", "protobuf", "requests", "urllib3", "aiohttp", "httpunk", "pyzeebe")


def measured(names: Sequence[str], effort: Effort) -> list[Table]:
    """The tables of the benchmarks of these names, each printed when it is done."""
    tables = []
    with answering() as addresses:
        for name in names:
            for table in BENCHMARKS[name](addresses, effort):
                print(table.markdown(), end="\n\n", flush=True)
                tables.append(table)
    return tables


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=__doc__,
        epilog="What the embedded gateway carries is measured by itself: python -m benchmarks.embedded --help",
    )
    parser.add_argument(
        "names", nargs="*", metavar="name", help=f"of {', '.join(BENCHMARKS)}; all by default"
    )
    parser.add_argument(
        "--rounds", type=int, default=Effort.rounds, help="figures per contender (%(default)s)"
    )
    parser.add_argument(
        "--engine",
        choices=Effort.engines,
        help="which engine is measured by `worker` and, over asyncio, `calls`; both by default",
    )
    given = parser.parse_args()
    unknown = set(given.names) - BENCHMARKS.keys()
    if unknown:
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    core = client_core()
    if core is not None:
        os.sched_setaffinity(0, {core})
    versions = ", ".join(f"{library} {version(library)}" for library in _LIBRARIES)
    print(
        f"CPython {platform.python_version()} on {platform.machine()}, {os.cpu_count()} cores; {versions}\n"
    )
    effort = Effort(rounds=max(1, given.rounds), engines=(given.engine,) if given.engine else Effort.engines)
    tables = measured(given.names or list(BENCHMARKS), effort)
    for table in tables:
        for goal, ratio in table.verdicts():
            found = "not measured" if ratio is None else f"{ratio:.3g}"
            verdict = "" if ratio is None else "met" if ratio <= goal.limit else "MISSED"
            print(f"{goal.name}  {verdict:6}  {found} of {goal.limit:.3g}  {table.title}: {goal.contender}")


if __name__ == "__main__":
    main()
