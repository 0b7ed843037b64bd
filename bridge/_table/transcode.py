"""Reads the table through the message descriptors: gRPC messages to REST requests and
answers, and back. Pure.

    request message  ── to_rest ──►         RestRequest (operation, path, body, files)
    answer message   ◄─ answer_from_rest ── JSON
    request message  ◄─ from_rest ──        path, body, files
    answer message   ── answer_to_rest ──►  JSON

Whatever has no place on the other side raises InvalidRequest with the field's path, before anything is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from bridge._table.codecs import Misfit
from bridge._table.mapping import ROWS, RestRequest, Row
from bridge._table.messages import MessageCodec, codec_of, mapping_of
from camunda_core.errors import Internal, InvalidRequest
from camunda_grpc._generated import gateway_pb2
from camunda_rest.operations import Operation

__all__ = ["Exchange", "classes_of", "exchange"]

_methods = gateway_pb2.DESCRIPTOR.services_by_name["Gateway"].methods_by_name


def classes_of(rpc: str) -> tuple[type[Message], type[Message]]:
    """The request and the answer class of an RPC, whether or not it has a REST operation."""
    method = _methods[rpc]
    return codec_of(method.input_type.full_name, True).cls, codec_of(method.output_type.full_name, False).cls


class Exchange:
    """One RPC, both directions, for requests and answers. Get it from ``exchange(rpc)``."""

    def __init__(self, row: Row) -> None:
        if row.operation is None:
            raise InvalidRequest(f"{row.rpc} has no REST operation", operation=row.rpc)
        method = _methods[row.rpc]
        self.row = row
        self.operation: Operation = row.operation
        self._input = method.input_type.full_name
        self.request_codec = codec_of(self._input, True)
        self.answer_codec = codec_of(method.output_type.full_name, False)
        self.request_class = self.request_codec.cls
        self.answer_class = self.answer_codec.cls
        self._lifted = self._nested(method.input_type, row.lift) if row.lift else None
        top = self._lifted or self.request_codec
        self._choice = [
            (top.rest_name[name], tuple(top.rest_name[other] for other in others))
            for name, others in row.choice.items()
        ]
        self._path = self.operation.keys
        #: REST names that the body of a request cannot have at its top: they stand in an
        #: object, or are files.
        self._elsewhere = frozenset(member for members in row.inside.values() for member in members)
        if row.files is not None:
            self._elsewhere |= {row.files[0]}

    @staticmethod
    def _nested(descriptor: Descriptor, name: str) -> MessageCodec:
        nested = descriptor.fields_by_name[name].message_type
        assert nested is not None
        return codec_of(nested.full_name, True)

    def to_rest(self, message: Any) -> RestRequest:
        """The request message of this RPC as a REST request; InvalidRequest names a field
        that has no place there.
        """
        row = self.row
        try:
            for name in row.required:
                if not message.HasField(name):
                    raise Misfit("must be set", name)
            body = self.request_codec.encode(message)
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
        if self.operation.neutral:
            self.operation.leave_out_neutral(body)
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
        """A REST request as the request message of this RPC; InvalidRequest names a property that
        is unknown or misfits.

        ``lenient`` reads it as a server does that ignores unknown properties, takes digits for a
        number, a number for a text and 1 for true, and leaves it to its caller to refuse two
        properties of which one is allowed and references below 1.
        """
        row = self.row
        try:
            data = self._given(body, path, lenient)
            for name, members in row.inside.items():
                inner = mapping_of(data.pop(name, None), name)
                for member, value in inner.items():
                    if member in members:
                        data[member] = value
                    elif value is not None and not lenient:
                        raise Misfit("is unknown", name, member)
            if self._choice and not lenient:
                chosen = [name for name, _ in self._choice if data.get(name) is not None]
                if len(chosen) > 1:
                    raise Misfit(f"only one of {', '.join(chosen)} is allowed")
            if self._lifted is not None:
                outer = {
                    name: data.pop(name)
                    for name in self.request_codec.readers
                    if name in data and name != row.lift
                }
                data = {**outer, row.lift: data}
            if row.files is not None:
                collection, name, content = row.files
                data[collection] = [{name: each, content: text} for each, text in files]
            return (codec_of(self._input, True, True) if lenient else self.request_codec).decode(data)
        except Misfit as misfit:
            raise InvalidRequest(str(misfit), operation=row.rpc) from None

    def _given(self, body: Any, path: Mapping[str, str | int], lenient: bool) -> dict[str, Any]:
        """What stands at the top of a REST request: without what only tells RPCs apart,
        with the keys of the path.
        """
        row = self.row
        data = dict(mapping_of(body))
        for name, value in row.always.items():
            if data.pop(name, value) != value and not lenient:
                raise Misfit(f"must be {value!r} here", name)
        for name, allowed in row.silent.items():
            value = data.pop(name, None)
            if value is not None and allowed and value not in allowed and not lenient:
                raise Misfit(f"must be {allowed[0]!r} here", name)
        for name in self._elsewhere.union(path).intersection(data):
            if not lenient:
                raise Misfit("is unknown", name)
            del data[name]
        data.update(path)
        return data

    def answer_from_rest(self, data: Any) -> Any:
        """A REST answer (None for one without a body) as the answer message; Internal
        when it cannot be read.
        """
        try:
            return self.answer_codec.decode({} if data is None else data)
        except (Misfit, AttributeError, TypeError) as error:
            raise Internal(f"the answer cannot be read: {error}", operation=self.row.rpc) from None

    def messages_from_rest(self, data: Any) -> list[Any]:
        """A REST answer as the messages of a stream: none when the list that it carries is empty."""
        answer = self.answer_from_rest(data)
        return [answer] if not self.row.messages or getattr(answer, self.row.messages) else []

    def answer_to_rest(self, message: Any) -> dict[str, Any]:
        """The answer message as REST says it."""
        try:
            body: dict[str, Any] = self.answer_codec.encode(message)
        except Misfit as misfit:
            raise Internal(f"the answer has no place in REST: {misfit}", operation=self.row.rpc) from None
        for name in self.row.unanswered:
            del body[self.answer_codec.rest_name[name]]
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
    """The compiled reading of one row; KeyError for an RPC that is not in the table,
    InvalidRequest without an operation.
    """
    return Exchange(ROWS[rpc])
