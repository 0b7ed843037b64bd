"""What was said in a scenario, made comparable: only keys and times may differ between two plays of it.

A key becomes its number of first appearance (``key#1``), wherever it stands: in a key field, in an error text. So the
same key in two places stays recognisable as the same. What a play adds to its names to be unique is taken off again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.rpc import status_pb2

from camunda_grpc._errors import STATUS_DETAILS_KEY
from tests.scenarios.differences import MASKED

#: Keys of partition 1: 2^51 and a counter.
KEY = re.compile(r"\b225[12]\d{12}\b")
_KEY_FLOOR = 2**51
_TIMES = frozenset({"deadline"})
_JSON = frozenset({"variables", "customHeaders"})

_ITEM_ORDER = ("process", "decision", "decisionRequirements", "form")


@dataclass(frozen=True)
class Refusal:
    """A failed call: gRPC code, text, class of the error tree, and whether the status came with its details."""

    code: str
    text: str
    kind: str
    details: bool
    status: Any = None

    @classmethod
    def of(cls, error: Any) -> Refusal:
        """Read from what a channel raised."""
        kinds = [each.__name__ for each in type(error).__mro__ if each.__module__ == "camunda_core.errors"]
        packed = dict(error.trailing_metadata() or ()).get(STATUS_DETAILS_KEY)
        status = None if packed is None else status_pb2.Status.FromString(packed)
        return cls(error.code().name, error.details(), kinds[0], status is not None, status)


@dataclass(frozen=True)
class Entry:
    """One call: what was asked, and what came of it. ``differs`` names the published difference that is allowed to show."""

    rpc: str
    request: Any
    answers: tuple[Any, ...] = ()
    refusal: Refusal | None = None
    differs: str = ""


class Plain:
    """Turns messages and texts of one play into plain data that can be compared with that of another."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self.keys: dict[str, int] = {}

    def key(self, value: int | str) -> str:
        """The number of first appearance; what cannot be a key of the engine stays as it is."""
        text = str(value)
        if not text.lstrip("-").isdigit() or int(text) < _KEY_FLOOR:
            return text
        return f"key#{self.number(text)}"

    def number(self, key: str) -> int:
        """The number of a key."""
        return self.keys.setdefault(key, len(self.keys) + 1)

    def text(self, value: str) -> str:
        """The text with its keys numbered and without the play's own tag."""
        return KEY.sub(lambda match: self.key(match[0]), value.replace(self._tag, ""))

    def message(self, message: Any) -> dict[str, Any]:
        """Every field of the message, set or not; None where an optional one is not set."""
        return {
            descriptor.name: self._field(message, descriptor)
            for descriptor in message.DESCRIPTOR.fields
            if f"{message.DESCRIPTOR.name}.{descriptor.name}" not in MASKED
        }

    def _field(self, message: Any, descriptor: FieldDescriptor) -> Any:
        value = getattr(message, descriptor.name)
        if hasattr(value, "append") and not isinstance(value, (str, bytes)):
            items = list(value)
            if descriptor.name == "deployments":
                items.sort(key=_place_of_item)
            return [self._value(descriptor, item) for item in items]
        if descriptor.has_presence and not message.HasField(descriptor.name):
            return None
        return self._value(descriptor, value)

    def _value(self, descriptor: FieldDescriptor, value: Any) -> Any:
        name = descriptor.name
        if descriptor.message_type is not None:
            return self.message(value)
        if name in _TIMES:
            return "a time" if value else 0
        if isinstance(value, int) and (name == "key" or name.endswith("Key")):
            return self.key(value)
        if isinstance(value, str):
            return self._json(value) if name in _JSON else self.text(value)
        if isinstance(value, bytes):
            return self.text(value.decode("utf-8", "replace"))
        return value

    def _json(self, text: str) -> Any:
        try:
            return _typed(json.loads(self.text(text)))
        except ValueError:
            return self.text(text)

    def entry(self, entry: Entry) -> dict[str, Any]:
        """One call."""
        plain: dict[str, Any] = {"rpc": entry.rpc, "request": self.message(entry.request)}
        if entry.refusal is None:
            return plain | {"answers": [self.message(each) for each in entry.answers]}
        refusal = entry.refusal
        return plain | {
            "code": refusal.code,
            "text": self.text(refusal.text),
            "kind": refusal.kind,
            "details": refusal.details,
        }


def _place_of_item(item: Any) -> tuple[Any, ...]:
    """The order of a deployment's items is not kept by either wire."""
    kind = item.WhichOneof("Metadata")
    value = getattr(item, kind)
    named = (value.DESCRIPTOR.fields_by_name, value)
    names = [getattr(named[1], name) for name in named[0] if isinstance(getattr(named[1], name), str)]
    return (_ITEM_ORDER.index(kind), names)


def _typed(value: Any) -> Any:
    """JSON with its numbers told apart: 1 is not 1.0, and neither is true."""
    if isinstance(value, Mapping):
        return {name: _typed(each) for name, each in sorted(value.items())}
    if isinstance(value, list):
        return [_typed(each) for each in value]
    return value if value is None or isinstance(value, str) else f"{type(value).__name__} {value!r}"


def plain(entries: list[Entry], tag: str) -> list[dict[str, Any]]:
    """A whole play."""
    reader = Plain(tag)
    return [reader.entry(entry) for entry in entries]


#: What a proxy makes of a refusal that is too long for the trailers of a client.
CUT = re.compile(r"(.{1000,})\.\.\. \(\d+ characters\)", re.DOTALL)


def _is_cut(whole: Any, other: Any) -> bool:
    cut = CUT.fullmatch(other) if isinstance(other, str) else None
    return cut is not None and isinstance(whole, str) and whole.startswith(cut[1])


def differences(one: Any, other: Any, at: str = "") -> Iterator[str]:
    """Where two plain values differ, place by place."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in [*one, *(name for name in other if name not in one)]:
            yield from differences(one.get(name, "(nothing)"), other.get(name, "(nothing)"), f"{at}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{at}[{index}]")
    elif (one != other or type(one) is not type(other)) and not _is_cut(one, other):
        yield f"{at}: {one!r} against {other!r}"
