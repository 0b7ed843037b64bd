"""The shortest way of a call over gRPC: arguments straight to a message, and the answer straight to a class.

What a client does on either wire goes through the words of REST (``bridge._client.caller``, the
doors). Over gRPC that costs more than the call itself, so here both halves are put together when an
RPC is first used, out of the same parts: the encoders of the arguments, the table's reading of a
message, the decoders of the result. There is no second truth; what the parts leave open, an
irregular row or message, takes the long way. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, TypeVar

from bridge._table.codecs import Misfit
from bridge._table.mapping import ROWS, Row
from bridge._table.messages import Answered, MessageCodec
from bridge._table.transcode import exchange
from bridge._table.values import strict_bool, strict_integer, strict_text
from bridge._table.versions import may_be_newer
from camunda_core.errors import InvalidRequest
from camunda_rest._commands.decoding import Field, Unreadable, fields_of, read_integer, read_key, reader
from camunda_rest._commands.table import COMMANDS
from camunda_rest._commands.writing import encoder
from camunda_rest._encoding import check_json, is_plain

__all__ = ["reads", "writes"]

T = TypeVar("T")
Write = Callable[[Mapping[str, Any], "str | None"], "tuple[Any, bool]"]


@cache
def writes(client: type, rpc: str) -> Write | None:
    """``write(given, tenant_id)``: the request message for the arguments of a method of ``client``, and
    whether something in it may be newer than clusters are.

    It raises the InvalidRequest that the long way would. None for an RPC whose arguments do not
    stand in its message as they stand at the top of a REST request.
    """
    row = ROWS[rpc]
    if not _is_flat(row):
        return None
    encode, codec = encoder(client, rpc), exchange(rpc).request_codec
    quick, decode = _quick(codec), codec.decode
    suspects = may_be_newer(codec.cls)
    newer = frozenset(rest for rest, reader in codec.readers.items() if reader.name in suspects)

    def write(given: Mapping[str, Any], tenant_id: str | None) -> tuple[Any, bool]:
        try:
            values = encode(given, tenant_id)
            message = quick(values)
            if message is None:
                check_json(values)  # the one check of what a caller's variables may hold, on both wires
                message = decode(values)
        except Misfit as misfit:
            raise InvalidRequest(str(misfit), operation=rpc) from None
        except InvalidRequest as error:
            error.operation = rpc
            raise
        return message, not newer.isdisjoint(values)

    return write


def _quick(codec: MessageCodec) -> Callable[[dict[str, Any]], Any]:
    """What makes the message of values that there is nothing to say about, as nearly all are: the check
    and the reading in one pass. It gives None for the others, and finds no words for them.
    """
    if not codec.regular:
        return lambda values: None
    known = {
        rest: (reader.name, _SAME.get(reader.read), reader.read)
        for rest, reader in codec.readers.items()
        if reader.preferred
    }
    absent, cls = codec.absent, codec.cls

    def quick(values: dict[str, Any]) -> Any:
        fields = absent.copy()
        try:
            for rest, value in values.items():
                name, same, read = known[rest]
                kind = type(value)
                if kind is not same:
                    if (kind is dict or kind is list) and not is_plain(rest, value):
                        return None
                    value = value if read is None else read(value)
                fields[name] = value  # protobuf itself refuses what is too large, or no Unicode
            return cls(**fields)
        except (Misfit, KeyError, TypeError, ValueError, RecursionError):
            return None

    return quick


#: The type of which all values are read as they are.
_SAME: Mapping[Any, type] = {strict_text: str, strict_integer: int, strict_bool: bool}


def _is_flat(row: Row) -> bool:
    if row.operation is None or row.emulated_by or row.lift or row.inside or row.always or row.files:
        return False
    command = COMMANDS[row.rpc]
    return not (command.inside or command.always) and bool(command.choice) == bool(row.choice)


@cache
def reads(rpc: str, cls: type[T]) -> Callable[[Any], T] | None:
    """``read(message)``: the answer message as a result class; raises Internal where it cannot be
    read. None for an RPC whose result takes something from the request.
    """
    says, become = exchange(rpc), reader(cls)
    if says.operation.keys:
        return None

    def long_way(message: Any) -> T:
        return become(says.answer_to_rest(message), {})

    build = None if says.row.unanswered else _builder(says.answer_codec, cls)
    if build is None:
        return long_way

    def read(message: Any) -> T:
        try:
            made: T = build(message)
        except (Misfit, Unreadable, TypeError, ValueError):
            return long_way(message)  # which says what is wrong with it
        return made

    return read


def _builder(codec: MessageCodec, cls: type[Any]) -> Callable[[Any], Any] | None:
    """What makes ``cls`` of a message; None where one of the two, or something inside, is irregular."""
    fields = fields_of(cls)  # type: ignore[arg-type]  # classes are hashable
    if fields is None or not codec.regular:
        return None
    steps: list[tuple[str, str, Callable[[Any], Any] | None, Any]] = []
    others: list[tuple[str, Callable[[Any], Any]]] = []
    for field in fields:
        written = codec.answered.get(field.rest)
        if written is None:
            continue  # REST only
        convert = _converter(field, written)
        if convert is None:
            return None
        if written.has_presence:
            others.append((field.name, _if_set(written.name, convert)))
        elif written.repeated:
            steps.append((field.name, written.name, convert, ()))
        elif isinstance(written.blank, dict):
            others.append((field.name, _always(written.name, convert)))
        else:
            plain = written.write is None and field.decode in (str, read_integer)
            steps.append((field.name, written.name, None if plain else convert, field.decode(written.blank)))

    def build(message: Any) -> Any:
        values = {}
        for name, attribute, convert, blank in steps:
            value = getattr(message, attribute)
            if not value:
                value = blank
            elif convert is not None:
                value = convert(value)
            if value is not None:
                values[name] = value
        for name, get in others:
            value = get(message)
            if value is not None:
                values[name] = value
        return cls(**values)

    return build


def _converter(field: Field, written: Answered) -> Callable[[Any], Any] | None:
    """What makes the value of a result of that of a message; None where that is irregular."""
    decode, write = field.decode, written.write
    if written.codec is None:
        if write is str and decode is read_key:
            return str  # a key that is set is not 0, so its digits are all there is to it
        return decode if write is None else lambda value: decode(write(value))
    build = None if field.cls is None else _builder(written.codec, field.cls)
    if build is None or not written.repeated:
        return build
    return lambda values: tuple(map(build, values))


def _if_set(attribute: str, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda message: convert(getattr(message, attribute)) if message.HasField(attribute) else None


def _always(attribute: str, convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda message: convert(getattr(message, attribute))
