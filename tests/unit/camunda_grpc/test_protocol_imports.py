"""The compiled protocol can be imported in every form that code written for ``zeebe_grpc`` uses."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

FORMS = {
    "attribute": "from camunda_grpc import gateway_pb2 as pb, gateway_pb2_grpc as stubs",
    "module": "import camunda_grpc.gateway_pb2 as pb, camunda_grpc.gateway_pb2_grpc as stubs",
    "generated": "from camunda_grpc._generated import gateway_pb2 as pb, gateway_pb2_grpc as stubs",
    "package": "import camunda_grpc; pb, stubs = camunda_grpc.gateway_pb2, camunda_grpc.gateway_pb2_grpc",
}
SAME = """
from camunda_grpc.gateway_pb2 import ActivatedJob, TopologyRequest
from camunda_grpc.gateway_pb2_grpc import GatewayStub
import camunda_grpc, camunda_grpc._generated.gateway_pb2 as generated, importlib
assert pb is generated is camunda_grpc.gateway_pb2 is importlib.import_module("camunda_grpc.gateway_pb2")
assert TopologyRequest is pb.TopologyRequest and ActivatedJob is generated.ActivatedJob
assert GatewayStub is stubs.GatewayStub
"""


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_import_gives_the_same_classes(form: str) -> None:
    run(FORMS[form] + SAME)


@pytest.mark.parametrize("module", ["gateway_pb2", "gateway_pb2_grpc"])
@pytest.mark.parametrize("form", ["from camunda_grpc import {}", "import camunda_grpc.{}"])
def test_without_the_libraries_every_form_names_the_extra(module: str, form: str) -> None:
    code = f"""
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("grpc", "google"):
            raise ModuleNotFoundError(name, name=name)
sys.meta_path.insert(0, Blocked())
try:
    {form.format(module)}
except ImportError as error:
    print(error)
"""
    assert run(code).startswith(
        f"camunda_grpc.{module} needs grpcio and protobuf: pip install 'camunda-bridge[grpc]'"
    )


def test_types_are_known_beside_each_module() -> None:
    package = Path(__file__).parents[3] / "camunda_grpc"
    for module in ("gateway_pb2", "gateway_pb2_grpc"):
        assert f"from camunda_grpc._generated.{module} import *" in (package / f"{module}.pyi").read_text()
