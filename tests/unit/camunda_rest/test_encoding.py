"""Request bodies: what is written, and what is refused by naming its place."""

from __future__ import annotations

import datetime
import decimal
import email.parser
import email.policy
import enum
import json
import types
from collections import OrderedDict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from camunda_core.errors import InvalidRequest
from camunda_rest import _encoding
from camunda_rest._encoding import MAX_DEPTH, check_json, json_body, multipart_body

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(
    st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), json_values, max_size=5)
)
def test_variables_arrive_as_they_are_nulls_included(variables: dict[str, Any]) -> None:
    assert json.loads(json_body({"variables": variables})) == {"variables": variables}


def test_no_body_is_an_empty_object() -> None:
    assert json_body(None) == b"{}"
    assert json_body({}) == b"{}"


def test_text_is_raw_utf8_without_blanks_around_separators() -> None:
    assert json_body({"a": "ü😀", "b": [1, True]}) == '{"a":"ü😀","b":[1,true]}'.encode()


def test_none_means_not_given_but_inside_variables() -> None:
    body = {
        "tenantId": None,
        "changeset": {"retries": 3, "timeout": None},
        "variables": {"a": None, "b": [None, {"variables": None}]},
        "activateInstructions": [{"elementId": "x", "variableInstructions": [{"variables": {"c": None}}]}],
    }
    assert json.loads(json_body(body)) == {
        "changeset": {"retries": 3},
        "variables": {"a": None, "b": [None, {"variables": None}]},
        "activateInstructions": [{"elementId": "x", "variableInstructions": [{"variables": {"c": None}}]}],
    }
    assert body["tenantId"] is None
    assert json_body({"variables": None}) == b"{}"


class Level(enum.IntEnum):
    HIGH = 3


class Colour(str, enum.Enum):
    RED = "red"


def test_the_relatives_of_json_types_are_taken() -> None:
    body = types.MappingProxyType(
        {"variables": OrderedDict(level=Level.HIGH, colour=Colour.RED, pair=(1, 2))}
    )
    assert json.loads(json_body(body)) == {"variables": {"level": 3, "colour": "red", "pair": [1, 2]}}


class Number(int):
    """A number that the quick look does not know."""


def test_variables_keep_signed_and_unsigned_integers_of_64_bits() -> None:
    variables = {"low": -(2**63), "signed": 2**63 - 1, "unsigned": [2**63, Number(2**64 - 1)]}
    assert json.loads(json_body({"variables": variables})) == {"variables": variables}


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def endless() -> Any:
    value: list[Any] = []
    value += [value, value]
    return value


@pytest.mark.parametrize(
    ("body", "place", "way_out"),
    [
        ({"variables": {"items": [1, 2, 3, float("nan")]}}, "variables.items[3]", "not a JSON number"),
        ({"variables": {"x": float("inf")}}, "variables.x", "not a JSON number"),
        ({"variables": {"x": 2**64}}, "variables.x", "send it as text"),
        ({"variables": {"x": [Number(2**64)]}}, "variables.x[0]", "send it as text"),
        ({"timeout": 2**63}, "timeout", "more than 64 bits"),
        ({"variables": {"x": -(2**63) - 1}}, "variables.x", "send it as text"),
        ({"timeout": 10**30}, "timeout", "more than 64 bits"),
        ({"variables": {"x": {1, 2}}}, "variables.x", "make a list of it"),
        ({"variables": {"x": b"raw"}}, "variables.x", "base64"),
        ({"variables": {"when": datetime.date(2025, 1, 1)}}, "variables.when", "date"),
        ({"variables": {"sum": decimal.Decimal(1)}}, "variables.sum", "Decimal"),
        ({"variables": {"a": {1: "x"}}}, "variables.a", "key 1 is not text"),
        ({None: 1}, "the body", "key None is not text"),
        ({"variables": {"a": [{"b": {(1, 2): 3}}]}}, "variables.a[0].b", "is not text"),
        ({"variables": {"x": "\ud800"}}, "variables.x", "not valid Unicode"),
        ({"variables": {"\udfff": 1}}, "variables", "not valid Unicode"),
        ({"tags": ["a", None]}, "tags[1]", "leave it out"),
        ({"variables": {"x": nested(MAX_DEPTH + 1)}}, "variables.x[0]", "nested deeper"),
        ({"variables": {"x": nested(100_000)}}, "", "nested deeper"),
        ({"variables": {"x": endless()}}, "variables.x[0]", "contains itself"),
        ([1], "", "must be a mapping"),
        ("{}", "", "must be a mapping"),
    ],
)
def test_what_json_or_the_server_cannot_carry_is_refused_by_its_place(
    body: Any, place: str, way_out: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        json_body(body)
    assert caught.value.message.startswith(place)
    assert way_out in caught.value.message
    assert len(caught.value.message) < 300
    with pytest.raises(InvalidRequest) as checked:
        check_json(body)
    assert checked.value.message == caught.value.message


def test_a_body_that_is_only_checked_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(_encoding, "write")
    check_json(None)
    check_json({"retries": None, "variables": {"a": [1.5, None, "ä"], "b": {"c": True}}})


def test_as_deep_as_allowed_is_written() -> None:
    assert json.loads(json_body({"variables": nested(MAX_DEPTH - 1)}))


def parts(content_type: str, body: bytes) -> list[tuple[dict[str, Any], Any]]:
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    return [
        (
            {**dict(part["content-disposition"].params), "type": part.get("content-type")},
            part.get_payload(decode=True),
        )
        for part in message.iter_parts()
    ]


def test_a_deployment_has_a_part_per_file_and_per_field() -> None:
    files = [("a.bpmn", b"<a/>"), ("b.dmn", bytes(range(256)))]
    first, second, third = parts(*multipart_body({"tenantId": "t1"}, files))
    stream = "application/octet-stream"
    assert first == ({"name": "resources", "filename": "a.bpmn", "type": stream}, b"<a/>")
    assert second == ({"name": "resources", "filename": "b.dmn", "type": stream}, bytes(range(256)))
    assert third == ({"name": "tenantId", "type": None}, b"t1")


def test_a_field_that_was_not_given_has_no_part() -> None:
    assert len(parts(*multipart_body({"tenantId": None}, [("a", b"")]))) == 1


def test_file_names_are_raw_utf8_with_quotes_escaped() -> None:
    _, body = multipart_body(None, [('ordner/ä 100%41 "q" \\.bpmn', b"")])
    assert 'filename="ordner/ä 100%41 \\"q\\" \\\\.bpmn"'.encode() in body


def test_the_boundary_is_in_no_file_even_if_someone_tries() -> None:
    content_type, _ = multipart_body(None, [("a", b"x")])
    boundary = content_type.partition("boundary=")[2].encode()
    second_type, body = multipart_body(None, [("a", b"x"), ("b", boundary)])
    second = second_type.partition("boundary=")[2].encode()
    assert second != boundary
    assert body.count(b"--" + second) == 3


def test_equal_deployments_are_equal_bytes() -> None:
    others: list[Any] = [bytearray(b"x"), memoryview(b"x")]
    for other in others:
        assert multipart_body(None, [("a", b"x")]) == multipart_body(None, [("a", other)])


@pytest.mark.parametrize(
    ("files", "text"),
    [
        ([], "at least one resource"),
        ([("a", b"1"), ("a", b"2")], "'a' is used twice"),
        ([("a", "text")], "must be bytes"),
        ([("a", None)], "must be bytes"),
        ([("", b"")], "not empty"),
        ([(b"a", b"")], "must be text"),
        ([("a\nb", b"")], "control character"),
        ([("\ud800", b"")], "not valid Unicode"),
        ([("a", b"", b"")], "pair (name, content)"),
        (["ab"], "pair (name, content)"),
        ({"a": b""}, "must be a list"),
        ("ab", "must be a list"),
        (b"ab", "must be a list"),
    ],
)
def test_a_deployment_that_cannot_work_is_refused(files: Any, text: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        multipart_body(None, files)
    assert text in caught.value.message
    assert "files" in caught.value.message


@pytest.mark.parametrize("value", [1, "", b"t", "\ud800"])
def test_a_field_that_is_no_text_is_refused(value: Any) -> None:
    with pytest.raises(InvalidRequest, match="tenantId"):
        multipart_body({"tenantId": value}, [("a", b"")])
