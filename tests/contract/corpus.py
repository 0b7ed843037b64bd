"""The messages and documents that the suites transcode: complete ones of every shape that REST tells apart."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

from bridge._table.mapping import ROWS, RestRequest
from bridge._table.transcode import classes_of, exchange
from camunda_rest import _request as wire
from camunda_rest._request import HttpRequest
from tests.contract import openapi, places, published
from tests.contract.fill import JSON_TEXT, filled, is_key
from tests.contract.proto import repeated

#: The RPCs that have an operation of their own.
ON_REST = tuple(rpc for rpc, row in ROWS.items() if row.operation is not None)

#: Each of them with each known version of the REST API that is not older than its operation.
PUBLISHED_RPCS = tuple(
    (version, rpc)
    for rpc in ON_REST
    for version, number in published.RESTS.items()
    if exchange(rpc).operation.since <= number
)

#: Those of them that a published file referees.
REFEREED_RPCS = tuple((version, rpc) for version, rpc in PUBLISHED_RPCS if version in published.OPENAPIS)


def _without(*names: str) -> Callable[[Any], None]:
    def clear(message: Any) -> None:
        for name in names:
            message.ClearField(name)

    return clear


def _user_task(message: Any) -> None:
    message.result.type = "userTask"
    _without("activateElements", "isCompletionConditionFulfilled", "isCancelRemainingInstances")(
        message.result
    )


def _ad_hoc(message: Any) -> None:
    message.result.type = "adHocSubProcess"
    _without("denied", "deniedReason", "corrections")(message.result)


_BY_ID = "sourceElementInstanceKey"
_BY_KEY = "sourceElementId"
_ANCESTORS = (
    "ancestorElementInstanceKey",
    "inferAncestorScopeFromSourceHierarchy",
    "useSourceParentKeyAsAncestorScopeKey",
)


def _modify(*shapes: tuple[str, str]) -> Callable[[Any], None]:
    """Of each move the source that stays out and the ancestor that stays in; terminations by key and by id."""

    def adapt(message: Any) -> None:
        for move, (source, ancestor) in zip(message.moveInstructions, shapes, strict=True):
            _without(source, *(name for name in _ANCESTORS if name != ancestor))(move)
        _without("elementId")(message.terminateInstructions[0])
        _without("elementInstanceKey")(message.terminateInstructions[1])

    return adapt


#: What excludes each other in one request: for each shape, how a complete message is made to fit.
SHAPES: Mapping[str, Mapping[str, Callable[[Any], None]]] = {
    "CompleteJob": {"user task": _user_task, "ad-hoc sub-process": _ad_hoc},
    "CreateProcessInstance": {
        "by id": _without("processDefinitionKey"),
        "by key": _without("bpmnProcessId", "version"),
    },
    "CreateProcessInstanceWithResult": {
        "by id": lambda message: message.request.ClearField("processDefinitionKey"),
        "by key": lambda message: _without("bpmnProcessId", "version")(message.request),
    },
    "EvaluateDecision": {"by id": _without("decisionKey"), "by key": _without("decisionId")},
    "ModifyProcessInstance": {
        "below an ancestor, and inferred": _modify((_BY_ID, _ANCESTORS[0]), (_BY_KEY, _ANCESTORS[1])),
        "below the parent, and anywhere": _modify((_BY_KEY, _ANCESTORS[2]), (_BY_ID, "")),
    },
}

#: Every complete request: RPC and shape.
SHAPED = tuple((rpc, shape) for rpc in ON_REST for shape in SHAPES.get(rpc, {"": None}))


def request(rpc: str, shape: str = "") -> Any:
    """The request of an RPC with every field set that goes with the shape."""
    message = filled(classes_of(rpc)[0])
    if shape:
        SHAPES[rpc][shape](message)
    return message


def hollow_requests(rpc: str) -> list[Any]:
    """Requests whose parts are there but empty: all parts with nothing in them but what tells shapes apart, and the complete
    requests of each shape without any element id.
    """
    found = []
    for told in ("", "sourceElementId"):
        message = classes_of(rpc)[0]()
        _hollow(message, told)
        found.append(message)
    for shape in SHAPES.get(rpc, ()):
        message = request(rpc, shape)
        _without_element_ids(message)
        found.append(message)
    return found


def _hollow(message: Any, told: str) -> None:
    for each in message.DESCRIPTOR.fields:
        if each.message_type is not None:
            child = getattr(message, each.name)
            if repeated(each):
                child = child.add()
            else:
                child.SetInParent()
            _hollow(child, told)
        elif each.name == told:
            setattr(message, told, "x")


def _without_element_ids(message: Any) -> None:
    for each, value in message.ListFields():
        if each.message_type is not None:
            for item in value if repeated(each) else [value]:
                _without_element_ids(item)
        elif each.name == "elementId":
            message.ClearField(each.name)


def answer(rpc: str) -> Any:
    """The answer of an RPC with every field set."""
    return filled(classes_of(rpc)[1])


def published_answer(rpc: str, version: str) -> Any:
    """The answer of the RPC's operation with every property that a published version gives it; None without a body."""
    operation = exchange(rpc).operation
    (schema,) = openapi.operations(version)[operation.id].answers.values()
    return schema and openapi.complete(schema)


def document(rest: RestRequest) -> dict[str, Any]:
    """A REST request as one document: the keys of the path with a slash before them, the files as a list."""
    whole = {**{f"/{name}": value for name, value in rest.path.items()}, **rest.body}
    if rest.files:
        whole["resources"] = [{"filename": name, "content": content} for name, content in rest.files]
    return whole


def in_rest(place: places.Place, each: Any, value: Any) -> Any:
    """What a field's value looks like in REST."""
    if place.constant:
        return place.constant
    if is_key(each):
        return str(value)
    if each.enum_type is not None:
        value = each.enum_type.values_by_number[value].name
    elif each.name in JSON_TEXT:
        value = json.loads(value)
    return value.lower() if place.lower else value


@functools.cache
def request_places(rpc: str) -> Mapping[str, places.Place]:
    """Where the request fields of an RPC belong."""
    return places.of(places.REQUESTS[rpc])


@functools.cache
def answer_places(rpc: str) -> Mapping[str, places.Place]:
    """Where the answer fields of an RPC belong."""
    return places.of(places.ANSWERS[rpc])


def wire_of(rpc: str, message: Any) -> HttpRequest:
    """A request as it goes over the wire. Raises InvalidRequest for what REST cannot carry."""
    rest = exchange(rpc).to_rest(message)
    return wire.build(openapi.BASE, rest.operation, rest.path, rest.body, rest.files)
