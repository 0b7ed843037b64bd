"""Reads the table through the message descriptors: gRPC messages to REST requests and answers, and back. Pure.

    request message  ── to_rest ──►         RestRequest (operation, path, body, files)
    answer message   ◄─ answer_from_rest ── JSON
    request message  ◄─ from_rest ──        path, body, files
    answer message   ── answer_to_rest ──►  JSON

A message type is compiled once, into a few dictionaries and closures; nothing is looked up by name per call. Whatever has no
place on the other side raises InvalidRequest with the field's path, before anything is sent.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor
from google.protobuf.message import Message

from bridge.codecs import MESSAGES, Misfit
from bridge.mapping import ABSENT, CODECS, EXPLICIT, NAMES, ROWS, RestRequest, Row
from camunda_core.errors import Internal, InvalidRequest
from camunda_grpc.generated import gateway_pb2
from camunda_rest.operations import Operation

__all__ = ["Exchange", "classes_of", "exchange"]

log = logging.getLogger("bridge")

_Convert = Callable[[Any], Any]

_MAX_INT64 = 2**63 - 1
_JSON_TEXT = frozenset({"variables", "customHeaders"})
_UNKNOWN_NAME, _UNKNOWN_WORD = -1, "UNKNOWN"


# Values


def _refuse_constant(name: str) -> Any:
    raise Misfit(f"JSON has no {name}: send null or text instead")


_decoder = json.JSONDecoder(parse_constant=_refuse_constant)
_decode_json, _decode_json_start = _decoder.decode, _decoder.raw_decode
# What contains itself still ends, as nested too deeply; keeping count of every container costs more than that.
_encode_json = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")
).encode
_DIGITS = re.compile(r"-?[0-9]+")


def _object_from_text(text: str) -> Any:
    """JSON object text as an object; blank text and ``null`` are an empty one, as they are for the engine."""
    if text == "{}" or not text:
        return {}
    try:
        # Text without blanks around it, which is nearly all there is, needs no search for them.
        value, end = _decode_json_start(text) if text[0] == "{" else (None, 0)
        if end != len(text):
            value = _decode_json(text)
    except RecursionError:
        raise Misfit("is nested too deeply") from None
    except ValueError as error:
        if isinstance(error, Misfit):
            raise
        if not text.strip():
            return {}
        raise Misfit(f"is not JSON: {error}") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        kind = {list: "ARRAY", str: "STRING", bool: "BOOLEAN", int: "INTEGER", float: "FLOAT"}[type(value)]
        raise Misfit(f"Expected document to be a root level object, but was '{kind}'")
    return value


def _text_from_object(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return _encode_json(value) if value else "{}"
    except (TypeError, ValueError, RecursionError) as error:
        raise Misfit(f"cannot be written as JSON: {error}") from None


def _text_from_strict_object(value: Any) -> str:
    if not isinstance(value, Mapping):
        raise Misfit(f"must be an object, not {value!r}")
    return _text_from_object(value)


def _key_from_rest(value: Any) -> int:
    # int() alone would also take "1_0", " 1" and the digits of other scripts.
    if not (_DIGITS.fullmatch(value) if isinstance(value, str) else type(value) is int):
        raise Misfit(f"must be a key (an integer, or its digits as text), not {value!r}")
    key = int(value)
    if not -_MAX_INT64 - 1 <= key <= _MAX_INT64:
        raise Misfit(f"is beyond 64 bits: {value!r}")
    return key


def _reference(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MAX_INT64:
        raise Misfit(f"must be between 1 and {_MAX_INT64}, not {value!r}")
    return value


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if type(value) is int:  # a key that some version writes as a number
        return str(value)
    raise Misfit(f"must be text, not {value!r}")


def _strict(kinds: tuple[type, ...], what: str) -> _Convert:
    def check(value: Any) -> Any:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise Misfit(f"must be {what}, not {value!r}")
        return value

    return check


_strict_text = _strict((str,), "text")
_strict_bool = _strict((bool,), "true or false")
_strict_integer = _strict((int,), "an integer")


# What a lenient server makes of a value of another type: numbers and texts stand for each other where they can.


def _lenient_integer(value: Any) -> int | None:
    if isinstance(value, str):
        if not value.strip():
            return None
        value = int(value) if re.fullmatch(r"\s*[+-]?[0-9]{1,19}\s*", value) else value
    elif isinstance(value, float) and abs(value) < 2**64:
        value = int(value)
    if type(value) is not int or not -_MAX_INT64 - 1 <= value <= _MAX_INT64:
        raise Misfit(f"must be an integer of at most 64 bits, not {value!r}")
    return value


def _lenient_reference(value: Any) -> int | None:
    number = _lenient_integer(value)
    return number if number is not None and number > 0 else None


def _lenient_text(value: Any) -> str:
    return _encode_json(value) if isinstance(value, (bool, int, float)) else str(_strict_text(value))


_TRUE_OR_FALSE = {"true": True, "false": False, "": None}


def _lenient_bool(value: Any) -> bool | None:
    if isinstance(value, (bool, int)):
        return bool(value)
    if isinstance(value, str) and value.strip().lower() in _TRUE_OR_FALSE:
        return _TRUE_OR_FALSE[value.strip().lower()]
    raise Misfit(f"must be true or false, not {value!r}")


def _enum(enum: EnumDescriptor, strict: bool) -> tuple[_Convert, _Convert]:
    names = {value.number: value.name for value in enum.values}
    numbers = {value.name: value.number for value in enum.values}

    def encode(number: int) -> str:
        if number in names:
            return names[number]
        if strict:
            raise Misfit(f"{number} is no value of {enum.name}: {', '.join(numbers)}")
        log.warning("%s has no name for %d yet; it is given as %s", enum.name, number, _UNKNOWN_WORD)
        return _UNKNOWN_WORD

    def decode(name: Any) -> int:
        if isinstance(name, str):
            number = numbers.get(name if name in numbers else name.upper())
            if number is not None:
                return number
        if strict:
            raise Misfit(f"must be one of {', '.join(numbers)}, not {name!r}")
        log.warning("%s has no value %r yet; it is given as %s", enum.name, name, _unknown(numbers))
        return _unknown(numbers)

    return encode, decode


def _unknown(numbers: Mapping[str, int]) -> int:
    # The zero of most enums is the best case (LEADER, HEALTHY): an unknown name must not read as that.
    return numbers.get("UNSPECIFIED", _UNKNOWN_NAME)


# Messages


class _Codec:
    """One message type, compiled. ``request`` decides which side may leave defaults out and which must be strict; a
    ``lenient`` request is read as a server reads it that converts what it can and ignores what it does not know.
    """

    def __init__(self, descriptor: Descriptor, cls: type[Message], *, request: bool, lenient: bool) -> None:
        name = descriptor.full_name.partition(".")[2]
        self.cls = cls
        self._refuses_unknown = request and not lenient
        self.rest_name: dict[str, str] = {}
        self._writers: dict[int, tuple[str, _Convert | None]] = {}
        self._readers: dict[str, tuple[str, _Convert | None, bool]] = {}
        self._template: dict[str, Any] = {}
        self._fresh: list[tuple[str, type]] = []
        renames = NAMES.get(name, {})
        explicit = EXPLICIT.get(name, ()) if request else None
        for each in descriptor.fields:
            other = renames.get(each.name, each.name)
            rest, *alternates = (other,) if isinstance(other, str) else other
            write, read, blank = _field(each, request, lenient)
            repeated = _repeated(each)
            self.rest_name[each.name] = rest
            self._writers[each.number] = (rest, _every(write) if repeated else write)
            self._readers[rest] = (each.name, _every(read) if repeated else read, True)
            self._readers.update(dict.fromkeys(alternates, (each.name, read, False)))
            if explicit is None or each.name in explicit:
                # Answers are complete: what is unset and can be told from empty is null there.
                unset = explicit is None and each.has_presence
                self._remember_default(rest, [] if repeated else None if unset else blank)
        self._absent = {
            field_name: _number(descriptor.fields_by_name[field_name], value)
            for field_name, value in ABSENT.get(name, {}).items()
        }
        encode, decode = MESSAGES[CODECS[name]] if name in CODECS else (None, None)
        self.encode: Callable[[Any], Any] = (
            self.regular_encode if encode is None else lambda message: encode(self, message)
        )
        self.decode: Callable[[Any], Any] = (
            self.regular_decode if decode is None else lambda data: decode(self, data)
        )

    def _remember_default(self, rest: str, value: Any) -> None:
        self._template[rest] = value
        if isinstance(value, (list, dict)):
            self._fresh.append((rest, type(value)))

    @property
    def reads(self) -> Iterable[str]:
        """The REST names that this message takes."""
        return self._readers.keys()

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
        fields = self._absent.copy()
        readers, strict = self._readers, self._refuses_unknown
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


def _every(convert: _Convert | None) -> _Convert:
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
) -> tuple[_Convert | None, _Convert | None, Any]:
    """How one value of a field is written to REST and read from it, and what its default looks like there."""
    if descriptor.message_type is not None:
        nested = _codec(descriptor.message_type.full_name, request, lenient)
        return nested.encode, nested.decode, None
    write, read, blank = _scalar(descriptor, request)
    return write, _LENIENT.get(read, read) if lenient else read, blank


def _scalar(descriptor: FieldDescriptor, request: bool) -> tuple[_Convert | None, _Convert | None, Any]:
    name, kind = descriptor.name, descriptor.cpp_type
    if descriptor.enum_type is not None:
        encode, decode = _enum(descriptor.enum_type, request)
        return encode, decode, descriptor.enum_type.values_by_number[0].name
    if kind == FieldDescriptor.CPPTYPE_STRING:
        if descriptor.type == FieldDescriptor.TYPE_BYTES:
            return None, None, b""
        if name in _JSON_TEXT:
            return _object_from_text, _text_from_strict_object if request else _text_from_object, {}
        if request:
            return None, _strict_text, ""
        return None, _text if _is_key(name) else None, ""
    if kind == FieldDescriptor.CPPTYPE_INT64 and _is_key(name):
        return str, _key_from_rest if request else int, "0"
    if kind == FieldDescriptor.CPPTYPE_UINT64:
        return _reference, _reference, 0
    if kind == FieldDescriptor.CPPTYPE_BOOL:
        return None, _strict_bool if request else None, False
    return None, _strict_integer if request else None, 0


_LENIENT: Mapping[_Convert | None, _Convert] = {
    _strict_text: _lenient_text,
    _strict_bool: _lenient_bool,
    _strict_integer: _lenient_integer,
    _key_from_rest: _lenient_integer,
    _reference: _lenient_reference,
}

_codecs: dict[tuple[str, bool, bool], _Codec] = {}


def _codec(full_name: str, request: bool, lenient: bool = False) -> _Codec:
    codec = _codecs.get((full_name, request, lenient))
    if codec is None:
        cls: Any = gateway_pb2
        for part in full_name.split(".")[1:]:
            cls = getattr(cls, part)
        codec = _Codec(cls.DESCRIPTOR, cls, request=request, lenient=lenient)
        _codecs[full_name, request, lenient] = codec
    return codec


def _mapping(value: Any, *at: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise Misfit("must be an object" if at else "the body must be an object", *at)
    return value


# RPCs

_methods = gateway_pb2.DESCRIPTOR.services_by_name["Gateway"].methods_by_name


def classes_of(rpc: str) -> tuple[type[Message], type[Message]]:
    """The request and the answer class of an RPC, whether or not it has a REST operation."""
    method = _methods[rpc]
    return _codec(method.input_type.full_name, True).cls, _codec(method.output_type.full_name, False).cls


class Exchange:
    """One RPC, both directions, for requests and answers. Get it from ``exchange(rpc)``."""

    def __init__(self, row: Row) -> None:
        if row.operation is None:
            raise InvalidRequest(f"{row.rpc} has no REST operation", operation=row.rpc)
        method = _methods[row.rpc]
        self.row = row
        self.operation: Operation = row.operation
        self._input = method.input_type.full_name
        self._request = _codec(self._input, True)
        self._answer = _codec(method.output_type.full_name, False)
        self.request_class = self._request.cls
        self.answer_class = self._answer.cls
        self._lifted = self._nested(method.input_type, row.lift) if row.lift else None
        top = self._lifted or self._request
        self._choice = [
            (top.rest_name[name], tuple(top.rest_name[other] for other in others))
            for name, others in row.choice.items()
        ]
        self._path = self.operation.keys

    @staticmethod
    def _nested(descriptor: Descriptor, name: str) -> _Codec:
        nested = descriptor.fields_by_name[name].message_type
        assert nested is not None
        return _codec(nested.full_name, True)

    def to_rest(self, message: Any) -> RestRequest:
        """The request message of this RPC as a REST request; InvalidRequest names a field that has no place there."""
        row = self.row
        try:
            for name in row.required:
                if not message.HasField(name):
                    raise Misfit("must be set", name)
            body = self._request.encode(message)
        except Misfit as misfit:
            raise InvalidRequest(str(misfit), operation=row.rpc) from None
        if self._lifted is not None:
            inner = body.pop(row.lift, None)
            body.update(self._lifted.encode(self._lifted.cls()) if inner is None else inner)
        if self._choice:
            self._choose(body)
        path = {name: body.pop(name, "0") for name in self._path}
        for name, members in row.inside.items():
            body[name] = {member: body.pop(member) for member in members if member in body}
        if row.always:
            body.update(row.always)
        files: tuple[tuple[str, bytes], ...] = ()
        if row.files is not None:
            collection, name, content = row.files
            files = tuple((each.get(name, ""), each.get(content, b"")) for each in body.pop(collection, ()))
        return RestRequest(self.operation, path, body, files)

    def _choose(self, body: dict[str, Any]) -> None:
        chosen = next((name for name, _ in self._choice if name in body), None)
        if chosen is None:
            chosen = self._choice[-1][0]
            body[chosen] = "0"
        for name, companions in self._choice:
            if name != chosen:
                body.pop(name, None)
                for companion in companions:
                    body.pop(companion, None)

    def from_rest(
        self,
        path: Mapping[str, str | int],
        body: Mapping[str, Any] | None,
        files: Sequence[tuple[str, bytes]] = (),
        *,
        lenient: bool = False,
    ) -> Any:
        """A REST request as the request message of this RPC; InvalidRequest names a property that is unknown or misfits.

        ``lenient`` reads it as a server does that ignores unknown properties, takes digits for a number, a number for a text
        and 1 for true, and leaves it to its caller to refuse two properties of which one is allowed and references below 1.
        """
        row = self.row
        try:
            data = self._given(body, path, lenient)
            for name, members in row.inside.items():
                inner = _mapping(data.pop(name, None), name)
                for member, value in inner.items():
                    if member in members:
                        data[member] = value
                    elif value is not None and not lenient:
                        raise Misfit("is unknown", name, member)
            chosen = [name for name, _ in self._choice if data.get(name) is not None]
            if len(chosen) > 1 and not lenient:
                raise Misfit(f"only one of {', '.join(chosen)} is allowed")
            if self._lifted is not None:
                outer = {
                    name: data.pop(name) for name in self._request.reads if name in data and name != row.lift
                }
                data = {**outer, row.lift: data}
            if row.files is not None:
                collection, name, content = row.files
                data[collection] = [{name: each, content: text} for each, text in files]
            return (_codec(self._input, True, True) if lenient else self._request).decode(data)
        except Misfit as misfit:
            raise InvalidRequest(str(misfit), operation=row.rpc) from None

    def _given(self, body: Any, path: Mapping[str, str | int], lenient: bool) -> dict[str, Any]:
        """What stands at the top of a REST request: without what only tells RPCs apart, with the keys of the path."""
        row = self.row
        data = dict(_mapping(body))
        for name, value in row.always.items():
            if data.pop(name, value) != value and not lenient:
                raise Misfit(f"must be {value!r} here", name)
        for name, allowed in row.silent.items():
            value = data.pop(name, None)
            if value is not None and allowed and value not in allowed and not lenient:
                raise Misfit(f"must be {allowed[0]!r} here", name)
        elsewhere = {*path, *(member for members in row.inside.values() for member in members)}
        if row.files is not None:
            elsewhere.add(row.files[0])
        for name in elsewhere.intersection(data):
            if not lenient:
                raise Misfit("is unknown", name)
            del data[name]
        data.update(path)
        return data

    def answer_from_rest(self, data: Any) -> Any:
        """A REST answer (None for one without a body) as the answer message; Internal when it cannot be read."""
        try:
            return self._answer.decode({} if data is None else data)
        except (Misfit, AttributeError, TypeError) as error:
            raise Internal(f"the answer cannot be read: {error}", operation=self.row.rpc) from None

    def messages_from_rest(self, data: Any) -> list[Any]:
        """A REST answer as the messages of a stream: none when the list that it carries is empty."""
        answer = self.answer_from_rest(data)
        return [answer] if not self.row.messages or getattr(answer, self.row.messages) else []

    def answer_to_rest(self, message: Any) -> dict[str, Any]:
        """The answer message as REST says it."""
        try:
            body: dict[str, Any] = self._answer.encode(message)
        except Misfit as misfit:
            raise Internal(f"the answer has no place in REST: {misfit}", operation=self.row.rpc) from None
        for name in self.row.unanswered:
            del body[self._answer.rest_name[name]]
        return body

    def messages_to_rest(self, messages: Iterable[Any]) -> dict[str, Any]:
        """The messages of a stream as the one REST answer that holds them all."""
        messages = list(messages)
        if len(messages) == 1:
            return self.answer_to_rest(messages[0])
        whole = self.answer_class()
        for message in messages:
            whole.MergeFrom(message)
        return self.answer_to_rest(whole)


@cache
def exchange(rpc: str) -> Exchange:
    """The compiled reading of one row; KeyError for an RPC that is not in the table, InvalidRequest without an operation."""
    return Exchange(ROWS[rpc])
