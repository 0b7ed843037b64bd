"""Writes docs/reference/api from the contract of the REST API and the generated methods: a page per tag, and a list of all.

python -m scripts.rest_api_docs            writes the files
python -m scripts.rest_api_docs --check    writes nothing; exits 1 when a file is not what would be written
"""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import bridge
from camunda_rest.api.client import RestOperations
from scripts.generate_rest_api import CONTRACT, TWINS, Contract, Type, module_of, newer, snake
from scripts.rest_api_examples import example

__all__ = ["files", "main", "method_of"]

_ROOT = Path(__file__).resolve().parent.parent
_PLACE = _ROOT / "docs" / "reference" / "api"
#: The operations that are methods of the TypeScript client 9.1.5.
_TYPESCRIPT = _ROOT / "contract" / "typescript_methods.txt"
_NOTE = "<!-- Written by `python -m scripts.rest_api_docs` from contract/rest_api.json; do not edit. -->\n"

#: Arguments of all methods of a kind, which the list of operations explains once.
_COMMON = {
    "self",
    "timeout",
    "retry",
    "wait",
    "until",
    "limit",
    "page_size",
    "sort",
    "everything",
    "on_progress",
}
#: Twins that have two names.
_SEVERAL = {"updateJob": ("update_job_retries", "update_job_timeout")}

_HEAD = """\
# The REST API, operation by operation

{note}
Every operation of the REST API v2 is a method of `bridge.Client` and `bridge.AsyncClient`, which awaits it. The names are
those of the operations in snake case; what has an RPC too has the name of the bridge's own method, on either wire. The
column TypeScript names the method of Camunda's TypeScript client.

| argument | where | what it does |
|---|---|---|
| `timeout` | everywhere | the time limit of the call, in seconds |
| `retry` | everywhere | a `RetryPolicy` for this call instead of the client's |
| `wait` | eventually consistent | asks again for so many seconds while nothing is there yet |
| `until` | eventually consistent | asks again until this says yes of the answer |
| `sort` | searches | a field, or several; `-` in front: downwards |
| `limit`, `page_size` | searches | the most that comes; how much one request asks for (100, at most 10,000) |
| `everything` | batch operations | must be `True` where no filter is given |
| `on_progress` | uploads | called with the bytes that have gone, and with all or None |

How to search, wait and send files: [searching](../../howto/searching.md), [documents](../../howto/documents.md).
Fields and operations that are newer than the cluster are refused by name.

| operation | Python | TypeScript | since | |
|---|---|---|---|---|
"""


def method_of(name: str) -> tuple[str, ...]:
    """The names of the methods of an operation."""
    return _SEVERAL.get(name) or (TWINS.get(name) or snake(name),)


def files() -> dict[str, str]:
    """Every page by its name."""
    contract = Contract(json.loads(CONTRACT.read_text(encoding="utf-8")))
    tags: dict[str, list[str]] = defaultdict(list)
    for name, facts in sorted(contract.operations.items()):
        tags[facts["tag"]].append(name)
    pages = {f"{module_of(tag)}.md": _page(contract, tag, names) for tag, names in tags.items()}
    return {"index.md": _index(contract), **_formatted(pages)}


def _formatted(pages: dict[str, str]) -> dict[str, str]:
    """The pages with their examples as ruff formats them."""
    with tempfile.TemporaryDirectory(dir=_ROOT) as folder:
        room = Path(folder)
        for name, text in pages.items():
            (room / name).write_text(text, encoding="utf-8")
        command = [
            sys.executable,
            "-m",
            "ruff",
            "format",
            "--quiet",
            "--config",
            str(_ROOT / "pyproject.toml"),
            folder,
        ]
        subprocess.run(command, check=True)
        return {name: (room / name).read_text(encoding="utf-8") for name in pages}


def _index(contract: Contract) -> str:
    typescript = set(_TYPESCRIPT.read_text(encoding="utf-8").split())
    lines = []
    for name, facts in sorted(contract.operations.items(), key=lambda each: (each[1]["tag"], each[0])):
        page = f"{module_of(facts['tag'])}.md"
        ours = ", ".join(f"[`{each}`]({page}#{_anchor(name)})" for each in method_of(name))
        theirs = f"`{name}`" if name in typescript else ""
        lines.append(f"| {name} | {ours} | {theirs} | {facts['since']} | {', '.join(_marks(facts))} |")
    return _HEAD.format(note=_NOTE) + "\n".join(lines) + "\n"


def _anchor(name: str) -> str:
    return " ".join(method_of(name)).replace(" ", "-")


def _marks(facts: dict[str, Any]) -> Iterator[str]:
    if facts.get("eventual"):
        yield "eventually consistent"
    for mark in ("alpha", "deprecated"):
        if facts.get(mark):
            yield mark
    if facts.get("alpha_before"):
        yield f"alpha, with other names, before {facts['alpha_before']}"
    if facts.get("base") == "root":
        yield "at the root of the server"


def _page(contract: Contract, tag: str, names: Sequence[str]) -> str:
    lines = [f"# {tag}\n", _NOTE, "Examples have a client: `client = bridge.Client(rest_address=…)`.", ""]
    lines.append("What all methods take is said [once](index.md).\n")
    for name in names:
        lines += _operation(contract, name)
    return "\n".join(lines).rstrip() + "\n"


def _operation(contract: Contract, name: str) -> Iterator[str]:
    facts = contract.operations[name]
    yield f"## {' '.join(method_of(name))}\n"
    said = [f"`{facts['method']} {facts['path']}`", f"since {facts['since']}", *_marks(facts)]
    yield f"{', '.join(said)}.\n"
    arguments = list(_arguments(contract, name, facts))
    if arguments:
        yield "| argument | type | since |"
        yield "|---|---|---|"
        yield from arguments
        yield ""
    if facts.get("sort"):
        yield f"Sorts by {', '.join(f'`{snake(each)}`' for each in facts['sort'])}.\n"
    yield from _result(contract, name)
    yield "```python"
    yield example(contract, name)
    yield "```\n"


def _arguments(contract: Contract, name: str, facts: dict[str, Any]) -> Iterator[str]:
    dated = _dates(contract, facts)
    known: set[str] = set()
    for method in method_of(name):
        parameters = inspect.signature(getattr(bridge.Client, method)).parameters.values()
        for each in parameters:
            if each.name in _COMMON | known or each.kind is each.VAR_KEYWORD:
                continue
            known.add(each.name)
            needed = each.default is each.empty and each.kind is not each.VAR_POSITIONAL
            yield f"| `{each.name}`{' (needed)' if needed else ''} | {_type(each.annotation)} | {dated.get(each.name, '')} |"
    if "filter" in facts:
        for wire in contract.fields(facts["filter"]):
            own = "any_of" if wire == "$or" else snake(wire)
            type_ = (
                "a list of filters of which one has to match"
                if own == "any_of"
                else _asked(contract, facts, wire)
            )
            since = contract.since(facts["filter"], wire)
            yield f"| `{own}`, a filter | {type_} | {since if newer(since, facts['since']) else ''} |"


def _dates(contract: Contract, facts: dict[str, Any]) -> dict[str, str]:
    """The versions of arguments that are newer than their operation."""
    found = {}
    for schema in filter(None, (facts.get("body", "").rstrip("!?"), facts.get("multipart"))):
        if {"fields", "union"} & contract.schemas.get(schema, {}).keys() and "alias" not in contract.schemas[
            schema
        ]:
            for wire in contract.fields(schema):
                since = contract.since(schema, wire)
                if newer(since, facts["since"]):
                    found[snake(wire)] = since
    return found


def _type(annotation: Any) -> str:
    text = re.sub(r"\b(results|given|words|models)\.", "", str(annotation)).removesuffix(" | None")
    return f"`{text.replace(' | ', ' or ')}`"


def _asked(contract: Contract, facts: dict[str, Any], wire: str) -> str:
    """What a field of a filter can be asked."""
    named = contract.fields(facts["filter"])[wire]
    type_ = contract.resolve(named)
    if type_.name == "VariableValueFilterProperty":
        return "variables by name, each a value or a condition on its JSON text"
    many = "list of " if type_.list else ""
    if contract.kind(type_) == "filter":
        schema = contract.schemas[type_.name]
        operators = ", ".join(f"`{each}`" for each in schema["ops"])
        return f"{_word(contract, Type.of(schema['filter']))}; {operators}"
    return f"{many}{_word(contract, type_)}"


def _word(contract: Contract, type_: Type) -> str:
    type_ = contract.resolve(type_)
    kind = contract.kind(type_)
    if kind == "enum":
        return "one of " + ", ".join(f"`{word}`" for word in contract.schemas[type_.name]["enum"])
    return {"string": "text", "int": "number", "long": "number", "bool": "`True` or `False`"}.get(kind, kind)


def _result(contract: Contract, name: str) -> Iterator[str]:
    method = method_of(name)[0]
    owner = RestOperations if hasattr(RestOperations, method) and name not in TWINS else bridge.Client
    yield f"Gives {_gives(str(inspect.signature(getattr(owner, method)).return_annotation))}.\n"
    media, text = contract.answer(contract.operations[name])
    if media != "json" or name in TWINS:
        return
    answer = Type.of(text)
    item = contract.wrapper(answer.name) or answer
    schema = contract.resolve(item).name
    if schema in contract.class_names:
        dated = (
            f"`{snake(wire)}`"
            + (f" ({since})" if newer(since := contract.since(schema, wire), "8.6") else "")
            for wire in contract.fields(schema)
        )
        yield f"Fields of `{contract.class_names[schema]}`, with the version where it is newer: {', '.join(dated)}.\n"


def _gives(annotation: str) -> str:
    return (
        "nothing"
        if annotation == "None"
        else _type(annotation) + (" or `None`" if annotation.endswith("| None") else "")
    )


def main(arguments: Sequence[str]) -> int:
    """The command line; the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m scripts.rest_api_docs [--check]\n")
        return 2
    wanted = files()
    there = {page.name: page.read_text(encoding="utf-8") for page in _PLACE.glob("*.md")}
    stale = sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))
    if arguments:
        if stale:
            sys.stderr.write(
                f"docs/reference/api is stale ({', '.join(stale[:5])}): run python -m scripts.rest_api_docs\n"
            )
        return bool(stale)
    _PLACE.mkdir(parents=True, exist_ok=True)
    for name in stale:
        if name in wanted:
            (_PLACE / name).write_text(wanted[name], encoding="utf-8")
        else:
            (_PLACE / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
