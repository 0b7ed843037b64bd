"""Who runs the gauntlet, and how a contender is started, watched and ended."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from benchmarks.gauntlet.conduct import Settings
from benchmarks.peers import SDK, interpreter
from tests.fakes.gateway import Gateway

__all__ = ["CONTENDERS", "Contender", "Worker", "working"]

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 60.0


@dataclass(frozen=True)
class Contender:
    """``dialect``: how the REST gateway must say jobs for it; ``lacks``: trials that mean nothing to it, with the reason."""

    name: str
    module: str
    wire: str
    variant: str = ""
    streams: bool = False
    dialect: str = "8.6"
    lacks: dict[str, str] = field(default_factory=dict)

    @property
    def interpreter(self) -> str:
        return str(interpreter()) if self.module == "worker_official" else sys.executable


_NO_PROCESSES = {"crash": "no process pool"}
_REST = {"pushed": "no job streams"}

CONTENDERS = {
    "grpc": Contender("ours, gRPC polls", "worker_ours", "grpc"),
    "stream": Contender("ours, gRPC stream", "worker_ours", "grpc", "stream", streams=True),
    "rest": Contender("ours, REST", "worker_ours", "rest"),
    "fast-grpc": Contender("ours, gRPC polls, fast engine", "worker_ours", "grpc", "fast"),
    "fast-stream": Contender(
        "ours, gRPC stream, fast engine", "worker_ours", "grpc", "fast stream", streams=True
    ),
    "fast-rest": Contender("ours, REST, fast engine", "worker_ours", "rest", "fast"),
    "pyzeebe": Contender("pyzeebe 4.7.0", "worker_pyzeebe", "grpc", lacks=_NO_PROCESSES),
    "pyzeebe-stream": Contender(
        "pyzeebe 4.7.0, stream", "worker_pyzeebe", "grpc", "stream", streams=True, lacks=_NO_PROCESSES
    ),
    "pyzeebe-bridge": Contender(
        "pyzeebe on bridge.aio_channel (REST)", "worker_pyzeebe", "rest", "bridge", lacks=_NO_PROCESSES
    ),
    "pyzeebe-native": Contender(
        "pyzeebe on camunda_grpc.aio_channel",
        "worker_pyzeebe",
        "grpc",
        "camunda_grpc",
        lacks=_NO_PROCESSES,
    ),
    "pyzeebe-fast": Contender(
        "pyzeebe on camunda_grpc.aio_channel, fast engine",
        "worker_pyzeebe",
        "grpc",
        "camunda_grpc fast",
        lacks=_NO_PROCESSES,
    ),
    "official": Contender(
        f"official SDK {SDK.rpartition('=')[2]}", "worker_official", "rest", dialect="8.10"
    ),
}


class Worker:
    """A contender at work, and what it has said."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.said: list[dict[str, Any]] = []
        self.ready = asyncio.Event()
        self._reading = asyncio.ensure_future(self._read())

    @property
    def ended(self) -> str:
        """How its work ended, in its own words; empty while it goes on."""
        return next((each["how"] for each in self.said if each["what"] == "end"), "")

    @property
    def runs(self) -> Counter[str]:
        """How often the handler ran, by job."""
        return Counter(each["key"] for each in self.said if each["what"] == "run")

    @property
    def peak(self) -> int:
        """The most handlers that ran at a time."""
        return max((each["running"] for each in self.said if each["what"] == "run"), default=0)

    def terminate(self) -> None:
        """SIGTERM, as a container's end sends it."""
        self._process.send_signal(signal.SIGTERM)

    async def exit(self, timeout: float) -> float | None:
        """Seconds until the process has gone; None when it has not within ``timeout``."""
        began = time.monotonic()
        try:
            await asyncio.wait_for(self._process.wait(), timeout)
        except asyncio.TimeoutError:
            return None
        return time.monotonic() - began

    async def close(self) -> None:
        if self._process.returncode is None:
            self._process.kill()
        await self._process.wait()
        await self._reading

    async def _read(self) -> None:
        assert self._process.stdout is not None
        while line := await self._process.stdout.readline():
            if not line.startswith(b'{"what"'):
                continue  # somebody prints
            self.said.append(json.loads(line))
            if self.said[-1]["what"] == "ready":
                self.ready.set()
        self.ready.set()


@asynccontextmanager
async def working(
    contender: Contender, gateway: Gateway, job_type: str, **settings: Any
) -> AsyncIterator[Worker]:
    """A worker of the contender on the gateway, for as long as the context lasts. ``settings``: see ``Settings``."""
    address = gateway.grpc if contender.wire == "grpc" else gateway.rest
    given = replace(Settings(address, job_type, variant=contender.variant), **settings)
    quiet = None if os.environ.get("GAUNTLET_LOUD") else asyncio.subprocess.DEVNULL
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("CAMUNDA_", "ZEEBE_"))}
    process = await asyncio.create_subprocess_exec(
        contender.interpreter,
        "-m",
        f"benchmarks.gauntlet.{contender.module}",
        json.dumps(asdict(given)),
        stdout=asyncio.subprocess.PIPE,
        stderr=quiet,
        cwd=ROOT,
        env=clean,
        limit=1 << 20,
    )
    worker = Worker(process)
    try:
        await asyncio.wait_for(worker.ready.wait(), _START_SECONDS)
        yield worker
    finally:
        await worker.close()
