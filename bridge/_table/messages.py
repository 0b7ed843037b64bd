"""One message type between gRPC and REST: what its descriptor says and what the table adds, compiled once.

Nothing is looked up by name per call: a type becomes a few dictionaries and closures when it is first used.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from bridge._table.codecs import MESSAGES, Misfit
from bridge._table.mapping import ABSENT, CODECS, EXPLICIT, NAMES
from bridge._table.values import (
    Convert,
    enum_converters,
    key_from_rest,
    lenient_bool,
    lenient_integer,
    lenient_reference,
    lenient_text,
    object_from_text,
    reference,
    strict_bool,
    strict_integer,
    strict_text,
    text_from_object,
    text_from_strict_object,
    text_of,
)
from camunda_grpc._generated import gateway_pb2

__all__ = ["Answered", "MessageCodec", "Reader", "codec_of", "mapping_of"]

_JSON_TEXT = frozenset({"variables", "customHeaders"})


class Answered(NamedTuple):
    """How one field of an answer is written to REST.

    ``write``    what turns its value into JSON; None where it is JSON already
    ``blank``    what is written for the default, where that cannot be told from unset
    ``codec``    that of the messages in it, if it holds messages
    """

    name: str
    write: Convert | None
    blank: Any
    descriptor: FieldDescriptor
    codec: MessageCodec | None

    @property
    def repeated(self) -> bool:
        return _repeated(self.descriptor)

    @property
    def has_presence(self) -> bool:
        """Whether unset can be told from the default: then it is null in REST."""
        return not self.repeated and bool(self.descriptor.has_presence)


class Reader(NamedTuple):
    """How one property of REST becomes a field.

    ``read``       what turns its value into that of the field; None where it is that already
    ``preferred``  whether it counts before another property of the same field
    """

    name: str
    read: Convert | None
    preferred: bool


class MessageCodec:
    """One message type, compiled. ``request`` decides which side may leave defaults out and which
    must be strict; a ``lenient`` request is read as a server reads it that converts what it can and
    ignores what it does not know.
    """

    def __init__(self, descriptor: Descriptor, cls: type[Message], *, request: bool, lenient: bool) -> None:
        name = descriptor.full_name.partition(".")[2]
        self.cls = cls
        self._refuses_unknown = request and not lenient
        self.rest_name: dict[str, str] = {}
        self._writers: dict[int, tuple[str, Convert | None]] = {}
        #: By their names in REST, those of other versions among them.
        self.readers: dict[str, Reader] = {}
        self._template: dict[str, Any] = {}
        self._fresh: list[tuple[str, type]] = []
        #: The fields of an answer by their names in REST.
        self.answered: dict[str, Answered] = {}
        #: Whether the rules alone say how it is written and read.
        self.regular = name not in CODECS
        renames = NAMES.get(name, {})
        explicit = EXPLICIT.get(name, ()) if request else None
        for each in descriptor.fields:
            other = renames.get(each.name, each.name)
            rest, *alternates = (other,) if isinstance(other, str) else other
            write, read, blank = _field(each, request, lenient)
            repeated = _repeated(each)
            self.rest_name[each.name] = rest
            self._writers[each.number] = (rest, _every(write) if repeated else write)
            self.readers[rest] = Reader(each.name, _every(read) if repeated else read, True)
            self.readers.update(dict.fromkeys(alternates, Reader(each.name, read, False)))
            if explicit is None or each.name in explicit:
                # Answers are complete: what is unset and can be told from empty is null there.
                unset = explicit is None and each.has_presence
                self._remember_default(rest, [] if repeated else None if unset else blank)
            if not request:
                inner = each.message_type
                codec = None if inner is None else codec_of(inner.full_name, request, lenient)
                self.answered[rest] = Answered(each.name, self._writers[each.number][1], blank, each, codec)
        #: The fields that have another value than their default where nothing is said of them.
        self.absent = {
            field_name: _number(descriptor.fields_by_name[field_name], value)
            for field_name, value in ABSENT.get(name, {}).items()
        }
        encode, decode = MESSAGES[CODECS[name]] if name in CODECS else (None, None)
        self.encode: Convert = (
            self.regular_encode if encode is None else lambda message: encode(self, message)
        )
        self.decode: Convert = self.regular_decode if decode is None else lambda data: decode(self, data)

    def _remember_default(self, rest: str, value: Any) -> None:
        self._template[rest] = value
        if isinstance(value, (list, dict)):
            self._fresh.append((rest, type(value)))

    def regular_encode(self, message: Any) -> dict[str, Any]:
        body = self._template.copy()
        for name, kind in self._fresh:
            body[name] = kind()
        writers = self._writers
        for descriptor, value in message.ListFields():
            name, write = writers[descriptor.number]
            if write is None:
                body[name] = value
                continue
            try:
                body[name] = write(value)
            except Misfit as misfit:
                raise misfit.within(descriptor.name) from None
        return body

    def regular_decode(self, data: Any) -> Any:
        if not isinstance(data, dict):
            if not isinstance(data, Mapping):
                raise Misfit(f"must be an object, not {type(data).__name__}")
            data = dict(data)
        fields = self.absent.copy()
        readers, strict = self.readers, self._refuses_unknown
        rest = ""
        try:
            for rest, value in data.items():
                if value is None and not strict:
                    continue
                reader = readers.get(rest)
                if reader is None:
                    if strict:
                        raise Misfit("is unknown")
                    continue
                if value is None:
                    continue
                name, read, preferred = reader
                if preferred or data.get(self.rest_name[name]) is None:
                    fields[name] = value if read is None else read(value)
        except Misfit as misfit:
            raise misfit.within(rest) from None
        except (TypeError, ValueError):
            raise Misfit(f"cannot be {value!r}", rest) from None
        try:
            return self.cls(**fields)
        except (TypeError, ValueError) as error:
            raise self._misfit_among(fields, error) from None

    def _misfit_among(self, fields: Mapping[str, Any], error: Exception) -> Misfit:
        """The error of building the whole message as that of the one field that brings it about."""
        for name, value in fields.items():
            try:
                self.cls(**{name: value})
            except (TypeError, ValueError) as single:
                return Misfit(str(single), self.rest_name[name])
        return Misfit(str(error))


def _repeated(descriptor: FieldDescriptor) -> bool:
    # FieldDescriptor.label went away in newer protobuf, is_repeated is missing in older.
    newer = getattr(descriptor, "is_repeated", None)
    if newer is not None:
        return bool(newer() if callable(newer) else newer)
    return bool(descriptor.label == descriptor.LABEL_REPEATED)  # type: ignore[attr-defined]


def _every(convert: Convert | None) -> Convert:
    if convert is None:
        return list

    def convert_each(values: Any) -> list[Any]:
        if not isinstance(values, (str, bytes, Mapping)) and isinstance(values, Iterable):
            converted: list[Any] = []
            for index, value in enumerate(values):
                try:
                    converted.append(convert(value))
                except Misfit as misfit:
                    raise misfit.within(f"[{index}]") from None
            return converted
        raise Misfit(f"must be a list, not {values!r}")

    return convert_each


def _number(descriptor: FieldDescriptor, value: Any) -> Any:
    """A value of the table as protobuf takes it: enums by number."""
    enum = descriptor.enum_type
    return value if enum is None else enum.values_by_name[value].number


def _is_key(name: str) -> bool:
    return name == "key" or name.endswith("Key")


def _field(
    descriptor: FieldDescriptor, request: bool, lenient: bool
) -> tuple[Convert | None, Convert | None, Any]:
    """How one value of a field is written to REST and read from it, and what its default looks like there."""
    if descriptor.message_type is not None:
        nested = codec_of(descriptor.message_type.full_name, request, lenient)
        return nested.encode, nested.decode, None
    write, read, blank = _scalar(descriptor, request)
    return write, _LENIENT.get(read, read) if lenient else read, blank


def _scalar(descriptor: FieldDescriptor, request: bool) -> tuple[Convert | None, Convert | None, Any]:
    name, kind = descriptor.name, descriptor.cpp_type
    if descriptor.enum_type is not None:
        encode, decode = enum_converters(descriptor.enum_type, request)
        return encode, decode, descriptor.enum_type.values_by_number[0].name
    if kind == FieldDescriptor.CPPTYPE_STRING:
        if descriptor.type == FieldDescriptor.TYPE_BYTES:
            return None, None, b""
        if name in _JSON_TEXT:
            return object_from_text, text_from_strict_object if request else text_from_object, {}
        if request:
            return None, strict_text, ""
        return None, text_of if _is_key(name) else None, ""
    if kind == FieldDescriptor.CPPTYPE_INT64 and _is_key(name):
        return str, key_from_rest if request else int, "0"
    if kind == FieldDescriptor.CPPTYPE_UINT64:
        return reference, reference, 0
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return None, strict_bool if request else None, False
    return None, strict_integer if request else None, 0


_LENIENT: Mapping[Convert | None, Convert] = {
    strict_text: lenient_text,
    strict_bool: lenient_bool,
    strict_integer: lenient_integer,
    key_from_rest: lenient_integer,
    reference: lenient_reference,
}

codecs_made: dict[tuple[str, bool, bool], MessageCodec] = {}


def codec_of(full_name: str, request: bool, lenient: bool = False) -> MessageCodec:
    codec = codecs_made.get((full_name, request, lenient))
    if codec is None:
        cls: Any = gateway_pb2
        for part in full_name.split(".")[1:]:
            cls = getattr(cls, part)
        codec = MessageCodec(cls.DESCRIPTOR, cls, request=request, lenient=lenient)
        codecs_made[full_name, request, lenient] = codec
    return codec


def mapping_of(value: Any, *at: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Misfit("must be an object" if at else "the body must be an object", *at)
    return value
