"""Processes that start by a condition, asked for over both wires."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

import bridge
from camunda_core.errors import NotFound, Unimplemented
from camunda_embedded import EmbeddedGateway
from tests.scenarios.engine.models import END, flows, process, start
from tests.scenarios.engine.published_conditions import condition

MODEL = process("p", start("s", condition("=x > 10")), END, flows("s>e")).encode()


@pytest.fixture(params=["grpc", "rest"])
def transport(request: pytest.FixtureRequest) -> str:
    wire: str = request.param
    return wire


@pytest.fixture(params=["8.9", "8.10"])
def gateway(request: pytest.FixtureRequest) -> Iterator[EmbeddedGateway]:
    with EmbeddedGateway(dialect=request.param) as running:
        yield running


def client_of(gateway: EmbeddedGateway, transport: str) -> bridge.Client:
    if transport == "grpc":
        return bridge.Client(grpc_address=gateway.grpc_address, transport="grpc")
    return bridge.Client(rest_address=gateway.rest_address, transport="rest")


def test_what_was_started_is_answered(gateway: EmbeddedGateway, transport: str) -> None:
    with client_of(gateway, transport) as client:
        client.deploy_resource(("p.bpmn", MODEL))
        assert list(client.evaluate_conditional(variables={"x": 1}).process_instances) == []
        found = client.evaluate_conditional(variables={"x": 11})
        assert len(found.process_instances) == 1
        assert found.conditional_evaluation_key
        with pytest.raises(NotFound, match="no such process definition was found"):
            client.evaluate_conditional(process_definition_key=2251799813699999, variables={"x": 1})


def test_over_rest_it_needs_variables(gateway: EmbeddedGateway) -> None:
    url = f"{gateway.rest_address}/v2/conditionals/evaluation"
    answer = requests.post(url, json={"variables": {}}, timeout=10)
    assert (answer.status_code, answer.json()["detail"]) == (400, "No variables provided.")


def test_lines_before_do_not_have_it(transport: str) -> None:
    with (
        EmbeddedGateway(dialect="8.8") as gateway,
        client_of(gateway, transport) as client,
        pytest.raises(Unimplemented),
    ):
        client.evaluate_conditional(variables={"x": 1})
