"""Arguments are written as the contract has them, and what cannot be is refused by its name before anything is sent."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest

from camunda_core.errors import InvalidRequest, UnsupportedField
from camunda_rest._described import Described
from camunda_rest._preparing import prepare, refuse_newer
from camunda_rest._writing import Newer, write
from camunda_rest.api import operations as op
from camunda_rest.conditions import eq, exists, ge, gt, in_, le, like, lt, ne, not_in

NOON = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)


def filtered(**filter: Any) -> Any:
    body = prepare(op.SEARCH_USER_TASKS, (), {}, filter=filter).body
    assert body is not None
    return body.get("filter")


@pytest.mark.parametrize(
    ("given", "written"),
    [
        ({"assignee": "ann"}, {"assignee": "ann"}),
        ({"state": ["CREATED", "ASSIGNING"]}, {"state": {"$in": ["CREATED", "ASSIGNING"]}}),
        ({"assignee": exists(False)}, {"assignee": {"$exists": False}}),
        ({"priority": gt(50) & le(90)}, {"priority": {"$gt": 50, "$lte": 90}}),
        ({"priority": ge(1) & lt(2)}, {"priority": {"$gte": 1, "$lt": 2}}),
        ({"name": like("Check*") & ne("Checkout")}, {"name": {"$like": "Check*", "$neq": "Checkout"}}),
        ({"name": not_in("a", "b")}, {"name": {"$notIn": ["a", "b"]}}),
        ({"assignee": in_("a", "b")}, {"assignee": {"$in": ["a", "b"]}}),
        ({"assignee": {"$like": "a*"}}, {"assignee": {"$like": "a*"}}),
        ({"process_instance_key": 5}, {"processInstanceKey": "5"}),
        ({"processInstanceKey": eq("5")}, {"processInstanceKey": "5"}),
        ({"due_date": lt(NOON)}, {"dueDate": {"$lt": "2026-01-31T12:00:00+00:00"}}),
        ({"due_date": "2026-01-31T12:00:00Z"}, {"dueDate": "2026-01-31T12:00:00Z"}),
        ({"user_task_key": 7}, {"userTaskKey": "7"}),
        ({"tags": ["a", "b"]}, {"tags": ["a", "b"]}),
        ({"assignee": None}, None),
        (
            {"any_of": [{"name": like("A*")}, {"candidate_group": "sales"}]},
            {"$or": [{"name": {"$like": "A*"}}, {"candidateGroup": "sales"}]},
        ),
        (
            {
                "process_instance_variables": {
                    "who": "ann",
                    "total": 5,
                    "note": like('"a*'),
                    "open": in_(True, None),
                }
            },
            {
                "processInstanceVariables": [
                    {"name": "who", "value": {"$eq": '"ann"'}},
                    {"name": "total", "value": {"$eq": "5"}},
                    {"name": "note", "value": {"$like": '"a*'}},
                    {"name": "open", "value": {"$in": ["true", "null"]}},
                ]
            },
        ),
        (
            {"local_variables": [{"name": "who", "value": {"$exists": True}}]},
            {"localVariables": [{"name": "who", "value": {"$exists": True}}]},
        ),
    ],
)
def test_filters(given: dict[str, Any], written: Any) -> None:
    assert filtered(**given) == written


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"asignee": "ann"}, "asignee is unknown: did you mean assignee?"),
        ({"priority": like("5*")}, "priority cannot be asked $like"),
        ({"process_instance_key": like("5*")}, "process_instance_key cannot be asked $like"),
        ({"assignee": gt("a")}, "assignee cannot be asked $gt: it knows eq, neq, exists, in, notIn, like"),
        ({"process_instance_variables": {"total": gt(5)}}, "the value of a variable is text there"),
        ({"priority": "high"}, "priority must be a whole number"),
        ({"priority": True}, "priority must be a whole number"),
        ({"due_date": datetime(2026, 1, 1)}, "due_date must be a datetime with a time zone"),
        ({"due_date": 5}, "due_date must be an aware datetime"),
        ({"process_instance_key": "abc"}, "process_instance_key must be a key"),
        ({"process_instance_key": 2**63}, "process_instance_key must be a key"),
        ({"assignee": 5}, "assignee must be text"),
        ({"assignee": {}}, "assignee is an empty condition"),
        ({"assignee": {"$near": "x"}}, "assignee cannot be asked $near"),
        ({"assignee": in_(5)}, "assignee $in must be text"),
        ({"assignee": {"$in": "abc"}}, "assignee $in must be a list"),
        ({"assignee": []}, "assignee $in is an empty list, which a gateway takes for no condition"),
        ({"assignee": not_in()}, "assignee $notIn is an empty list"),
        ({"any_of": [{"nam": "x"}]}, "any_of[0].nam is unknown: did you mean name?"),
        ({"any_of": {"name": "x"}}, "any_of must be a list"),
        ({"tags": "a"}, "tags must be a list"),
        (
            {"process_instance_variables": {"a": float("nan")}},
            "process_instance_variables['a']",
        ),
        ({"process_instance_variables": {"a": {1, 2}}}, "process_instance_variables['a']"),
        ({"process_instance_variables": "a"}, "process_instance_variables must be variables by name"),
    ],
)
def test_a_condition_that_cannot_be_is_refused_by_name(given: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        filtered(**given)

    assert words in str(caught.value)
    assert caught.value.operation == "searchUserTasks"
    assert not caught.value.sent


def test_an_operator_twice_on_one_field_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\$gt is there twice"):
        gt(1) & gt(2)


def test_sorting() -> None:
    def sort(asked: Any) -> Any:
        body = prepare(op.SEARCH_USER_TASKS, (), {}, filter={}, sort=asked).body
        assert body is not None
        return body["sort"]

    assert sort("due_date") == [{"field": "dueDate", "order": "ASC"}]
    assert sort(["-due_date", "name"]) == [
        {"field": "dueDate", "order": "DESC"},
        {"field": "name", "order": "ASC"},
    ]
    with pytest.raises(InvalidRequest, match="sort: 'duedate' is unknown: did you mean due_date"):
        sort("duedate")
    with pytest.raises(InvalidRequest, match="sort must be a name"):
        sort(5)


def test_a_batch_operation_without_a_filter_is_refused_unless_everything_is_meant() -> None:
    with pytest.raises(InvalidRequest, match="everything=True"):
        prepare(op.CANCEL_PROCESS_INSTANCES_BATCH_OPERATION, (), {}, filter={})
    with pytest.raises(InvalidRequest, match="everything=True"):
        prepare(op.CANCEL_PROCESS_INSTANCES_BATCH_OPERATION, (), {}, filter={"state": None})

    body = prepare(op.CANCEL_PROCESS_INSTANCES_BATCH_OPERATION, (), {}, filter={}, everything=True).body
    assert body == {"filter": {}}


def test_bodies_and_their_arguments() -> None:
    changes = {"due_date": NOON, "candidateGroups": ["a"], "priority": 5}
    prepared = prepare(op.UPDATE_USER_TASK, (5,), {"changeset": changes, "action": None})

    assert prepared.path == "/user-tasks/5"
    assert prepared.body == {
        "changeset": {"dueDate": "2026-01-31T12:00:00+00:00", "candidateGroups": ["a"], "priority": 5}
    }


def test_a_required_argument_that_is_missing_is_named() -> None:
    with pytest.raises(InvalidRequest, match="name is required"):
        prepare(op.CREATE_GLOBAL_CLUSTER_VARIABLE, (), {"name": None, "value": {"a": 5}})


@pytest.mark.parametrize("key", [None, "", "abc", 2**63, -(2**63) - 1, 1.5, True, b"1", [1], object()])
def test_a_key_that_cannot_be_is_refused_by_name(key: Any) -> None:
    with pytest.raises(InvalidRequest, match="user_task_key must be a key"):
        prepare(op.GET_USER_TASK, (key,), {})


@pytest.mark.parametrize("name", ["", " ", ".", ".."])
def test_an_id_that_would_be_another_path_is_refused(name: str) -> None:
    with pytest.raises(InvalidRequest, match="username must not be empty"):
        prepare(op.GET_USER, (name,), {})


def test_query_arguments_are_text() -> None:
    prepared = prepare(op.SEARCH_VARIABLES, (), {}, filter={}, query={"truncate_values": False})
    assert prepared.path == "/variables/search?truncateValues=false"

    prepared = prepare(
        op.GET_GLOBAL_JOB_STATISTICS, (), {}, query={"from_": NOON, "to": NOON, "job_type": "x"}
    )
    noon = "2026-01-31T12%3A00%3A00%2B00%3A00"
    assert prepared.path == f"/jobs/statistics/global?from={noon}&to={noon}&jobType=x"


def test_lengths_of_time_are_seconds() -> None:
    newer: Newer = {}
    assert write("m", 1.5, "t", newer) == 1500
    assert write("m", timedelta(seconds=2), "t", newer) == 2000
    with pytest.raises(InvalidRequest, match="t must be seconds"):
        write("m", "1", "t", newer)
    assert write("d", date(2026, 1, 31), "d", newer) == "2026-01-31"


def test_what_the_cluster_is_too_old_for_is_refused_by_name() -> None:
    prepared = prepare(op.SEARCH_USER_TASKS, (), {}, filter={"business_id": "b", "any_of": [{"name": "x"}]})

    refuse_newer(op.SEARCH_USER_TASKS, prepared.newer, (8, 10))
    with pytest.raises(UnsupportedField) as caught:
        refuse_newer(op.SEARCH_USER_TASKS, prepared.newer, (8, 8))
    assert "this cluster is 8.8" in str(caught.value)
    assert "filter.$or (since 8.10)" in str(caught.value)
    assert "filter.businessId (since 8.10)" in str(caught.value)


def test_operators_that_came_after_their_field_are_refused_where_they_are_not_there() -> None:
    def asked(**filter: Any) -> tuple[Any, Newer]:
        prepared = prepare(op.SEARCH_ELEMENT_INSTANCES, (), {}, filter=filter)
        assert prepared.body is not None
        return prepared.body["filter"], prepared.newer

    assert asked(element_id="check") == ({"elementId": "check"}, {})
    written, newer = asked(element_id=like("ch*"))
    assert written == {"elementId": {"$like": "ch*"}}
    assert newer == {"filter.elementId.$like": (8, 10)}


def test_every_operation_takes_no_unknown_argument() -> None:
    for described in (getattr(op, name) for name in op.FACTS):
        if described.filter:
            with pytest.raises(InvalidRequest, match="no_such_field is unknown"):
                prepare(
                    described, _keys(described), NEEDED.get(described.id, {}), filter={"no_such_field": 1}
                )


def _keys(described: Described) -> tuple[str, ...]:
    return tuple("5" for _ in described.params.split())


#: Arguments that an operation insists on besides its filter.
NEEDED: dict[str, dict[str, Any]] = {
    "migrateProcessInstancesBatchOperation": {
        "migration_plan": {"target_process_definition_key": 5, "mapping_instructions": []}
    },
    "modifyProcessInstancesBatchOperation": {"move_instructions": []},
    "updateJobsBatchOperation": {"changeset": {"retries": 1}},
}
