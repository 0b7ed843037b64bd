"""A real Camunda broker with its gateway, from the published distribution."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.gateways import base, fetch
from tests.gateways.base import Record
from tests.gateways.management import Managed, call, leaders
from tests.gateways.process import PortTaken, Process, StartFailed, free_ports
from tests.gateways.records import RecordFile

START_SECONDS = 180.0  # 6 on an idle machine; its 14 s of CPU take long on a busy one
START_ATTEMPTS = 3
JVM = "-Xms128m -Xmx768m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"


def wires(version: str) -> frozenset[str]:
    """What that version speaks: the REST API v2 begins with 8.6."""
    return frozenset({base.GRPC} if version.startswith("8.5.") else {base.GRPC, base.REST})


def features(version: str) -> frozenset[str]:
    """What that version can do: 8.5 has no flow control, and lets commands wait while processing is paused."""
    always = frozenset({base.CLOCK, base.RECORDS, base.REAL_GATEWAY, base.RESTART})
    return always if version.startswith("8.5.") else always | {base.FLOW_CONTROL, base.PAUSE}


class Broker(Managed):
    """A broker of one node, in a temporary folder, on free loopback ports.

    Args:
        version: "8.6.0" (both wires) or "8.5.8" (gRPC; its REST API is the older ``/v1``).
        partitions: how many.
        environment: further settings (security, limits), as environment variables; they win over ours.
        records: whether every record is exported to the log, for ``records()``.
    """

    def __init__(
        self,
        version: str = "8.6.0",
        *,
        partitions: int = 1,
        environment: Mapping[str, str] | None = None,
        records: bool = True,
    ) -> None:
        self.name = f"broker-{version}"
        self.version = version
        self.wires = wires(version)
        self.features = features(version)
        self.partitions = partitions
        self._extra = dict(environment or {})
        self._exports = records
        self._room: Path | None = None
        self._process: Process | None = None
        self._ports: list[int] = []

    # -- life

    def start(self) -> None:
        """Start it; after ``stop`` or ``kill``, again on the same ports and data.

        Raises:
            Unavailable: the distribution or a Java cannot be had.
            StartFailed: it was not ready in time, or ended; the text ends with the tail of its log.
        """
        if self.alive:
            raise RuntimeError(f"{self.name} runs already")
        home, distribution = fetch.java(), fetch.broker(self.version)
        fixed = bool(self._ports)  # a restart keeps its addresses, or clients could not find it again
        for attempt in range(START_ATTEMPTS):
            if not fixed:
                self._ports = free_ports(5)
                self._make_room(distribution)
            try:
                self._launch(home)
                return
            except PortTaken:
                self.kill()
                if attempt == START_ATTEMPTS - 1:
                    raise
            except BaseException:
                self.kill()
                raise

    def stop(self, seconds: float = 60.0) -> bool:
        """Ask it to end (SIGTERM) and keep its data. False when it had to be killed after ``seconds``."""
        return self._process is None or self._process.terminate(seconds)

    def kill(self) -> None:
        """End it at once (SIGKILL) and keep its data."""
        if self._process is not None:
            self._process.kill()

    def restart(self) -> None:
        """Stop it, killing it when it lingers, and start it again on the same ports and data."""
        self.stop(seconds=5)
        self.start()

    def close(self) -> None:
        """End it and remove its folder."""
        self.kill()  # nothing of it is kept, so there is nothing to end gracefully for
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
        return self._running().pid

    # -- where it is

    @property
    def grpc_address(self) -> str:
        """``127.0.0.1:port`` of the gRPC gateway."""
        return f"127.0.0.1:{self._port(0)}"

    @property
    def rest_address(self) -> str:
        """``http://127.0.0.1:port`` (https when the settings say so) of the REST gateway."""
        scheme = "https" if self._extra.get("SERVER_SSL_ENABLED") == "true" else "http"
        return f"{scheme}://127.0.0.1:{self._port(1)}"

    @property
    def management_address(self) -> str:
        """``http://127.0.0.1:port`` of the management port."""
        return f"http://127.0.0.1:{self._port(2)}"

    # -- seeing into it

    def records(self) -> list[Record]:
        """Every record of every partition so far."""
        if not self._exports:
            raise RuntimeError(f"{self.name} was started with records=False")
        return self._records.all()

    def tail(self) -> str:
        """The end of its log."""
        return self._process.tail(without='"valueType":') if self._process is not None else ""

    # -- inside

    def _running(self) -> Process:
        if self._process is None:
            raise RuntimeError(f"{self.name} has not been started")
        return self._process

    def _port(self, index: int) -> int:
        if not self._ports:
            raise RuntimeError(f"{self.name} has not been started")
        return self._ports[index]

    def _make_room(self, distribution: Path) -> None:
        if self._room is not None:
            shutil.rmtree(self._room, ignore_errors=True)
        self._room = Path(tempfile.mkdtemp(prefix=f"{self.name}-"))
        for folder in ("data", "tmp", "home"):
            (self._room / folder).mkdir()
        for folder in ("bin", "config"):  # logs and relative paths go beside these, so each node has its own
            shutil.copytree(distribution / folder, self._room / "home" / folder)
        (self._room / "home" / "lib").symlink_to(distribution / "lib")
        self._records = RecordFile(self._room / "log")

    def _launch(self, home: Path) -> None:
        assert self._room is not None
        self._process = Process(
            [str(self._room / "home" / "bin" / "broker")],
            environment=self._environment(home),
            log=self._room / "log",
        )
        self._process.wait_ready(self._is_ready, seconds=START_SECONDS, what=self.name)

    def _environment(self, home: Path) -> dict[str, str]:
        grpc, rest, management, command, internal = (str(port) for port in self._ports)
        # Settings of whoever runs the tests must not reach the broker.
        foreign = ("ZEEBE_", "CAMUNDA_", "SERVER_", "SPRING_", "MANAGEMENT_", "JAVA_", "JDK_")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
        settings = {
            "JAVA_HOME": str(home),
            "JAVA_OPTS": f"{JVM} -Djava.io.tmpdir={self._room}/tmp",
            "ZEEBE_BROKER_GATEWAY_NETWORK_HOST": "127.0.0.1",
            "ZEEBE_BROKER_GATEWAY_NETWORK_PORT": grpc,
            "SERVER_ADDRESS": "127.0.0.1",
            "SERVER_PORT": rest,
            "MANAGEMENT_SERVER_ADDRESS": "127.0.0.1",
            "MANAGEMENT_SERVER_PORT": management,
            "ZEEBE_BROKER_NETWORK_HOST": "127.0.0.1",
            "ZEEBE_BROKER_NETWORK_ADVERTISEDHOST": "127.0.0.1",
            "ZEEBE_BROKER_NETWORK_COMMANDAPI_PORT": command,
            "ZEEBE_BROKER_NETWORK_INTERNALAPI_PORT": internal,
            "ZEEBE_BROKER_CLUSTER_PARTITIONSCOUNT": str(self.partitions),
            "ZEEBE_BROKER_DATA_DIRECTORY": f"{self._room}/data",
            # A test run needs little room and no durability.
            "ZEEBE_BROKER_DATA_LOGSEGMENTSIZE": "16MB",
            "ZEEBE_BROKER_DATA_DISK_FREESPACE_PROCESSING": "128MB",
            "ZEEBE_BROKER_DATA_DISK_FREESPACE_REPLICATION": "64MB",
            "ZEEBE_BROKER_EXPERIMENTAL_ROCKSDB_MEMORYLIMIT": "64MB",
            "ZEEBE_BROKER_EXPERIMENTAL_RAFT_PREALLOCATESEGMENTFILES": "false",
            "ZEEBE_BROKER_CLUSTER_RAFT_FLUSH_ENABLED": "false",
            "ZEEBE_CLOCK_CONTROLLED": "true",
        }
        if self._exports:
            exporter = "ZEEBE_BROKER_EXPORTERS_DEBUG"
            settings[f"{exporter}_CLASSNAME"] = "io.camunda.zeebe.broker.exporter.debug.DebugLogExporter"
            settings[f"{exporter}_ARGS_LOGLEVEL"] = "info"
            settings[f"{exporter}_ARGS_PRETTYPRINT"] = "false"
        return {**inherited, **settings, **self._extra}

    def _is_ready(self) -> bool:
        if not self.management.ready():
            return False
        # The broker is ready before its gateway knows who leads, so the gateway is asked.
        version = "v1" if self.version.startswith("8.5.") else "v2"
        status, text = call("GET", f"{self.rest_address}/{version}/topology")
        if status in (401, 403):  # a secured gateway tells strangers nothing; the broker's own word must do
            partitions = self.management.partitions().values()
            return [each["role"] for each in partitions] == ["LEADER"] * self.partitions
        if status != 200:
            return False
        topology = json.loads(text)
        if any(node["port"] != self._port(3) for node in topology.get("brokers", ())):
            raise StartFailed(f"{self.name}: another broker answers on its ports")
        return len(leaders(topology)) == self.partitions


_WIRES = {"8.5.8": (base.GRPC,)}
