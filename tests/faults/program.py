"""A gateway that is a process, as somebody who tries things out has one."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from tests.fakes.ports import free_port
from tests.gateways.process import Process

__all__ = ["Program"]

ROOT = Path(__file__).parents[2]
LIMIT = 60.0  # seconds, of a slow machine


class Program:
    """``python -m camunda_embedded`` on ports of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._ports = folder, (str(free_port()), str(free_port()))
        self.addresses: dict[str, str] = {}
        self.start()

    def start(self) -> None:
        """On the ports that it had before; without anything that it knew."""
        grpc_port, rest_port = self._ports
        command = [
            sys.executable,
            "-m",
            "camunda_embedded",
            "--grpc-port",
            grpc_port,
            "--rest-port",
            rest_port,
        ]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = Process(command, environment=environment, log=self._folder / "log")
        self._process.wait_ready(lambda: "REST" in self._process.output(), seconds=LIMIT, what="the gateway")
        said = dict(line.split() for line in self._process.output().splitlines())
        self.addresses = {"grpc_address": said["gRPC"], "rest_address": said["REST"]}

    def end(self) -> bool:
        """SIGTERM; whether it ended by itself."""
        return self._process.terminate(LIMIT)
