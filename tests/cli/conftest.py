"""An embedded gateway for all tests of the command line, and its addresses as options."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

import bridge
from camunda_embedded import EmbeddedGateway
from tests.cli.running import Ran, on_terminal, piped

WIRES = ("rest", "grpc")


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
