"""The vocabulary on the searches of a client, as on a cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import bridge
from camunda_core.credentials import NoCredentials
from camunda_core.errors import InvalidRequest
from camunda_embedded import EmbeddedGateway
from camunda_embedded.testing import InstanceFacts, assert_that
from tests.unit.camunda_embedded.testing.models import ORDER


@pytest.fixture(params=["8.8", "8.9"])
def gateway(request: pytest.FixtureRequest) -> Iterator[EmbeddedGateway]:
    with EmbeddedGateway(dialect=request.param) as gateway:
        gateway.mock_decision("rating", {"stars": 5})
        gateway.mock_process("shipping", {"parcel": "p"})
        yield gateway


@pytest.fixture
def client(gateway: EmbeddedGateway) -> Iterator[bridge.Client]:
    with bridge.Client(rest_address=gateway.rest_address, credentials=NoCredentials()) as client:
        client.deploy_resource(("order.bpmn", ORDER.encode()))
        yield client


def compared(facts: InstanceFacts) -> dict[str, Any]:
    """What both sources must say alike: without keys of things that searches say otherwise, and orders."""
    return {
        "state": facts.state,
        "process": facts.process_id,
        "parent": facts.parent,
        "elements": [(e.key, e.id, e.type, e.state) for e in facts.elements],
        "flows": sorted(set(facts.flows)),
        "variables": facts.variables,
        "local": facts.local,
        "incidents": [(i.key, i.element_id, i.type, i.message, i.state) for i in facts.incidents],
        "jobs": [(j.key, j.type, j.element_id, j.element_key, j.retries, j.error) for j in facts.jobs],
        "tasks": [
            (t.key, t.element_id, t.state, t.assignee, t.candidate_groups, t.candidate_users, t.priority)
            for t in facts.user_tasks
        ],
        "decisions": [(d.id, d.output, d.failure) for d in facts.decisions],
    }


def test_the_searches_say_what_the_log_says(gateway: EmbeddedGateway, client: bridge.Client) -> None:
    order = client.create_process_instance("order", variables={"total": 12})
    mock = gateway.mock_worker("charge", raises=ValueError("no"))
    steps = [lambda: None, mock.stop, lambda: gateway.advance("2d")]
    for step in steps:
        step()
        both = [compared(assert_that(order, on=where).facts) for where in (gateway, client)]
        assert both[0] == both[1]
    other = client.create_process_instance("order", variables={"total": 1})
    gateway.mock_worker("charge", result={"charged": [1, {"a": None}]})
    gateway.advance("2d")
    shown = assert_that(other, on=client)
    task = shown.is_waiting_only_at("approve").has_variable("charged", [1, {"a": None}]).user_task("approve")
    client.complete_user_task(task.has_assignee("ada").key)
    shown.is_completed().has_completed("approve", times=1).has_taken("f6").decision("rating").has_output(
        {"stars": 5}
    )
    shown.called("shipping").is_completed()
    assert_that(process="order", on=client).is_completed()
    both = [compared(assert_that(other, on=where).facts) for where in (gateway, client)]
    assert both[0] == both[1]


def test_what_is_not_found_fails_after_its_patience(gateway: EmbeddedGateway, client: bridge.Client) -> None:
    order = client.create_process_instance("order")
    with pytest.raises(AssertionError, match="it should be COMPLETED, and is ACTIVE\nprocess order"):
        assert_that(order, on=client, patience=0).is_completed()
    with pytest.raises(AssertionError, match="there is no instance of process nothing"):
        assert_that(process="nothing", on=client, patience=0).is_active()
    with pytest.raises(AssertionError, match=r"within 250ms"):
        assert_that(order, on=client, patience=0).until("250ms").is_completed()


async def test_a_client_for_asyncio_is_refused(gateway: EmbeddedGateway) -> None:
    async with bridge.AsyncClient(rest_address=gateway.rest_address, credentials=NoCredentials()) as client:
        with pytest.raises(InvalidRequest, match="not for asyncio"):
            assert_that(1, on=client)
