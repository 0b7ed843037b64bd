"""Messages with every field set, and messages with anything in them: both made from the descriptors alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from hypothesis import strategies as st

from tests.contract.proto import optional, repeated

#: Fields that hold a JSON object as text.
JSON_TEXT = frozenset({"variables", "customHeaders"})

_INTEGERS = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (
        1,
        2**63 - 1,
    ),  # the only one is operationReference, a positive int64 in REST
}


def is_key(each: Any) -> bool:
    """Whether a field is a key: an int64 that REST writes as text."""
    return bool(
        each.cpp_type == FieldDescriptor.CPPTYPE_INT64 and (each.name == "key" or each.name.endswith("Key"))
    )


# Complete


def filled(cls: Any) -> Any:
    """A message with every field set, no two values alike, and in a list one item per member of a oneof, two at least.

    Booleans and enums hold what is not their default. Outside lists a oneof holds its first member.
    """
    return _filled(cls, count(1), 0)


def _filled(cls: Any, numbers: Iterator[int], turn: int) -> Any:
    message = cls()
    for each in cls.DESCRIPTOR.fields:
        oneof = None if optional(each) else each.containing_oneof
        if oneof is not None and oneof.fields[turn % len(oneof.fields)].name != each.name:
            continue
        if each.message_type is not None:
            kind = each.message_type._concrete_class
            if repeated(each):
                turns = max([2, *(len(one.fields) for one in each.message_type.oneofs)])
                getattr(message, each.name).extend(_filled(kind, numbers, i) for i in range(turns))
            else:
                getattr(message, each.name).CopyFrom(_filled(kind, numbers, turn))
                getattr(message, each.name).SetInParent()
        elif repeated(each):
            getattr(message, each.name).extend(_value(each, next(numbers)) for _ in range(2))
        else:
            setattr(message, each.name, _value(each, next(numbers)))
    return message


def _value(each: Any, number: int) -> Any:
    if each.enum_type is not None:
        values = each.enum_type.values
        return values[1 + number % (len(values) - 1)].number
    if each.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return True
    if each.type == FieldDescriptor.TYPE_BYTES:
        return b"\x00\xff content %d" % number
    if each.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return _text(each.name, number)
    if each.cpp_type == FieldDescriptor.CPPTYPE_INT32:
        return number
    return 2**60 + number  # beyond what a float holds exactly


def _text(name: str, number: int) -> str:
    if name in JSON_TEXT:
        return json.dumps(
            {f"v{number}": [number, None, {"ä": -0.5}]}, separators=(",", ":"), ensure_ascii=False
        )
    if name.endswith("Date"):
        return f"2031-01-01T00:00:{number % 60:02}Z"
    if name.endswith("Key"):
        return str(2**60 + number)
    return f"{name}_{number}"


# Leaves


def leaves(
    message: Any, place: str = "", indices: tuple[int, ...] = ()
) -> Iterator[tuple[str, tuple[int, ...], Any, Any]]:
    """Every value that is set: its place (``jobs[].key``), the indices of the lists above it, its field, the value.

    An empty message counts as a leaf, because being there is all it says.
    """
    for each, value in message.ListFields():
        where = f"{place}.{each.name}" if place else each.name
        items = enumerate(value) if repeated(each) else [(None, value)]
        for index, item in items:
            here = where if index is None else f"{where}[]"
            at = indices if index is None else (*indices, index)
            if each.message_type is None or not item.ListFields():
                yield here, at, each, item
            else:
                yield from leaves(item, here, at)


def places(descriptor: Any, place: str = "") -> Iterator[str]:
    """The place of every field that can hold a value in a message of this kind."""
    for each in descriptor.fields:
        where = (f"{place}.{each.name}" if place else each.name) + ("[]" if repeated(each) else "")
        if each.message_type is None:
            yield where
        else:
            yield from places(each.message_type, where)


# Anything


_texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
_json = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_texts, inner, max_size=3),
    max_leaves=5,
)
_json_texts = st.dictionaries(_texts, _json, max_size=3).map(
    lambda value: json.dumps(value, separators=(",", ":"), ensure_ascii=False)
)
#: Text that names one of a few shapes: without these, hardly any message would fit REST.
_NAMES = {("JobResult", "type"): st.sampled_from(["", "userTask", "adHocSubProcess", "other"])}
#: Fields of which REST takes one, for the same reason.
_ONE_OF = {
    "MoveInstruction": (
        ("sourceElementInstanceKey", "sourceElementId"),
        (
            "ancestorElementInstanceKey",
            "inferAncestorScopeFromSourceHierarchy",
            "useSourceParentKeyAsAncestorScopeKey",
        ),
    ),
}


@st.composite
def anything(draw: st.DrawFn, cls: Any) -> Any:
    """A message with any fields set to any values of their types."""
    message = cls()
    chosen = {
        one.full_name: draw(st.sampled_from(["", *(each.name for each in one.fields)]))
        for one in cls.DESCRIPTOR.oneofs
    }
    for each in cls.DESCRIPTOR.fields:
        one = each.containing_oneof
        present = draw(st.booleans()) if one is None else chosen[one.full_name] == each.name
        if not present:
            continue
        if repeated(each):
            getattr(message, each.name).extend(draw(st.lists(_values(each), max_size=3)))
        elif each.message_type is not None:
            getattr(message, each.name).CopyFrom(draw(_values(each)))
            getattr(message, each.name).SetInParent()
        else:
            setattr(message, each.name, draw(_values(each)))
    for names in _ONE_OF.get(cls.DESCRIPTOR.name, ()):
        if draw(st.booleans()):
            kept = draw(st.sampled_from(names))
            for name in names:
                if name != kept:
                    message.ClearField(name)
    return message


def _values(each: Any) -> st.SearchStrategy[Any]:
    if each.message_type is not None:
        return anything(each.message_type._concrete_class)
    if each.enum_type is not None:
        return st.sampled_from([value.number for value in each.enum_type.values])
    if each.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return st.booleans()
    if each.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=8)
    if each.cpp_type == FieldDescriptor.CPPTYPE_STRING:
        return _NAMES.get(
            (each.containing_type.name, each.name), _json_texts if each.name in JSON_TEXT else _texts
        )
    return st.integers(*_INTEGERS[each.cpp_type])
