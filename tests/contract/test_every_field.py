"""Every field of every message: filled through its descriptor, transcoded, looked for in its place, and shown to the referees.

The places are those of ``places`` (written from the two wires, not from the table); the referees are the published OpenAPI files.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from bridge._table.mapping import ROWS, RestRequest
from bridge._table.transcode import exchange
from bridge._table.versions import newer_properties
from camunda_core.errors import InvalidRequest
from camunda_rest import _request as wire
from camunda_rest._request import HttpRequest
from tests.contract import corpus, fill, openapi, places, published
from tests.contract.corpus import ON_REST, PUBLISHED_RPCS, REFEREED_RPCS, SHAPED
from tests.contract.test_protocol import MARKS

#: Complete requests that a published version can know: version, RPC, shape.
REFEREED = [
    (version, rpc, shape)
    for rpc, shape in SHAPED
    for version, number in published.OPENAPIS.items()
    if exchange(rpc).operation.since <= number and MARKS.rpcs[rpc] <= number
]

HOLLOW = sorted({(version, rpc) for version, rpc, _ in REFEREED if exchange(rpc).operation.body == "json"})

TAGS = {
    "awaitCompletion": {True},
    "runtimeInstructions[].type": {"TERMINATE_PROCESS_INSTANCE"},
    "moveInstructions[].sourceElementInstruction.sourceType": {"byId", "byKey"},
    "moveInstructions[].ancestorScopeInstruction.ancestorScopeType": {"direct"},
}

Located = dict[tuple[str, tuple[int, ...]], Any]


def located(document: Any) -> Located:
    """The values of a document by place and indices."""
    whole = list(openapi.properties_of(document))
    return {
        (place, indices): value
        for place, indices, value in openapi.values(document, stop=openapi.stops(whole))
    }


def expected(message: Any, where: dict[str, places.Place]) -> Located:
    """Where the values of a message should stand, and what they should look like."""
    return {
        (where[grpc].rest, indices): corpus.in_rest(where[grpc], each, value)
        for grpc, indices, each, value in fill.leaves(message)
        if where[grpc].rest
    }


# Requests


def test_the_shapes_of_a_request_reach_every_field_together() -> None:
    for rpc in ON_REST:
        reached = {
            grpc
            for other, shape in SHAPED
            if other == rpc
            for grpc, *_ in fill.leaves(corpus.request(rpc, shape))
        }
        assert reached == set(corpus.request_places(rpc)), rpc


@pytest.mark.parametrize(("rpc", "shape"), SHAPED)
def test_every_request_field_stands_in_its_place(rpc: str, shape: str) -> None:
    message = corpus.request(rpc, shape)
    found = located(corpus.document(exchange(rpc).to_rest(message)))
    for key, value in expected(message, corpus.request_places(rpc)).items():
        assert found.pop(key) == value, key
    for (place, indices), value in found.items():
        assert place in places.TAGS.get(rpc, ()), f"{place} stands for nothing"
        assert value in TAGS[place], (place, indices)


def test_a_move_names_its_source_by_the_property_that_it_carries() -> None:
    for shape in corpus.SHAPES["ModifyProcessInstance"]:
        body = exchange("ModifyProcessInstance").to_rest(corpus.request("ModifyProcessInstance", shape)).body
        for move in body["moveInstructions"]:
            source = move["sourceElementInstruction"]
            assert (source["sourceType"] == "byId") == ("sourceElementId" in source)
            scope = move.get("ancestorScopeInstruction", {})
            assert (scope.get("ancestorScopeType") == "direct") == ("ancestorElementInstanceKey" in scope)


@pytest.mark.parametrize(("version", "rpc", "shape"), REFEREED)
def test_a_complete_request_is_what_the_published_openapi_allows(version: str, rpc: str, shape: str) -> None:
    rest = exchange(rpc).to_rest(corpus.request(rpc, shape))
    body = without_newer(json.loads(json.dumps(rest.body)), rpc, version)
    openapi.spec(version).check_request(http(rest, body))


def without_newer(body: Any, rpc: str, version: str) -> Any:
    """The body without what came after a published version."""
    for place in corpus.request_places(rpc).values():
        if place.since > published.OPENAPIS[version]:
            openapi.remove(body, place.rest)
    theirs = openapi.operations(version)[exchange(rpc).operation.id]
    for tag in set(places.TAGS.get(rpc, ())) - set(openapi.properties(theirs.request)):
        openapi.remove(body, tag)
    return body


@pytest.mark.parametrize("rpc", ON_REST)
def test_an_empty_request_says_what_rest_would_take_otherwise_and_nothing_else(rpc: str) -> None:
    message = exchange(rpc).request_class()
    if rpc == "UpdateJobPriority":
        with pytest.raises(InvalidRequest, match="priority: must be set"):
            exchange(rpc).to_rest(message)
        message.priority = 0
    assert corpus.document(exchange(rpc).to_rest(message)) == places.EMPTY[rpc]


def test_an_unset_version_is_sent_with_an_id_because_rest_has_another_default() -> None:
    for rpc in ("CreateProcessInstance", "CreateProcessInstanceWithResult"):
        message = exchange(rpc).request_class()
        (message.request if rpc.endswith("Result") else message).bpmnProcessId = "p"
        assert exchange(rpc).to_rest(message).body["processDefinitionVersion"] == 0


@pytest.mark.parametrize(("version", "rpc"), HOLLOW)
def test_whatever_is_empty_in_a_request_the_required_properties_are_there(version: str, rpc: str) -> None:
    checked = 0
    for message in corpus.hollow_requests(rpc):
        try:
            rest = exchange(rpc).to_rest(message)
        except InvalidRequest:  # parts that exclude each other
            continue
        body = without_newer(json.loads(json.dumps(rest.body)), rpc, version)
        openapi.spec(version).check_request(http(rest, body))
        checked += 1
    assert checked


def http(rest: RestRequest, body: Any = None) -> HttpRequest:
    """The request as it goes over the wire."""
    return wire.build(
        openapi.BASE, rest.operation, rest.path, rest.body if body is None else body, rest.files
    )


@pytest.mark.parametrize(
    ("version", "rpc", "shape"),
    [
        each
        for each in REFEREED
        # A form allows anything, and this operation is published without the closing word.
        if exchange(each[1]).operation.body == "json" and each[1] != "EvaluateConditional"
    ],
)
def test_the_referee_refuses_a_request_with_one_property_too_many(version: str, rpc: str, shape: str) -> None:
    rest = exchange(rpc).to_rest(corpus.request(rpc, shape))
    with pytest.raises(Exception, match="Request body validation error"):
        openapi.spec(version).check_request(http(rest, {"noSuchProperty": 1}))


@pytest.mark.parametrize(("rpc", "shape"), SHAPED)
def test_every_property_that_is_newer_than_the_operation_is_noticed_when_it_is_set(
    rpc: str, shape: str
) -> None:
    rest = exchange(rpc).to_rest(corpus.request(rpc, shape))
    newer = dict(newer_properties(rest.operation, rest.body))
    body = json.loads(json.dumps(rest.body, default=str))
    for name in newer:
        assert openapi.remove(body, name), name
    left = {place for place, _ in located(body)}
    for place in corpus.request_places(rpc).values():
        assert place.since <= rest.operation.since or place.rest not in left, place.rest


def test_a_property_newer_than_the_operation_is_never_sent_unasked() -> None:
    for rpc in ON_REST:
        if rpc != "UpdateJobPriority":  # all of it is newer
            rest = exchange(rpc).to_rest(exchange(rpc).request_class())
            assert not dict(newer_properties(rest.operation, rest.body)), rpc


# Answers


@pytest.mark.parametrize(("version", "rpc"), PUBLISHED_RPCS)
def test_every_property_of_a_published_answer_is_read_from_its_place(version: str, rpc: str) -> None:
    answer = corpus.published_answer(rpc, version)
    message = exchange(rpc).answer_from_rest(answer)
    if answer is None:
        assert message == exchange(rpc).answer_class()
        return
    blanked = places.BLANKED.get(rpc, {})
    assert all(answer[reason] for reason in blanked.values())
    read = {place.rest: place for place in corpus.answer_places(rpc).values() if place.rest}
    told = set()
    for (rest, indices), value in located(answer).items():
        if rest in read:
            each, found = _read(message, read[rest].grpc, indices)
            assert corpus.in_rest(read[rest], each, found) == ("" if rest in blanked else value), rest
            told.add((read[rest].grpc, indices))
        elif value is not None:
            assert any(rest.startswith(beyond) for beyond in ROWS[rpc].beyond), rest
    said = {(grpc, indices) for grpc, indices, *_ in fill.leaves(message)}
    assert said <= told


@pytest.mark.parametrize("version", published.RESTS)
@pytest.mark.parametrize("rpc", places.BLANKED)
def test_what_another_property_blanks_is_read_without_it(version: str, rpc: str) -> None:
    for rest, reason in places.BLANKED[rpc].items():
        answer = corpus.published_answer(rpc, version)
        (place,) = [place for place in corpus.answer_places(rpc).values() if place.rest == rest]
        for nothing in (None, ""):
            message = exchange(rpc).answer_from_rest({**answer, reason: nothing})
            assert getattr(message, place.grpc) == answer[rest]


def _without_nulls(value: Any) -> Any:
    """The 8.8 file declares none of its properties nullable; its gateway sends null all the same, as later ones do."""
    if isinstance(value, dict):
        return {name: _without_nulls(each) for name, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value


def _read(message: Any, place: str, indices: tuple[int, ...]) -> tuple[Any, Any]:
    """The field and the value at a place."""
    left = iter(indices)
    each = None
    for name in place.split("."):
        each = message.DESCRIPTOR.fields_by_name[name.removesuffix("[]")]
        message = getattr(message, each.name)
        if name.endswith("[]"):
            message = message[next(left)]
    return each, message


@pytest.mark.parametrize("rpc", ON_REST)
def test_every_answer_field_stands_in_its_place(rpc: str) -> None:
    message = corpus.answer(rpc)
    assert {grpc for grpc, *_ in fill.leaves(message)} == set(corpus.answer_places(rpc))
    found = located(exchange(rpc).answer_to_rest(message))
    for key, value in expected(message, corpus.answer_places(rpc)).items():
        assert found.pop(key) == value, key
    assert {key: value for key, value in found.items() if value is not None} == {}


@pytest.mark.parametrize(("version", "rpc"), REFEREED_RPCS)
def test_a_complete_answer_is_what_the_published_openapi_allows(version: str, rpc: str) -> None:
    rest = exchange(rpc).to_rest(corpus.request(*next(each for each in SHAPED if each[0] == rpc)))
    answer = exchange(rpc).answer_to_rest(corpus.answer(rpc))
    ((status, schema),) = openapi.operations(version)[rest.operation.id].answers.items()
    if schema is None:
        answered = [place for place in corpus.answer_places(rpc).values() if place.rest]
        assert all(place.since > published.OPENAPIS[version] for place in answered)
        return
    for place, value in places.REQUIRED.get(rpc, {}).items():
        openapi.put(answer, place, value)
    if published.OPENAPIS[version] < (8, 9):
        answer = _without_nulls(answer)
    openapi.spec(version).check_answer(http(rest), status, answer)
