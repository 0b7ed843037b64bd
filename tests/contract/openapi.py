"""The published OpenAPI files as referees: their properties, complete answers made from them, and validation against them."""

from __future__ import annotations

import functools
import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from camunda_rest._request import HttpRequest
from tests.contract import facts, published
from tests.contract.facts import Operation

BASE = "http://localhost:8080/v2"

_METHODS = ("get", "put", "post", "patch", "delete")
_UNICODE_CLASSES = {r"\p{L}": "a-zA-Z", r"\p{N}": "0-9"}
_TEXTS = {  # a text for each pattern that the answers use
    r"^-?[0-9]+$": lambda number: str(2**60 + number),
    r"^(<default>|[A-Za-z0-9_@.+-]+)$": lambda number: f"tenant_{number}",
}


class Spec:
    """One published version."""

    def __init__(self, folder: Path) -> None:
        self.root = next(
            file for file in (folder / "rest-api.yaml", folder / "v2" / "rest-api.yaml") if file.exists()
        )
        self._files: dict[Path, Any] = {}
        self.operations = {each.id: each for each in self._operations()}

    # Reading

    def _operations(self) -> Iterator[Operation]:
        for path, item in self._file(self.root)["paths"].items():
            resolved = self._resolve(item, self.root)
            for method in _METHODS:
                if method in resolved:
                    yield self._operation(method, path, resolved[method])

    @staticmethod
    def _operation(method: str, path: str, node: Mapping[str, Any]) -> Operation:
        content = node.get("requestBody", {}).get("content", {})
        multipart = "multipart/form-data" in content
        answers = {}
        for status, answer in node["responses"].items():
            if str(status).startswith("2"):
                body = answer.get("content", {}).get("application/json")
                answers[int(status)] = body and body["schema"]
        schema = content.get("multipart/form-data" if multipart else "application/json", {}).get("schema")
        return Operation(node["operationId"], method.upper(), path, schema, multipart, answers)

    def _file(self, file: Path) -> Any:
        if file not in self._files:
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            self._files[file] = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)
        return self._files[file]

    def _resolve(self, node: Any, file: Path, depth: int = 0) -> Any:
        if depth > 200:
            raise ValueError(f"references without end in {file}")
        if isinstance(node, list):
            return [self._resolve(each, file, depth + 1) for each in node]
        if not isinstance(node, dict):
            return node
        if "$ref" not in node:
            return {name: self._resolve(each, file, depth + 1) for name, each in node.items()}
        where, _, pointer = node["$ref"].partition("#")
        target = (file.parent / where).resolve() if where else file
        found = self._file(target)
        for part in filter(None, pointer.split("/")):
            found = found[part.replace("~1", "/").replace("~0", "~")]
        return self._resolve(found, target, depth + 1)

    # Validation

    @functools.cached_property
    def repaired(self) -> Path:
        """The root of a copy that validators can take by its word."""
        self._copy = tempfile.TemporaryDirectory()
        for file in self.root.parent.glob("*.yaml"):
            text = json.dumps(_repaired(self._file(file)), default=str)  # JSON is YAML
            (Path(self._copy.name) / file.name).write_text(text, encoding="utf-8")
        return Path(self._copy.name) / self.root.name

    @functools.cached_property
    def _referee(self) -> OpenAPI:
        return OpenAPI.from_file_path(str(self.repaired))

    def check_request(self, request: HttpRequest) -> None:
        """Raises when the published file does not allow this request."""
        self._referee.validate_request(_request(request))

    def check_answer(self, request: HttpRequest, status: int, body: Any) -> None:
        """Raises when the published file does not allow this answer."""
        answer = MockResponse(json.dumps(body).encode(), status_code=status, content_type="application/json")
        self._referee.validate_response(_request(request), answer)


def _repaired(node: Any) -> Any:
    """The published text without what no validator can take by its word.

    - Python's ``re`` does not know the classes of Unicode that two patterns use.
    - Shapes of which exactly one must fit are sometimes all plain text (the kinds of keys): then every value fits several.
    - ``nullable`` beside ``allOf`` allows no null, since each part of ``allOf`` refuses it; that it is meant is plain.
    - A URI of which the example is a path is a reference to one.
    - The key of one evaluated decision is published as a number; it is two with a dash between them.
    - Which decision failed is published as an id, and is empty when none did.
    """
    if isinstance(node, list):
        return [_repaired(each) for each in node]
    if isinstance(node, str):
        for unknown, known in _UNICODE_CLASSES.items():
            node = node.replace(unknown, known)
        return node
    if not isinstance(node, dict):
        return node
    node = {name: _repaired(each) for name, each in node.items()}
    if any(
        shape.get("type") == "string" or str(shape.get("$ref")).endswith("Key") for shape in _shapes(node)
    ):
        node["anyOf"] = node.pop("oneOf")
    if node.get("nullable") is True and "allOf" in node and "type" not in node:
        null = {"type": "string", "nullable": True, "enum": [None]}
        node = {"anyOf": [{name: each for name, each in node.items() if name != "nullable"}, null]}
    if node.get("format") == "uri" and str(node.get("example")).startswith("/"):
        node["format"] = "uri-reference"
    if "decisionEvaluationInstanceKey" in node.get("properties", {}):
        node["properties"]["decisionEvaluationInstanceKey"] = {"type": "string"}
    failed = node.get("properties", {}).get("failedDecisionDefinitionId")
    if failed is not None:
        node["properties"]["failedDecisionDefinitionId"] = {
            "anyOf": [failed, {"type": "string", "enum": [""]}]
        }
    return node


def _shapes(node: Mapping[str, Any]) -> list[Any]:
    shapes = node.get("oneOf")
    return shapes if isinstance(shapes, list) else []


def _request(request: HttpRequest) -> MockRequest:
    url = urlsplit(request.url)
    return MockRequest(
        f"{url.scheme}://{url.netloc}",
        request.method.lower(),
        url.path,
        headers=request.headers,
        data=request.body or b"",
        content_type=request.headers.get("content-type", ""),
    )


@functools.cache
def spec(version: str) -> Spec:
    """The published files of a version; skips the test when they cannot be had."""
    return Spec(published.folder(version))


@functools.cache
def operations(version: str) -> Mapping[str, Operation]:
    """The operations of a version, of the facts or of the published files."""
    if version in facts.RESTS:
        return facts.Spec(facts.RESTS[version]).operations
    return spec(version).operations


# Properties


def properties(schema: Mapping[str, Any] | None, place: str = "") -> Iterator[str]:
    """The place of every property that holds a value (``jobs[].jobKey``), through every alternative shape."""
    found = list(_properties(schema or {}, place))
    yield from dict.fromkeys(found)


def _properties(schema: Mapping[str, Any], place: str) -> Iterator[str]:
    parts = [schema, *_parts(schema)]
    named = [part["properties"] for part in parts if "properties" in part]
    items = [part["items"] for part in parts if "items" in part]
    for each in named:
        for name, child in each.items():
            yield from _properties(child, f"{place}.{name}" if place else name)
    for each in items:
        yield from _properties(each, f"{place}[]")
    if place and not named and not items:
        yield place


def _parts(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for keyword in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(keyword, ()):
            yield part
            yield from _parts(part)


# Examples


def complete(schema: Mapping[str, Any]) -> Any:
    """A value with every property of the schema, no two alike; two items in a list, and of shapes that exclude each other
    one item each.
    """
    return _complete(schema, count(1), "")


def _complete(schema: Mapping[str, Any], numbers: Iterator[int], name: str) -> Any:
    parts = [schema, *_parts(schema)]
    named: dict[str, Any] = {}
    for part in parts:
        named |= part.get("properties", {})
    if named:
        return {each: _complete(child, numbers, each) for each, child in named.items()}
    facts: dict[str, Any] = {}
    for part in parts:
        facts = {**part, **facts}
    if "items" in facts:
        items = facts["items"]
        if exclusive(items):
            return [_only(items, kind, numbers) for kind in items["properties"]]
        return [_complete(items, numbers, name) for _ in range(2)]
    number = next(numbers)
    if "enum" in facts:
        return facts["enum"][number % len(facts["enum"])]
    if facts["type"] == "integer":
        return number if facts.get("format") == "int32" else 2**60 + number
    if facts["type"] == "boolean":
        return True
    if facts["type"] == "object":
        return {f"v{number}": [number, None]}
    if facts.get("format") == "date-time":
        return f"2031-01-01T00:00:{number % 60:02}Z"
    make = _TEXTS.get(facts.get("pattern", ""))
    return make(number) if make else f"{name}_{number}"


def exclusive(items: Mapping[str, Any]) -> bool:
    """Whether the properties of an item exclude each other: those of a deployed item, one for each kind."""
    return set(items.get("properties", ())) >= {"processDefinition", "form"}


def _only(items: Mapping[str, Any], kind: str, numbers: Iterator[int]) -> dict[str, Any]:
    return {
        name: _complete(child, numbers, name) if name == kind else None
        for name, child in items["properties"].items()
    }


# Places in a document


def values(
    document: Any, place: str = "", indices: tuple[int, ...] = (), stop: frozenset[str] = frozenset()
) -> Iterator[tuple[str, tuple[int, ...], Any]]:
    """Every value of a JSON document: its place, the indices of the lists above it, itself. Below the places of ``stop``
    the content is the user's own, and one value. An empty object or list is a value.
    """
    if place in stop or not isinstance(document, (dict, list)) or not document:
        if place:
            yield place, indices, document
    elif isinstance(document, dict):
        for name, child in document.items():
            yield from values(child, f"{place}.{name}" if place else name, indices, stop)
    else:
        for index, child in enumerate(document):
            yield from values(child, f"{place}[]", (*indices, index), stop)


def remove(document: Any, place: str) -> bool:
    """Takes a place (and whatever stands below it) out of a document, and what becomes empty by that; True when it was there."""
    name, _, rest = place.partition(".")
    key = name.removesuffix("[]")
    if not isinstance(document, dict) or key not in document:
        return False
    if not rest:
        del document[key]
        return True
    child = document[key]
    found = False
    for each in child if name.endswith("[]") else [child]:
        found = remove(each, rest) or found
    if found and name.endswith("[]"):
        child[:] = [each for each in child if each]
    if found and not child:
        del document[key]
    return found


def put(document: Any, place: str, value: Any) -> None:
    """Puts a value at a place, in every item of the lists on the way, where nothing stands yet."""
    name, _, rest = place.partition(".")
    child = document.setdefault(name.removesuffix("[]"), [] if name.endswith("[]") else {} if rest else value)
    if rest:
        for each in child if name.endswith("[]") else [child]:
            if each is not None:
                put(each, rest, value)


def stops(places: Iterator[str] | list[str]) -> frozenset[str]:
    """Of some places those whose content is the user's own."""
    return frozenset(place for place in places if re.search(r"(^|\.)(variables|customHeaders)$", place))


def properties_of(document: Any, place: str = "") -> Iterator[str]:
    """The place of every property of a document, objects included."""
    if isinstance(document, dict):
        for name, child in document.items():
            where = f"{place}.{name}" if place else name
            yield where
            yield from properties_of(child, where)
    elif isinstance(document, list):
        for child in document:
            yield from properties_of(child, f"{place}[]")
