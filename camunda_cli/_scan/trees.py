"""Calls in Java, Go, C# and TypeScript, by the syntax trees of tree-sitter.

In Java, Go and C# a command is a chain of calls that begins with ``newXCommand``; what is called on its way are its fields.
Stubs are called by the RPC's own name, which counts where the source shows that it has to do with the gateway.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import Any

from bridge._table.mapping import ROWS
from camunda_cli._scan.fate import Call
from camunda_cli._scan.names import (
    ACTIVATE,
    AWAIT,
    BUILDERS,
    CAMEL,
    CREATE,
    MARKS,
    SCRIPTS,
    STREAM,
    STREAMING,
    WORKERS,
    fields_of,
)
from camunda_core.errors import ConfigurationError

__all__ = ["LANGUAGES", "Language", "calls_in"]


@dataclass(frozen=True)
class Language:
    """How one language writes a call. ``grammar`` is the module and the function that gives it."""

    name: str
    grammar: tuple[str, str]
    call: str
    function: str
    member: str
    receiver: str
    method: str


_JAVA = Language("java", ("tree_sitter_java", "language"), "method_invocation", "", "", "object", "name")
_GO = Language(
    "go",
    ("tree_sitter_go", "language"),
    "call_expression",
    "function",
    "selector_expression",
    "operand",
    "field",
)
_CSHARP = Language(
    "csharp",
    ("tree_sitter_c_sharp", "language"),
    "invocation_expression",
    "function",
    "member_access_expression",
    "expression",
    "name",
)
_TYPESCRIPT = Language(
    "typescript",
    ("tree_sitter_typescript", "language_typescript"),
    "call_expression",
    "function",
    "member_expression",
    "object",
    "property",
)
_TSX = replace(_TYPESCRIPT, grammar=("tree_sitter_typescript", "language_tsx"))

#: By the end of a file's name. Plain JavaScript is read as TypeScript's bigger brother reads it.
LANGUAGES: dict[str, Language] = {
    ".java": _JAVA,
    ".go": _GO,
    ".cs": _CSHARP,
    ".ts": _TYPESCRIPT,
    ".mts": _TYPESCRIPT,
    ".cts": _TYPESCRIPT,
    ".tsx": _TSX,
    ".js": _TSX,
    ".mjs": _TSX,
    ".cjs": _TSX,
    ".jsx": _TSX,
}

#: Annotations of Spring that make a worker of a method, or deploy when the program starts.
_ANNOTATIONS = {
    "JobWorker": ACTIVATE,
    "ZeebeWorker": ACTIVATE,
    "Deployment": "DeployResource",
    "ZeebeDeployment": "DeployResource",
}


@cache
def _parser(grammar: tuple[str, str]) -> Any:
    try:
        from tree_sitter import Language as Grammar
        from tree_sitter import Parser

        module = import_module(grammar[0])
    except ImportError as error:
        raise ConfigurationError(
            f"reading this language needs {error.name}: install it with pip install 'camunda-bridge[scan]'"
        ) from error
    return Parser(Grammar(getattr(module, grammar[1])()))


def calls_in(source: bytes, path: str, language: Language) -> Iterator[Call]:
    """Every call. Raises ConfigurationError where the language's parser is not installed."""
    text = source.decode("utf-8", "replace")
    marked = any(mark in text for mark in MARKS[language.name])
    if not marked and not any(
        name in text for name in ("newCreateInstance", "NewCreateInstance", "newWorker")
    ):
        return
    root = _parser(language.grammar).parse(source).root_node
    pending = [root]
    while pending:
        node = pending.pop()
        pending.extend(node.children)
        if node.type == language.call:
            yield from _call(node, path, language, marked)
        elif language is _JAVA and node.type in ("annotation", "marker_annotation") and marked:
            name = _text(node.child_by_field_name("name")).rpartition(".")[2]
            if name in _ANNOTATIONS:
                yield _made(
                    node, path, language, _ANNOTATIONS[name], "spring", _keys(node, _ANNOTATIONS[name])
                )


def _call(node: Any, path: str, language: Language, marked: bool) -> Iterator[Call]:
    name = _name(node, language)
    if not name:
        return
    if language.name == "typescript":
        rpc = SCRIPTS.get(name, "")
        receiver = _receiver(node, language)
        if rpc and marked and receiver not in ("this", "super", ""):
            sure = any(part in receiver.lower() for part in ("zb", "zeebe", "client", "camunda", "gateway"))
            library = "worker" if name.startswith("create") and "Worker" in name else "zeebe client"
            yield _made(node, path, language, rpc, library, _keys(node, rpc), sure)
        return
    chain = _chain(node, language)
    if name in WORKERS:
        yield _made(node, path, language, ACTIVATE, "worker", _named(chain, ACTIVATE), marked)
        if STREAMING.intersection(chain):
            yield _made(node, path, language, STREAM, "worker", (), marked)
        return
    rpc = _built(name, chain)
    if rpc:
        yield _made(node, path, language, rpc, "zeebe client", _named(chain, rpc), marked)
        return
    plain = name.removesuffix("Async") if language is _CSHARP else name
    rpc = CAMEL.get(plain, "") if language is _JAVA else plain if plain in ROWS else ""
    if rpc and marked and _is_stub(node, rpc, language):
        yield _made(
            node, path, language, rpc, "stub", _keys(node, rpc) or _named(_inner_chains(node, language), rpc)
        )


def _built(name: str, chain: list[str]) -> str:
    """The RPC of a command that is built: ``newCreateInstanceCommand``."""
    lower = name.lower()
    if not lower.startswith("new") or not lower.endswith(("command", "request")):
        return BUILDERS["topology"] if name == "TopologyRequest" else ""
    rpc = BUILDERS.get(lower[3:].removesuffix("command"), "")
    if rpc == CREATE and any(each.lower() == "withresult" for each in chain):
        return AWAIT
    return rpc


def _is_stub(node: Any, rpc: str, language: Language) -> bool:
    """Whether a call by an RPC's own name is one of a stub: it is given the request, or the receiver says so."""
    arguments = _text(node.child_by_field_name("arguments"))
    if f"{rpc}Request" in arguments:
        return True
    return "stub" in _receiver(node, language).lower() or "gateway" in _receiver(node, language).lower()


def _made(
    node: Any,
    path: str,
    language: Language,
    rpc: str,
    library: str,
    fields: tuple[str, ...],
    sure: bool = True,
) -> Call:
    name = _name_node(node, language) if node.type == language.call else node
    row, column = name.start_point
    return Call(path, row + 1, column + 1, rpc, language.name, library, fields, sure)


def _name_node(node: Any, language: Language) -> Any:
    if not language.member:
        return node.child_by_field_name(language.method) or node
    function = node.child_by_field_name(language.function)
    if function is None or function.type != language.member:
        return function or node
    return function.child_by_field_name(language.method) or node


def _name(node: Any, language: Language) -> str:
    if language.member:
        function = node.child_by_field_name(language.function)
        if function is None or function.type != language.member:
            return ""
    return _text(_name_node(node, language)).partition("<")[0]


def _receiver(node: Any, language: Language) -> str:
    """What a method is called on, when that is a name; the last part of it."""
    holder = node.child_by_field_name(language.function) if language.member else node
    found = holder.child_by_field_name(language.receiver) if holder is not None else None
    return _text(found).rpartition(".")[2] if found is not None and len(_text(found)) < 200 else ""


def _chain(node: Any, language: Language) -> list[str]:
    """The names of what is called on the outcome of a call, one after the other."""
    names: list[str] = []
    above = node.parent
    while above is not None:
        if above.type == language.call and above.child_by_field_name("arguments") != node:
            names.append(_name(above, language))
        elif above.type not in (
            language.member,
            "await_expression",
            "parenthesized_expression",
            "non_null_expression",
        ):
            break
        node, above = above, above.parent
    return names


def _inner_chains(node: Any, language: Language) -> list[str]:
    """The names of all that is called inside of the arguments: of a builder of a request."""
    return [_name(each, language) for each in _below(node.child_by_field_name("arguments"), language.call)]


def _named(names: list[str], rpc: str) -> tuple[str, ...]:
    known = fields_of(rpc)
    given: dict[str, None] = {}
    for name in names:
        lower = name.lower()
        for start in ("", "set", "with", "addall", "add"):
            field = known.get(lower.removeprefix(start)) if lower.startswith(start) else None
            field = field or (known.get(_SAID.get(lower, "")) if lower in _SAID else None)
            if field:
                given[field] = None
                break
    return tuple(given)


#: Names on the way of a command that are not those of the field.
_SAID = {
    "latestversion": "version",
    "jobtype": "type",
    "maxjobsactive": "maxjobstoactivate",
    "fetchvariables": "fetchvariable",
    "retrybackoff": "retrybackoff",
    "startbeforeelement": "startinstructions",
    "addresourcefile": "resources",
    "addresourcefromclasspath": "resources",
    "addresourcefiles": "resources",
}


def _keys(node: Any, rpc: str) -> tuple[str, ...]:
    """The fields that an object literal among the arguments sets."""
    known = fields_of(rpc)
    given: dict[str, None] = {}
    for each in _below(node.child_by_field_name("arguments"), *_PAIRS):
        key = (
            each.child_by_field_name("key")
            or each.child_by_field_name("left")
            or (each.children or (each,))[0]
        )
        field = known.get(_text(key).strip("\"'").replace("_", "").lower())
        if field:
            given[field] = None
    return tuple(given)


_PAIRS = (
    "pair",
    "shorthand_property_identifier",
    "keyed_element",
    "assignment_expression",
    "element_value_pair",
)


def _below(node: Any, *types: str) -> Iterator[Any]:
    pending = [] if node is None else [node]
    while pending:
        each = pending.pop()
        if each.type in types:
            yield each
        pending.extend(reversed(each.children))


def _text(node: Any) -> str:
    return "" if node is None else node.text.decode("utf-8", "replace")
