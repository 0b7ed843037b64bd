"""Camunda's published images, where a container engine answers."""

from __future__ import annotations

import functools
import importlib
import importlib.util
import json
import shutil
import subprocess
from collections.abc import Mapping
from typing import Any

from tests.cache import Unavailable
from tests.gateways import base
from tests.gateways.base import Record
from tests.gateways.management import Managed, call, leaders
from tests.gateways.process import StartFailed, wait_until
from tests.gateways.records import RecordLog

START_SECONDS = 180.0
GRPC_PORT, REST_PORT, MANAGEMENT_PORT = 26500, 8080, 9600
FEATURES = frozenset({base.CLOCK, base.RECORDS, base.REAL_GATEWAY, base.FLOW_CONTROL, base.PAUSE, base.OPEN})

IMAGES = {
    "8.7": "camunda/zeebe:8.7.15",
    "8.8": "camunda/camunda:8.8.0",
    "8.9": "camunda/camunda:8.9.0",
}

_EXPORTER = "io.camunda.zeebe.broker.exporter.debug.DebugLogExporter"
_ALL = {
    "ZEEBE_CLOCK_CONTROLLED": "true",
    "ZEEBE_BROKER_CLUSTER_PARTITIONSCOUNT": "1",
    "ZEEBE_BROKER_EXPORTERS_DEBUG_CLASSNAME": _EXPORTER,
    "ZEEBE_BROKER_EXPORTERS_DEBUG_ARGS_LOGLEVEL": "info",
    "ZEEBE_BROKER_EXPORTERS_DEBUG_ARGS_PRETTYPRINT": "false",
    "JAVA_TOOL_OPTIONS": "-Xms128m -Xmx768m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
}
# From 8.8 on one application carries everything: only its broker, no database to search, no login.
_UNIFIED = {
    "SPRING_PROFILES_ACTIVE": "broker",
    "CAMUNDA_SYSTEM_CLOCKCONTROLLED": "true",
    "CAMUNDA_CLUSTER_PARTITIONCOUNT": "1",
    "CAMUNDA_DATABASE_TYPE": "none",
    "CAMUNDA_DATA_SECONDARYSTORAGE_TYPE": "none",
    "CAMUNDA_SECURITY_AUTHENTICATION_UNPROTECTEDAPI": "true",
    "CAMUNDA_SECURITY_AUTHORIZATIONS_ENABLED": "false",
}


@functools.cache
def require_engine() -> None:
    """Check that containers can be run here.

    Raises:
        Unavailable: no container engine answers, or testcontainers is not installed.
    """
    engines = [name for name in ("docker", "podman") if shutil.which(name)]
    if not any(_answers(name) for name in engines):
        tried = (
            " and ".join(f"`{name} info` failed" for name in engines) or "neither docker nor podman is there"
        )
        raise Unavailable(f"no container engine ({tried})")
    if importlib.util.find_spec("testcontainers") is None:
        raise Unavailable("testcontainers is not installed")


def pull(line: str) -> None:
    """Get the image of that line.

    Raises:
        Unavailable: no container engine answers, or it cannot get the image.
    """
    require_engine()
    docker = importlib.import_module("docker")
    try:
        client = docker.from_env()
        try:
            if not client.images.list(name=IMAGES[line]):
                client.images.pull(IMAGES[line])
        finally:
            client.close()
    except docker.errors.DockerException as error:
        raise Unavailable(f"{IMAGES[line]}: {error}") from error


def _answers(engine: str) -> bool:
    try:
        return subprocess.run([engine, "info"], capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


class Container(Managed):
    """A broker with its gateway in a container.

    Args:
        line: "8.7", "8.8" or "8.9".
        environment: further settings, as environment variables; they win over ours.
    """

    def __init__(self, line: str, *, environment: Mapping[str, str] | None = None) -> None:
        self.name = f"container-{line}"
        self.version = IMAGES[line].rpartition(":")[2]
        self.wires = frozenset({base.GRPC, base.REST})
        self.features = FEATURES
        self._line = line
        self._environment = {**_ALL, **({} if line == "8.7" else _UNIFIED), **(environment or {})}
        self._container: Any = None
        self._records = RecordLog()

    def start(self) -> None:
        """Start it.

        Raises:
            Unavailable: no container engine, no testcontainers, or no image.
            StartFailed: it was not ready in time; the text ends with the tail of its log.
        """
        pull(self._line)
        testcontainers = importlib.import_module("testcontainers.core.container")
        container = testcontainers.DockerContainer(IMAGES[self._line])
        container.with_exposed_ports(GRPC_PORT, REST_PORT, MANAGEMENT_PORT).with_envs(**self._environment)
        container.start()
        self._container = container
        try:
            wait_until(lambda: self._is_ready() or None, seconds=START_SECONDS, what=self.name, pause=0.5)
        except TimeoutError as error:
            raise StartFailed(f"{error}; the end of its log:\n{self.tail()}") from error

    def close(self) -> None:
        """Stop and remove it."""
        if self._container is not None:
            self._container.stop()
            self._container = None

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        if self._container is None:
            return False
        wrapped = self._container.get_wrapped_container()
        wrapped.reload()
        return bool(wrapped.status == "running")

    @property
    def grpc_address(self) -> str:
        """``host:port`` of the gRPC gateway."""
        return self._address(GRPC_PORT)

    @property
    def rest_address(self) -> str:
        """``http://host:port`` of the REST gateway."""
        return f"http://{self._address(REST_PORT)}"

    @property
    def management_address(self) -> str:
        """``http://host:port`` of the management port."""
        return f"http://{self._address(MANAGEMENT_PORT)}"

    def records(self, *, since: int = 0) -> list[Record]:
        """Every record so far whose position is above ``since``."""
        for line in self._log().splitlines():
            self._records.feed(line)
        return [record for record in self._records.all() if record["position"] > since]

    def tail(self) -> str:
        """The end of its log."""
        return "\n".join(line[:300] for line in self._log().splitlines()[-40:]) if self._container else ""

    def _log(self) -> str:
        parts: tuple[bytes, ...] = self._container.get_logs()
        return b"\n".join(parts).decode("utf-8", "replace")

    def _address(self, port: int) -> str:
        if self._container is None:
            raise RuntimeError(f"{self.name} has not been started")
        return f"{self._container.get_container_host_ip()}:{self._container.get_exposed_port(port)}"

    def _is_ready(self) -> bool:
        if not self.alive:
            raise StartFailed(f"{self.name} ended before it was ready; the end of its log:\n{self.tail()}")
        if not self.management.ready():
            return False
        status, text = call("GET", f"{self.rest_address}/v2/topology")
        return status in (401, 403) or (status == 200 and leaders(json.loads(text)) == {1})
