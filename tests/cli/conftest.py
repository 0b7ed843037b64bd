"""An embedded gateway for all tests of the command line, and its addresses as options."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import bridge
from camunda_embedded import EmbeddedGateway
from tests.cli.running import Ran, on_terminal, piped
from tests.gateways import models

WIRES = ("rest", "grpc")
#: For names that no other test has.
NAMES = itertools.count(1)


@dataclass(frozen=True)
class Line:
    """The command line, aimed at a gateway by one wire; what only REST has goes there with ``both``."""

    gateway: EmbeddedGateway
    wire: str

    @property
    def address(self) -> list[str]:
        """The option that says where the gateway is."""
        return [f"--{self.wire}", str(getattr(self.gateway, f"{self.wire}_address"))]

    def __call__(self, *arguments: object, both: bool = False) -> Ran:
        """In a pipe."""
        return piped(*map(str, arguments), *(self.both if both else self.address))

    def json(self, *arguments: object, both: bool = False) -> Ran:
        """With ``--json``."""
        return self("--json", *arguments, both=both)

    def drawn(self, width: int, *arguments: object, both: bool = False) -> Ran:
        """On a terminal."""
        return on_terminal(width, *map(str, arguments), *(self.both if both else self.address))

    @property
    def both(self) -> list[str]:
        """Both addresses, and this wire for what both have."""
        gateway = self.gateway
        return ["--rest", gateway.rest_address, "--grpc", gateway.grpc_address, "--transport", self.wire]


@pytest.fixture(scope="package")
def embedded() -> Iterator[EmbeddedGateway]:
    """A gateway that answers as 8.8, where searches are there."""
    with EmbeddedGateway(dialect="8.8") as gateway:
        yield gateway


@pytest.fixture(params=WIRES)
def cli(request: pytest.FixtureRequest, embedded: EmbeddedGateway, clean: None) -> Line:
    """The command line over each wire."""
    return Line(embedded, request.param)


@pytest.fixture
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings of whoever runs the tests."""
    import os

    for name in list(os.environ):
        if name.startswith(("CAMUNDA_", "ZEEBE_")) or name in ("NO_COLOR", "FORCE_COLOR", "COLUMNS"):
            monkeypatch.delenv(name)


@pytest.fixture
def client(embedded: EmbeddedGateway) -> Iterator[bridge.Client]:
    """What the tests themselves ask the gateway with."""
    with bridge.Client(rest_address=embedded.rest_address, env={}) as client:
        yield client


class Scene:
    """An order process of its own: deployed, and started as often as is asked for."""

    def __init__(self, client: bridge.Client) -> None:
        self.client = client
        number = next(NAMES)
        self.process, self.charge, self.ship = (f"{word}-{number}" for word in ("order", "charge", "ship"))
        model = models.model("order", process=self.process, charge=self.charge, ship=self.ship)
        (made,) = client.deploy_resource((f"{self.process}.bpmn", model)).processes
        self.definition = made.process_definition_key

    def start(self, **variables: Any) -> str:
        return self.client.create_process_instance(
            self.process, variables={"total": 12, **variables}
        ).process_instance_key

    def job(self) -> str:
        self.start()
        (job,) = self.client.activate_jobs(self.charge, max_jobs_to_activate=1, request_timeout=5)
        return job.job_key

    def incident(self) -> tuple[str, str]:
        """(key of an incident, key of its job)."""
        job = self.job()
        self.client.fail_job(job, retries=0, error_message="no")
        (found,) = self.client.search_incidents(
            process_definition_id=self.process, state="ACTIVE", wait=10, limit=1
        )
        return found.incident_key, job


@pytest.fixture
def scene(client: bridge.Client) -> Scene:
    return Scene(client)
