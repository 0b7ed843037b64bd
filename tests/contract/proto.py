"""Reads proto text, and a compiled descriptor, into the same plain facts, so that the two can be compared.

It knows the part of proto3 that the gateway protocol uses and refuses everything else, so it cannot overlook anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from google.protobuf.descriptor_pb2 import FileDescriptorProto

from camunda_rest.operations import Version

#: What carries no mark was there before the first version that the project knows.
BEGINNING: Version = (0, 0)

_SCALARS = {
    1: "double",
    2: "float",
    3: "int64",
    4: "uint64",
    5: "int32",
    8: "bool",
    9: "string",
    12: "bytes",
}
_TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<text>"[^"]*"|'[^']*')|[\w.]+|[^\s\w]""", re.DOTALL
)
_SINCE = re.compile(r"\bsince (\d+)\.(\d+)\b")


class Field(NamedTuple):
    """What the wire and the stubs know of a field. ``label`` is "repeated", "optional" or empty."""

    name: str
    type: str
    label: str
    oneof: str


class Rpc(NamedTuple):
    """One method of the service."""

    request: str
    response: str
    streams_in: bool
    streams_out: bool


@dataclass
class Protocol:
    """The facts of one protocol; fields by (message, number), enum values by enum and name."""

    rpcs: dict[str, Rpc] = field(default_factory=dict)
    messages: set[str] = field(default_factory=set)
    fields: dict[tuple[str, int], Field] = field(default_factory=dict)
    enums: dict[str, dict[str, int]] = field(default_factory=dict)

    def __sub__(self, other: Protocol) -> list[str]:
        """What this one has and the other has not, or has otherwise, in words."""
        lacks = [f"rpc {name}" for name, rpc in self.rpcs.items() if other.rpcs.get(name) != rpc]
        lacks += [f"message {name}" for name in sorted(self.messages - other.messages)]
        lacks += [
            f"{message}.{each.name} = {number}"
            for (message, number), each in self.fields.items()
            if other.fields.get((message, number)) != each
        ]
        lacks += [
            f"{enum}.{name} = {number}"
            for enum, values in self.enums.items()
            for name, number in values.items()
            if other.enums.get(enum, {}).get(name) != number
        ]
        return lacks


@dataclass
class Marks:
    """The version that each element came in, as the comments of our own proto file say it ("since 8.8")."""

    rpcs: dict[str, Version] = field(default_factory=dict)
    messages: dict[str, Version] = field(default_factory=dict)
    fields: dict[tuple[str, int], Version] = field(default_factory=dict)
    enums: dict[str, Version] = field(default_factory=dict)


class _Token(NamedTuple):
    text: str
    line: int


class _Reader:
    """A recursive reader of proto text. Comments stand beside the tokens, by the line they begin on."""

    def __init__(self, text: str) -> None:
        self.tokens: list[_Token] = []
        self.comments: dict[int, str] = {}
        self.protocol = Protocol()
        self.marks = Marks()
        self.package = ""
        for match in _TOKEN.finditer(text):
            line = text.count("\n", 0, match.start())
            if match["comment"]:
                self.comments[line] = match["comment"]
            else:
                self.tokens.append(_Token(match[0], line))
        self.code_lines = {token.line for token in self.tokens}
        self.at = 0

    # Tokens

    def next(self, *expected: str) -> _Token:
        token = self.tokens[self.at]
        if expected and token.text not in expected:
            raise ValueError(f"line {token.line + 1}: {' or '.join(expected)} expected, not {token.text!r}")
        self.at += 1
        return token

    def peek(self) -> str:
        return self.tokens[self.at].text

    def skip_statement(self) -> None:
        while self.next().text != ";":
            pass

    def since(self, first: int, last: int) -> Version:
        """The mark of an element: in the comment block above its first line, or beside its last."""
        block = [self.comments.get(last, "")]
        line = first - 1
        while line in self.comments and line not in self.code_lines:
            block.append(self.comments[line])
            line -= 1
        found = [(int(a), int(b)) for text in block for a, b in _SINCE.findall(text)]
        return found[0] if found else BEGINNING

    # Grammar

    def read(self) -> _Reader:
        while self.at < len(self.tokens):
            token = self.next("syntax", "package", "option", "message", "enum", "service")
            if token.text == "package":
                self.package = self.next().text
                self.next(";")
            elif token.text == "message":
                self.message("", token.line)
            elif token.text == "enum":
                self.enum("", token.line)
            elif token.text == "service":
                self.service()
            else:
                self.skip_statement()
        self.resolve()
        return self

    def service(self) -> None:
        self.next("Gateway")
        self.next("{")
        while (token := self.next("rpc", "}")).text == "rpc":
            name = self.next().text
            streams_in, request = self.operand()
            self.next("returns")
            streams_out, response = self.operand()
            self.protocol.rpcs[name] = Rpc(request, response, streams_in, streams_out)
            self.marks.rpcs[name] = self.since(token.line, token.line)
            if self.next("{", ";").text == "{":
                while self.next("option", "}").text == "option":
                    self.skip_statement()

    def operand(self) -> tuple[bool, str]:
        self.next("(")
        streams = self.peek() == "stream"
        if streams:
            self.next()
        name = self.next().text
        self.next(")")
        return streams, name

    def message(self, scope: str, line: int) -> None:
        name = f"{scope}{self.next().text}"
        self.protocol.messages.add(name)
        self.marks.messages[name] = self.since(line, line)
        self.next("{")
        while (token := self.next()).text != "}":
            if token.text == "message":
                self.message(f"{name}.", token.line)
            elif token.text == "enum":
                self.enum(f"{name}.", token.line)
            elif token.text == "option":
                self.skip_statement()
            elif token.text == "oneof":
                oneof = self.next().text
                self.next("{")
                while (member := self.next()).text != "}":
                    self.field(name, member, oneof)
            else:
                self.field(name, token, "")

    def field(self, message: str, token: _Token, oneof: str) -> None:
        label = token.text if token.text in ("repeated", "optional") else ""
        kind = self.next().text if label else token.text
        if not re.fullmatch(r"[A-Za-z][\w.]*", kind) or kind in ("map", "reserved", "extensions", "group"):
            raise ValueError(f"line {token.line + 1}: a field was expected, not {kind!r}")
        name = self.next().text
        self.next("=")
        number = int(self.next().text)
        if self.peek() == "[":
            while self.next().text != "]":
                pass
        end = self.next(";")
        self.protocol.fields[message, number] = Field(name, kind, label, oneof)
        self.marks.fields[message, number] = self.since(token.line, end.line)

    def enum(self, scope: str, line: int) -> None:
        name = f"{scope}{self.next().text}"
        self.marks.enums[name] = self.since(line, line)
        values = self.protocol.enums[name] = {}
        self.next("{")
        while (token := self.next()).text != "}":
            if token.text == "option":
                self.skip_statement()
                continue
            self.next("=")
            values[token.text] = int(self.next().text)
            self.next(";")

    def resolve(self) -> None:
        """Replaces type names by full ones, as scoping does."""
        known = self.protocol.messages | set(self.protocol.enums)
        for (message, number), each in self.protocol.fields.items():
            if each.type not in _SCALARS.values():
                (full,) = [scope for scope in _scopes(message, each.type) if scope in known][:1]
                self.protocol.fields[message, number] = each._replace(type=full)


def _scopes(message: str, name: str) -> Iterator[str]:
    parts = message.split(".")
    for length in range(len(parts), -1, -1):
        yield ".".join([*parts[:length], name])


def parse(text: str) -> tuple[Protocol, Marks]:
    """Proto text as facts and marks. Raises ValueError for what the reader does not know."""
    reader = _Reader(text).read()
    return reader.protocol, reader.marks


def compiled(file: Any) -> Protocol:
    """The file descriptor of a generated module as facts."""
    protocol = Protocol()
    for method in file.services_by_name["Gateway"].methods:
        protocol.rpcs[method.name] = Rpc(
            _short(method.input_type), _short(method.output_type), *_streaming(file, method.name)
        )
    pending = list(file.message_types_by_name.values())
    enums = list(file.enum_types_by_name.values())
    while pending:
        message = pending.pop()
        protocol.messages.add(_short(message))
        pending += message.nested_types
        enums += message.enum_types
        for each in message.fields:
            protocol.fields[_short(message), each.number] = _field(each)
    for enum in enums:
        protocol.enums[_short(enum)] = {value.name: value.number for value in enum.values}
    return protocol


def _short(descriptor: Any) -> str:
    return str(descriptor.full_name).partition(".")[2]


def repeated(each: Any) -> bool:
    """Whether a field is repeated, on old and on new protobuf."""
    newer = getattr(each, "is_repeated", None)
    return each.label == each.LABEL_REPEATED if newer is None else bool(newer() if callable(newer) else newer)


def optional(each: Any) -> bool:
    """Whether a field is written with ``optional`` (which compiles into a oneof of its own)."""
    return each.containing_oneof is not None and each.containing_oneof.name == f"_{each.name}"


def _field(each: Any) -> Field:
    kind = each.message_type or each.enum_type
    label = "repeated" if repeated(each) else "optional" if optional(each) else ""
    oneof = "" if each.containing_oneof is None or label else each.containing_oneof.name
    return Field(each.name, _short(kind) if kind else _SCALARS[each.type], label, oneof)


def _streaming(file: Any, name: str) -> tuple[bool, bool]:
    text = FileDescriptorProto.FromString(file.serialized_pb)
    (method,) = [each for service in text.service for each in service.method if each.name == name]
    return method.client_streaming, method.server_streaming
