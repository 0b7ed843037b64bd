"""Nothing is missing: our lists against the protocol's descriptor and against the published OpenAPI files."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from bridge._table.mapping import ABSENT, CODECS, EXPLICIT, NAMES, ROWS
from bridge._table.transcode import classes_of
from camunda_grpc._generated import gateway_pb2
from camunda_rest import operations
from camunda_rest.operations import Operation, Version
from tests.contract import fill, openapi, places, proto, published
from tests.contract.corpus import ON_REST, PUBLISHED_RPCS, answer_places, request_places
from tests.contract.test_protocol import OURS


def covered(place: str, by: Iterable[str]) -> bool:
    """Whether a place is one of some others, or stands below one."""
    return any(re.match(re.escape(other) + r"($|[.\[])", place) for other in by)


def published_in(version: str, operation: Operation) -> openapi.Operation:
    return openapi.operations(version)[operation.id]


def operation_of(rpc: str) -> Operation:
    operation = ROWS[rpc].operation
    assert operation is not None
    return operation


#: Each operation with each published version that is not older than it.
PUBLISHED = [
    pytest.param(version, each, id=f"{each.id}-{version}")
    for each in operations.BY_ID.values()
    for version, number in published.RESTS.items()
    if each.since <= number
]


# The protocol


def test_the_table_has_a_row_for_each_rpc_and_no_other() -> None:
    assert set(ROWS) == {method.name for method in gateway_pb2.DESCRIPTOR.services_by_name["Gateway"].methods}
    assert all(rpc == row.rpc for rpc, row in ROWS.items())


def test_every_rpc_without_an_operation_says_how_it_is_served() -> None:
    assert set(ROWS) - set(ON_REST) == {"StreamActivatedJobs"}
    row = ROWS["StreamActivatedJobs"]
    assert row.emulated
    assert row.emulated_by in ON_REST


def test_the_emulated_rpc_has_no_field_that_its_stand_in_lacks() -> None:
    for rpc in set(ROWS) - set(ON_REST):
        own, stand_in = (classes_of(each)[0].DESCRIPTOR for each in (rpc, ROWS[rpc].emulated_by))
        for each in own.fields:
            other = stand_in.fields_by_name[each.name]
            assert (other.type, proto.repeated(other)) == (each.type, proto.repeated(each))


@pytest.mark.parametrize("rpc", ON_REST)
def test_every_request_field_has_a_place_and_every_place_a_field(rpc: str) -> None:
    assert set(request_places(rpc)) == set(fill.places(classes_of(rpc)[0].DESCRIPTOR))


@pytest.mark.parametrize("rpc", ON_REST)
def test_every_answer_field_has_a_place_and_every_place_a_field(rpc: str) -> None:
    assert set(answer_places(rpc)) == set(fill.places(classes_of(rpc)[1].DESCRIPTOR))


@pytest.mark.parametrize("rpc", ON_REST)
def test_a_field_without_a_place_is_declared_as_unanswered(rpc: str) -> None:
    homeless = {place.grpc for place in answer_places(rpc).values() if not place.rest}
    assert homeless == set(ROWS[rpc].unanswered)
    assert all(place.rest for place in request_places(rpc).values())


# The published OpenAPI files


@pytest.mark.parametrize(("version", "operation"), PUBLISHED)
def test_an_operation_is_published_where_we_send_it(version: str, operation: Operation) -> None:
    theirs = published_in(version, operation)
    assert (theirs.method, theirs.path) == (operation.method, operation.path)
    assert theirs.multipart == (operation.body == "multipart")
    assert (theirs.request is None) == (operation.body == "none")


def test_an_operation_newer_than_the_first_is_not_published_before() -> None:
    for operation in operations.BY_ID.values():
        for version, number in published.RESTS.items():
            assert (operation.id in openapi.operations(version)) == (operation.since <= number)


def test_every_operation_has_an_rpc() -> None:
    assert {row.operation for row in ROWS.values()} - {None} == set(operations.BY_ID.values())


@pytest.mark.parametrize(("version", "operation"), PUBLISHED)
def test_every_request_property_is_reached_by_a_field_or_listed_with_the_reason(
    version: str, operation: Operation
) -> None:
    theirs = set(openapi.properties(published_in(version, operation).request))
    theirs |= {f"/{name}" for name in re.findall(r"\{(\w+)\}", operation.path)}
    if "resources[]" in theirs:  # a file: its content, and its name in the head of the part
        theirs = theirs - {"resources[]"} | {"resources[].filename", "resources[].content"}
    rpcs = [rpc for rpc in ON_REST if operation_of(rpc) is operation]
    ours = {place.rest: place.since for rpc in rpcs for place in request_places(rpc).values()}
    tags = {tag for rpc in rpcs for tag in places.TAGS.get(rpc, ())}
    assert theirs - set(ours) - tags == set()
    number = published.RESTS[version]
    assert {rest for rest, since in ours.items() if since <= number} - theirs == set()
    assert {rest for rest, since in ours.items() if since > number} & theirs - tags == set()


@pytest.mark.parametrize(("version", "rpc"), PUBLISHED_RPCS)
def test_every_answer_property_is_read_or_listed_with_the_reason(version: str, rpc: str) -> None:
    (schema,) = published_in(version, operation_of(rpc)).answers.values()
    theirs = set(openapi.properties(schema))
    ours = {place.rest: place.since for place in answer_places(rpc).values() if place.rest}
    dropped = ROWS[rpc].beyond
    assert {each for each in theirs - set(ours) if not covered(each, dropped)} == set()
    assert not any(covered(rest, dropped) for rest in ours)
    number = published.RESTS[version]
    assert {rest for rest, since in ours.items() if since <= number} - theirs == set()
    assert {rest for rest, since in ours.items() if since > number} & theirs == set()


def test_every_tag_and_every_property_beyond_grpc_is_published() -> None:
    for rpc in ON_REST:
        operation = operation_of(rpc)
        theirs = openapi.operations(published.NEWEST).get(operation.id)
        assert theirs is not None
        assert set(places.TAGS.get(rpc, ())) <= set(openapi.properties(theirs.request))
        (schema,) = theirs.answers.values()
        for dropped in ROWS[rpc].beyond:
            assert any(covered(each, [dropped]) for each in openapi.properties(schema)), dropped


def test_what_a_rest_gateway_must_add_lies_beyond_grpc() -> None:
    for rpc, required in places.REQUIRED.items():
        assert set(required) <= set(ROWS[rpc].beyond)


# Versions


@pytest.mark.parametrize("operation", operations.BY_ID.values(), ids=lambda each: each.id)
def test_the_operation_names_every_property_that_is_newer_than_itself(operation: Operation) -> None:
    marked: dict[str, Version] = {
        place.rest: place.since
        for rpc in ON_REST
        if operation_of(rpc) is operation
        for place in request_places(rpc).values()
        if place.since > operation.since
    }
    for place, since in marked.items():
        assert [version for name, version in operation.newer.items() if covered(place, [name])] == [since], (
            place
        )
    second_names = {"leaseToken"}  # the lease token had this name for a while
    for name, version in operation.newer.items():
        if name not in second_names:
            assert {since for place, since in marked.items() if covered(place, [name])} == {version}, name


# The table


def _messages(side: int) -> set[str]:
    """The messages that the requests (0) or answers (1) of the table's RPCs are made of."""
    pending = [classes_of(rpc)[side].DESCRIPTOR for rpc in ON_REST]
    found: dict[str, object] = {}
    while pending:
        message = pending.pop()
        name = message.full_name.partition(".")[2]
        if name not in found:
            found[name] = message
            pending += [each.message_type for each in message.fields if each.message_type is not None]
    return set(found)


def test_every_name_of_the_table_is_a_message_or_field_of_the_protocol() -> None:
    fields = {(message, each.name) for (message, _), each in OURS.fields.items()}
    reachable = _messages(0) | _messages(1)
    for table in (NAMES, EXPLICIT, ABSENT):
        for message, names in table.items():
            assert message in reachable, message
            assert {(message, name) for name in names} <= fields, message
    assert set(EXPLICIT) <= _messages(0)
    assert set(CODECS) <= reachable


def test_every_name_of_a_row_is_a_field_of_its_request_or_answer() -> None:
    for rpc in ON_REST:
        row = ROWS[rpc]
        request, answer = (cls.DESCRIPTOR.fields_by_name for cls in classes_of(rpc))
        top = request[row.lift].message_type.fields_by_name if row.lift else request
        assert set(row.choice) <= set(top)
        assert {name for names in row.choice.values() for name in names} <= set(top)
        assert {name for names in row.inside.values() for name in names} <= set(request)
        assert set(row.required) <= set(request)
        assert set(row.unanswered) <= set(answer)
        assert not row.messages or row.messages in answer
        if row.files is not None:
            collection, name, content = row.files
            assert {name, content} <= set(request[collection].message_type.fields_by_name)
