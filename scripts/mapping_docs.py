"""Writes docs/mapping.md from the table: where each field of each RPC stands in REST, for people who migrate.

python -m scripts.mapping_docs            writes the file
python -m scripts.mapping_docs --check    writes nothing; exits 1 when the file is not what would be written
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from bridge._table.mapping import ABSENT, CODECS, EXPLICIT, NAMES, NEWER_ON_GRPC, ROWS, Row
from bridge._table.transcode import classes_of
from bridge._table.versions import Version
from camunda_rest.operations import Operation

__all__ = ["main", "text"]

_FILE = Path(__file__).resolve().parent.parent / "docs" / "mapping.md"

#: What the named codecs do, in a user's words.
SHAPES: Mapping[str, str] = {
    "bare_list": "a plain list; unset keeps the stored value, an empty list clears it",
    "job_result": "`type` is always sent, `userTask` when unset; a field that belongs to the other type is refused",
    "runtime_instruction": "an object of `type` `TERMINATE_PROCESS_INSTANCE` with the fields of `terminate`; "
    "refused when nothing is set",
    "without_empty_variables": "instructions without variables, which do nothing, are left out",
    "move_instruction": "the source becomes `sourceElementInstruction` (`byId` or `byKey`), the ancestor "
    "`ancestorScopeInstruction` (`direct`, `inferred` or `sourceParent`); refused unless exactly one source and at most one "
    "ancestor is set; instructions without variables are left out",
    "terminate_instruction": "by `elementInstanceKey` or by `elementId`; refused when both are set",
    "lower_case_names": "`role` and `health` are lower case",
    "without_foreign_keys": "keys that are not numbers (ids of another system) stay unset",
    "known_deployments": "items of kinds that gRPC does not know are left out",
    "processes_only": "only the processes among the deployed items are read",
    "evaluation": "the output is empty when the evaluation failed; `decisionInstanceKey` falls back on `decisionEvaluationKey`",
}

_HEAD = """\
# Where each field stands in REST

<!-- Written by `python -m scripts.mapping_docs` from bridge/_table/mapping.py; do not edit. -->

For each RPC of the gateway: the operation of the REST API v2 that does the same, and every field that is renamed, moved,
converted, newer than its operation, or without a place. What is not listed has the same name and meaning on both wires.

## What holds everywhere

| gRPC | REST |
|---|---|
| a key (int64 `key` or `…Key`) | decimal text; numbers are read too, because 8.6 answers them |
| every other integer, times included | a JSON number; times stay milliseconds |
| `variables`, `customHeaders` (JSON text) | an object; text that is no JSON object is refused, an empty text is `{}` |
| an enum | its name; a name that is newer than the protocol never reads as the zero of the enum |
| `operationReference` (uint64) | a number from 1 to 2^63-1; anything else is refused |
| a field that is not set | left out, never null; in answers absent, null and empty are the same |
| a property that the protocol does not know | ignored in answers, refused in requests |

Refused means: an error that names the field, before anything is sent. A field that is newer than the cluster is refused as well
when the version of the cluster is known, since older gateways ignore it silently; it is only sent when you set it.

"""


#: Message and field → the object around each item in REST, where a codec takes it off.
_AROUND = {("DeployProcessResponse", "processes"): ".processDefinition"}


class _Line(NamedTuple):
    """One field that has something to say; ``rest`` is a place, or words."""

    grpc: str
    rest: str
    notes: Sequence[str] = ()

    @property
    def moved(self) -> bool:
        """Whether the field has another name, wherever it stands."""
        return self.grpc.rpartition(".")[2] != self.rest.rpartition(".")[2]


def text() -> str:
    """The whole file."""
    return _HEAD + "\n".join(chain(_overview(), *(_section(row) for row in ROWS.values()))) + "\n"


def _overview() -> Iterator[str]:
    yield "## All RPCs\n"
    yield "| RPC | REST operation | |"
    yield "|---|---|---|"
    for row in ROWS.values():
        where = f"`{row.operation.method} {row.operation.path}`" if row.operation else "none"
        yield f"| [{row.rpc}](#{row.rpc.lower()}) | {where} | {'; '.join(_remarks(row))} |"
    yield ""


def _remarks(row: Row) -> Iterator[str]:
    if row.operation is not None and row.operation.since > (8, 6):
        yield f"from {_version(row.operation.since)} on"
    if row.emulated:
        yield f"emulated: {row.emulated}"
    for name, reason in row.unanswered.items():
        yield f"`{name}` is not answered ({reason})"


def _section(row: Row) -> Iterator[str]:
    yield f"## {row.rpc}\n"
    if row.operation is None:
        yield f"There is no REST operation. Emulated: {row.emulated}.\n"
        yield f"Its fields stand where those of [{row.emulated_by}](#{row.emulated_by.lower()}) stand.\n"
        return
    yield f"`{row.operation.method} {row.operation.path}`\n"
    sentences = list(_sentences(row))
    yield from (f"- {sentence}" for sentence in sentences)
    if sentences:
        yield ""
    request, answer = _descriptors(row.rpc)
    yield from _table("Request", _requests(row, row.operation, request))
    if answer.fields:
        yield from _table("Answer", _answers(row, answer))


def _table(title: str, lines: Iterator[_Line]) -> Iterator[str]:
    found = list(lines)
    if not found:
        return
    yield f"| {title}: gRPC | REST | |"
    yield "|---|---|---|"
    for line in found:
        rest = line.rest if not line.rest or " " in line.rest else f"`{line.rest}`"
        yield f"| `{line.grpc}` | {rest or 'nowhere'} | {'; '.join(line.notes)} |"
    yield ""


def _sentences(row: Row) -> Iterator[str]:
    if row.always:
        said = ", ".join(f"`{name}: {str(value).lower()}`" for name, value in row.always.items())
        yield f"Always sent: {said}."
    if row.lift:
        yield f"The fields of `{row.lift}` stand at the top; the object itself is gone."
    if row.choice:
        yield (
            f"REST takes one of {_names(row.choice)}: the first that is set is sent, "
            f"with neither set `{list(row.choice)[-1]}` 0."
        )
        for name, others in row.choice.items():
            if others:
                yield f"{_names(others)} is only sent with `{name}`; the engine ignores it otherwise."
    if row.required:
        yield f"Refused without {_names(row.required)}."
    explicit = list(_explicit(_descriptors(row.rpc)[0], ""))
    if explicit:
        yield f"Sent even when unset: {', '.join(f'`{place}`' for place in explicit)}."
    if row.files:
        yield "Sent as a form: one part `resources` per file, its name as the file name. A name used twice is refused."
    if row.messages:
        yield f"The stream carries one message with all `{row.messages}`, and none when there are none."
    if row.operation is not None and not row.operation.answers and not _descriptors(row.rpc)[1].fields:
        yield "The answer is empty."
    shape = CODECS.get(_name(_descriptors(row.rpc)[1]))
    if shape is not None:
        yield f"In the answer {SHAPES[shape]}."
    for reason in dict.fromkeys(row.beyond.values()):
        yield f"REST also answers {_names([name for name in row.beyond if row.beyond[name] == reason])} ({reason})."


def _explicit(message: Descriptor, prefix: str) -> Iterator[str]:
    """The request fields that are sent even when they hold their default."""
    for each in message.fields:
        if each.name in EXPLICIT.get(_name(message), ()):
            yield f"{prefix}{each.name}"
        if each.message_type is not None:
            yield from _explicit(each.message_type, f"{prefix}{each.name}{_list_mark(each)}.")


def _requests(row: Row, operation: Operation, request: Descriptor) -> Iterator[_Line]:
    inside = {name: place for place, names in row.inside.items() for name in names}
    for each in request.fields:
        if each.name == row.lift and each.message_type is not None:
            lines = _walk(each.message_type, f"{each.name}.", "", operation.newer, request=True)
            yield from (line for line in lines if line.notes or line.moved)
        elif row.files is not None and each.name == row.files[0]:
            collection, name, content = row.files
            yield _Line(f"{collection}[].{name}", "the file name of a part")
            yield _Line(f"{collection}[].{content}", "the content of a part")
        elif each.name in operation.keys:
            yield _Line(each.name, "the path")
        else:
            prefix = f"{inside[each.name]}." if each.name in inside else ""
            yield from _field(request, each, "", prefix, operation.newer, request=True)


def _answers(row: Row, answer: Descriptor) -> Iterator[_Line]:
    for each in answer.fields:
        if each.name in row.unanswered:
            yield _Line(each.name, "", (row.unanswered[each.name],))
        else:
            yield from _field(answer, each, "", "", {}, request=False)


def _walk(
    message: Descriptor, grpc: str, rest: str, newer: Mapping[str, Version], *, request: bool
) -> Iterator[_Line]:
    for each in message.fields:
        yield from _field(message, each, grpc, rest, newer, request=request)


def _field(
    message: Descriptor,
    each: FieldDescriptor,
    grpc: str,
    rest: str,
    newer: Mapping[str, Version],
    *,
    request: bool,
) -> Iterator[_Line]:
    """The line of a field when it has something to say, and those of the fields below it."""
    owner = _name(message)
    names = NAMES.get(owner, {}).get(each.name, each.name)
    first, *others = (names,) if isinstance(names, str) else names
    notes: list[str] = []
    if request:
        notes += _needs(owner, each.name, rest + first, newer)
    elif others:
        notes.append(f"read as {_names(others)} too")
    if each.name in ABSENT.get(owner, {}):
        value = ABSENT[owner][each.name]
        notes.append(
            f"0 when unset, where REST's own default is {value}" if request else f"`{value}` when absent"
        )
    nested = each.message_type
    shape = CODECS.get(_name(nested)) if nested is not None else None
    if shape is not None:
        notes.append(SHAPES[shape])
    several = _list_mark(each)
    if notes or rest + first != grpc + each.name:
        yield _Line(f"{grpc}{each.name}{several}", f"{rest}{first}{several}", notes)
    if nested is not None and shape not in ("bare_list", "runtime_instruction", "move_instruction"):
        around = _AROUND.get((owner, each.name), "")
        lines = _walk(
            nested, f"{grpc}{each.name}{several}.", f"{rest}{first}{several}{around}.", newer, request=request
        )
        yield from (line for line in lines if line.notes or line.moved)


def _needs(message: str, name: str, rest: str, newer: Mapping[str, Version]) -> Iterator[str]:
    """The versions from which on each wire has the field."""
    on_rest = newer.get(rest)
    on_grpc = NEWER_ON_GRPC.get(message, {}).get(name)
    if on_rest is not None and on_rest == on_grpc:
        yield f"needs {_version(on_rest)}"
    else:
        if on_rest is not None:
            yield f"needs {_version(on_rest)} over REST"
        if on_grpc is not None:
            yield f"needs {_version(on_grpc)} over gRPC"


def _list_mark(each: FieldDescriptor) -> str:
    # FieldDescriptor.label went away in newer protobuf, is_repeated is missing in older.
    repeated = getattr(each, "is_repeated", None)
    if repeated is None:
        repeated = each.label == each.LABEL_REPEATED  # type: ignore[attr-defined]
    return "[]" if (repeated() if callable(repeated) else repeated) else ""


def _descriptors(rpc: str) -> tuple[Any, Any]:
    request, answer = classes_of(rpc)
    return request.DESCRIPTOR, answer.DESCRIPTOR


def _name(message: Descriptor) -> str:
    return message.full_name.partition(".")[2]


def _names(names: Sequence[str] | Mapping[str, object]) -> str:
    *most, last = (f"`{name}`" for name in names)
    return f"{', '.join(most)} and {last}" if most else last


def _version(version: Version) -> str:
    return f"{version[0]}.{version[1]}"


def main(arguments: Sequence[str]) -> int:
    """The command line; the exit code."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("usage: python -m scripts.mapping_docs [--check]\n")
        return 2
    written = _FILE.read_text(encoding="utf-8") if _FILE.exists() else ""
    if written == text():
        return 0
    if arguments:
        sys.stderr.write(f"{_FILE.name} is not what the table says: run python -m scripts.mapping_docs\n")
        return 1
    _FILE.parent.mkdir(exist_ok=True)
    _FILE.write_text(text(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
