"""The processes that take part, and the jobs between them."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bridge
from camunda_core.oauth import OAuth
from tests.fakes.identity import AUDIENCE, CLIENT, SECRET

__all__ = ["ENGINES", "KINDS", "Gateway", "Network", "Working", "model", "running", "token_url"]

ROOT = Path(__file__).resolve().parents[2]
#: The three ways to get jobs.
KINDS = ("grpc", "stream", "rest")
#: What workers may stand on: grpcio and aiohttp, or the fast engine.
ENGINES = ("default", "fast")


def token_url(ports: list[int]) -> str:
    """Where tokens are issued, by a gateway with a provider or through the network before it."""
    return f"http://127.0.0.1:{ports[2]}/realm/token"


def model(kind: str) -> tuple[str, bytes]:
    """A process whose one service task has jobs of this type."""
    return (
        f"{kind}.bpmn",
        f"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="hardship"
        xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"><process id="{kind}" isExecutable="true"><startEvent id="a"/>
        <sequenceFlow id="f" sourceRef="a" targetRef="b"/><serviceTask id="b"><extensionElements>
        <zeebe:taskDefinition type="{kind}" retries="3"/></extensionElements></serviceTask></process></definitions>""".encode(),
    )


class _Process:
    """A module of this package that runs, is told lines and answers in lines."""

    def __init__(self, module: str, *arguments: object, loud: bool = True, engine: str = "default") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.hardship.{module}", *map(str, arguments)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=None if loud else subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "CAMUNDA_BRIDGE_ENGINE": engine},
        )

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self, number: int = signal.SIGKILL, seconds: float = 20.0) -> int | None:
        """Its exit code; None if it had to be killed."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signal.SIGCONT)
            self.process.send_signal(number)
        try:
            code: int | None = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(seconds)
            code = None
        self._close()
        return code

    def _close(self) -> None:
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


class Gateway(_Process):
    """What stands for the brokers."""

    def __init__(self, lifetime: float = 0.0) -> None:
        super().__init__("gateway", lifetime)
        self.ports: list[int] = self.hear()

    def alive(self) -> int:
        """How many jobs are not done."""
        self.say("alive")
        return int(self.hear())


class Network(_Process):
    """What stands for the gateway and the network before it."""

    def __init__(self, behind: list[int], own: list[int] | None = None) -> None:
        places = [f"{each}:{mine}" for each, mine in zip(behind, own or [0] * len(behind), strict=True)]
        super().__init__("proxy", *places)
        self.behind = behind
        self.ports: list[int] = self.hear()

    def order(self, what: str) -> None:
        """Tells it what to do, and returns when it does."""
        self.say(what)
        self.hear()

    def again(self) -> Network:
        """Another one at the same ports, once this one is dead."""
        return Network(self.behind, self.ports)


class Working(_Process):
    """A worker; ``runs`` by job key, ``seen`` is what it was made of, ``ran_at`` when it last ran a job."""

    def __init__(
        self, kind: str, ports: list[int], lock: float, token_url: str = "", engine: str = "default"
    ) -> None:
        tokens = [token_url] if token_url else []
        super().__init__("worker", kind, *ports[:2], lock, *tokens, loud=False, engine=engine)
        self.kind = kind
        self.runs: Counter[str] = Counter()
        self.seen: list[dict[str, float]] = []
        self.ran_at: list[float] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _close(self) -> None:
        self._reader.join(10.0)
        super()._close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            said = json.loads(line)
            if "ran" in said:
                self.runs[said["ran"]] += 1
                self.ran_at.append(time.monotonic())
            else:
                self.seen.append(said)


@contextlib.contextmanager
def running(
    kinds: tuple[str, ...] = KINDS, lifetime: float = 0.0
) -> Iterator[tuple[Gateway, Network, bridge.Client]]:
    """A gateway, the network before it, and a client that is not troubled by that. The network may be replaced.

    With tokens of ``lifetime`` seconds the network also stands before their provider, at its third port.
    """
    gateway = Gateway(lifetime)
    network = Network([each for each in gateway.ports if each])
    credentials = None
    if lifetime:
        credentials = OAuth(token_url(gateway.ports), CLIENT, SECRET, audience=AUDIENCE)
    try:
        address = f"http://127.0.0.1:{gateway.ports[1]}"
        with bridge.Client(rest_address=address, transport="rest", credentials=credentials) as client:
            for kind in kinds:
                client.deploy_resource(model(kind))
            yield gateway, network, client
    finally:
        network.end()
        gateway.end()
