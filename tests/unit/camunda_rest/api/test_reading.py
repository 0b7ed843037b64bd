"""Answers of every operation are read whatever the version: the contract's own, and what older and newer clusters make of them."""

from __future__ import annotations

import copy
import dataclasses
import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from camunda_core.errors import Internal
from camunda_rest._described import Described
from camunda_rest._preparing import read_answer
from camunda_rest._reading import Unreadable, _older, reader
from camunda_rest._result_base import JsonValue
from camunda_rest._search import Page
from camunda_rest.api import operations as op
from camunda_rest.api import results
from tests.unit.camunda_rest.api.contract import READABLE, answer_type, sample

DESCRIBED: dict[str, Described] = {each.id: each for each in (getattr(op, name) for name in op.FACTS)}


def answer_of(name: str) -> Any:
    text = answer_type(name)
    assert text is not None
    return sample(text)


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place of a JSON value, as (container, key)."""
    if isinstance(value, dict):
        for key in value:
            yield value, key
            yield from places(value[key])
    elif isinstance(value, list):
        for each in value:
            yield from places(each)


def leaves(value: Any) -> Iterator[Any]:
    """What an answer says: every text, number and flag in it."""
    if isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from leaves(each)
    elif value is not None:
        yield value


def leaves_of(value: Any) -> Iterator[Any]:
    """The same of what was read."""
    if isinstance(value, Page):
        yield from leaves_of(value.items)
    elif dataclasses.is_dataclass(value):
        for each in dataclasses.fields(value):
            yield from leaves_of(getattr(value, each.name))
    elif isinstance(value, dict):
        for each in value.values():
            yield from leaves_of(each)
    elif isinstance(value, (tuple, list)):
        for each in value:
            yield from leaves_of(each)
    elif isinstance(value, datetime):
        yield value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03}Z"
    elif value is not None and hasattr(value, "isoformat"):
        yield value.isoformat()
    elif value is not None:
        yield value


@pytest.mark.parametrize("name", READABLE)
def test_every_field_of_the_contract_arrives(name: str) -> None:
    said = answer_of(name)
    read = read_answer(DESCRIBED[name], said)
    expected = said.get("items", said) if isinstance(said, dict) else said

    assert Counter(map(repr, leaves(expected))) - Counter(map(repr, leaves_of(read))) == Counter()


@pytest.mark.parametrize("name", READABLE)
def test_what_is_missing_null_added_or_new_never_raises(name: str) -> None:
    described, chosen = DESCRIBED[name], random.Random(name)
    whole = answer_of(name)
    count = len(list(places(whole)))
    for index in range(count):
        for change in ("drop", "null", "add", "word", "number"):
            changed = copy.deepcopy(whole)
            holder, key = list(places(changed))[index]
            if change == "drop":
                del holder[key]
            elif change == "null":
                holder[key] = None
            elif change == "add" and not str(key).startswith("key"):  # a dictionary of texts has no fields
                holder["aFieldOfTheFuture"] = {"deep": [1]}
            elif change == "word" and isinstance(holder[key], str) and not holder[key].startswith("2026-"):
                holder[key] = "A_WORD_OF_THE_FUTURE"
            elif change == "number" and isinstance(holder[key], str) and holder[key].isdigit():
                holder[key] = int(holder[key])
            else:
                continue
            read_answer(described, changed)
    half = copy.deepcopy(whole)
    for holder, key in list(places(half)):
        if key in holder and chosen.random() < 0.5:
            del holder[key]
    read_answer(described, half)
    read_answer(described, [] if isinstance(whole, list) else {})


def test_a_key_that_comes_as_a_number_is_text() -> None:
    (task,) = read_answer(op.SEARCH_USER_TASKS, {"items": [{"userTaskKey": 2251799813685249}]}).items

    assert task.user_task_key == "2251799813685249"
    assert task.process_instance_key == ""
    assert task.assignee is None
    assert task.tags == ()


def test_times_are_aware_and_exact_to_the_microsecond() -> None:
    def read(text: str) -> datetime | None:
        found: datetime | None = read_answer(op.GET_USER_TASK, {"dueDate": text}).due_date
        return found

    noon = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
    assert read("2026-01-31T12:00:00Z") == noon
    assert read("2026-01-31T12:00:00.5Z") == noon + timedelta(milliseconds=500)
    assert read("2026-01-31T13:00:00.123456789+01:00") == noon + timedelta(microseconds=123456)
    assert read("2026-01-31T12:00Z") == noon
    assert read("") is None
    assert all(each.tzinfo is not None for each in filter(None, map(read, ["2026-01-31T12:00:00"])))


@pytest.mark.parametrize(
    ("text", "older"),
    [
        ("2026-01-31T12:00:00Z", "2026-01-31T12:00:00+00:00"),
        ("2026-01-31T12:00:00.5Z", "2026-01-31T12:00:00.500000+00:00"),
        ("2026-01-31T12:00:00.123456789+0100", "2026-01-31T12:00:00.123456+01:00"),
        ("2026-01-31T12:00:00", "2026-01-31T12:00:00"),
    ],
)
def test_times_are_spelt_as_python_3_10_reads_them(text: str, older: str) -> None:
    assert _older(text) == older
    datetime.fromisoformat(older)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (["a list"], "UserTask should be an object, not ['a list']"),
        ("text", "UserTask should be an object"),
        ({"dueDate": [1]}, "dueDate: should be a time as text, not [1]"),
        ({"dueDate": "tomorrow"}, "dueDate: should be a time, not 'tomorrow'"),
        ({"candidateGroups": "a"}, "candidateGroups: should be a list, not 'a'"),
        ({"customHeaders": []}, "customHeaders: should be an object, not []"),
        ({"priority": "high"}, "priority: should be a whole number, not 'high'"),
        ({"name": {"first": "x"}}, "name: should be text, not {'first': 'x'}"),
    ],
)
def test_an_answer_that_is_no_such_thing_names_operation_field_and_what_came(answer: Any, words: str) -> None:
    with pytest.raises(Internal, match="getUserTask") as caught:
        read_answer(op.GET_USER_TASK, answer)

    assert words in str(caught.value)


def test_numbers_and_flags_are_read_as_text_too() -> None:
    task = read_answer(op.GET_USER_TASK, {"priority": "7", "processDefinitionVersion": 3.0, "name": 5})

    assert (task.priority, task.process_definition_version, task.name) == (7, 3, "5")


def test_a_member_of_a_union_that_came_later_stays_as_it_is() -> None:
    later = {"waitStateType": "TELEPATHY", "strength": 3}
    page = read_answer(DESCRIBED["searchElementInstanceWaitStates"], {"items": [{"details": later}]})

    assert page.items[0].details == later


def test_what_stands_beside_the_items_is_not_lost() -> None:
    page = read_answer(DESCRIBED["searchOwnAuthorizations"], {"items": [], "authorizationsEnabled": True})

    assert page.beside == {"authorizationsEnabled": True}


def test_the_value_of_a_variable_is_json_text_and_a_truncated_one_is_refused() -> None:
    whole = read_answer(op.GET_VARIABLE, {"name": "order", "value": '{"total": 12}'})
    cut = read_answer(
        op.SEARCH_VARIABLES, {"items": [{"name": "order", "value": '{"tot', "isTruncated": True}]}
    )

    assert isinstance(whole, JsonValue)
    assert whole.json() == {"total": 12}
    with pytest.raises(ValueError, match="the value of 'order' was cut off"):
        cut.items[0].json()


def test_classes_are_ordinary_frozen_dataclasses() -> None:
    task = read_answer(op.GET_USER_TASK, {"name": "check", "dueDate": "2026-01-31T12:00:00Z"})

    assert type(task) is results.UserTask
    assert dataclasses.replace(task, name="other").name == "other"
    assert results.UserTask(name="check", due_date=task.due_date) == task
    with pytest.raises(dataclasses.FrozenInstanceError):
        task.name = "other"
    assert json.dumps(dataclasses.asdict(task), default=str)


def test_a_reader_is_made_once() -> None:
    assert reader(results.UserTask) is reader(results.UserTask)
    with pytest.raises(Unreadable):
        reader(results.UserTask)(None)
