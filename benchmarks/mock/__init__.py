"""The mock gateway as a native program: Go sources beside this file, built into the cache when it is first wanted.

A gateway in Python takes a tenth of what a job costs a client on grpcio, and half of what it costs a faster one. This
one takes a few µs, so that what is measured is the client.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

from benchmarks.gateway import Addresses, process_of, server_core
from benchmarks.gateway import running as in_python
from benchmarks.ring import written

__all__ = ["JobsGateway", "Report", "Secured", "answering", "running", "secured", "why_not"]

_HERE = Path(__file__).parent
_BUILD_SECONDS = 300
_WITHOUT_END = 1 << 60


@cache
def _made() -> tuple[Path | None, str]:
    if os.environ.get("BENCHMARK_GATEWAY") == "python":
        return None, "BENCHMARK_GATEWAY=python"
    go = shutil.which("go")
    if go is None:
        return None, "there is no Go here"
    sources = sorted([*_HERE.glob("*.go"), _HERE / "go.mod"])
    digest = hashlib.sha256(b"".join(each.read_bytes() for each in sources)).hexdigest()[:16]
    configured = os.environ.get("CAMUNDA_BRIDGE_CACHE")
    cache_folder = Path(configured).expanduser() if configured else Path.home() / ".cache" / "camunda-bridge"
    place = cache_folder.resolve() / f"mock-gateway-{digest}"
    if place.is_file():
        return place, ""
    cache_folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache_folder) as room:
        made = Path(room) / "gateway"
        command = [go, "build", "-o", str(made), "."]
        try:
            done = subprocess.run(
                command, cwd=_HERE, capture_output=True, text=True, timeout=_BUILD_SECONDS, check=False
            )
        except (OSError, subprocess.SubprocessError) as error:
            return None, f"go build: {error}"
        if done.returncode:
            return None, f"go build: {(done.stderr.strip() or 'failed').splitlines()[-1]}"
        made.rename(place)  # complete or not at all
    return place, ""


def why_not() -> str:
    """Why there is no native gateway; empty where there is one."""
    return _made()[1]


def _command(core: int | None) -> list[str]:
    program, _ = _made()
    at = [] if core is None else [str(core)]
    if program is None:
        return [sys.executable, "-m", "benchmarks.jobs_gateway", *at]
    if core is None:
        return [str(program)]
    pinned = (
        "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])}); os.execv(sys.argv[2], sys.argv[2:])"
    )
    return [sys.executable, "-S", "-E", "-c", pinned, *at, str(program)]


class Report(NamedTuple):
    """``waits``: seconds from a job's arrival here until its completion; ``cpu``: seconds of the gateway's process."""

    handed: int
    completed: int
    failed: int
    polls: int
    streams: int
    cpu: float
    waits: list[float]


class JobsGateway:
    """The gateway, as seen from the outside."""

    def __init__(self, process: subprocess.Popen[str], grpc: str, rest: str) -> None:
        self.grpc = grpc
        self.rest = rest
        self._process = process

    def order(self, line: str) -> Report:
        """Gives an order; what has happened since the one before."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return Report(*json.loads(self._process.stdout.readline()))

    def load(self, payload: int) -> None:
        """From now on jobs have so many bytes of variables; 0: about 290, of several kinds."""
        with written(payload) as path:
            self.order(f"load {path}")


@contextmanager
def running(core: int | None = server_core()) -> Iterator[JobsGateway]:
    """A gateway that runs as long as the context does; on the core that a client leaves to it, or on all (None)."""
    with process_of(_command(core)) as process:
        assert process.stdout is not None
        gateway = JobsGateway(process, *process.stdout.readline().split())
        gateway.load(0)
        yield gateway


@contextmanager
def answering() -> Iterator[Addresses]:
    """The gateway with as many jobs as anybody asks for; where there is no native one, that of ``benchmarks.gateway``."""
    if why_not():
        with in_python() as addresses:
            yield addresses
        return
    with running() as gateway:
        gateway.order(f"flood {_WITHOUT_END}")
        yield Addresses(gateway.grpc, gateway.rest)


class Secured(NamedTuple):
    """Addresses of REST over TLS: where HTTP/2 is agreed on, and where it never is. ``authority`` is their certificate."""

    http2: str
    http1: str
    authority: Path


@contextmanager
def secured() -> Iterator[Secured]:
    """A gateway that answers creations over TLS. Only the native one does, see ``why_not``."""
    with tempfile.TemporaryDirectory() as room:
        authority = Path(room) / "authority.pem"
        with process_of([*_command(server_core()), str(authority)]) as process:
            assert process.stdout is not None
            http2, http1 = process.stdout.readline().split()
            JobsGateway(process, http2, http1).load(0)
            yield Secured(http2, http1, authority)
