"""Which operations there are and which properties their requests may carry: of published OpenAPI files, and of the facts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from camunda_rest.operations import Version
from tests.contract import facts

_HTTP_METHODS = ("get", "put", "post", "patch", "delete")


@dataclass(frozen=True)
class PublishedOperation:
    """One operation as published: where it lives, what it takes, and every request property as a dotted path."""

    id: str
    method: str
    path: str
    body: str
    properties: frozenset[str]
    query: frozenset[str]


@lru_cache(maxsize=64)
def _read(file: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load(file.read_text(encoding="utf-8"), Loader=loader)


def published_operations(folder: Path) -> dict[str, PublishedOperation]:
    """Every operation under ``folder`` (one ``rest-api.yaml``, or one split over several files), by operation id."""
    roots = [file for file in (folder / "v2" / "rest-api.yaml", folder / "rest-api.yaml") if file.exists()]
    if not roots:
        raise FileNotFoundError(f"no rest-api.yaml in {folder}")
    found = {}
    for path, item in _read(roots[0])["paths"].items():
        file, item = _follow(roots[0], item)
        for method in _HTTP_METHODS:
            if method in item:
                operation = _operation(file, method, path, item)
                found[operation.id] = operation
    return found


def operations_of_the_facts(version: Version) -> dict[str, PublishedOperation]:
    """The same of the facts of the contract."""
    found = {}
    for operation in facts.Spec(version).operations.values():
        body = "multipart" if operation.multipart else "none" if operation.request is None else "json"
        known = facts.rest()["operations"][operation.id]
        found[operation.id] = PublishedOperation(
            id=operation.id,
            method=operation.method,
            path=operation.path,
            body=body,
            properties=frozenset(_properties(Path(), dict(operation.request or {}), "", ())),
            query=frozenset(known.get("query", ())),
        )
    return found


def _operation(file: Path, method: str, path: str, item: dict[str, Any]) -> PublishedOperation:
    node = item[method]
    parameters = [_follow(file, p)[1] for p in [*item.get("parameters", ()), *node.get("parameters", ())]]
    body, properties = "none", frozenset[str]()
    if "requestBody" in node:
        where, request = _follow(file, node["requestBody"])
        content = request["content"]
        body = "multipart" if "multipart/form-data" in content else "json"
        media = content.get("multipart/form-data") or content.get("application/json") or {}
        properties = frozenset(_properties(where, media.get("schema", {}), "", ()))
    return PublishedOperation(
        id=node["operationId"],
        method=method.upper(),
        path=path.removeprefix("/v2"),
        body=body,
        properties=properties,
        query=frozenset(p["name"] for p in parameters if p["in"] == "query"),
    )


def _follow(file: Path, node: dict[str, Any]) -> tuple[Path, dict[str, Any]]:
    for _ in range(20):
        if "$ref" not in node:
            return file, node
        where, _, pointer = node["$ref"].partition("#")
        file = (file.parent / where).resolve() if where else file
        target = _read(file)
        for part in pointer.strip("/").split("/"):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        node = target
    raise ValueError(f"references without end in {file}")


def _properties(file: Path, node: dict[str, Any], prefix: str, seen: tuple[int, ...]) -> Iterator[str]:
    file, schema = _follow(file, node)
    if id(schema) in seen:
        return
    seen = (*seen, id(schema))
    for part in ("allOf", "oneOf", "anyOf"):
        for choice in schema.get(part, ()):
            yield from _properties(file, choice, prefix, seen)
    if "items" in schema:
        yield from _properties(file, schema["items"], f"{prefix}[]", seen)
    for name, child in schema.get("properties", {}).items():
        place = f"{prefix}.{name}" if prefix else name
        yield place
        yield from _properties(file, child, place, seen)
