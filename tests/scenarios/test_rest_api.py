"""The REST API through the public clients, on gateways that have it: searches, waits, pages, user tasks, documents.

A cluster answers these from a copy that lags behind, so whatever is looked for is waited for; ids are used by one test only.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import bridge
from camunda_core.errors import (
    DeadlineExceeded,
    FailedPrecondition,
    InvalidRequest,
    NotFound,
    UnsupportedField,
)
from camunda_rest.conditions import exists, gt, in_, like
from tests.gateways.base import REST, Gateway
from tests.gateways.models import filename, model, unique
from tests.gateways.registry import on_gateways
from tests.scenarios.engine.models import END, START, element, flows, process
from tests.unit.camunda_rest.api.sides import SIDES, awaited

EMBEDDED = ("embedded_8.8", "embedded_8.9")
UNKNOWN_KEY = 2**51 + 10**12
PATIENCE = 20
TASK = (
    "<zeebe:userTask/>",
    '<zeebe:assignmentDefinition candidateGroups="accounting"/>',
    '<zeebe:priorityDefinition priority="=number"/>',
)

pytestmark = on_gateways(*EMBEDDED, "cluster", wires={REST}, since="8.8")


@pytest.fixture(params=SIDES)
def client(request: pytest.FixtureRequest, gateway: Gateway) -> Iterator[Any]:
    settings: dict[str, Any] = {"rest_address": gateway.rest_address, "cluster_version": gateway.version}
    blocking = request.param == "blocking"
    with bridge.Client(**settings) if blocking else awaited(bridge.AsyncClient(**settings)) as opened:
        yield opened


def approvals(client: Any, *numbers: int, **variables: Any) -> tuple[str, list[str]]:
    """The id of a new process with a user task, and the keys of an instance for each number, which is the task's priority."""
    id = unique("approval")
    client.deploy_resource(
        (f"{id}.bpmn", process(id, START, element("userTask", "t", *TASK), END, flows("s>t>e")).encode())
    )
    started = [
        client.create_process_instance(id, variables={"number": each, **variables}) for each in numbers
    ]
    return id, [each.process_instance_key for each in started]


def at_least(number: int) -> dict[str, Any]:
    """Until a search finds so many."""
    return {"wait": PATIENCE, "until": lambda page: page.total_items >= number}


# --- searching


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_every_page_is_read_once_in_the_order_asked_for(client: Any, size: int) -> None:
    id, keys = approvals(client, *range(7))
    mine = {"process_definition_id": id, "page_size": size}
    up = client.search_process_instances(sort="process_instance_key", **mine, **at_least(7))
    down = client.search_process_instances(sort="-process_instance_key", **mine)
    assert [each.process_instance_key for each in up] == keys
    assert [each.process_instance_key for each in down] == keys[::-1]
    assert [len(page) for page in up.pages()] == [size] * (7 // size) + [7 % size] * (7 % size > 0)


def test_a_search_gives_the_first_the_only_one_so_many_and_their_number(client: Any) -> None:
    id, keys = approvals(client, *range(5))
    search = client.search_process_instances
    mine = {"process_definition_id": id, "sort": "process_instance_key"}
    assert (count := search(**mine, **at_least(5)).count()) == 5
    assert not count.at_least
    assert search(**mine).first().process_instance_key == keys[0]
    assert [each.process_instance_key for each in search(**mine, limit=3, page_size=2).all()] == keys[:3]
    assert search(process_instance_key=keys[1]).one().process_definition_id == id
    with pytest.raises(FailedPrecondition, match="more than one"):
        search(**mine).one()
    with pytest.raises(NotFound, match="nothing matches"):
        search(process_definition_id=unique("nobody")).one()
    assert search(process_definition_id=unique("nobody")).all() == []


def test_pages_are_found_by_offset_and_by_the_cursors_on_both_sides(client: Any) -> None:
    id, keys = approvals(client, *range(6))
    search = client.search_process_instances(
        process_definition_id=id, sort="process_instance_key", page_size=2, **at_least(6)
    )
    shown: Callable[[Any], list[str]] = lambda page: [each.process_instance_key for each in page]  # noqa: E731
    first = search.page()
    second = search.page(after=first.end_cursor)
    assert (shown(first), shown(second), shown(search.page(offset=4))) == (keys[:2], keys[2:4], keys[4:])
    assert shown(search.page(before=second.start_cursor)) == keys[:2]


def test_searches_that_page_by_offset_are_read_whole(client: Any, gateway: Gateway) -> None:
    given = {f"v{number}": number for number in range(5)}
    id, _ = approvals(client, 1, **given)
    task = client.search_user_tasks(process_definition_id=id, wait=PATIENCE).one()
    search = client.search_user_task_effective_variables
    if gateway.version.startswith("8.8"):
        with pytest.raises(UnsupportedField, match=r"8\.9"):
            search(task.user_task_key).first()
        return
    found = search(task.user_task_key, sort="name", page_size=2, **at_least(6))
    assert {each.name: each.json() for each in found} == {"number": 1, **given}
    assert [len(page) for page in found.pages()] == [2, 2, 2]


def test_conditions_find_what_they_say(client: Any) -> None:
    id, keys = approvals(client, 10, 60, 90)
    tasks = client.search_user_tasks(process_definition_id=id, **at_least(3)).all()
    assert {each.priority for each in tasks} == {10, 60, 90}

    def found(**conditions: Any) -> set[int]:
        return {
            each.priority for each in client.search_user_tasks(process_instance_key=in_(*keys), **conditions)
        }

    assert found(priority=gt(50)) == {60, 90}
    assert found(priority=gt(50) & in_(10, 60)) == {60}
    assert found(priority={"$gt": 60}) == {90}
    assert found(candidate_group="accounting", assignee=exists(False)) == {10, 60, 90}
    assert found(candidate_group="sales") == set()
    assert found(process_instance_variables={"number": 60}) == {60}
    either = [{"process_instance_key": keys[0]}, {"process_instance_key": keys[2]}]
    started = client.search_process_instances(
        process_definition_id=like(f"{id[:-3]}*"), any_of=either, **at_least(2)
    )
    assert {each.process_instance_key for each in started} == {keys[0], keys[2]}


def test_a_misspelt_filter_and_one_that_is_too_new_never_reach_the_gateway(
    client: Any, gateway: Gateway
) -> None:
    with pytest.raises((InvalidRequest, TypeError), match="asignee"):
        client.search_user_tasks(asignee="ann").first()
    if gateway.version.startswith("8.8"):
        with pytest.raises(UnsupportedField, match="businessId"):
            client.search_process_instances(business_id="b").first()


# --- waiting


def test_what_happens_while_it_is_waited_for_is_seen(client: Any, gateway: Gateway) -> None:
    id, _ = approvals(client)
    seen: list[int] = []

    def look(page: Any) -> bool:
        seen.append(page.total_items)
        if len(seen) == 1:  # it begins after the first answer, so that only a second one can have it
            with bridge.Client(rest_address=gateway.rest_address) as other:
                other.create_process_instance(id, variables={"number": 1})
        return bool(page.total_items)

    found = client.search_process_instances(process_definition_id=id, wait=PATIENCE, until=look).one()
    assert found.state == "ACTIVE"
    assert seen[0] == 0
    assert seen[-1] == 1


def test_what_was_waited_for_in_vain_says_what_was_seen_last(client: Any) -> None:
    id, keys = approvals(client, 1)
    client.get_process_instance(keys[0], wait=PATIENCE)
    with pytest.raises(DeadlineExceeded, match="ACTIVE"):
        client.get_process_instance(keys[0], wait=0.3, until=lambda found: found.state == "COMPLETED")
    with pytest.raises(NotFound):
        client.get_process_instance(UNKNOWN_KEY, wait=0.3)
    assert client.search_incidents(process_definition_id=id, wait=0.3).all() == []


# --- what there is to see of an instance


@dataclasses.dataclass
class Order:
    number: int
    text: str


def test_variables_are_whole_where_they_are_asked_for_and_refuse_to_be_read_cut_off(client: Any) -> None:
    _, (key,) = approvals(client, 4, text="x" * 9000)
    assert client.get_variables(key, into=Order, wait=PATIENCE) == Order(4, "x" * 9000)
    cut = client.search_variables(process_instance_key=key, name="text", wait=PATIENCE).one()
    assert cut.is_truncated
    with pytest.raises(ValueError, match="was cut off"):
        cut.json()
    whole = client.search_variables(process_instance_key=key, name="text", truncate_values=False).one()
    assert whole.json() == client.get_variable(whole.variable_key).json() == "x" * 9000


def test_an_incident_is_found_resolved_and_gone(client: Any) -> None:
    id, job_type = unique("order"), unique("charge")
    client.deploy_resource(
        (filename("order"), model("order", process=id, charge=job_type, ship=unique("ship")))
    )
    key = client.create_process_instance(id).process_instance_key
    (job,) = client.activate_jobs(job_type, max_jobs_to_activate=1, job_timeout=60, worker="w")
    client.fail_job(job.job_key, retries=0, error_message="out of paper")
    incident = client.search_incidents(process_instance_key=key, state="ACTIVE", wait=PATIENCE).one()
    assert (incident.error_type, incident.error_message) == ("JOB_NO_RETRIES", "out of paper")
    assert incident.creation_time.tzinfo is not None
    assert client.get_process_instance(
        key, wait=PATIENCE, until=lambda found: found.has_incident
    ).has_incident
    client.update_job_retries(job.job_key, 1)
    client.resolve_incident(incident.incident_key)
    resolved = client.get_incident(
        incident.incident_key, wait=PATIENCE, until=lambda found: found.state == "RESOLVED"
    )
    assert resolved.incident_key == incident.incident_key


def test_xml_plain_lists_and_statistics_are_read(client: Any) -> None:
    id, (key,) = approvals(client, 1)
    definition = client.search_process_definitions(process_definition_id=id, wait=PATIENCE).one()
    assert f'id="{id}"' in client.get_process_definition_xml(definition.process_definition_key)
    ready = {"wait": PATIENCE, "until": bool}
    assert len(client.get_process_instance_sequence_flows(key, **ready)) == 1
    counted = client.get_process_definition_statistics(
        definition.process_definition_key,
        everything=True,
        wait=PATIENCE,
        until=lambda found: any(each.active for each in found),
    )
    assert {each.element_id: each.active for each in counted}["t"] == 1
    assert {each.element_id for each in client.search_element_instances(process_instance_key=key)} >= {
        "s",
        "t",
    }


# --- user tasks


def test_a_user_task_is_taken_changed_given_back_and_completed(client: Any) -> None:
    id, (instance,) = approvals(client, 50)
    key = (
        client.search_user_tasks(process_definition_id=id, state="CREATED", wait=PATIENCE).one().user_task_key
    )
    look = client.get_user_task
    assert look(key).candidate_groups == ("accounting",)

    client.assign_user_task(key, assignee="ann", allow_override=False)
    assert look(key, wait=PATIENCE, until=lambda task: task.assignee == "ann").state == "CREATED"
    with pytest.raises(FailedPrecondition):
        client.assign_user_task(key, assignee="bob", allow_override=False)
    client.unassign_user_task(key)
    assert look(key, wait=PATIENCE, until=lambda task: not task.assignee).priority == 50

    client.update_user_task(key, changeset={"priority": 77, "candidate_groups": ["sales"]})
    changed = look(key, wait=PATIENCE, until=lambda task: task.priority == 77)
    assert changed.candidate_groups == ("sales",)

    client.complete_user_task(key, variables={"approved": True})
    assert look(key, wait=PATIENCE, until=lambda task: task.state == "COMPLETED").completion_date is not None
    ended = client.get_process_instance(
        instance, wait=PATIENCE, until=lambda found: found.state == "COMPLETED"
    )
    assert ended.end_date is not None
    assert client.get_variables(instance, names=["approved"]) == {"approved": True}
    with pytest.raises(NotFound):
        client.complete_user_task(key)


# --- what the embedded gateway has not


@on_gateways(*EMBEDDED, wires={REST})
def test_a_document_goes_up_and_comes_down(client: Any) -> None:
    made = client.create_document(b"some text", metadata={"file_name": "a.txt"})
    assert client.get_document(made.document_id).read() == b"some text"
    client.delete_document(made.document_id)
    with pytest.raises(NotFound):
        client.get_document(made.document_id)


@on_gateways("embedded_8.9", wires={REST})
def test_statistics_that_page_forward_are_there_and_empty_where_nothing_failed(client: Any) -> None:
    found = client.get_job_error_statistics(
        from_="2026-01-01T00:00:00Z", to="2027-01-01T00:00:00Z", job_type="never"
    )
    assert list(found) == []
