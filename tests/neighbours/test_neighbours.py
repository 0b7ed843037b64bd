"""Other stubs, old and new libraries, other Pythons: a program in an environment of its own, against the embedded gateway."""

from __future__ import annotations

from pathlib import Path

import pytest

from camunda_grpc import channel, gateway_pb2, gateway_pb2_grpc
from tests.cache import Unavailable
from tests.gateways.base import Gateway
from tests.gateways.models import model, unique
from tests.gateways.registry import on_gateways
from tests.neighbours.venvs import environment, run

OLDEST = (
    "grpcio==1.62.0",
    "protobuf==4.25.2",
    "googleapis-common-protos==1.62.0",
    "requests==2.31.0",
    "urllib3==2.0.2",
    "aiohttp==3.9.5",
)
NEWEST = ("grpcio", "protobuf", "googleapis-common-protos", "requests", "aiohttp")
OTHER_STUBS = ("googleapis-common-protos", "requests", "aiohttp")

pytestmark = [on_gateways("embedded", wires={"grpc", "rest"}), pytest.mark.timeout(600), pytest.mark.long]


def interpreter(python: str, requirements: tuple[str, ...]) -> Path:
    try:
        return environment(python, requirements)
    except Unavailable as reason:
        pytest.skip(str(reason))


@pytest.fixture(scope="module")
def order() -> tuple[str, str]:
    return unique("neighbour"), unique("neighbour-job")


def probe(python: Path, gateway: Gateway, stubs: str, names: tuple[str, str]) -> str:
    process_id, job_type = names
    with channel(gateway.grpc_address) as wire:
        content = model("order", process=process_id, charge=job_type, ship=unique("ship"))
        resource = gateway_pb2.Resource(name="order.bpmn", content=content)
        gateway_pb2_grpc.GatewayStub(wire).DeployResource(
            gateway_pb2.DeployResourceRequest(resources=[resource])
        )
    module = "tests.neighbours.probe"
    return run(python, "-m", module, stubs, gateway.grpc_address, gateway.rest_address, job_type, process_id)


@pytest.mark.parametrize(
    ("python", "requirements"),
    [
        pytest.param("3.10", OLDEST, id="3.10-oldest"),
        pytest.param("3.12", OLDEST, id="3.12-oldest"),
        pytest.param("3.10", NEWEST, id="3.10-newest"),
        pytest.param("3.11", NEWEST, id="3.11-newest"),
        pytest.param("3.12", NEWEST, id="3.12-newest"),
        pytest.param("3.13", NEWEST, id="3.13-newest"),
        pytest.param("3.14", NEWEST, id="3.14-newest"),
    ],
)
def test_the_library_works_on(
    gateway: Gateway, python: str, requirements: tuple[str, ...], order: tuple[str, str]
) -> None:
    printed = probe(interpreter(python, requirements), gateway, "ours", order)
    assert printed.count("Client over") == 2


@pytest.mark.parametrize("first", ["ours-first", "ours-last"])
@pytest.mark.parametrize(
    ("stubs", "package"),
    [("pyzeebe", "pyzeebe==4.7.0"), ("zeebe_grpc", "zeebe-grpc==8.4.13")],
    ids=["pyzeebe", "zeebe-grpc"],
)
def test_stubs_of_others_work_beside_ours(
    gateway: Gateway, stubs: str, package: str, first: str, order: tuple[str, str]
) -> None:
    python = interpreter("3.11", (package, *OTHER_STUBS))
    assert probe(python, gateway, f"{stubs},{first}", order).count("asyncio: three at once") == 2


@pytest.mark.parametrize("python", ["3.10", "3.13"])
def test_the_base_install_needs_only_requests(gateway: Gateway, python: str) -> None:
    printed = run(
        interpreter(python, ("requests",)), "-m", "tests.neighbours.rest_only", gateway.rest_address
    )
    assert printed.count(gateway.version) == 2
    assert "camunda-bridge[grpc]" in printed
