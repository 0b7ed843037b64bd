"""Statistics over many rows, and history that is deleted. All of it rests on the published contract."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

import bridge
from camunda_core.errors import FailedPrecondition, InvalidArgument, NotFound
from camunda_embedded import EmbeddedGateway
from tests.gateways import models
from tests.scenarios.engine.models import END, START, flows, process, task

WORK = process("p", START, task("a", "work"), task("b", "other"), END, flows("s>a>b>e"))


@pytest.fixture(scope="module")
def client() -> Iterator[bridge.Client]:
    """A cluster with an instance that failed, one whose first job is done, and one that waits for a message."""
    with (
        EmbeddedGateway(dialect="8.9") as gateway,
        bridge.Client(rest_address=gateway.rest_address, transport="rest") as client,
    ):
        client.deploy_resource(("p.bpmn", WORK.encode()))
        client.deploy_resource(("q.bpmn", WORK.replace('id="b"', 'id="b" name="B"').encode()))
        client.deploy_resource(
            ("m.bpmn", models.model("message", process="waits", message="paid", job="thank"))
        )
        for _ in range(2):
            client.create_process_instance("p")
        client.create_process_instance("waits", variables={"orderId": "1"})
        for worker in ("w1", "w2"):
            (job,) = client.activate_jobs("work", max_jobs_to_activate=1, job_timeout=60, worker=worker)
            if worker == "w1":
                client.fail_job(job.job_key, retries=0, error_message="no")
            else:
                client.complete_job(job.job_key)
        yield client


def window(**more: Any) -> dict[str, Any]:
    now = datetime.now(timezone.utc)
    return {"from_": now - timedelta(hours=1), "to": now + timedelta(hours=1), **more}


def counts(row: Any) -> tuple[int, int, int]:
    return row.created.count, row.completed.count, row.failed.count


def test_active_instances_are_counted_by_process_and_by_version(client: bridge.Client) -> None:
    rows = list(client.get_process_definition_instance_statistics(sort="-process_definition_id"))
    assert [
        (r.process_definition_id, r.has_multiple_versions, r.active_instances_with_incident_count,
         r.active_instances_without_incident_count)
        for r in rows
    ] == [("waits", False, 0, 1), ("p", True, 1, 1)]  # fmt: skip
    versions = client.get_process_definition_instance_version_statistics(
        process_definition_id="p", sort="process_definition_version"
    )
    assert [(v.process_definition_version, v.active_instances_with_incident_count) for v in versions] == [
        (1, 0),
        (2, 1),
    ]
    (waiting,) = client.get_process_definition_message_subscription_statistics()
    assert (waiting.process_definition_id, waiting.active_subscriptions) == ("waits", 1)


def test_instances_are_counted_by_their_errors(client: bridge.Client) -> None:
    (error,) = client.get_process_instance_statistics_by_error()
    assert (error.error_message, error.active_instances_with_error_count) == ("no", 1)
    (definition,) = client.get_process_instance_statistics_by_definition(
        error_hash_code=error.error_hash_code
    )
    assert (definition.process_definition_id, definition.active_instances_with_error_count) == ("p", 1)
    assert not list(client.get_process_instance_statistics_by_definition(error_hash_code=1))


def test_jobs_are_counted_by_what_happened_to_them(client: bridge.Client) -> None:
    assert counts(client.get_global_job_statistics(**window())) == (3, 1, 1)
    assert counts(client.get_global_job_statistics(**window(job_type="other"))) == (1, 0, 0)
    types = client.get_job_type_statistics(**window(job_type="work"))
    assert [(row.job_type, row.workers, counts(row)) for row in types] == [("work", 2, (2, 1, 1))]
    workers = client.get_job_worker_statistics(**window(job_type="work"))
    assert [(row.worker, counts(row)) for row in workers] == [("w1", (1, 0, 1)), ("w2", (1, 1, 0))]
    series = list(client.get_job_time_series_statistics(**window(job_type="work", resolution="PT1H")))
    assert [sum(part) for part in zip(*map(counts, series), strict=True)] == [2, 1, 1]
    assert all(row.time.minute == row.time.second == 0 for row in series)
    (error,) = client.get_job_error_statistics(**window(job_type="work"))
    assert (error.error_code, error.error_message, error.workers) == ("", "no", 1)
    before = {name: moment - timedelta(days=1) for name, moment in window().items()}
    assert counts(client.get_global_job_statistics(**before)) == (0, 0, 0)
    with pytest.raises(InvalidArgument, match="resolution"):
        list(client.get_job_time_series_statistics(**window(job_type="work", resolution="P1M")))


def test_what_is_used_is_counted_by_tenant(client: bridge.Client) -> None:
    start, end = window()["from_"], window()["to"]
    usage = client.get_usage_metrics(start_time=start, end_time=end, with_tenants=True)
    assert (usage.process_instances, usage.active_tenants) == (3, 1)
    assert usage.tenants["<default>"].process_instances == 3
    assert client.get_usage_metrics(start_time=start, end_time=end).tenants == {}


def test_history_of_what_is_over_is_deleted() -> None:
    with (
        EmbeddedGateway(dialect="8.9") as gateway,
        bridge.Client(rest_address=gateway.rest_address, transport="rest") as client,
    ):
        client.deploy_resource(("p.bpmn", WORK.encode()))
        keys = [
            client.create_process_instance("p", variables={"a": 1}).process_instance_key for _ in range(3)
        ]
        with pytest.raises(FailedPrecondition, match="not over"):
            client.delete_process_instance(keys[0])
        for key in keys[:2]:
            client.cancel_process_instance(key)
        client.delete_process_instance(keys[0])
        with pytest.raises(NotFound):
            client.get_process_instance(keys[0])
        client.delete_process_instances_batch_operation(process_definition_id="p")
        left = (
            client.search_process_instances(),
            client.search_element_instances(type="SERVICE_TASK"),
            client.search_variables(),
            client.search_jobs(),
        )
        assert [[each.process_instance_key for each in found] for found in left] == [[keys[2]]] * 4

        client.deploy_resource(("d.dmn", models.model("discount", requirements="graph", decision="decision")))
        for _ in range(2):
            client.evaluate_decision("decision", variables={"amount": 1})
        first, second = client.search_decision_instances()
        client.delete_decision_instance(first.decision_evaluation_key)
        with pytest.raises(NotFound):
            client.delete_decision_instance(first.decision_evaluation_key)
        assert [each.decision_evaluation_key for each in client.search_decision_instances()] == [
            second.decision_evaluation_key
        ]
        client.delete_decision_instances_batch_operation(decision_definition_id="decision")
        assert not list(client.search_decision_instances())
