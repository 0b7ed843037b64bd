"""What the embedded gateway answers to searches and gets against the OpenAPI files that Camunda publishes: valid, with every
property that the version has, and with no other. For 8.10, which has no published file, the facts say what there is.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import requests

import bridge
from camunda_embedded import EmbeddedGateway
from camunda_embedded._servers.rest.asking import DESCRIBED, GETS, SEARCHES
from camunda_rest._request import HttpRequest
from camunda_rest._versions import parse_version
from camunda_rest.api.answers import ANSWERS
from tests.contract.openapi import spec
from tests.gateways import models
from tests.scenarios.engine.models import END, START, call, flows, process
from tests.unit.camunda_rest.api.contract import SCHEMAS

#: The dialect, and the file that judges it.
PUBLISHED = {"8.8": "8.8.9", "8.9": "8.9.0-rc1", "8.10": None}
CALLS = process("caller", START, call("c", "order"), END, flows("s>c>e"))
#: Nothing of it is there without native user tasks and batch operations.
EMPTY = {"searchUserTasks", "getUserTask", "searchUserTaskVariables", "searchUserTaskEffectiveVariables"}
EMPTY |= {
    "searchBatchOperations",
    "searchBatchOperationItems",
    "getBatchOperation",
}


class Played:
    """A gateway in which a little of everything has happened."""

    def __init__(self, dialect: str) -> None:
        self.dialect = dialect
        self.gateway = EmbeddedGateway(dialect=dialect).start()
        with bridge.Client(rest_address=self.gateway.rest_address, transport="rest") as client:
            ids = {
                "order": {"process": "order", "charge": "charge", "ship": "ship"},
                "message": {"process": "waits", "message": "paid", "job": "thank"},
                "discount": {"requirements": "graph", "decision": "decision"},
            }
            files = [(models.filename(name), models.model(name, **filling)) for name, filling in ids.items()]
            client.deploy_resource(*files, ("caller.bpmn", CALLS.encode()))
            client.create_process_instance("caller", variables={"a": 1, "text": "x" * 9000})
            (job,) = client.activate_jobs("charge", max_jobs_to_activate=1, job_timeout=60, worker="w")
            client.fail_job(job.job_key, retries=0, error_message="no")
            client.create_process_instance("waits", variables={"orderId": "1"})
            client.create_process_instance("waits", variables={"orderId": "2"})
            client.publish_message("paid", correlation_key="1", variables={"b": 1})
            client.evaluate_decision("decision", variables={"amount": 3})

    def ask(
        self, name: str, path: Mapping[str, Any], body: Any = None
    ) -> tuple[HttpRequest, requests.Response]:
        described = DESCRIBED[name]
        url = f"http://localhost:8080/v2{described.path.format(**path)}"
        headers = {"content-type": "application/json"} if body is not None else {}
        request = HttpRequest(described.method, url, headers, b"{}" if body is not None else None)
        there = url.replace("http://localhost:8080", self.gateway.rest_address)
        return request, requests.request(described.method, there, json=body, timeout=10)


@functools.cache
def played(dialect: str) -> Played:
    return Played(dialect)


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    for dialect in PUBLISHED:
        played(dialect).gateway.stop()
    played.cache_clear()


def names(dialect: str, kinds: Mapping[str, Any]) -> list[str]:
    return [name for name in kinds if parse_version(DESCRIBED[name].since) <= parse_version(dialect)]


def path_of(there: Played, name: str) -> dict[str, Any]:
    """Keys of things that are there, for the path of an operation."""
    found: dict[str, Any] = {}
    for each in DESCRIBED[name].params.split():
        key = each.partition(":")[0]
        owners = (
            each for each in ("searchIncidents", *ANSWERED) if key in ANSWERED[each] and each not in EMPTY
        )
        search = next(owners)
        found[key] = there.ask(search, {}, {})[1].json()["items"][0][key]
    return found


def _fields(name: str) -> dict[str, str]:
    """The fields of the items of a search, by the facts."""
    items = SCHEMAS[ANSWERS[name].lstrip("*")]["fields"]["items"]
    return dict(SCHEMAS[items.strip("[]!?")]["fields"])


ANSWERED = {name: _fields(name) for name in SEARCHES if "{" not in DESCRIBED[name].path}


def expected(schema: str, dialect: str) -> set[str]:
    """The properties that a version has, by the facts as the tests read them."""
    facts = SCHEMAS[schema]
    line = parse_version(dialect)
    return {
        name
        for name, type_ in facts["fields"].items()
        if parse_version(facts.get("since", {}).get(name, "8.6")) <= line and "!" in type_
    }


def complete(item: Mapping[str, Any], schema: str, dialect: str) -> None:
    """Fails unless all properties of a version are there, and no other; 8.8 leaves out what is null."""
    wanted = expected(schema, dialect)
    optional = {n for n, type_ in SCHEMAS[schema]["fields"].items() if "!" not in type_}
    absent = wanted - item.keys()
    if dialect == "8.8":
        absent = {name for name in absent if "?" not in SCHEMAS[schema]["fields"][name]}
    assert absent == set()
    assert item.keys() - wanted - optional == set()


def judge(dialect: str, request: HttpRequest, answer: requests.Response) -> None:
    version = PUBLISHED[dialect]
    if version is not None:
        spec(version).check_answer(request, answer.status_code, answer.json())


CASES = [(dialect, name) for dialect in PUBLISHED for name in names(dialect, SEARCHES)]


@pytest.mark.parametrize(("dialect", "name"), CASES)
def test_a_search_answers_all_that_is_published_and_nothing_else(dialect: str, name: str) -> None:
    there = played(dialect)
    path = {"userTaskKey": "1"} if "userTaskKey" in DESCRIBED[name].path else path_of(there, name)
    request, answer = there.ask(name, path, {})
    assert answer.status_code == 200, answer.text
    found = answer.json()
    judge(dialect, request, answer)
    assert bool(found["items"]) == (name not in EMPTY)
    schema = SCHEMAS[ANSWERS[name].lstrip("*")]["fields"]["items"].strip("[]!?")
    for item in found["items"]:
        complete(item, schema, dialect)


@pytest.mark.parametrize(
    ("dialect", "name"), [(d, n) for d in PUBLISHED for n in names(d, GETS) if n not in EMPTY]
)
def test_a_get_answers_all_that_is_published_and_nothing_else(dialect: str, name: str) -> None:
    there = played(dialect)
    request, answer = there.ask(name, path_of(there, name))
    assert answer.status_code == 200, answer.text
    judge(dialect, request, answer)
    complete(answer.json(), ANSWERS[name].lstrip("*"), dialect)


OTHERS = (
    "getProcessInstanceSequenceFlows", "getProcessInstanceStatistics", "getProcessInstanceCallHierarchy",
    "getProcessDefinitionStatistics",
)  # fmt: skip


@pytest.mark.parametrize(("dialect", "name"), [(d, n) for d in PUBLISHED for n in OTHERS])
def test_what_an_instance_did_is_answered_as_published(dialect: str, name: str) -> None:
    there = played(dialect)
    path = path_of(there, name)
    body = {} if DESCRIBED[name].method == "POST" else None
    request, answer = there.ask(name, path, body)
    assert answer.status_code == 200, answer.text
    judge(dialect, request, answer)
    found = answer.json()
    assert found["items"] if isinstance(found, dict) else found
