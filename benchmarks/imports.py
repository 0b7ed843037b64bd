"""What an import costs: the CPU time of a process that does nothing else, its interpreter included.

All modules have been compiled before, as they are in an installed package, whatever this environment says of that.

Goals in ms hold for a machine on which ``import grpc`` takes 42 ms; so each is a ratio to that, measured in the same run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace

from benchmarks.gateway import ROOT, Addresses
from benchmarks.measure import Contender, Effort, Goal, Table, compare

__all__ = ["imports", "in_processes"]

_GRPC = 42.0
_BASE = "import grpc"

#: What is imported, and how many ms it may take on the machine of the goals.
_IMPORTS: dict[str, float | None] = {
    "pass": None,
    "import asyncio": None,
    _BASE: None,
    "import requests": None,
    "import camunda_core.config, camunda_core.retry": 40,
    "import camunda_rest": 65,
    "from camunda_rest import RestClient": 100,
    "import camunda_grpc": 65,
    "from camunda_grpc import gateway_pb2, gateway_pb2_grpc": 65,
    "from camunda_grpc import channel, gateway_pb2, gateway_pb2_grpc": 65,
    "import bridge": 65,
    "import camunda_worker": 40,
    "from bridge import Client": 65,
    "from bridge import Client; Client(rest_address='http://localhost')": 100,
    "from bridge import channel; channel('http://localhost')": None,
    "import grpc, requests": None,
    "import pyzeebe": None,
}

_OPENED = """
import asyncio
from bridge import AsyncClient
from camunda_worker import Worker

async def main():
    client = AsyncClient(grpc_address="http://127.0.0.1:26500", engine={engine!r})
    Worker(client)
    client.job_wire().of("work")

asyncio.run(main())
"""

#: What a program has that is about to work, beside an interpreter: each row of "Imports" in docs/performance.md.
_STARTS: dict[str, str] = {
    _BASE: _BASE,
    "import asyncio": "import asyncio",
    "import bridge": "import bridge",
    "AsyncClient and Worker, nothing opened": "from bridge import AsyncClient\nfrom camunda_worker import Worker",
    "the same, and a wire over gRPC, fast, no grpcio": "import sys\nsys.modules['grpc'] = None"
    + _OPENED.format(engine="fast"),
    "the same on grpcio": _OPENED.format(engine="default"),
    "asyncio, protobuf, httpunk": "import asyncio, httpunk\n"
    "from google.protobuf import descriptor_pool, symbol_database\n"
    "from google.protobuf.internal import builder",  # as every compiled protocol imports them
}

_REPORT = "\nfrom time import process_time\nprint(process_time())"


def imports(addresses: Addresses | None, effort: Effort) -> list[Table]:
    """Each in a fresh process; nothing is connected to."""
    goals = [Goal("G7", what, _BASE, limit / _GRPC) for what, limit in _IMPORTS.items() if limit is not None]
    with tempfile.TemporaryDirectory() as compiled:

        def measured(table: Table, code: Mapping[str, str]) -> Table:
            contenders = [Contender(what, in_processes(code[what], compiled), block=1) for what in code]
            for contender in contenders:
                contender.run(1)  # which compiles what it imports
            return compare(table, contenders, replace(effort, blocks=1))

        return [
            measured(Table("Import", "ms a process", (_BASE,), goals), {what: what for what in _IMPORTS}),
            measured(Table("Start of a client and a worker", "ms a process", (_BASE,)), _STARTS),
        ]


def in_processes(statement: str, compiled: str, python: str = sys.executable) -> Callable[[int], float]:
    """Runs a statement in fresh processes, with what was compiled in a folder; the CPU seconds that they took."""
    environment: Mapping[str, str] = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
    environment = {name: value for name, value in environment.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def run(count: int) -> float:
        spent = 0.0
        for _ in range(count):
            done = subprocess.run(
                [python, "-c", statement + _REPORT],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                timeout=60,
                check=True,
            )
            spent += float(done.stdout)
        return spent

    return run
