"""Operations that only REST has: batches, expressions, cluster variables, documents, forms, and who may what.

All of it rests on the published contract; the requests are those of our own client.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

import bridge
from camunda_core.errors import AlreadyExists, CamundaError, FailedPrecondition, InvalidArgument, NotFound
from camunda_embedded import EmbeddedGateway
from tests.gateways import models
from tests.scenarios.engine.models import END, START, flows, process, task

WORK = process("p", START, task("a", "work"), task("b", "other"), END, flows("s>a>b>e"))


@pytest.fixture(params=["8.9", "8.10"])
def client(request: pytest.FixtureRequest) -> Iterator[bridge.Client]:
    with (
        EmbeddedGateway(dialect=request.param) as gateway,
        bridge.Client(rest_address=gateway.rest_address, transport="rest") as client,
    ):
        client.deploy_resource(("p.bpmn", WORK.encode()))
        yield client


def states(client: bridge.Client) -> list[str]:
    return [each.state for each in client.search_process_instances()]


def test_all_instances_that_a_filter_finds_are_cancelled(client: bridge.Client) -> None:
    for amount in (1, 2, 2):
        client.create_process_instance("p", variables={"amount": amount})
    made = client.cancel_process_instances_batch_operation(variables={"amount": 2})
    assert states(client) == ["ACTIVE", "TERMINATED", "TERMINATED"]
    batch = client.get_batch_operation(made.batch_operation_key)
    assert (batch.state, batch.operations_total_count, batch.operations_failed_count) == ("COMPLETED", 2, 0)
    items = client.search_batch_operation_items(batch_operation_key=made.batch_operation_key)
    assert [item.state for item in items] == ["COMPLETED", "COMPLETED"]
    assert len(list(client.search_process_instances(batch_operation_key=made.batch_operation_key))) == 2
    with pytest.raises(FailedPrecondition):
        client.cancel_batch_operation(made.batch_operation_key)


def test_incidents_are_resolved_and_instances_moved(client: bridge.Client) -> None:
    created = client.create_process_instance("p")
    (job,) = client.activate_jobs("work", max_jobs_to_activate=1, job_timeout=60)
    client.fail_job(job.job_key, retries=0, error_message="no")
    assert [each.has_incident for each in client.search_process_instances(error_message="no")] == [True]
    client.resolve_incidents_batch_operation(has_incident=True)
    assert [each.state for each in client.search_incidents()] == ["RESOLVED"]
    assert [each.has_incident for each in client.search_process_instances()] == [False]
    client.modify_process_instances_batch_operation(
        move_instructions=[{"source_element_id": "a", "target_element_id": "b"}] * 2,
        process_instance_key=created.process_instance_key,
    )
    standing = client.search_element_instances(
        state="ACTIVE", process_instance_key=created.process_instance_key
    )
    assert [each.element_id for each in standing] == ["b"]


def test_expressions_see_cluster_variables(client: bridge.Client) -> None:
    client.create_global_cluster_variable(name="limit", value={"eur": 100})
    answer = client.evaluate_expression(
        expression="=if limit.eur > x then 1 else missing", variables={"x": 5}
    )
    assert answer.result == 1
    answer = client.evaluate_expression(expression="=missing")
    assert answer.result is None
    assert "missing" in answer.warnings[0].message
    with pytest.raises(InvalidArgument, match="Failed to evaluate"):
        client.evaluate_expression(expression="=1 +")
    with pytest.raises(AlreadyExists):
        client.create_global_cluster_variable(name="limit", value={})
    client.delete_global_cluster_variable("limit")
    with pytest.raises(NotFound):
        client.get_global_cluster_variable("limit")


def test_a_document_is_given_back_as_it_came_until_it_is_deleted(client: bridge.Client) -> None:
    kept = client.create_document(
        b"a\r\nb--\x00", metadata={"file_name": "ä.bin", "custom_properties": {"a": 1}}
    )
    assert (kept.metadata.file_name, kept.metadata.size) == ("ä.bin", 7)
    with client.get_document(kept.document_id) as download:
        assert download.read() == b"a\r\nb--\x00"
    client.delete_document(kept.document_id)
    with pytest.raises(NotFound):
        client.get_document(kept.document_id)


def test_users_and_groups_are_remembered(client: bridge.Client) -> None:
    client.create_user(username="ann", password="secret", name="Ann", email="a@b.de")
    client.create_group(group_id="sales", name="Sales")
    client.assign_user_to_group("sales", "ann")
    with pytest.raises(AlreadyExists):
        client.assign_user_to_group("sales", "ann")
    assert [each.username for each in client.search_users_for_group("sales")] == ["ann"]
    assert [each.name for each in client.search_users(username="ann")] == ["Ann"]
    client.update_user("ann", name="Anne")
    assert client.get_user("ann").name == "Anne"
    client.delete_user("ann")
    assert list(client.search_users_for_group("sales")) == []
    with pytest.raises(NotFound, match="'ann'"):
        client.get_user("ann")
    with pytest.raises(CamundaError):
        client.assign_user_to_group("none", "ann")
    assert client.get_authentication().username == "demo"
    assert client.get_license().valid_license is False


def test_a_decision_outside_of_a_process_has_minus_one_for_its_keys_before_8_10() -> None:
    for dialect, key in (("8.9", "-1"), ("8.10", None)):
        with (
            EmbeddedGateway(dialect=dialect) as gateway,
            bridge.Client(rest_address=gateway.rest_address, transport="rest") as client,
        ):
            graph = models.model("discount", requirements="graph", decision="decision")
            client.deploy_resource(("discount.dmn", graph))
            client.evaluate_decision("decision", variables={"amount": 1})
            (found,) = client.search_decision_instances(decision_definition_id="decision")
            assert (found.process_instance_key, found.element_instance_key) == (key, key)


def test_xml_and_documents_come_to_clients_that_ask_for_json() -> None:
    # As the official Java client does for everything.
    headers = {"Accept": "application/json, application/problem+json"}
    with (
        EmbeddedGateway(dialect="8.9") as gateway,
        bridge.Client(rest_address=gateway.rest_address, transport="rest") as client,
    ):
        client.deploy_resource(("p.bpmn", WORK.encode()))
        (definition,) = client.search_process_definitions()
        kept = client.create_document(b"content")
        for path, content in (
            (f"process-definitions/{definition.process_definition_key}/xml", WORK.encode()),
            (f"documents/{kept.document_id}", b"content"),
        ):
            answer = requests.get(f"{gateway.rest_address}/v2/{path}", headers=headers, timeout=10)
            assert (answer.status_code, answer.content) == (200, content)
