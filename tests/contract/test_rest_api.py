"""The generated REST methods against the OpenAPI files that Camunda publishes, both ways.

Requests: hypothesis fills the arguments of every method, and openapi-core says whether the published file allows what is
sent. Answers: complete ones are made from the published schemas, and every field must arrive in our classes.
"""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openapi_core.validation.request.exceptions import InvalidRequestBody

from camunda_core.errors import InvalidRequest
from camunda_rest._documents import Multipart
from camunda_rest._preparing import read_answer
from camunda_rest._request import HttpRequest
from camunda_rest._search import Search
from camunda_rest._versions import parse_version
from camunda_rest._writing import snake
from camunda_rest.api import operations as op
from camunda_rest.api.client import RestOperations
from camunda_rest.api.shapes import SHAPES
from camunda_rest.operations import Operation, Version
from tests.contract import openapi, published
from tests.unit.camunda_rest.api.contract import OPERATIONS, SCHEMAS, TWINS
from tests.unit.camunda_rest.api.test_reading import leaves, leaves_of

DESCRIBED = {each.id: each for each in (getattr(op, name) for name in op.FACTS)}

#: Where the published files say something that the gateway does not do, or nothing that a validator can use.
#: Each entry: the version, the operation, what is wrong there.
#: (What concerns many operations is repaired where the files are read: ``openapi._repaired``.)
MISTAKES: dict[tuple[str, str], str] = {
    (
        "8.9.0-rc1",
        "searchProcessDefinitions",
    ): "the state of a definition came between this candidate and 8.9.0",
    (
        "8.8.9",
        "createAuthorization",
    ): "rights to properties came with 8.9; 8.8 refuses them, and nothing dates them",
    ("8.8.9", "updateAuthorization"): "the same",
    ("8.8.9", "searchIncidents"): "a process id has a pattern where later versions take any text",
    (
        "8.8.9",
        "searchProcessInstanceIncidents",
    ): "its filter came with 8.9; 8.8 refuses it, and nothing dates it",
}


def operations(version: str) -> list[str]:
    """The operations that a version has and that have a generated method."""
    number = published.OPENAPIS[version]
    return [
        name
        for name, facts in OPERATIONS.items()
        if name not in TWINS and parse_version(facts["since"]) <= number
    ]


CASES = [(version, name) for version in published.OPENAPIS for name in operations(version)]


class Recorder(RestOperations):
    """A client that keeps what would be sent; its cluster is of a version, so that what is newer is refused."""

    def __init__(self, version: Version) -> None:
        self._version = version
        self.requests: list[HttpRequest] = []

    def _rest_client(self, operation: str) -> Any:
        return self

    def _rest_version(self) -> Version:
        return self._version

    def send(self, operation: Operation, make: Callable[[str], HttpRequest], **_: Any) -> Any:
        request = make(openapi.BASE)
        if isinstance(request.body, Multipart):
            request = request._replace(body=b"".join(request.body))
        self.requests.append(request)
        raise Sent

    def sent(self, name: str, keys: list[Any], arguments: dict[str, Any]) -> HttpRequest:
        """What the method of an operation sends."""
        try:
            answer = getattr(self, snake(name))(*keys, **arguments)
            if isinstance(answer, Search):
                answer.page()
        except Sent:
            pass
        return self.requests[-1]


class Sent(BaseException):
    """Ends a call where the answer would be read."""


# Arguments


#: Narrower than the newest patterns: what every version allows.
PATTERNS = {
    r"^[\p{L}_][\p{L}\p{N}_\-\.]*$": r"[A-Za-z_][A-Za-z0-9_\-\.]{0,9}",
    r"^[a-zA-Z0-9_~@.+-]+$": r"[a-zA-Z0-9_@.+-]{1,9}",
    r"^(<default>|[\w\.\-]{1,31})$": r"[a-z0-9_\.\-]{1,9}",
    r"^\d*\*$": r"[0-9]{0,4}\*",
}
TEXT = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=("Cs", "Cc", "Z")),
    min_size=1,
    max_size=8,
)
KEYS = st.one_of(st.integers(1, 2**62), st.integers(1, 2**62).map(str))
JSON = st.dictionaries(TEXT, st.one_of(st.none(), st.booleans(), st.integers(-9, 9), TEXT), max_size=2)


@functools.cache
def words(version: str, schema: str) -> list[str]:
    """The words of an enumeration that a version has."""
    spec = openapi.spec(version)
    for file in spec.root.parent.glob("*.yaml"):
        found = spec._file(file).get("components", {}).get("schemas", {}).get(schema, {}).get("enum")
        if found:
            return [word for word in SCHEMAS[schema]["enum"] if word in found]
    return list(SCHEMAS[schema]["enum"])


class Arguments:
    """Strategies for the types of the contract, as far as one version has them."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.number = published.OPENAPIS[version]
        self.plain: set[str] = set()  # the fields of a filter that know no operators yet

    def there(self, schema: str, wire: str) -> bool:
        """Whether a property is as old as the version."""
        facts = SCHEMAS[schema]
        return parse_version(facts.get("since", {}).get(wire, "8.6")) <= self.number

    def of(self, text: str, depth: int = 0) -> st.SearchStrategy[Any]:
        """Values of a type of the contract."""
        bare = text.rstrip("!?")
        mapped = re.fullmatch(r"map<(.+)>", bare)
        if mapped:
            return st.dictionaries(TEXT, self.of(mapped[1], depth), max_size=2)
        if bare.endswith("[]"):
            return st.lists(self.of(bare[:-2], depth + 1), min_size=1, max_size=2)
        primitives: dict[str, st.SearchStrategy[Any]] = {
            "string": TEXT,
            "key": KEYS,
            "int": st.integers(1, 2**31 - 1),
            "long": st.integers(1, 2**62),
            "float": st.floats(0, 1e6),
            "bool": st.booleans(),
            "datetime": st.datetimes(timezones=st.just(openapi.UTC)),
            "date": st.dates().map(str),
            "any": st.one_of(st.integers(), TEXT, JSON),
            "object": JSON,
            "binary": st.binary(min_size=1, max_size=20),
        }
        if bare in primitives:
            return primitives[bare]
        facts = SCHEMAS[bare]
        if bare.endswith(("Tag", "TagSet")) and "alias" in facts and facts["alias"].endswith("[]"):
            return st.lists(self.of(facts["alias"][:-2]), min_size=1, max_size=2, unique=True)
        if "pattern" in facts:
            pattern = PATTERNS.get(facts["pattern"], facts["pattern"].strip("^$"))
            return st.from_regex(pattern, fullmatch=True).filter(
                lambda made: 0 < len(made) < 30 and made.strip(".") != ""
            )
        if "enum" in facts:
            return st.sampled_from(words(self.version, bare))
        if "union" in facts and "alias" in facts:
            return KEYS.map(str)
        if "alias" in facts:
            return self.of(facts["alias"], depth)
        if "filter" in facts:
            return self.condition(bare)
        if "union" in facts:
            return st.one_of(*(self.object(each, depth) for each in facts["union"]))
        return self.object(bare, depth)

    def condition(self, schema: str) -> st.SearchStrategy[Any]:
        """What a field of a filter can be asked: a plain value, a list, or operators."""
        facts = SCHEMAS[schema]
        value = self.of(facts["filter"])
        operands: dict[str, st.SearchStrategy[Any]] = {}
        for name in facts["ops"]:
            operands[name] = (
                st.booleans()
                if name == "$exists"
                else TEXT
                if name == "$like"
                else st.lists(value, min_size=1, max_size=2)
                if name in ("$in", "$notIn")
                else value
            )
        several = st.fixed_dictionaries({}, optional=operands).filter(bool)
        return st.one_of(value, st.lists(value, min_size=1, max_size=2), several)

    def object(
        self, schema: str, depth: int = 0, skip: tuple[str, ...] = (), must: frozenset[str] = frozenset()
    ) -> st.SearchStrategy[dict[str, Any]]:
        """The properties of a schema as arguments."""
        needed, free = {}, {}
        for wire, text in SCHEMAS[schema]["fields"].items():
            if wire in skip or not self.there(schema, wire) or (depth > 2 and not text.endswith("!")):
                continue
            if wire == "$or" and depth:
                continue
            strategy = self.argument(schema, wire, text, depth + 1)
            (needed if text.endswith("!") or (not depth and wire in must) else free)[snake(wire)] = strategy
        return st.fixed_dictionaries(needed, optional=free)

    def argument(self, schema: str, wire: str, text: str, depth: int) -> st.SearchStrategy[Any]:
        if text.rstrip("!?") == "VariableValueFilterProperty[]":
            return st.dictionaries(
                TEXT, st.one_of(st.integers(-9, 9), TEXT, st.none()), min_size=1, max_size=2
            )
        if wire == "contentType":
            return st.sampled_from(["application/pdf", "text/plain; charset=utf-8"])
        marked = next((each for each in self.shape(schema) if each.startswith(f"{wire}:~")), "")
        operators_since = marked.partition("/")[2].partition("@")[0]
        if SCHEMAS.get(text.rstrip("!?"), {}).get("filter") and wire in self.plain:
            return self.of(SCHEMAS[text.rstrip("!?")]["filter"])
        if operators_since and parse_version(operators_since) > self.number:
            return self.of(SCHEMAS[text.rstrip("!?")]["filter"])
        if (schema, wire) in (("JobChangeset", "timeout"), ("DocumentLinkRequest", "timeToLive")):
            return st.integers(1, 1000)  # seconds
        return self.of(text, depth)

    @staticmethod
    def shape(schema: str) -> list[str]:
        """The properties of the shape that our requests are written by: when the operators of a field came."""
        return SHAPES.get(schema, "").split()

    def call(self, name: str) -> st.SearchStrategy[tuple[list[Any], dict[str, Any]]]:
        """The arguments of the method of an operation: those by place, those by name.

        What a version requires comes always, though later ones do without it.
        """
        facts = OPERATIONS[name]
        operation = openapi.spec(self.version).operations[name]
        must = operation.required
        self.plain = plain_fields(operation.request or {})
        places = [
            self.of(text).filter(lambda made: "/" not in str(made))
            for text in facts.get("params", {}).values()
        ]
        named: list[st.SearchStrategy[dict[str, Any]]] = []
        asked = {
            (snake(w), t.endswith("!") or w in must): self.of(t) for w, t in facts.get("query", {}).items()
        }
        needed = {own: strategy for (own, always), strategy in asked.items() if always}
        free = {own: strategy for (own, always), strategy in asked.items() if not always}
        named.append(st.fixed_dictionaries(needed, optional=free))
        if "multipart" in facts:
            if "files" in SCHEMAS[facts["multipart"]]["fields"]:
                places.append(st.lists(st.binary(min_size=1, max_size=9), min_size=1, max_size=2))
            else:
                places.append(st.binary(min_size=1, max_size=20))
                named.append(self.object(facts["multipart"], skip=("file",)))
        if "body" in facts:
            bare = facts["body"].rstrip("!?")
            if bare in SCHEMAS and "fields" in SCHEMAS[bare]:
                skip = ("page", "sort", "filter") if "page" in facts or "filter" in facts else ()
                named.append(self.object(bare, skip=skip, must=must))
            elif bare in SCHEMAS and "union" in SCHEMAS[bare]:
                named.append(st.one_of(*(self.object(each) for each in SCHEMAS[bare]["union"])))
            else:
                named.append(self.of(bare).map(lambda made: {"body": made}))
        if "filter" in facts:
            shape = facts["filter"]
            members = [shape] if "fields" in SCHEMAS[shape] else SCHEMAS[shape]["union"]
            chosen = st.one_of(*(self.object(each) for each in members))
            named.append(chosen if "page" in facts else chosen.filter(bool))
        if facts.get("sort"):
            sorts_there = sort_keys(openapi.spec(self.version).operations[name].request or {})
            fields = [snake(each) for each in facts["sort"] if each in sorts_there]
            sorts = st.lists(
                st.sampled_from(fields + [f"-{each}" for each in fields]), max_size=2, unique=True
            )
            named.append(st.fixed_dictionaries({}, optional={"sort": sorts}))
        merged = st.tuples(*named).map(lambda all_: {k: v for each in all_ for k, v in each.items()})
        return st.tuples(st.tuples(*places).map(list), merged)


def plain_fields(schema: Any) -> set[str]:
    """The fields of a filter that a version compares and nothing else; it refuses operators there."""
    found = set()
    for part in [schema, *openapi._parts(schema)]:
        wanted = part.get("properties", {}).get("filter", {})
        for inner in [wanted, *openapi._parts(wanted)]:
            for field, facts in inner.get("properties", {}).items():
                if not any("$eq" in each.get("properties", {}) for each in [facts, *openapi._parts(facts)]):
                    found.add(field)
    return found


def sort_keys(schema: Any) -> set[str]:
    """What a version can sort by; it refuses what came later."""
    for part in [schema, *openapi._parts(schema)]:
        field = (
            part.get("properties", {}).get("sort", {}).get("items", {}).get("properties", {}).get("field", {})
        )
        if "enum" in field:
            return set(field["enum"])
    return set()


@functools.cache
def arguments(version: str) -> Arguments:
    return Arguments(version)


@pytest.mark.parametrize(("version", "name"), CASES, ids=[f"{name}-{version}" for version, name in CASES])
def test_every_request_is_what_the_published_file_allows(version: str, name: str) -> None:
    spec = openapi.spec(version)
    if (version, name) in MISTAKES:
        pytest.skip(f"the published file: {MISTAKES[version, name]}")
    assert name in spec.operations

    @settings(
        max_examples=5,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(arguments(version).call(name))
    def check(call: tuple[list[Any], dict[str, Any]]) -> None:
        request = Recorder(published.OPENAPIS[version]).sent(name, *call)
        try:
            spec.check_request(request)
            if request.headers.get("content-type") == "application/json":
                spec.check_properties(name, json.loads(request.body))
        except Exception as error:
            said = list(getattr(error.__cause__, "schema_errors", ()) or [error.__cause__ or error])
            raise AssertionError(
                f"{[str(each)[:300] for each in said]}: {request.url} {request.body!r}"
            ) from None

    check()


def test_a_request_that_the_file_does_not_allow_is_found() -> None:
    version = next(iter(published.OPENAPIS))
    recorder = Recorder(published.OPENAPIS[version])
    request = recorder.sent("searchUserTasks", [], {"state": "CREATED"})
    openapi.spec(version).check_request(request)
    with pytest.raises(InvalidRequestBody):
        openapi.spec(version).check_request(request._replace(body=b'{"page": {"limit": "many"}}'))
    with pytest.raises(ValueError, match=r"searchUserTasks\.filter has no stat"):
        openapi.spec(version).check_properties("searchUserTasks", {"filter": {"stat": "CREATED"}})
    with pytest.raises(InvalidRequest, match="state cannot be asked"):
        recorder.sent("searchUserTasks", [], {"state": {"$gt": 5}})


# Answers


ANSWERS = [
    (version, name)
    for version, name in CASES
    if DESCRIBED[name].media == "json" and (DESCRIBED[name].result or DESCRIBED[name].items)
]


@pytest.mark.parametrize(("version", "name"), ANSWERS, ids=[f"{name}-{version}" for version, name in ANSWERS])
def test_every_field_of_a_published_answer_arrives(version: str, name: str) -> None:
    operation = openapi.spec(version).operations[name]
    schema = next(each for each in operation.answers.values() if each)
    said = openapi.complete(schema)
    if DESCRIBED[name].result == "Form":  # 8.8 publishes the form as JSON, later ones as the text of it
        said["schema"] = said["schema"] if isinstance(said["schema"], str) else json.dumps(said["schema"])
    read = read_answer(DESCRIBED[name], said)
    expected = said.get("items", said) if isinstance(said, dict) else said

    # Times come back to the millisecond, numbers of keys as text: compare what they say.
    left = Counter(map(_told, leaves(expected))) - Counter(map(_told, leaves_of(read)))
    assert not left


def _told(value: Any) -> str:
    text = str(value)
    return re.sub(r"\.000Z$", "Z", text)
