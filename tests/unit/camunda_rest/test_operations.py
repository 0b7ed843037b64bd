"""The facts about operations, held against the vendor's published OpenAPI files."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path

import pytest

from camunda_rest import operations
from camunda_rest.operations import BY_ID, Operation
from tests.gateways import fetch
from tests.unit.camunda_rest.openapi import PublishedOperation, published_operations


def published(version: str) -> dict[str, PublishedOperation]:
    try:
        folder = fetch.protocol(version)
    except fetch.Unavailable as reason:
        pytest.skip(f"published OpenAPI {version}: {reason}")
    return published_operations(folder)


def disagreements(folder: Path, version: tuple[int, int]) -> list[str]:
    """Where our facts differ from the files of one cluster version."""
    theirs = published_operations(folder)
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


@pytest.mark.parametrize("version", ["8.8.9", "8.9.0-rc1"])
def test_every_operation_is_as_published(version: str) -> None:
    published(version)
    major, minor = version.split(".")[:2]
    assert disagreements(fetch.protocol(version), (int(major), int(minor))) == []


def test_every_property_that_came_with_8_9_is_marked_so() -> None:
    before, after = published("8.8.9"), published("8.9.0-rc1")
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
