"""The contract as facts (``contract/``), in the shapes that the published files are read into, so that the same tests read both."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from camunda_rest.operations import Version
from tests.contract import proto

FOLDER = Path(__file__).resolve().parents[2] / "contract"

#: The versions of which the facts of the gRPC protocol tell, oldest first.
PROTOCOLS: dict[str, Version] = {f"facts {major}.{minor}": (major, minor) for major, minor in
                                 ((8, 5), (8, 6), (8, 7), (8, 8), (8, 9), (8, 10))}  # fmt: skip
#: The versions of which they know every property of the REST API.
RESTS: dict[str, Version] = {
    name: version for name, version in PROTOCOLS.items() if (8, 8) <= version <= (8, 9)
}


def _since(text: str) -> Version:
    major, minor = text.removeprefix("<=").split(".")
    return (0, 0) if text.startswith("<=") else (int(major), int(minor))


@dataclass(frozen=True)
class Operation:
    """One operation with every reference replaced: schemas are plain trees."""

    id: str
    method: str
    path: str
    request: Mapping[str, Any] | None  # schema; None without a body
    multipart: bool
    answers: Mapping[int, Mapping[str, Any] | None]  # successes: status → schema, None without a body
    required: frozenset[str] = frozenset()  # what the query and the body must have


# The gRPC protocol


@functools.cache
def wire() -> dict[str, Any]:
    """The facts of the gRPC protocol as they are written."""
    return dict(json.loads((FOLDER / "gateway_wire_contract.json").read_text(encoding="utf-8")))


def protocol(version: Version) -> proto.Protocol:
    """The gRPC protocol of a version."""

    def there(element: Mapping[str, Any]) -> bool:
        return _since(element["since"]) <= version

    found = proto.Protocol()
    (service,) = wire()["services"]
    for method in filter(there, service["methods"]):
        ask, answer = _short(method["request"]), _short(method["response"])
        found.rpcs[method["name"]] = proto.Rpc(
            ask, answer, method["client_streaming"], method["server_streaming"]
        )
    for message in filter(there, wire()["messages"]):
        name = _short(message["full_name"])
        found.messages.add(name)
        for field in filter(there, message["fields"]):
            kind = _short(field["type_name"]) if field["type_name"] else field["type"]
            found.fields[name, field["number"]] = proto.Field(
                field["name"], kind, _label(field), field.get("oneof") or ""
            )
    for enum in filter(there, wire()["enums"]):
        values = {each["name"]: each["number"] for each in enum["values"]}
        found.enums[_short(enum["full_name"])] = values
    return found


def _short(name: str) -> str:
    return name.removeprefix("gateway_protocol.")


def _label(field: Mapping[str, Any]) -> str:
    if field["label"] == "repeated":
        return "repeated"
    return "optional" if field.get("proto3_optional") else ""


# The REST API


@functools.cache
def rest() -> dict[str, Any]:
    """The facts of the REST API as they are written."""
    return dict(json.loads((FOLDER / "rest_api.json").read_text(encoding="utf-8")))


class Spec:
    """The REST API of one version."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self.operations = {
            name: self._operation(name, facts)
            for name, facts in rest()["operations"].items()
            if _since(facts["since"]) <= version and f"{version[0]}.{version[1]}" in facts["seen"]
        }

    def _operation(self, name: str, facts: Mapping[str, Any]) -> Operation:
        body = facts.get("body") or facts.get("multipart")
        return Operation(
            name,
            facts["method"],
            facts["path"],
            self._schema(body) if body else None,
            "multipart" in facts,
            {
                int(status): self._schema(answer) if isinstance(answer, str) and self._known(answer) else None
                for status, answer in facts["answers"].items()
            },
        )

    def _known(self, name: str) -> bool:
        """Whether a schema is of this version already."""
        facts = rest()["schemas"].get(name.rstrip("!?"), {})
        return _since(facts.get("from", "<=8.5")) <= self._version

    def _schema(self, written: str, inside: frozenset[str] = frozenset()) -> Mapping[str, Any]:
        """The schema that a type means, as a plain tree; inside itself it is an object of which no more is said."""
        kind = written.rstrip("!?")
        if kind.endswith("[]"):
            return {"type": "array", "items": self._schema(kind[:-2], inside)}
        if kind.startswith("map<") or kind in inside:
            return {"type": "object"}
        if kind in _PLAIN:
            return _PLAIN[kind]
        facts, inside = rest()["schemas"][kind], inside | {kind}
        if "alias" in facts:
            return {**self._schema(facts["alias"], inside), **_pattern(facts)}
        if "filter" in facts:  # a value, or an object of operators
            return {"oneOf": [self._schema(facts["filter"], inside), {"type": "object"}]}
        if "enum" in facts:
            return {"type": "string", "enum": facts["enum"]}
        if "union" in facts:
            told = {facts["by"]: {"type": "string", "enum": list(facts["map"])}} if "by" in facts else {}
            kinds = {"oneOf": [self._schema(each, inside) for each in facts["union"] if self._known(each)]}
            return {**kinds, **({"properties": told} if told else {})}
        since = facts.get("since", {})
        properties = {
            name: self._schema(each, inside)
            for name, each in facts.get("fields", {}).items()
            if _since(since.get(name, "<=8.5")) <= self._version
        }
        return {"type": "object", **({"properties": properties} if properties else {})}


_PLAIN: dict[str, Mapping[str, Any]] = {
    "string": {"type": "string"},
    "key": {"type": "string", "pattern": r"^-?[0-9]+$"},
    "int": {"type": "integer", "format": "int32"},
    "long": {"type": "integer", "format": "int64"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "object": {"type": "object"},
    "any": {},
    "binary": {"type": "string", "format": "binary"},
}


def _pattern(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {"pattern": facts["pattern"]} if "pattern" in facts else {}
