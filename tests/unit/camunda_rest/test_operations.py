"""What the library knows about operations, held against the facts of the contract and against the published OpenAPI files."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping

import pytest

from camunda_rest import operations
from camunda_rest.operations import BY_ID, Operation
from tests import cache
from tests.contract import facts, fetch
from tests.contract.published import RESTS
from tests.unit.camunda_rest.openapi import (
    PublishedOperation,
    operations_of_the_facts,
    published_operations,
)


def published(version: str) -> Mapping[str, PublishedOperation]:
    """The operations of a version, of the facts or published."""
    if version in facts.RESTS:
        return operations_of_the_facts(facts.RESTS[version])
    try:
        folder = fetch.protocol(version)
    except cache.Unavailable as reason:
        pytest.skip(f"published OpenAPI {version}: {reason}")
    return published_operations(folder)


def disagreements(theirs: Mapping[str, PublishedOperation], version: tuple[int, int]) -> list[str]:
    """Where the library differs from what is known of one cluster version."""
    found = []
    for ours in BY_ID.values():
        other = theirs.get(ours.id)
        if other is None:
            if ours.since <= version:
                found.append(f"{ours.id} is not published in {version}")
            continue
        if ours.since > version:
            found.append(f"{ours.id} is published in {version}, before {ours.since}")
        if (ours.method, ours.path, ours.body) != (other.method, other.path, other.body):
            found.append(f"{ours.id}: {other.method} {other.path} with a {other.body} body is published")
        if other.query:
            found.append(f"{ours.id} has query parameters: {sorted(other.query)}")
        for name, since in ours.newer.items():
            if (name in other.properties) != (since <= version):
                found.append(f"{ours.id}.{name}: since {since}, but published in {version} says otherwise")
        for wait in (ours.waits, ours.waits_if):
            if wait is not None and wait not in other.properties:
                found.append(f"{ours.id} waits by {wait}, which is not published")
    return found


def outermost(properties: set[str]) -> set[str]:
    """Without what lies inside another member of the set."""
    return {
        name
        for name in properties
        if not any(name.startswith((f"{other}.", f"{other}[]")) for other in properties)
    }


@pytest.mark.parametrize("version", RESTS)
def test_every_operation_is_as_published(version: str) -> None:
    assert disagreements(published(version), RESTS[version]) == []


@pytest.mark.parametrize(("older", "newer"), [tuple(facts.RESTS), ("8.8.9", "8.9.0-rc1")])
def test_every_property_that_came_with_8_9_is_marked_so(older: str, newer: str) -> None:
    before, after = published(older), published(newer)
    for operation in BY_ID.values():
        if operation.id in before:
            came = outermost(set(after[operation.id].properties - before[operation.id].properties))
            assert came == {name for name, since in operation.newer.items() if since == (8, 9)}, operation.id


def test_there_are_eighteen_of_them_and_each_has_a_constant() -> None:
    constants = {name: value for name, value in vars(operations).items() if isinstance(value, Operation)}
    assert len(BY_ID) == 18
    assert {id(value) for value in constants.values()} == {id(value) for value in BY_ID.values()}
    assert set(constants) <= set(operations.__all__)
    assert len({(value.method, value.path) for value in BY_ID.values()}) == 18


def test_nothing_of_the_first_api_version_is_offered() -> None:
    assert all(not operation.path.startswith("/v") for operation in BY_ID.values())


def test_what_may_run_twice_without_harm_is_the_group_that_the_vendor_retries() -> None:
    assert {operation.id for operation in BY_ID.values() if operation.repeatable} == {
        "activateJobs",
        "cancelProcessInstance",
        "completeJob",
        "deleteResource",
        "evaluateDecision",
        "failJob",
        "getTopology",
        "migrateProcessInstance",
        "resolveIncident",
    }


def test_an_operation_is_a_constant_also_after_copying() -> None:
    operation = operations.COMPLETE_JOB
    assert copy.deepcopy(operation) is operation
    assert pickle.loads(pickle.dumps(operation)) is operation
    assert operation.keys == ("jobKey",)
    with pytest.raises(AttributeError):
        vars(operations)["COMPLETE_JOB"].method = "GET"
    with pytest.raises(TypeError):
        vars(operations)["COMPLETE_JOB"].newer["x"] = (8, 6)
