"""The named codecs of the table: messages whose REST shape no rule covers.

Each is a pair of functions around the regular reading of a message: ``encode(regular, message)``
gives JSON and ``decode(regular, data)`` gives the message. They see messages only through their
fields, so protobuf is not imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

__all__ = ["MESSAGES", "Misfit", "Regular"]


class Misfit(ValueError):
    """A value that has no place on the other wire. ``at`` is where it stands, outermost part first."""

    def __init__(self, text: str, *at: str) -> None:
        super().__init__(text)
        self.text = text
        self.at = list(at)

    def within(self, part: str) -> Misfit:
        """The same misfit, seen from one level further out."""
        self.at.insert(0, part)
        return self

    def __str__(self) -> str:
        where = "".join(part if part.startswith("[") else f".{part}" for part in self.at).lstrip(".")
        return f"{where}: {self.text}" if where else self.text


class Regular(Protocol):
    """How a message is read and written when only the rules apply."""

    def regular_encode(self, message: Any) -> dict[str, Any]:
        """The message as a JSON object."""

    def regular_decode(self, data: Any) -> Any:
        """The JSON object as a message."""


Encode = Callable[[Regular, Any], Any]
Decode = Callable[[Regular, Any], Any]


def _encode(regular: Regular, message: Any) -> Any:
    return regular.regular_encode(message)


def _decode(regular: Regular, data: Any) -> Any:
    return regular.regular_decode(data)


def _object(data: Any) -> Mapping[str, Any]:
    if not isinstance(data, Mapping):
        raise Misfit(f"must be an object, not {type(data).__name__}")
    return data


# StringList wraps a list, so that gRPC can tell "not given" from "empty"; in REST absence tells it.


def _encode_bare_list(regular: Regular, message: Any) -> Any:
    return list(message.values)


def _decode_bare_list(regular: Regular, data: Any) -> Any:
    return regular.regular_decode({"values": data})


# JobResult is one message in gRPC and two closed shapes in REST, told apart by `type`.

_USER_TASK = "userTask"
_RESULT_FIELDS = {
    _USER_TASK: {"type", "denied", "deniedReason", "corrections"},
    "adHocSubProcess": {
        "type",
        "activateElements",
        "isCompletionConditionFulfilled",
        "isCancelRemainingInstances",
    },
}


def _encode_job_result(regular: Regular, message: Any) -> Any:
    body = regular.regular_encode(message)
    kind = body.setdefault("type", _USER_TASK) or _USER_TASK
    allowed = _RESULT_FIELDS.get(kind)
    if allowed is None:
        raise Misfit(f"must be one of {', '.join(_RESULT_FIELDS)}, not {kind!r}", "type")
    foreign = sorted(set(body) - allowed)
    if foreign:
        raise Misfit(
            f"a result of type {kind} does not take it: leave it unset, or set the type it belongs to",
            foreign[0],
        )
    body["type"] = kind
    return body


# A runtime instruction is a oneof in gRPC and a tagged object in REST.

_TAGS = {"terminate": "TERMINATE_PROCESS_INSTANCE"}
_TAGGED = {tag: name for name, tag in _TAGS.items()}


def _encode_runtime_instruction(regular: Regular, message: Any) -> Any:
    for name, value in regular.regular_encode(message).items():
        return {"type": _TAGS[name], **value}
    raise Misfit(f"an instruction must say what to do: set one of {', '.join(_TAGS)}")


def _decode_runtime_instruction(regular: Regular, data: Any) -> Any:
    rest = dict(_object(data))
    tag = rest.pop("type", _TAGS["terminate"])  # 8.8 may leave out the only type there is
    if tag not in _TAGGED:
        raise Misfit(f"must be one of {', '.join(_TAGGED)}, not {tag!r}", "type")
    return regular.regular_decode({_TAGGED[tag]: rest})


# REST refuses a variable instruction without variables, gRPC takes it and does nothing.


def _drop_empty_variables(body: dict[str, Any]) -> dict[str, Any]:
    instructions = [each for each in body.pop("variableInstructions", ()) if each.get("variables")]
    if instructions:
        body["variableInstructions"] = instructions
    return body


def _encode_without_empty_variables(regular: Regular, message: Any) -> Any:
    return _drop_empty_variables(regular.regular_encode(message))


# A move names its source and its ancestor by flat fields in gRPC and by tagged objects in REST.

_ANCESTOR_FLAGS = {
    "inferAncestorScopeFromSourceHierarchy": "inferred",
    "useSourceParentKeyAsAncestorScopeKey": "sourceParent",
}


def _encode_move(regular: Regular, message: Any) -> Any:
    body = _drop_empty_variables(regular.regular_encode(message))
    source_id, source_key = body.pop("sourceElementId", None), body.pop("sourceElementInstanceKey", None)
    if (source_id is None) == (source_key is None):
        raise Misfit("set exactly one of sourceElementId and sourceElementInstanceKey")
    body["sourceElementInstruction"] = (
        {"sourceType": "byKey", "sourceElementInstanceKey": source_key}
        if source_id is None
        else {"sourceType": "byId", "sourceElementId": source_id}
    )
    ancestor = body.pop("ancestorElementInstanceKey", None)
    scopes: list[dict[str, Any]] = []
    if ancestor is not None and int(ancestor) > 0:
        scopes.append({"ancestorScopeType": "direct", "ancestorElementInstanceKey": ancestor})
    scopes += [{"ancestorScopeType": kind} for flag, kind in _ANCESTOR_FLAGS.items() if body.pop(flag, False)]
    if len(scopes) > 1:
        raise Misfit(f"REST takes one of ancestorElementInstanceKey, {', '.join(_ANCESTOR_FLAGS)}: set one")
    if scopes:
        body["ancestorScopeInstruction"] = scopes[0]
    return body


def _decode_move(regular: Regular, data: Any) -> Any:
    body = dict(_object(data))
    source = dict(_object(body.pop("sourceElementInstruction", {})))
    source.pop("sourceType", None)
    scope = dict(_object(body.pop("ancestorScopeInstruction", None) or {}))
    kind = scope.pop("ancestorScopeType", "direct")
    flags = {flag: True for flag, name in _ANCESTOR_FLAGS.items() if name == kind}
    if kind != "direct" and not flags:
        raise Misfit(f"is unknown: {kind!r}", "ancestorScopeInstruction", "ancestorScopeType")
    return regular.regular_decode({**body, **source, **scope, **flags})


# A terminate instruction names its target by id or by key; REST has a shape for each.


def _encode_terminate(regular: Regular, message: Any) -> Any:
    body = regular.regular_encode(message)
    if len(body) > 1:
        raise Misfit("REST takes one of elementInstanceKey and elementId: set one")
    return body or {"elementInstanceKey": "0"}


# Topology writes its enums in lower case.


def _encode_lower_case(regular: Regular, message: Any) -> Any:
    body = regular.regular_encode(message)
    return {name: value.lower() if isinstance(value, str) else value for name, value in body.items()}


def _decode_upper_case(regular: Regular, data: Any) -> Any:
    body = _object(data)
    return regular.regular_decode({k: v.upper() if isinstance(v, str) else v for k, v in body.items()})


# The keys of a user task may be ids of another system, which gRPC has no room for: those stay unset.


def _decode_without_foreign_keys(regular: Regular, data: Any) -> Any:
    body = dict(_object(data))
    for name in ("formKey", "userTaskKey"):
        if isinstance(body.get(name), str) and not body[name].lstrip("-").isdigit():
            del body[name]
    return regular.regular_decode(body)


# A deployment lists one object per item, with a property per kind. Kinds that gRPC does not know
# (generic resources, from 8.7) are left out, as the gRPC gateway does.

_KINDS = ("processDefinition", "decisionDefinition", "decisionRequirements", "form")


def _decode_known_deployments(regular: Regular, data: Any) -> Any:
    body = dict(_object(data))
    items = body.get("deployments") or ()
    body["deployments"] = [item for item in items if any(item.get(kind) is not None for kind in _KINDS)]
    return regular.regular_decode(body)


def _encode_processes_only(regular: Regular, message: Any) -> Any:
    body = regular.regular_encode(message)
    body["deployments"] = [{"processDefinition": process} for process in body["deployments"]]
    return body


def _decode_processes_only(regular: Regular, data: Any) -> Any:
    body = dict(_object(data))
    processes = [item.get("processDefinition") for item in body.get("deployments") or ()]
    body["deployments"] = [process for process in processes if process is not None]
    body.pop("tenantId", None)
    return regular.regular_decode(body)


# A failed evaluation has no output in gRPC, and the text "null" in REST. One key has two names over
# the versions; where REST has left the older one out, those who read it still find it.


def _encode_evaluation(regular: Regular, message: Any) -> Any:
    body = regular.regular_encode(message)
    body["output"] = body["output"] or "null"
    return body


def _decode_evaluation(regular: Regular, data: Any) -> Any:
    body = dict(_object(data))
    if body.get("failedDecisionDefinitionId"):
        body["output"] = ""
    body["decisionInstanceKey"] = body.get("decisionInstanceKey") or body.get("decisionEvaluationKey")
    return regular.regular_decode(body)


#: The codecs by the name that the table uses.
MESSAGES: Mapping[str, tuple[Encode, Decode]] = {
    "bare_list": (_encode_bare_list, _decode_bare_list),
    "job_result": (_encode_job_result, _decode),
    "runtime_instruction": (_encode_runtime_instruction, _decode_runtime_instruction),
    "without_empty_variables": (_encode_without_empty_variables, _decode),
    "move_instruction": (_encode_move, _decode_move),
    "terminate_instruction": (_encode_terminate, _decode),
    "lower_case_names": (_encode_lower_case, _decode_upper_case),
    "without_foreign_keys": (_encode, _decode_without_foreign_keys),
    "known_deployments": (_encode, _decode_known_deployments),
    "processes_only": (_encode_processes_only, _decode_processes_only),
    "evaluation": (_encode_evaluation, _decode_evaluation),
}
