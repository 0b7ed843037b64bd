"""Installs a wheel on every Python that can be had here and tries it: ``python scripts/smoke.py dist/*.whl``.

Each Python gets two virtual environments. In the first the wheel stands alone: the client over REST must work without grpcio, and
what needs grpcio must say so. In the second it has all extras: a worker does a job on the embedded gateway over each wire.
A Python that cannot be had is named; one that fails is an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

OLDEST, NEWEST = (3, 10), (3, 14)

BARE = """
import bridge, camunda_core.version, camunda_rest, camunda_worker
from importlib.metadata import version
assert version("camunda-bridge") == camunda_core.version.VERSION
bridge.Client(rest_address="http://127.0.0.1:9", timeout=1).close()
try:
    bridge.channel
except ModuleNotFoundError as error:
    assert "camunda-bridge[grpc]" in str(error), error
else:
    raise SystemExit("bridge.channel is there without grpcio")
"""

FULL = '''
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
import bridge, camunda_core, camunda_embedded, camunda_grpc, camunda_rest, camunda_worker, camunda_worker.otel
from camunda_grpc import gateway_pb2, gateway_pb2_grpc

for package in ("bridge", *(f"camunda_{room}" for room in "cli core embedded fast grpc proxy rest worker".split())):
    assert (Path(find_spec(package).origin).parent / "py.typed").exists(), package
assert "camunda_embedded.pytest_plugin" in {entry.value for entry in entry_points(group="pytest11")}

PROCESS = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="smoke"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"><process id="smoke" isExecutable="true">
    <startEvent id="a"/><sequenceFlow id="f" sourceRef="a" targetRef="b"/><serviceTask id="b"><extensionElements>
    <zeebe:taskDefinition type="smoke"/></extensionElements></serviceTask></process></definitions>"""

with camunda_embedded.EmbeddedGateway() as gateway:
    with bridge.channel(gateway.rest_address) as channel:
        answer = gateway_pb2_grpc.GatewayStub(channel).Topology(gateway_pb2.TopologyRequest())
        assert answer.gatewayVersion == "8.6.0"
    for wire in ("rest", "grpc"):
        addresses = {"rest_address": gateway.rest_address, "grpc_address": gateway.grpc_address}
        with bridge.Client(transport=wire, **addresses) as client:
            worker = camunda_worker.Worker(client, name=wire)

            @worker.task("smoke", timeout=30)
            def smoke(job: camunda_worker.Job) -> None:
                worker.stop()

            client.deploy_resource(("smoke.bpmn", PROCESS))
            client.create_process_instance("smoke")
            worker.run()
    assert gateway.alive["instances"] == 0, gateway.alive
'''


def interpreters() -> Iterator[str]:
    """Paths where a Python might be, on PATH and where pyenv keeps its own."""
    yield sys.executable
    for minor in range(OLDEST[1], NEWEST[1] + 1):
        yield shutil.which(f"python3.{minor}") or ""
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from map(str, sorted(root.glob("versions/*/bin/python")))


def version(python: str) -> tuple[int, int] | None:
    """Which Python a path is; None for one that does not start."""
    asked = subprocess.run(
        [python, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True
    )
    if asked.returncode != 0:
        return None
    major, minor = asked.stdout.split()
    return int(major), int(minor)


def tried(python: str, wheel: str, extras: str, program: str) -> None:
    """Installs the wheel with ``extras`` into a new virtual environment and runs ``program`` there."""
    with tempfile.TemporaryDirectory(prefix="smoke-") as room:
        subprocess.run([python, "-m", "venv", room], check=True)
        inside = str(Path(room, "Scripts" if os.name == "nt" else "bin", "python"))
        pip = [inside, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--only-binary", ":all:"]
        subprocess.run([*pip, f"{wheel}{extras}"], check=True)
        clean = {
            name: value for name, value in os.environ.items() if not name.startswith(("CAMUNDA_", "ZEEBE_"))
        }
        clean.pop("PYTHONPATH", None)
        subprocess.run(
            [inside, "-I", "-W", "error", "-c", program], check=True, cwd=room, env=clean, timeout=120
        )


def main() -> int:
    wheels = [str(Path(name).resolve()) for name in sys.argv[1:]]
    if len(wheels) != 1:
        sys.stderr.write(f"one wheel is needed: {__doc__}")
        return 2
    found: dict[tuple[int, int], str] = {}
    for python in filter(None, interpreters()):
        number = version(python)
        if number is not None and OLDEST <= number <= NEWEST:
            found.setdefault(number, python)
    for minor in range(OLDEST[1], NEWEST[1] + 1):
        python = found.get((3, minor), "")
        if not python:
            sys.stdout.write(f"Python 3.{minor}: not here\n")
            continue
        tried(python, wheels[0], "", BARE)
        tried(python, wheels[0], "[all,embedded,otel]", FULL)
        sys.stdout.write(f"Python 3.{minor}: works\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
