"""What both drop-in channels decide for a call before anything waits: which row, which
messages, which headers. Pure.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge._dropin.status import headers_of
from bridge._table.mapping import ROWS, RestRequest, Row
from bridge._table.transcode import Exchange, classes_of, exchange
from camunda_core._rpcs import SERVICE
from camunda_core.errors import InvalidRequest, UnsupportedField

__all__ = ["SERVICE", "Method", "headers_of", "method_of", "refuse_credentials"]


Serializer = Callable[[Any], bytes]
Deserializer = Callable[[bytes], Any]


def method_of(path: str | bytes) -> tuple[str, str]:
    """``/package.Service/Rpc`` (as text or bytes) as (service, RPC)."""
    text = path.decode() if isinstance(path, bytes) else path
    service, _, rpc = text.lstrip("/").partition("/")
    return service, rpc


class Method:
    """One RPC of one stub, served over REST: the caller's own message classes at both
    ends, ours in the middle.
    """

    def __init__(self, rpc: str, serialize: Serializer | None, deserialize: Deserializer | None) -> None:
        self.rpc = rpc
        self.row: Row = ROWS[rpc]
        self._serialize = serialize
        self._exchange: Exchange = exchange(self.row.emulated_by or rpc)
        self._request_class, answer_class = classes_of(rpc)
        self.give: Callable[[Any], Any] = _giver(deserialize, answer_class)

    @staticmethod
    def knows(rpc: str) -> bool:
        """Whether the table has this RPC."""
        return rpc in ROWS

    def message(self, request: Any) -> Any:
        """The caller's request as our message."""
        if type(request) is self._request_class:
            return request
        return self._request_class.FromString(
            request if self._serialize is None else self._serialize(request)
        )

    def request(self, message: Any) -> RestRequest:
        """The REST request of a message. Raises UnsupportedField for a field that is newer than the table."""
        size = message.ByteSize()
        if size:
            known = self._request_class()
            known.CopyFrom(message)
            known.DiscardUnknownFields()
            if known.ByteSize() != size:
                raise UnsupportedField(
                    "the request has fields that came after the protocol this library knows, so their place in REST is unknown: "
                    "leave them unset, upgrade camunda-bridge, or route the RPC over gRPC",
                    operation=self.rpc,
                )
        if self.row.emulated_by:
            fields = {each.name: value for each, value in message.ListFields()}
            message = self._exchange.request_class(**fields, maxJobsToActivate=1)
        return self._exchange.to_rest(message)

    def answer(self, data: Any) -> Any:
        """A REST answer as the caller's response."""
        return self.give(self._exchange.answer_from_rest(data))

    def messages(self, data: Any) -> list[Any]:
        """A REST answer as the caller's stream of responses."""
        return [self.give(message) for message in self._exchange.messages_from_rest(data)]

    def job(self, data: Any) -> Any:
        """One job of a REST answer as the caller's response."""
        return self.give(self._exchange.answer_from_rest({"jobs": [data]}).jobs[0])


def _giver(deserialize: Deserializer | None, ours: Any) -> Callable[[Any], Any]:
    """How our message becomes the caller's response: as it is where the stub is ours, else
    through its own deserializer.
    """
    if getattr(deserialize, "__self__", None) is ours:
        return lambda message: message
    if deserialize is None:
        return lambda message: message.SerializeToString()
    return lambda message: deserialize(message.SerializeToString())


def refuse_credentials(credentials: Any) -> None:
    """Call credentials live inside grpc's core: they cannot be asked for a header."""
    if credentials is not None:
        raise InvalidRequest(
            "call credentials cannot travel over REST: give the channel credentials=, or send the header as metadata"
        )
