"""Camunda's in-memory engine behind its own simplified gRPC gateway."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

from tests.gateways import base, fetch
from tests.gateways.base import Clock, Gateway, Record
from tests.gateways.management import call
from tests.gateways.process import PortTaken, Process, free_ports

START_SECONDS = 60.0
START_ATTEMPTS = 3
JVM = ("-Xms64m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")
FEATURES = frozenset({base.CLOCK, base.RECORDS, base.RESET})


class Engine(Gateway):
    """The engine of one version, with nothing on disk, on free loopback ports.

    Args:
        version: "8.8.21", "8.7.26" or "8.6.39".
    """

    def __init__(self, version: str = "8.8.21") -> None:
        self.name = f"engine-{version}"
        self.version = version
        self.wires = frozenset({base.GRPC})
        self.features = FEATURES
        self._room: Path | None = None
        self._process: Process | None = None
        self._ports: list[int] = []
        self._records: list[Record] = []

    def start(self) -> None:
        """Start it.

        Raises:
            Unavailable: the engine or a Java cannot be had.
            StartFailed: it was not ready in time, or ended; the text ends with the tail of its log.
        """
        if self.alive:
            raise RuntimeError(f"{self.name} runs already")
        java, jars = str(fetch.java() / "bin" / "java"), fetch.engine(self.version)
        self._room = self._room or Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
        self._records = []
        for attempt in range(START_ATTEMPTS):
            self._ports = free_ports(2)
            ports = [str(port) for port in self._ports]
            self._process = Process(
                [java, *JVM, "-cp", f"{jars}/classes:{jars}/*", "ZeebeEngine", *ports],
                environment=os.environ,
                log=self._room / "log",
            )
            try:
                self._process.wait_ready(self._is_ready, seconds=START_SECONDS, what=self.name)
                return
            except PortTaken:
                self._process.kill()
                if attempt == START_ATTEMPTS - 1:
                    raise

    def close(self) -> None:
        """End it; its data end with it."""
        if self._process is not None:
            self._process.kill()
        if self._room is not None:
            shutil.rmtree(self._room, ignore_errors=True)
            self._room = None
        self._ports = []

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.alive

    @property
    def pid(self) -> int:
        """The id of its process."""
        if self._process is None:
            raise RuntimeError(f"{self.name} has not been started")
        return self._process.pid

    @property
    def clock(self) -> Clock:
        """Its clock."""
        return Clock(lambda milliseconds: self._control("POST", f"time?{milliseconds}"))

    @property
    def grpc_address(self) -> str:
        """``127.0.0.1:port`` of the gateway."""
        return f"127.0.0.1:{self._port(0)}"

    def idle(self, seconds: float = 10.0) -> None:
        """Wait until nothing is left to process.

        Raises:
            RuntimeError: something was left after ``seconds``.
        """
        self._control("POST", f"idle?{round(seconds * 1000)}", seconds=seconds + 10)

    def reset(self) -> None:
        """Empty it: no definitions, instances, jobs or records are left; the clock is at now."""
        self._control("POST", "reset", seconds=30)
        self._records = []

    def records(self) -> list[Record]:
        """Every record so far."""
        text = self._control("GET", f"records?{len(self._records)}", seconds=30)
        self._records += [json.loads(line) for line in text.splitlines()]
        return list(self._records)

    def tail(self) -> str:
        """The end of its log."""
        return self._process.tail() if self._process is not None else ""

    def _is_ready(self) -> bool:
        return self._process is not None and "READY" in self._process.output().splitlines()

    def _port(self, index: int) -> int:
        if not self._ports:
            raise RuntimeError(f"{self.name} has not been started")
        return self._ports[index]

    def _control(self, method: str, path: str, *, seconds: float = 20.0) -> str:
        status, text = call(method, f"http://127.0.0.1:{self._port(1)}/{path}", seconds=seconds)
        if status != 200:
            raise RuntimeError(f"{self.name}: {method} /{path} answered {status}: {text[:300]}")
        return text
