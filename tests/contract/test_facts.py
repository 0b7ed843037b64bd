"""The facts of ``contract/`` are names, types, numbers and versions alone, and the same as in the published files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from camunda_rest import operations
from tests.contract import facts, openapi, published

#: Everything that a text of the facts can be: one word, or the short name of a group of operations.
WORD = re.compile(r"\S+|[A-Z][A-Za-z-]*( [A-Za-z-]+){1,3}")
FILES = {"gateway_wire_contract.json": facts.wire(), "rest_api.json": facts.rest()}


def texts(said: Any) -> Iterator[str]:
    """Every name and every text."""
    if isinstance(said, dict):
        for name, value in said.items():
            yield name
            yield from texts(value)
    elif isinstance(said, list):
        for value in said:
            yield from texts(value)
    elif isinstance(said, str):
        yield said


@pytest.mark.parametrize("file", FILES)
def test_facts_hold_no_prose(file: str) -> None:
    assert [
        text for text in texts(FILES[file]) if (text and not WORD.fullmatch(text)) or len(text) > 100
    ] == []


@pytest.mark.parametrize("version", published.OPENAPIS)
@pytest.mark.parametrize("operation", operations.BY_ID)
def test_the_facts_of_an_operation_are_those_of_the_published_file(version: str, operation: str) -> None:
    number = published.OPENAPIS[version]
    said = facts.Spec(number).operations.get(operation)
    theirs = openapi.operations(version).get(operation)
    if said is None or theirs is None:
        assert said is theirs is None
        return
    assert (said.method, said.path, said.multipart) == (theirs.method, theirs.path, theirs.multipart)
    assert set(openapi.properties(said.request)) == set(openapi.properties(theirs.request))
    assert set(said.answers) == set(theirs.answers)
    for status, schema in theirs.answers.items():
        assert set(openapi.properties(said.answers[status])) == set(openapi.properties(schema))


def test_a_method_of_the_protocol_names_the_operation_that_the_table_has() -> None:
    from bridge._table.mapping import ROWS

    (service,) = facts.wire()["services"]
    for method in service["methods"]:
        operation = ROWS[method["name"]].operation
        told = method["rest"] and (method["rest"]["method"], method["rest"]["path"])
        assert told == (operation and (operation.method, f"/v2{operation.path}")), method["name"]
