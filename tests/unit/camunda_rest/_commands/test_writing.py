"""The arguments of a method, whichever were given before them."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from camunda_core.errors import InvalidRequest
from camunda_rest import RestClient
from camunda_rest._commands import writing
from camunda_rest._commands.writing import arguments_of, encoder

CREATION: dict[str, Any] = dict.fromkeys(arguments_of(RestClient, "CreateProcessInstance"))
for _not_sent in ("timeout", "retry"):
    CREATION.pop(_not_sent, None)


@pytest.fixture(autouse=True)
def fresh() -> Any:
    encoder.cache_clear()
    yield
    encoder.cache_clear()


def written(client_tenant: str | None = None, /, **given: Any) -> dict[str, Any]:
    return encoder(RestClient, "CreateProcessInstance")({**CREATION, **given}, client_tenant)


def test_what_is_known_of_the_names_says_nothing_of_the_values() -> None:
    for number in (1, 2):
        assert written(process_definition_id="a", process_definition_version=number) == {
            "processDefinitionId": "a",
            "processDefinitionVersion": number,
        }
    with pytest.raises(InvalidRequest, match="process_definition_version"):
        written(process_definition_id="a", process_definition_version="2")
    assert written(process_definition_id="a", tags=[]) == {"processDefinitionId": "a"}


def test_a_choice_is_asked_for_with_each_set_of_names() -> None:
    for _ in range(2):
        assert written(process_definition_key=5) == {"processDefinitionKey": "5"}
        with pytest.raises(InvalidRequest, match="exactly one of"):
            written(process_definition_id="a", process_definition_key=5)
        with pytest.raises(InvalidRequest, match="exactly one of"):
            written()
        with pytest.raises(InvalidRequest, match="process_definition_version goes with"):
            written(process_definition_key=5, process_definition_version=1)


def test_the_tenant_of_the_client_is_one_of_the_arguments() -> None:
    assert written("mine", process_definition_id="a")["tenantId"] == "mine"
    assert written("mine", process_definition_id="a", tenant_id="other")["tenantId"] == "other"
    assert "tenantId" not in written(process_definition_id="a")


def test_none_for_what_must_be_given_is_refused_each_time() -> None:
    encode = encoder(RestClient, "CompleteJob")
    some = {"job_key": 5, "variables": None}
    for _ in range(2):
        assert encode(some, None) == {"jobKey": "5"}
        with pytest.raises(InvalidRequest, match=r"^job_key must be a key"):
            encode({**some, "job_key": None}, None)


def test_sets_of_arguments_beyond_those_that_are_remembered_are_written_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(writing, "_KNOWN_SETS", 2)
    more: dict[str, Any] = {
        "process_definition_version": 3,
        "variables": {"a": 1},
        "tags": ["t"],
        "business_id": "b",
    }
    for _ in range(2):
        for some in combinations(more, 2):
            made = written(process_definition_id="a", **{name: more[name] for name in some})
            assert len(made) == 3
