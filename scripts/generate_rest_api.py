"""Writes ``camunda_rest/api`` from ``contract/rest_api.json``, so that no operation is typed by hand.

    python scripts/generate_rest_api.py            write it
    python scripts/generate_rest_api.py --check    exit with 1 when it is not up to date

What is written: the operations and the shapes of requests and of answers as compact text (``operations``, ``shapes``;
``answers``, which the embedded gateway reads), the classes of answers a tag (``results``), the arguments that are
dictionaries (``filters``, ``given``), the words of enumerations (``words``), and one method per operation (``client``,
``aio_client``).
"""

from __future__ import annotations

import json
import keyword
import re
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
CONTRACT = ROOT / "contract" / "rest_api.json"
TARGET = ROOT / "camunda_rest" / "api"
NOTE = "# Written by scripts/generate_rest_api.py from contract/rest_api.json: do not edit.\n"

#: Operations that the hand-written methods of both wires serve, and the name that these have.
TWINS = {
    "activateJobs": "activate_jobs",
    "broadcastSignal": "broadcast_signal",
    "cancelProcessInstance": "cancel_process_instance",
    "completeJob": "complete_job",
    "createDeployment": "deploy_resource",
    "createElementInstanceVariables": "set_variables",
    "createProcessInstance": "create_process_instance",
    "deleteResource": "delete_resource",
    "evaluateConditionals": "evaluate_conditional",
    "evaluateDecision": "evaluate_decision",
    "failJob": "fail_job",
    "getTopology": "topology",
    "migrateProcessInstance": "migrate_process_instance",
    "modifyProcessInstance": "modify_process_instance",
    "publishMessage": "publish_message",
    "resolveIncident": "resolve_incident",
    "throwJobError": "throw_error",
    "updateJob": "update_job",
}  # fmt: skip

#: Properties that are lengths of time in milliseconds: arguments are seconds.
DURATIONS = {("JobChangeset", "timeout"), ("DocumentLinkRequest", "timeToLive")}

#: Texts of JSON that 8.8 publishes as what they say.
JSON_TEXTS = {("FormResult", "schema")}
#: Answers of which versions differ in kind: ``getResourceContent`` is published as text by 8.8 and 8.9.
ANY_ANSWERS = {"getResourceContent"}

#: Commands whose repetition does no harm although they are no reading, PUT or DELETE; everything else that creates or
#: advances something is sent once.
REPEATABLE = {
    "assignUserTask",  # with the default of overriding, the second assignment says the same
    "updateUserTask",
    "updateUser",
    "pinClock",
    "resetClock",
    "evaluateExpression",
    "cancelBatchOperation",
    "suspendBatchOperation",
    "resumeBatchOperation",
}
#: PUT and DELETE that are not: what they do a second time is something else.
NOT_REPEATABLE: set[str] = set()

PRIMITIVES = {
    "string": ("s", "str", '""'),
    "key": ("k", "str", '""'),
    "int": ("i", "int", "0"),
    "long": ("i", "int", "0"),
    "float": ("f", "float", "0.0"),
    "bool": ("b", "bool", "False"),
    "datetime": ("t", "datetime", ""),
    "date": ("d", "date", ""),
    "any": ("a", "Any", "None"),
    "object": ("o", "dict[str, Any]", ""),
    "binary": ("x", "bytes", 'b""'),
}
SUFFIXES = ("SearchQueryResult", "QueryResult", "SearchResult", "Result", "Response")
#: The aliases of ``camunda_rest.conditions`` that filters use.
MATCHES = (
    "AnyWordMatch", "KeyMatch", "LikedWordMatch", "NumberMatch", "PlainTextMatch", "TextMatch", "TimeMatch",
    "VariableMatches", "WordMatch",
)  # fmt: skip
#: Words of our own that an argument may not have.
OURS = {"timeout", "retry", "wait", "until", "sort", "limit", "page_size", "any_of", "everything", "self"}


def snake(name: str) -> str:
    """``processDefinitionXML`` as ``process_definition_xml``."""
    text = re.sub(r"[^A-Za-z0-9]+", "_", name.lstrip("$"))
    text = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", text).lower()
    return f"{text}_" if keyword.iskeyword(text) else text


def class_of(operation: str) -> str:
    return operation[0].upper() + operation[1:]


def constant(operation: str) -> str:
    return snake(operation).upper()


class Type(NamedTuple):
    """A type of the contract: ``Name``, ``T[]``, ``map<T>``, with ``!`` for required and ``?`` for nullable."""

    name: str
    list: bool
    map: bool
    required: bool
    nullable: bool

    @classmethod
    def of(cls, text: str) -> Type:
        bare = text.rstrip("!?")
        marks = text[len(bare) :]
        mapped = re.fullmatch(r"map<(.+)>", bare)
        inner = mapped[1].rstrip("!?") if mapped else bare
        listed = inner.endswith("[]")
        return cls(inner.removesuffix("[]").rstrip("!?"), listed, bool(mapped), "!" in marks, "?" in marks)


class Contract:
    """The contract, asked."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.operations: dict[str, dict[str, Any]] = {
            name: facts for name, facts in data["operations"].items() if "removed" not in facts
        }
        for name in ANY_ANSWERS:
            self.operations[name] = {**self.operations[name], "answers": {"200": "any"}}
        self.schemas: dict[str, dict[str, Any]] = data["schemas"]

    def resolve(self, type_: Type) -> Type:
        """A type with its aliases followed."""
        while type_.name not in PRIMITIVES and "alias" in self.schemas[type_.name]:
            inner = Type.of(self.schemas[type_.name]["alias"])
            type_ = inner._replace(
                list=inner.list or type_.list, map=type_.map, required=type_.required, nullable=type_.nullable
            )
        return type_

    def kind(self, type_: Type) -> str:
        """``object`` for a class, ``enum``, ``union``, ``filter``, or the name of a primitive."""
        if type_.name in PRIMITIVES:
            return type_.name
        schema = self.schemas[type_.name]
        for kind in ("enum", "union", "filter"):
            if kind in schema:
                if kind == "union" and all(each in PRIMITIVES for each in schema["union"]):
                    return "any"
                return kind
        return "object_of"

    def fields(self, name: str) -> dict[str, Type]:
        """The fields of a schema; of a union all that its members have, required where every member requires it."""
        schema = self.schemas[name]
        if "fields" in schema:
            return {field: Type.of(text) for field, text in schema["fields"].items()}
        members = [self.fields(each) for each in schema["union"]]
        found: dict[str, Type] = {}
        for member in members:
            for field, type_ in member.items():
                everywhere = all(field in other and other[field].required for other in members)
                found.setdefault(field, type_._replace(required=everywhere))
        return found

    def since(self, name: str, field: str) -> str:
        """The version that brought a field, "" when it came with its schema."""
        schema = self.schemas[name]
        if "fields" in schema:
            return str(schema.get("since", {}).get(field, ""))
        dated = [self.since(each, field) for each in schema["union"] if field in self.fields(each)]
        return "" if "" in dated else min(dated, key=version, default="")

    def wrapper(self, name: str) -> Type | None:
        """The type of the items of an answer that is a list of them."""
        fields = self.fields(name) if name not in PRIMITIVES and "fields" in self.schemas[name] else {}
        return Type.of(self.schemas[name]["fields"]["items"]) if "items" in fields else None

    def answer(self, operation: dict[str, Any]) -> tuple[str, Any]:
        """What an operation answers: (``json``|``xml``|``binary``|``none``, the type text)."""
        for status, said in operation["answers"].items():
            if isinstance(said, dict) and status == "200":
                ((media, _),) = said.items()
                return ("xml", "string") if media == "text/xml" else ("binary", "binary")
            if said and not isinstance(said, dict):
                return "json", said
        return "none", None

    @cached_property
    def results(self) -> dict[str, str]:
        """The schemas that become classes of answers, by tag of their first use."""
        found: dict[str, str] = {}
        for operation in sorted(self.operations.values(), key=lambda each: each["tag"]):
            media, text = self.answer(operation)
            if media != "json":
                continue
            type_ = Type.of(text)
            item = self.wrapper(type_.name)
            self._collect(item if item is not None else type_, operation["tag"], found)
        return found

    def _collect(self, type_: Type, tag: str, found: dict[str, str]) -> None:
        type_ = self.resolve(type_)
        kind = self.kind(type_)
        if kind == "union":
            for member in self.schemas[type_.name]["union"]:
                self._collect(Type.of(member), tag, found)
        elif kind == "object_of" and type_.name not in found:
            found[type_.name] = tag
            for field in self.fields(type_.name).values():
                self._collect(field, tag, found)

    @cached_property
    def class_names(self) -> dict[str, str]:
        """The class of each schema of answers. Search results that differ by a mark are those of the single ones."""
        taken: dict[str, str] = {}
        names: dict[str, str] = {}
        for name in sorted(self.results, key=lambda each: (-len(self.fields(each)), each)):
            short = next((name.removesuffix(s) for s in SUFFIXES if name.endswith(s) and name != s), name)
            if short in taken and not set(self.fields(name)) <= set(self.fields(taken[short])):
                short = name
            taken.setdefault(short, name)
            names[name] = short
        return names


def version(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split(".")))


def newer(since: str, than: str) -> bool:
    return bool(since) and version(since) > version(than)


class Writer:
    """The text of every file."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.files: dict[str, str] = {}
        self.shapes: dict[str, str] = {}
        self.filters: dict[str, str] = {}
        self.given: dict[str, str] = {}
        self.words: dict[str, list[str]] = {}
        self.sorts: dict[str, list[str]] = {}

    def write(self) -> dict[str, str]:
        self._results()
        self._clients()
        self._operations()
        self._answers()
        self._dictionaries()
        self._words()
        self.files["__init__.py"] = (
            '"""The whole REST API v2: operations, classes, words and methods, generated from the contract."""\n'
        )
        return self.files

    # -- words

    def word(self, schema: str) -> str:
        """The name of the Literal of an enumeration."""
        name = schema.removesuffix("Enum")
        self.words[name] = self.contract.schemas[schema]["enum"]
        return name

    def _words(self) -> None:
        lines = [
            '"""The words of enumerations, as the newest published contract has them. A cluster may say more."""\n',
            NOTE,
        ]
        lines.append("from __future__ import annotations\n\nfrom typing import Literal, TypeAlias\n")
        for name, words in sorted(self.words.items()):
            said = ", ".join(f'"{word}"' for word in words)
            lines.append(f"{name}: TypeAlias = Literal[{said}]")
        self.files["words.py"] = "\n".join(lines) + "\n"
        lines = ['"""What searches can be sorted by; with ``-`` in front, downwards."""\n', NOTE]
        lines.append("from __future__ import annotations\n\nfrom typing import Literal, TypeAlias\n")
        for name, words in sorted(self.sorts.items()):
            said = ", ".join(f'"{snake(word)}", "-{snake(word)}"' for word in words)
            lines.append(f"{name}: TypeAlias = Literal[{said}]")
        self.files["sorts.py"] = "\n".join(lines) + "\n"

    # -- answers

    def _results(self) -> None:
        contract = self.contract
        modules: dict[str, list[str]] = defaultdict(list)
        homes: dict[str, str] = {}
        for schema, name in contract.class_names.items():
            homes.setdefault(name, module_of(contract.results[schema]))
        done: set[str] = set()
        for schema, name in sorted(
            contract.class_names.items(), key=lambda each: (each[1], -len(contract.fields(each[0])))
        ):
            if name not in done:
                done.add(name)
                modules[homes[name]].append(self._result(schema, name))
        self.homes = homes
        for module, classes in modules.items():
            text = "\n\n".join(classes)
            own = {name for name, home in homes.items() if home == module}
            foreign = sorted(
                name for name in homes if name not in own and re.search(rf"(?<![\w.\"']){name}(?!\w)", text)
            )
            head = [
                f'"""Answers: {module.replace("_", " ")}."""\n',
                NOTE,
                "from __future__ import annotations\n",
            ]
            head.append("from dataclasses import dataclass, field")
            if re.search(r"\bdatetime\b", text):
                head.append("from datetime import datetime")
            if re.search(r"\bdate\b", text):
                head.append("from datetime import date")
            typing = [
                name
                for name in ("Any", "ClassVar", "TYPE_CHECKING")
                if name in text or (name == "TYPE_CHECKING" and (foreign or "words." in text))
            ]
            head.append(f"from typing import {', '.join(typing)}\n")
            if "JsonValue" in text:
                head.append("from camunda_rest._result_base import JsonValue")
            if "UNKNOWN" in text:
                head.append("from camunda_rest._result_base import UNKNOWN")
            if foreign or "words." in text:
                head.append("if TYPE_CHECKING:")
                if "words." in text:
                    head.append("    from camunda_rest.api import words")
                for each in foreign:
                    head.append(f"    from camunda_rest.api.results.{homes[each]} import {each}")
            names = ", ".join(f'"{each}"' for each in sorted(own))
            head.append(f"\n__all__ = [{names}]\n\n")
            self.files[f"results/{module}.py"] = "\n".join(head) + text + "\n"
        lines = [
            '"""The classes of answers; each module is loaded when one of its classes is asked for."""\n',
            NOTE,
        ]
        lines.append(
            "from __future__ import annotations\n\nfrom importlib import import_module\nfrom typing import TYPE_CHECKING, Any\n"
        )
        lines.append("if TYPE_CHECKING:")
        by_module: dict[str, list[str]] = defaultdict(list)
        for name, home in sorted(homes.items()):
            by_module[home].append(name)
        for module, members in sorted(by_module.items()):
            lines.append(
                f"    from camunda_rest.api.results.{module} import "
                + ", ".join(f"{m} as {m}" for m in members)
            )
        lines.append("\n#: The module of each class.\nHOMES = {")
        lines += [f'    "{name}": "{home}",' for name, home in sorted(homes.items())]
        lines.append("}\n\n\ndef __getattr__(name: str) -> Any:")
        lines.append(
            '    if name not in HOMES:\n        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")'
        )
        lines.append(
            '    value = getattr(import_module(f"{__name__}.{HOMES[name]}"), name)\n    globals()[name] = value\n    return value'
        )
        lines.append("\n\ndef __dir__() -> list[str]:\n    return sorted(HOMES)")
        self.files["results/__init__.py"] = "\n".join(lines) + "\n"

    def _result(self, schema: str, name: str) -> str:
        contract = self.contract
        fields = contract.fields(schema)
        json_value = (
            "value" in fields and contract.resolve(fields["value"]).name == "string" and ("Variable" in name)
        )
        base = "(JsonValue)" if json_value else ""
        lines = ["@dataclass(frozen=True, slots=True, kw_only=True)", f"class {name}{base}:"]
        lines.append(f'    """{schema}, since {contract.schemas[schema].get("from", "8.6")}."""\n')
        spec = []
        body = []
        for wire, type_ in fields.items():
            annotation, default, code = self._field(schema, wire, type_)
            own = snake(wire)
            spec.append(f"{wire}:{code}")
            since = contract.since(schema, wire)
            mark = f"  #: since {since}" if newer(since, contract.schemas[schema].get("from", "8.6")) else ""
            body.append(f"    {own}: {annotation} = {default}{mark}")
        lines.append(f'    WIRE: ClassVar[str] = "{" ".join(spec)}"\n')
        return "\n".join(lines + body) + "\n"

    def _field(self, schema: str, wire: str, type_: Type) -> tuple[str, str, str]:
        """Annotation, default and reading code of one field of an answer."""
        contract = self.contract
        type_ = contract.resolve(type_)
        kind = contract.kind(type_)
        if kind in PRIMITIVES:
            code, annotation, default = PRIMITIVES[kind]
            code = "j" if (schema, wire) in JSON_TEXTS else code
        elif kind == "enum":
            code, annotation, default = "s", f"words.{self.word(type_.name)}", "UNKNOWN"
        elif kind == "union":
            schema_ = contract.schemas[type_.name]
            members = schema_["map"]
            code = (
                f"<{schema_['by']}|"
                + "|".join(f"{word}={contract.class_names[m]}" for word, m in members.items())
                + ">"
            )
            classes = sorted({contract.class_names[each] for each in members.values()})
            annotation, default = " | ".join([*classes, "dict[str, Any]"]), ""
        else:
            name = contract.class_names[type_.name]
            code, annotation, default = f"*{name}", name, ""
        since = contract.since(schema, wire)
        optional = type_.nullable or newer(since, "8.8") or default == ""
        if type_.list:
            code, annotation, default, optional = (
                f"{code}[]",
                f"tuple[{annotation}, ...]",
                "()",
                type_.nullable,
            )
        elif type_.map:
            code, annotation, default, optional = (
                f"{code}{{}}",
                f"dict[str, {annotation}]",
                "field(default_factory=dict)",
                type_.nullable,
            )
        elif kind == "object" and not type_.nullable:
            default, optional = "field(default_factory=dict)", False
        if kind == "any" and not type_.list and not type_.map:
            return annotation, "None", "a"
        if optional:
            return f"{annotation} | None", "None", f"{code}?"
        return annotation, default, code

    # -- requests

    def shape(self, name: str) -> str:
        """The name of the shape of a request schema; what it is made of is noted."""
        if name not in self.shapes:
            self.shapes[name] = ""  # shapes may hold themselves
            contract = self.contract
            parts = []
            for wire, type_ in contract.fields(name).items():
                if (wire in ("page", "sort", "filter") and "SearchQuery" in name) or type_.name.endswith(
                    "SortRequest"
                ):
                    continue  # these have arguments of their own
                since = contract.since(name, wire)
                origin = contract.schemas[name].get("from", "8.6")
                mark = f"@{since}" if newer(since, "8.6") and newer(since, origin) else ""
                must = "!" if type_.required else ""
                parts.append(f"{wire}:{self.code(name, wire, type_)}{must}{mark}")
            self.shapes[name] = " ".join(parts)
        return name

    def code(self, schema: str, wire: str, type_: Type) -> str:
        """How an argument is written: the letter of a primitive, ``*Shape``, or ``~`` with a kind and its operators."""
        contract = self.contract
        named = type_.name
        type_ = contract.resolve(type_)
        kind = contract.kind(type_)
        if (schema, wire) in DURATIONS:
            return "m"
        if type_.name == "VariableValueFilterProperty":
            return "v"
        if type_.name == "AdvancedMetadataValueFilter":
            return "~a5{}"
        if kind in PRIMITIVES:
            code = "K" if kind == "string" and named.endswith("Key") else PRIMITIVES[kind][0]
        elif kind == "enum":
            code = "s"
        elif kind == "filter":
            inner = contract.resolve(Type.of(contract.schemas[type_.name]["filter"]))
            inner_kind = contract.kind(inner)
            letter = PRIMITIVES[inner_kind][0] if inner_kind in PRIMITIVES else "s"
            facts = contract.schemas[type_.name]
            if letter == "s" and Type.of(facts["filter"]).name.endswith("Key"):
                letter = "K"
            code = f"~{letter}{operators(facts['ops'])}"
            later = set(facts.get("since", {}).values())
            code += f"/{later.pop()}" if later else ""
        else:
            code = f"*{self.shape(type_.name)}"
        return f"{code}[]" if type_.list else f"{code}{{}}" if type_.map else code

    def annotation(self, schema: str, wire: str, type_: Type, *, nested: bool = True) -> str:
        """The type of an argument."""
        contract = self.contract
        named = type_.name
        type_ = contract.resolve(type_)
        kind = contract.kind(type_)
        if (schema, wire) in DURATIONS:
            return "Duration"
        if type_.name == "VariableValueFilterProperty":
            return "VariableMatches"
        if type_.name == "AdvancedMetadataValueFilter":
            return "Mapping[str, Any]"
        if kind == "filter":
            return self._match(type_.name)
        text = self._plain(type_, named)
        if kind in ("object_of", "union"):
            text = f"given.{self._given(type_.name)}" if nested else self._given(type_.name)
        if type_.list:
            return f"Sequence[{text}]"
        return f"Mapping[str, {text}]" if type_.map else text

    def _match(self, schema: str) -> str:
        """The alias of ``camunda_rest.conditions`` that a filter property takes."""
        contract = self.contract
        facts = contract.schemas[schema]
        inner = contract.resolve(Type.of(facts["filter"]))
        kind = contract.kind(inner)
        if kind == "enum":
            number = operators(facts["ops"])
            alias = {0: "WordMatch", 1: "LikedWordMatch", 3: "AnyWordMatch"}[number]
            return f"{alias}[words.{self.word(inner.name)}]"
        if kind == "string":
            if Type.of(facts["filter"]).name.endswith("Key"):
                return "KeyMatch"
            return "TextMatch" if "$like" in facts["ops"] else "PlainTextMatch"
        return {"key": "KeyMatch", "int": "NumberMatch", "datetime": "TimeMatch"}[kind]

    def _plain(self, type_: Type, named: str) -> str:
        kind = self.contract.kind(type_)
        if kind == "enum":
            return f"words.{self.word(type_.name)}"
        if kind == "key":
            return "Key"
        if kind == "datetime":
            return "datetime | str"
        if kind == "date":
            return "date | str"
        if kind == "object":
            return "Mapping[str, Any]"
        if kind == "binary":
            return "Upload"
        if kind in PRIMITIVES:
            return PRIMITIVES[kind][1]
        return named

    def _given(self, schema: str) -> str:
        name = schema.removesuffix("Request")
        if name not in self.given:
            self.given[name] = ""
            lines = [f"class {name}(TypedDict, total=False):", f'    """{schema}."""\n']
            fields = self.contract.fields(schema)
            for wire, type_ in fields.items():
                text = self.annotation(schema, wire, type_, nested=False)
                must = f"Required[{text}]" if type_.required else text
                lines.append(f"    {snake(wire)}: {must}")
            if not fields:
                lines.append("    pass")
            self.given[name] = "\n".join(lines) + "\n"
        return name

    def filter(self, schema: str) -> str:
        """The name of the TypedDict of a filter."""
        name = schema.removesuffix("Request").removesuffix("Query")
        if name not in self.filters:
            self.filters[name] = ""
            lines = [f"class {name}(TypedDict, total=False):", f'    """{schema}."""\n']
            fields = self.contract.fields(schema)
            for wire, type_ in fields.items():
                own = "any_of" if wire == "$or" else snake(wire)
                assert own == "any_of" or own not in OURS, (schema, wire)
                if wire == "$or":
                    inner = self.filter(type_.name)
                    lines.append(f"    any_of: Sequence[{inner}]")
                    continue
                lines.append(f"    {own}: {self.annotation(schema, wire, type_)}")
            self.filters[name] = "\n".join(lines) + "\n"
        return name

    def _dictionaries(self) -> None:
        common = (
            "from __future__ import annotations\n\nfrom collections.abc import Mapping, Sequence\n"
            "from datetime import date, datetime\nfrom typing import TYPE_CHECKING, Any, TypedDict\n\n"
            "if TYPE_CHECKING:\n    from typing_extensions import Required\n\n    from camunda_core.deadline import Duration\n"
            "    from camunda_rest.api import {words}\n"
            "    from camunda_rest.conditions import {matches}\n"
            "    from camunda_rest._documents import Upload\n    from camunda_rest._request import Key\n\n\n"
        )
        for file, about, classes, words in (
            (
                "filters.py",
                "The filters of searches and batch operations, as keyword arguments.",
                self.filters,
                "given, words",
            ),
            ("given.py", "Arguments that are dictionaries.", self.given, "words"),
        ):
            text = "\n\n".join(classes[name] for name in sorted(classes))
            self.files[file] = (
                f'"""{about}"""\n\n{NOTE}\n' + common.format(words=words, matches=", ".join(MATCHES)) + text
            )

    # -- operations and methods

    def _operations(self) -> None:
        lines = ['"""Every operation of the contract that has no twin among the RPCs, as facts."""\n', NOTE]
        lines.append(
            "from __future__ import annotations\n\nfrom typing import Any\n\nfrom camunda_rest._described import Described\n"
        )
        lines.append("#: By the name of its constant; an operation is made when it is first asked for.")
        lines.append("FACTS: dict[str, tuple[Any, ...]] = {")
        for name, facts in sorted(self.contract.operations.items()):
            if name not in TWINS:
                lines.append(f'    "{constant(name)}": ({self._operation(name, facts)}),')
        lines.append("}\n\n\ndef __getattr__(name: str) -> Described:")
        lines.append("    if name not in FACTS:")
        lines.append('        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")')
        lines.append("    value = globals()[name] = Described.of(FACTS[name])\n    return value")
        lines.append("\n\ndef __dir__() -> list[str]:\n    return sorted(FACTS)")
        self.files["operations.py"] = "\n".join(lines) + "\n"
        lines = [
            '"""The shapes of requests, one line of facts each; ``camunda_rest._writing`` says how they read."""\n',
            NOTE,
        ]
        lines.append(
            "from __future__ import annotations\n\nfrom collections.abc import Mapping\n\nSHAPES: Mapping[str, str] = {"
        )
        lines += [f'    "{name}": "{text}",' for name, text in sorted(self.shapes.items())]
        lines.append("}")
        self.files["shapes.py"] = "\n".join(lines) + "\n"

    def _answers(self) -> None:
        """The shapes of JSON answers with the versions of their properties, for who has to give them."""
        contract = self.contract
        shapes: dict[str, str] = {}

        def code(type_: Type) -> str:
            type_ = contract.resolve(type_)
            kind = contract.kind(type_)
            listed = "[]" if type_.list else "{}" if type_.map else ""
            if kind in PRIMITIVES:
                return PRIMITIVES[kind][0] + listed
            if kind == "enum":
                return "s" + listed
            if kind == "union":
                return "a" + listed
            if type_.name not in shapes:
                shapes[type_.name] = ""  # shapes may hold themselves
                shapes[type_.name] = " ".join(
                    place(type_.name, *each) for each in contract.fields(type_.name).items()
                )
            return f"*{type_.name}{listed}"

        def place(schema: str, wire: str, type_: Type) -> str:
            since = contract.since(schema, wire)
            origin = contract.schemas[schema].get("from", "8.6")
            maybe = "?" if type_.nullable else "" if type_.required else "-"
            return f"{wire}:{code(type_)}{maybe}" + (
                f"@{since}" if newer(since, "8.8") and newer(since, origin) else ""
            )

        answers = {
            name: code(Type.of(text))
            for name, facts in sorted(contract.operations.items())
            for media, text in [contract.answer(facts)]
            if media == "json"
        }
        lines = [
            '"""The shapes of answers by operation, one line of facts each.\n',
            "``name:code`` for each property, with the codes of ``camunda_rest._writing``; ``?`` behind it for one that can be",
            'null, ``-`` for one that can be left out, and ``@8.9`` for the version that brought it.\n"""\n',
            NOTE,
            "from __future__ import annotations\n\nfrom collections.abc import Mapping\n",
            "#: Operation: the code of its JSON answer.\nANSWERS: Mapping[str, str] = {",
            *(f'    "{name}": "{text}",' for name, text in answers.items()),
            "}\n\n#: What each shape is made of.\nPARTS: Mapping[str, str] = {",
            *(f'    "{name}": "{text}",' for name, text in sorted(shapes.items())),
            "}",
        ]
        self.files["answers.py"] = "\n".join(lines) + "\n"

    def _operation(self, name: str, facts: dict[str, Any]) -> str:
        contract = self.contract
        given = [f'"{name}"', f'"{facts["method"]}"', f'"{facts["path"]}"']
        given.append(repr(facts["since"]).replace("'", '"'))

        def add(key: str, value: object) -> None:
            if value:
                text = f'"{value}"' if isinstance(value, str) else repr(value)
                given.append(f'("{key}", {text})')

        add("root", facts.get("base") == "root")
        params = facts.get("params", {})
        add(
            "params",
            " ".join(f"{wire}:{self.code('', wire, Type.of(text))}" for wire, text in params.items()),
        )
        query = facts.get("query", {})
        add(
            "query",
            " ".join(
                f"{wire}:{self.code('', wire, Type.of(text))}{'!' if text.endswith('!') else ''}"
                for wire, text in query.items()
            ),
        )
        if "body" in facts:
            body = Type.of(facts["body"])
            if body.list or body.name in PRIMITIVES:
                add("body", self.code("", "", body))
            else:
                add("body", f"*{self.shape(body.name)}")
        if "multipart" in facts:
            add("multipart", self.shape(facts["multipart"]))
        if "filter" in facts:
            add("filter", self.shape(facts["filter"]))
        if "page" in facts:
            pages = {"limit offset after before": "cursor", "after": "forward", "offset": "offset"}
            add("page", pages[" ".join(facts["page"])])
        add("sorts", " ".join(facts.get("sort", ())))
        media, text = contract.answer(facts)
        if media == "json":
            type_ = Type.of(text)
            item = contract.wrapper(type_.name)
            if item is None:
                resolved = contract.resolve(type_)
                primitive = resolved.name in PRIMITIVES
                add(
                    "result",
                    PRIMITIVES[resolved.name][0]
                    if primitive
                    else contract.class_names[resolved.name] + ("[]" if resolved.list else ""),
                )
            else:
                resolved = contract.resolve(item)
                add(
                    "items",
                    PRIMITIVES[resolved.name][0]
                    if resolved.name in PRIMITIVES
                    else contract.class_names[resolved.name],
                )
        elif media != "none":
            add("media", media)
        statuses = set(facts["answers"])
        add("maybe_nothing", "204" in statuses and len(statuses) > 1)
        add("eventual", bool(facts.get("eventual")))
        reads = "page" in facts or name.startswith(("search", "get", "list")) or "Statistics" in name
        repeatable = facts["method"] in ("GET", "PUT", "DELETE") or reads or name in REPEATABLE
        add("repeatable", repeatable and name not in NOT_REPEATABLE)
        add("alpha_before", facts.get("alpha_before", ""))
        add("exempt", bool(facts.get("backpressure_exempt")))
        add("tenant", bool(facts.get("tenant_in_body")))
        return ", ".join(given)

    def _clients(self) -> None:
        for asynchronous in (False, True):
            name = "AsyncRestOperations" if asynchronous else "RestOperations"
            base = "AsyncPerformer" if asynchronous else "Performer"
            room = "_aio_performing" if asynchronous else "_performing"
            word = "awaited" if asynchronous else "blocking"
            lines = [
                f'"""One method per operation of the REST API v2 that has no twin among the RPCs, {word}."""\n',
                NOTE,
            ]
            methods = [
                self._method(operation, facts, asynchronous)
                for operation, facts in sorted(
                    self.contract.operations.items(), key=lambda each: (each[1]["tag"], each[0])
                )
                if operation not in TWINS
            ]
            text = "\n\n".join(methods)
            lines.append("from __future__ import annotations\n")
            lines.append(
                "from collections.abc import Callable, Mapping, Sequence\nfrom datetime import datetime\n"
                "from typing import TYPE_CHECKING, Any\n"
            )
            lines.append("from camunda_core._later import Later")
            lines.append(f"from camunda_rest.{room} import {base}\n")
            lines.append("if TYPE_CHECKING:\n    from typing_extensions import Unpack\n")
            lines.append(
                "    from camunda_core.deadline import Duration\n    from camunda_core.retry import RetryPolicy"
            )
            lines.append(
                "    from camunda_rest.api import filters, given, operations as op, results, sorts, words\n"
                "    from camunda_rest._documents import "
                + ("AsyncDownload" if asynchronous else "Download")
                + ", Progress, Upload"
            )
            lines.append(
                "    from camunda_rest._search import "
                + ("AsyncSearch" if asynchronous else "Search")
                + ", Page\n    from camunda_rest._request import Key\n"
                'else:\n    op = Later("camunda_rest.api.operations")\n'
            )
            lines.append(f'__all__ = ["{name}"]\n\n')
            lines.append(
                f'class {name}({base}):\n    """The operations; who performs them is the class that inherits from this one."""\n'
            )
            self.files["aio_client.py" if asynchronous else "client.py"] = (
                "\n".join(lines) + "\n" + text + "\n"
            )

    def _method(self, name: str, facts: dict[str, Any], asynchronous: bool) -> str:
        contract = self.contract
        positional, named = [], []
        for wire, text in facts.get("params", {}).items():
            type_ = contract.resolve(Type.of(text))
            kind = contract.kind(type_)
            annotation = "Key" if kind == "key" else "int" if kind in ("int", "long") else "str"
            positional.append(f"{snake(wire)}: {annotation}")
        keys = ", ".join(snake(wire) for wire in facts.get("params", {}))
        searching = "page" in facts
        arguments: list[tuple[str, str, Type, str]] = []  # own name, wire, type, schema
        if "multipart" in facts:
            arguments += [
                (snake(w), w, t, facts["multipart"]) for w, t in contract.fields(facts["multipart"]).items()
            ]
        if "body" in facts:
            body = Type.of(facts["body"])
            if body.list or body.name in PRIMITIVES:
                arguments.append(("body", "", body._replace(required=bool(facts.get("body_required"))), ""))
            else:
                skip = {"page", "sort", "filter"}
                arguments += [
                    (snake(w), w, t, body.name)
                    for w, t in contract.fields(body.name).items()
                    if w not in skip or ("page" not in facts and "filter" not in facts)
                ]
        query = [(snake(w), w, Type.of(t), "") for w, t in facts.get("query", {}).items()]
        every = arguments + query
        for own, wire, type_, schema in sorted(every, key=lambda each: not each[2].required):
            assert own not in OURS, (name, own)
            text = self.annotation(schema, wire, type_)
            if "multipart" in facts and type_.name == "binary":
                (positional).append(f"{own}: {text}")
                continue
            named.append(f"{own}: {text}" if type_.required else f"{own}: {text} | None = None")
        if "filter" in facts and not searching:
            named.append("everything: bool = False")
        if searching:
            if facts.get("sort"):
                self.sorts[class_of(name)] = facts["sort"]
                named.append(f"sort: sorts.{class_of(name)} | Sequence[sorts.{class_of(name)}] | None = None")
            named += ["limit: int | None = None", "page_size: int = 100"]
        if "multipart" in facts:
            named.append("on_progress: Progress | None = None")
        media, _ = contract.answer(facts)
        result, produced = self._answer(facts, asynchronous)
        if facts.get("eventual") and media != "binary":
            named.append("wait: Duration | None = None")
            until = produced if not searching else f"Page[{produced}]"
            named.append(f"until: Callable[[{until}], bool] | None = None")
        named += ["timeout: Duration | None = None", "retry: RetryPolicy | None = None"]
        filter_argument = ""
        if "filter" in facts:
            filter_argument = f"**filter: Unpack[filters.{self.filter(facts['filter'])}]"
        given = ", ".join(f'"{own}": {own}' for own, *_ in arguments)
        asked = ", ".join(f'"{own}": {own}' for own, *_ in query)
        call = [f"op.{constant(name)}"]
        call.append(f"({keys},)" if keys else "()")
        call.append(f"{{{given}}}" if given else "{}")
        if asked:
            call.append(f"query={{{asked}}}")
        if "filter" in facts:
            call.append("filter=filter")
        if "filter" in facts and not searching:
            call.append("everything=everything")
        if searching:
            if facts.get("sort"):
                call.append("sort=sort")
            call += ["limit=limit", "page_size=page_size"]
        if "multipart" in facts:
            call.append("on_progress=on_progress")
        if facts.get("eventual") and media != "binary":
            call += ["wait=wait", "until=until"]
        call += ["timeout=timeout", "retry=retry"]
        clash = (
            set(contract.fields(facts["filter"])) & set(facts.get("params", {}))
            if "filter" in facts
            else set()
        )
        parameters = ["self", *positional, *(["/"] if clash else []), "*", *named] + (
            [filter_argument] if filter_argument else []
        )
        verb = (
            "_search"
            if searching
            else "_download"
            if media == "binary"
            else "_upload"
            if "multipart" in facts
            else "_perform"
        )
        start = "async def" if asynchronous and not searching else "def"
        waits = "await " if asynchronous and not searching else ""
        docs = f"``{facts['method']} {facts['path']}``, since {facts['since']}"
        if facts.get("eventual"):
            docs += "; eventually consistent"
        if facts.get("alpha"):
            docs += "; alpha"
        if facts.get("deprecated"):
            docs += "; deprecated"
        if facts.get("base") == "root":
            docs += "; at the root of the server"
        invoked = f"{waits}self.{verb}({', '.join(call)})"
        body_text = f"        {'' if result == 'None' else 'return '}{invoked}"
        return f'    {start} {snake(name)}({", ".join(parameters)}) -> {result}:\n        """{docs}."""\n{body_text}\n'

    def _answer(self, facts: dict[str, Any], asynchronous: bool) -> tuple[str, str]:
        """The type that a method answers, and what ``until`` is asked about."""
        contract = self.contract
        media, text = contract.answer(facts)
        statuses = set(facts["answers"])
        maybe = " | None" if "204" in statuses and len(statuses) > 1 else ""
        if media == "none":
            return "None", "None"
        if media == "xml":
            return f"str{maybe}", "str"
        if media == "binary":
            return ("AsyncDownload" if asynchronous else "Download"), "bytes"
        type_ = Type.of(text)
        item = contract.wrapper(type_.name)
        if item is not None:
            resolved = contract.resolve(item)
            one = (
                PRIMITIVES[resolved.name][1]
                if resolved.name in PRIMITIVES
                else f"results.{contract.class_names[resolved.name]}"
            )
            if "page" in facts:
                return f"{'AsyncSearch' if asynchronous else 'Search'}[{one}]", one
            return f"tuple[{one}, ...]", f"tuple[{one}, ...]"
        resolved = contract.resolve(type_)
        own = PRIMITIVES.get(resolved.name)
        one = own[1] if own else f"results.{contract.class_names[resolved.name]}"
        one = f"tuple[{one}, ...]" if resolved.list else one
        return f"{one}{maybe}", one


def operators(ops: list[str]) -> int:
    """The number of a set of operators in ``camunda_rest.conditions.OPERATORS``."""
    sets = [
        {"$eq", "$neq", "$exists", "$in"},
        {"$eq", "$neq", "$exists", "$in", "$like"},
        {"$eq", "$neq", "$exists", "$in", "$notIn"},
        {"$eq", "$neq", "$exists", "$in", "$notIn", "$like"},
        {"$eq", "$neq", "$exists", "$gt", "$gte", "$lt", "$lte", "$in"},
        {"$eq", "$neq", "$exists", "$gt", "$gte", "$lt", "$lte", "$in", "$like"},
    ]
    return sets.index(set(ops))


def module_of(tag: str) -> str:
    return snake(tag.replace(" ", "_").replace("-", "_"))


def formatted(files: dict[str, str]) -> dict[str, str]:
    """The files as ruff formats them."""
    with tempfile.TemporaryDirectory(dir=ROOT) as folder:
        room = Path(folder)
        for name, text in files.items():
            (room / name).parent.mkdir(parents=True, exist_ok=True)
            (room / name).write_text(text, encoding="utf-8")
        config = ["--config", str(ROOT / "pyproject.toml")]
        for command in (
            ["check", "--quiet", "--select=I,F401", "--fix", "--exit-zero"],
            ["format", "--quiet"],
        ):
            subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "ruff",
                    *command,
                    *config,
                    "--config",
                    "line-length=160",
                    "--config",
                    "extend-exclude=[]",
                    str(room),
                ],
                check=True,
            )
        return {name: (room / name).read_text(encoding="utf-8") for name in files}


def main(arguments: list[str]) -> int:
    """Writes, or checks."""
    contract = Contract(json.loads(CONTRACT.read_text(encoding="utf-8")))
    files = formatted(Writer(contract).write())
    if "--check" in arguments:
        there = {
            str(path.relative_to(TARGET)): path.read_text(encoding="utf-8") for path in TARGET.rglob("*.py")
        }
        stale = sorted(name for name in files.keys() | there.keys() if files.get(name) != there.get(name))
        if stale:
            sys.stderr.write(
                f"camunda_rest/api is not up to date ({', '.join(stale[:5])}): run python scripts/generate_rest_api.py\n"
            )
        return bool(stale)
    shutil.rmtree(TARGET, ignore_errors=True)
    for name, text in files.items():
        (TARGET / name).parent.mkdir(parents=True, exist_ok=True)
        (TARGET / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
