"""The commands on the REST clients: the same names, arguments and classes as on the clients of the bridge."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import bridge
from bridge import models
from bridge._table.mapping import NAMES, ROWS
from camunda_core.errors import InvalidRequest, NotFound, UnsupportedField
from camunda_core.retry import NO_RETRY
from camunda_rest import AsyncRestClient, RestClient
from camunda_rest._commands.arguments import snake
from camunda_rest._commands.client import Commands
from camunda_rest._commands.table import ALTERNATES, COMMANDS
from tests.fakes.rest import RestServer, answer, problem
from tests.unit.camunda_rest.api.contract import TWINS
from tests.unit.camunda_rest.api.sides import SIDES, opened


@pytest.fixture(params=SIDES)
def client(request: pytest.FixtureRequest, server: RestServer) -> Iterator[Any]:
    with opened(request.param, server.address, retry=NO_RETRY, tenant_id=None) as made:
        yield made


def commands() -> list[str]:
    return [name for name, value in vars(Commands).items() if not name.startswith("_") and callable(value)]


def test_every_twin_of_an_rpc_is_a_command_of_all_four_clients() -> None:
    assert {COMMANDS[rpc].operation.id for rpc in COMMANDS} == TWINS
    served = set(map(snake, COMMANDS)) - {"deploy_process", "stream_activated_jobs"}
    assert set(commands()) == served
    for name in commands():
        theirs = inspect.signature(getattr(bridge.Client, name))
        assert getattr(RestClient, name) is getattr(bridge.Client, name)
        assert list(inspect.signature(getattr(AsyncRestClient, name)).parameters) == list(theirs.parameters)
        assert getattr(AsyncRestClient, name) is getattr(bridge.AsyncClient, name)


def test_the_table_of_the_bridge_says_the_same() -> None:
    def argument(field: str) -> str:
        renames = {
            k: v for message, names in NAMES.items() if message.endswith("Request") for k, v in names.items()
        }
        return snake(str(renames.get(field, field)))

    for rpc, command in COMMANDS.items():
        row = ROWS[rpc]
        assert (row.operation or ROWS[row.emulated_by].operation) is command.operation
        assert (dict(row.inside), dict(row.always)) == (dict(command.inside), dict(command.always))
        choice = {argument(name): tuple(map(argument, others)) for name, others in row.choice.items()}
        assert choice == dict(command.choice)
    others = {
        n: tuple(o)
        for names in NAMES.values()
        for n, *o in (v for v in names.values() if isinstance(v, tuple))
    }
    assert others == dict(ALTERNATES)


def test_an_instance_is_created(client: Any, server: RestServer) -> None:
    server.script(
        answer(200, {"processInstanceKey": "5", "processDefinitionId": "order", "processDefinitionKey": "1"})
    )
    created = client.create_process_instance("order", variables={"amount": 5})

    assert isinstance(created, models.ProcessInstance)
    assert created.process_instance_key == "5"
    assert server.requests[0].target == "/v2/process-instances"
    assert server.requests[0].json == {"processDefinitionId": "order", "variables": {"amount": 5}}


def test_jobs_are_activated_and_completed(client: Any, server: RestServer) -> None:
    job = {"jobKey": "7", "type": "pay", "variables": {"a": 1}, "customHeaders": {}, "deadline": 5}
    server.script(answer(200, {"jobs": [job]}), answer(204))
    (taken,) = client.activate_jobs("pay", max_jobs_to_activate=1, job_timeout=60, request_timeout=0.5)
    client.complete_job(taken.job_key, {"paid": True})

    assert isinstance(taken, models.ActivatedJob)
    assert server.requests[0].json["timeout"] == 60_000
    assert server.requests[1].target == "/v2/jobs/7/completion"
    assert server.requests[1].json == {"variables": {"paid": True}}


def test_variables_topology_and_retries(client: Any, server: RestServer) -> None:
    server.script(answer(204), answer(200, {"brokers": [], "gatewayVersion": "8.8.0"}), answer(204))
    client.set_variables(5, {"a": 1}, local=True)
    assert client.topology().gateway_version == "8.8.0"
    client.update_job_retries(7, 3)

    assert server.requests[0].json == {"variables": {"a": 1}, "local": True}
    assert server.requests[2].json == {"changeset": {"retries": 3}}


def test_bad_arguments_and_errors_are_those_of_the_bridge(client: Any, server: RestServer) -> None:
    with pytest.raises(InvalidRequest, match="CreateProcessInstance: set exactly one of"):
        client.create_process_instance()
    assert server.requests == []
    server.script(problem(404, "NOT_FOUND", "no such job"))
    with pytest.raises(NotFound, match="no such job"):
        client.complete_job(7)


@pytest.mark.parametrize("side", SIDES)
def test_what_is_newer_than_the_cluster_is_refused(server: RestServer, side: str) -> None:
    with opened(side, server.address, cluster_version="8.6") as client:
        with pytest.raises(
            UnsupportedField, match=r"CreateProcessInstance: tags needs Camunda 8\.8, this cluster is 8\.6"
        ):
            client.create_process_instance("order", tags=["a"])
        with pytest.raises(
            UnsupportedField, match=r"EvaluateConditional: evaluateConditionals needs Camunda 8\.9"
        ):
            client.evaluate_conditional({"a": 1})
    assert server.requests == []


@pytest.mark.parametrize("side", SIDES)
def test_the_tenant_of_the_client_is_that_of_commands_that_name_none(server: RestServer, side: str) -> None:
    with opened(side, server.address, tenant_id="blue") as client:
        server.script(answer(200, {"messageKey": "1"}))
        client.publish_message("paid")
    assert server.requests[0].json["tenantId"] == "blue"


@pytest.mark.parametrize("side", SIDES)
def test_a_job_that_cannot_be_read_is_failed_and_the_others_are_given(server: RestServer, side: str) -> None:
    bad = {"jobKey": "8", "type": "pay", "retries": 3, "variables": [1]}
    server.script(answer(200, {"jobs": [bad, {"jobKey": "9", "type": "pay"}]}), answer(204))
    with opened(side, server.address, retry=NO_RETRY) as client:
        taken = client.activate_jobs("pay", max_jobs_to_activate=2)
    assert [job.job_key for job in taken] == ["9"]
    assert server.requests[1].target == "/v2/jobs/8/failure"
    assert server.requests[1].json["retries"] == 2
    assert "variables must be an object" in server.requests[1].json["errorMessage"]


# Deployments


@pytest.fixture
def models_folder(tmp_path: Path) -> Path:
    folder = tmp_path / "models"
    (folder / "inner").mkdir(parents=True)
    for name in ("b.bpmn", "inner/a.dmn", "f.form", "notes.txt"):
        (folder / name).write_bytes(name.encode())
    return folder


def names(request: Any) -> list[str]:
    import re

    return [found.decode() for found in re.findall(rb'filename="([^"]+)"', request.body)]


def test_a_folder_is_deployed_with_the_models_in_it(
    client: Any, server: RestServer, models_folder: Path
) -> None:
    server.script(
        answer(
            200,
            {
                "deploymentKey": "1",
                "deployments": [
                    {"processDefinition": {"processDefinitionKey": "2", "processDefinitionId": "b"}},
                    {"decisionDefinition": {"decisionDefinitionKey": "3", "decisionDefinitionId": "d"}},
                    {"decisionRequirements": {"decisionRequirementsKey": "4", "decisionRequirementsId": "r"}},
                    {"form": {"formKey": "5", "formId": "f"}},
                ],
            },
        )
    )
    deployed = client.deploy_resource(models_folder)

    assert names(server.requests[0]) == ["b.bpmn", "f.form", "a.dmn"]
    assert [each.process_definition_key for each in deployed.processes] == ["2"]
    assert [each.decision_definition_key for each in deployed.decisions] == ["3"]
    assert [each.decision_requirements_key for each in deployed.decision_requirements] == ["4"]
    assert [each.form_key for each in deployed.forms] == ["5"]


def test_a_pattern_is_deployed_with_the_files_that_match(
    client: Any, server: RestServer, models_folder: Path
) -> None:
    server.script(answer(200, {"deploymentKey": "1", "deployments": []}))
    client.deploy_resource(f"{models_folder}/**/*.dmn", ("x.bpmn", b"x"))
    assert names(server.requests[0]) == ["a.dmn", "x.bpmn"]


def test_a_folder_or_pattern_without_models_is_refused(
    client: Any, server: RestServer, models_folder: Path
) -> None:
    (models_folder / "empty").mkdir()
    with pytest.raises(InvalidRequest, match=r"DeployResource: resources\[0\]: the folder .* has no .bpmn"):
        client.deploy_resource(models_folder / "empty")
    with pytest.raises(InvalidRequest, match=r"resources\[0\]: no file matches "):
        client.deploy_resource(f"{models_folder}/*.cmmn")
    (models_folder / "inner" / "b.bpmn").write_bytes(b"another")
    with pytest.raises(InvalidRequest, match="is used twice"):
        client.deploy_resource(models_folder)
    assert server.requests == []
