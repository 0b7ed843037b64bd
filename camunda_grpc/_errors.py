"""The error tree on surfaces that are shaped like gRPC: the same meanings, in objects that are
``grpc.RpcError`` as well.

For each class of ``camunda_core.errors`` there is one subclass that is also a
``grpc.aio.AioRpcError``, a ``grpc.Call`` and a finished ``grpc.Future``. So one object is caught by
``except NotFound``, by ``except grpc.RpcError`` and by ``except grpc.aio.AioRpcError``, and has
``code()``, ``details()`` and the metadata that code written for grpcio asks for.

What gRPC leaves open is settled here:

UNAVAILABLE with the gateway's status details was said by the gateway (``answered``). When no
connection was made, nothing was sent (``sent`` is False). A proxy's that proves that the call was
not handed on (``camunda_core._proxies``) counts as answered. Any other one is a connection that
broke: nobody knows what became of the call.

CANCELLED that nobody here asked for is a gateway that is going away: a stopping one ends its open
streams so, where a killed one is UNAVAILABLE. It becomes ``Unavailable``, code UNAVAILABLE,
unanswered, so that whoever reconnects on the one also does on the other.

An HTTP status without gRPC's own is a proxy's, and means what it means over REST,
whatever grpcio makes of it. Of a page in answer to a stream, grpcio on asyncio loses the status
every other time; then only a unary call tells it (``lost_its_status``).

RESOURCE_EXHAUSTED is back-pressure, but for a message, or metadata, beyond the size limit of either
side: its ``problem`` has the status 413.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, KeysView
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeAlias

from camunda_core._patterns import pattern
from camunda_core._proxies import was_not_handed_on
from camunda_core._rpcs import FACTS, Facts
from camunda_core.errors import CamundaError, Problem, code_of_status, error_class, is_unknown_partition
from camunda_grpc._handshakes import never_connects
from camunda_grpc._names import grpc
from camunda_grpc._status_details import decoded

__all__ = ["STATUS_DETAILS_KEY", "Metadata", "Metadatum", "RpcFailure", "as_rpc_error", "from_rpc_error"]
__all__ += ["is_of_a_page", "lost_its_status"]

if TYPE_CHECKING:
    _Future: TypeAlias = grpc.Future[Any]
else:
    _Future = grpc.Future

#: The trailing metadata in which a server puts the serialized ``google.rpc.Status``.
STATUS_DETAILS_KEY = "grpc-status-details-bin"


class Metadatum(NamedTuple):
    """One pair, as grpcio's synchronous API gives them: ``key, value = pair`` and
    ``pair.key``, ``pair.value``.
    """

    key: str
    value: str | bytes


class Metadata(grpc.aio.Metadata):
    """Metadata for readers of both styles: a mapping as in ``grpc.aio``, and a sequence
    of pairs as in ``grpc``.
    """

    def __iter__(self) -> Any:
        for key, value in super().__iter__():
            yield Metadatum(key, value)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, (int, slice)):
            return tuple(self)[key]
        return super().__getitem__(key)

    def keys(self) -> KeysView[str]:
        """The keys, once each: ``dict(metadata)`` asks for them, and older grpcio would give it the pairs."""
        return dict.fromkeys(pair.key for pair in self).keys()

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, grpc.aio.Metadata):
            return tuple(self) == tuple(other)
        return tuple(self) == other


class RpcFailure(grpc.aio.AioRpcError, grpc.Call, _Future):
    """What the error classes of this module add to those of ``camunda_core.errors``: a call
    that is over, and failed.

    Its private names are those of grpcio's AioRpcError, because pyzeebe reads them when it prints an error.
    """

    grpc_code: str
    message: str
    operation: str
    _initial_metadata: Metadata
    _trailing_metadata: Metadata
    _debug_error_string: str | None

    @property
    def _code(self) -> grpc.StatusCode:
        return self.code()

    @property
    def _details(self) -> str:
        return self.details()

    def code(self) -> grpc.StatusCode:
        """The status code; always the one that the class stands for."""
        return grpc.StatusCode[self.grpc_code]

    def details(self) -> str:
        """The server's text."""
        return self.message

    def initial_metadata(self) -> Metadata:  # type: ignore[override]
        """The initial metadata, empty where there are none."""
        return self._initial_metadata

    def trailing_metadata(self) -> Metadata:  # type: ignore[override]
        """The trailing metadata, empty where there are none."""
        return self._trailing_metadata

    def debug_error_string(self) -> str | None:
        """What grpcio says about the failure, with the peer's address."""
        return self._debug_error_string

    def cancel(self) -> bool:
        """False: it is over."""
        return False

    def cancelled(self) -> bool:
        """False, as grpcio's own errors say; ``code()`` tells a cancelled call."""
        return False

    def running(self) -> bool:
        """False: it is over."""
        return False

    def done(self) -> bool:
        """True."""
        return True

    def is_active(self) -> bool:
        """False: it is over."""
        return False

    def time_remaining(self) -> float:
        """0 s."""
        return 0.0

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """False: it is too late, and ``callback`` is not called."""
        return False

    def add_done_callback(self, fn: Callable[[Any], None]) -> None:
        """Calls ``fn`` at once."""
        fn(self)

    def result(self, timeout: float | None = None) -> NoReturn:
        """Raises this error."""
        raise self

    def exception(self, timeout: float | None = None) -> Exception:
        """This error."""
        return self

    def traceback(self, timeout: float | None = None) -> TracebackType | None:
        """Where it was raised."""
        try:
            raise self
        except RpcFailure:
            return sys.exc_info()[2]

    def __repr__(self) -> str:
        of = f" of {self.operation}" if self.operation else ""
        return f"<{type(self).__name__}{of}: {self.grpc_code}, {self.message!r}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, (type(self).__bases__[0], self.args, self.__dict__.copy())


_classes: dict[type[CamundaError], type[CamundaError]] = {}


def _class_for(cls: type[CamundaError]) -> type[CamundaError]:
    """The subclass of ``cls`` that is an RpcFailure too."""
    found = _classes.get(cls)
    if found is None:
        made = type(cls.__name__, (cls, RpcFailure), {"__doc__": cls.__doc__, "__module__": __name__})
        found = _classes.setdefault(cls, made)  # another thread may have been here meanwhile
    return found


def _restored(cls: type[CamundaError], args: tuple[Any, ...], attributes: dict[str, Any]) -> CamundaError:
    made: CamundaError = _class_for(cls).__new__(_class_for(cls), *args)
    made.args = args
    made.__dict__.update(attributes)
    return made


def as_rpc_error(
    error: CamundaError,
    *,
    initial_metadata: Iterable[tuple[str, str | bytes]] = (),
    trailing_metadata: Iterable[tuple[str, str | bytes]] = (),
    debug: str | None = None,
) -> CamundaError:
    """The same error as an object that is a ``grpc.RpcError`` too; one that is so
    already comes back as it is.
    """
    if isinstance(error, RpcFailure):
        return error
    attributes = {
        **error.__dict__,
        "_initial_metadata": Metadata(*initial_metadata),
        "_trailing_metadata": Metadata(*trailing_metadata),
        "_debug_error_string": debug,
    }
    made = _restored(type(error), error.args, attributes)
    made.__cause__ = error.__cause__
    return made


def from_rpc_error(exc: Exception, operation: str = "") -> CamundaError:
    """The error of the tree for what grpcio (or anything else that raises ``grpc.RpcError``) raised.

    The result is a ``grpc.RpcError`` too. An error of the tree comes back as it is, one without
    ``code()`` becomes Unknown.
    """
    if isinstance(exc, CamundaError):
        return as_rpc_error(exc)
    code, details = _ask(exc, "code"), _ask(exc, "details")
    trailing: tuple[tuple[str, Any], ...] = tuple(_ask(exc, "trailing_metadata") or ())
    name = code.name if isinstance(code, grpc.StatusCode) else "UNKNOWN"
    message = details if isinstance(details, str) else "" if isinstance(code, grpc.StatusCode) else str(exc)
    status = next((value for key, value in trailing if key == STATUS_DETAILS_KEY), None)
    status_details, retry_after = decoded(status)
    http_status = None if status is not None else _http_status(message)
    if http_status is not None:
        name = code_of_status(http_status)
        message += _OF_STATUS.get(http_status, "")
    sent, answered = _fate(name, message, by_gateway=status is not None)
    if name == "UNAVAILABLE" and not sent and (advice := never_connects(message)) and advice not in message:
        message = f"{message}; {advice}"
    if http_status is not None:
        answered = http_status not in _OF_PROXIES or was_not_handed_on(message)
    if status is None and lost_its_status(message):
        message += "; was that a proxy's page, whose status is lost?"
    if status is None and _NOT_HTTP2.search(message):
        message += "; is this the REST port?"
    stopping = name == "CANCELLED" and http_status is None  # a proxy's 499 is not a gateway's end
    if stopping and not _LOCAL_CANCEL.search(message) and _ask(exc, "cancelled") is not True:
        name, answered = "UNAVAILABLE", False
    error = error_class(name)(
        message,
        problem=_problem(name, message, answered=answered, http_status=http_status),
        status_details=status_details,
        operation=operation,
        sent=sent,
        answered=answered,
        retry_after=retry_after,
        lasting=name == "UNAVAILABLE" and _lasts(operation, message, sent),
    )
    return as_rpc_error(
        error,
        initial_metadata=_ask(exc, "initial_metadata") or (),
        trailing_metadata=trailing,
        debug=_debug_error_string(exc),
    )


def _ask(exc: Exception, what: str) -> Any:
    """``exc.what()``; None where the object has no such method or cannot say."""
    method = getattr(exc, what, None)
    if not callable(method):
        return None
    try:
        return method()
    except Exception:
        return None


_DEBUG_TEXT = pattern(r'debug_error_string = "(.*)"\n>', re.DOTALL)


def _debug_error_string(exc: Exception) -> str | None:
    """What grpcio adds to the details."""
    if hasattr(exc, "__next__"):
        # A call that is raised as its own error waits for this text for ever when it was ended from
        # here; its representation does not.
        text = _DEBUG_TEXT.search(repr(exc))
        return None if text is None else text[1]
    debug = _ask(exc, "debug_error_string")
    return debug if isinstance(debug, str) else None


# What grpcio says when the cancellation came from this process, by itself or within another text.
_LOCAL_CANCEL = pattern(
    r"Locally cancelled by application|Cancelled upon garbage collection|Channel closed!|"
    r"Call cancelled in fork child"
)

# What gRPC core says when it found no address to connect to.
_NOT_RESOLVED = pattern(
    r"DNS resolution failed|errors resolving|name resolution failed|empty address list|failed to parse address|"
    r"Name or service not known",
    re.IGNORECASE,
)
# What it says when a call found no connection to go out on.
_NOT_CONNECTED = pattern(
    r"failed to connect to all addresses|connections to all backends failing|"
    r"(?:SSL|TLS|security) handshake (?:failed|error)|" + _NOT_RESOLVED.pattern,
    re.IGNORECASE,
)
# What it says of a server that answers in HTTP/1.1.
_NOT_HTTP2 = pattern(r"Failed parsing HTTP/2|Trying to connect an http1\.x server")
_NOT_SERIALIZED = "Exception serializing request!"
_TOO_LARGE = pattern(
    r"(?P<local>sent message larger than max)|received message larger than max|message exceeds maximum size|"
    r"MAX_MESSAGE_SIZE_EXCEEDED|above configured maxMessageSize|metadata size exceeds",
    re.IGNORECASE,
)
# What grpcio says when a proxy answers with a page in place of the gateway.
_HTTP_STATUS = pattern(r"Received http2 header with status: (\d{3})\b")
# What it says of one whose status it has lost: answers of gRPC end with headers. Newer releases add that it was data.
_PAGE = "Stream removed"
# What a page may mean that is not shown.
_OF_STATUS = {
    400: "; that is a proxy's: does it ask for a client certificate, tls=Tls(certificate=..., key=...)?",
    413: "; the request is larger than the proxy accepts",
}
# With these a proxy says that it got no answer from the gateway behind it.
_OF_PROXIES = frozenset({502, 503, 504})
# A stream that was reset in the middle of the call: the code is HTTP/2's, and says nothing of back-pressure.
_RESET = pattern(r"RST_STREAM")


def lost_its_status(message: str) -> bool:
    """Whether it may be of a page in place of an answer, of which the status is not known."""
    return message.startswith(_PAGE)


def is_of_a_page(message: str) -> bool:
    """Whether it is of a page in place of an answer, whose status it tells."""
    return _http_status(message) is not None


def _http_status(message: str) -> int | None:
    """The status of a proxy's page; None where it is gRPC that spoke."""
    found = _HTTP_STATUS.search(message)
    return None if found is None else int(found[1])


def _fate(name: str, message: str, *, by_gateway: bool) -> tuple[bool, bool]:
    """``(sent, answered)``: whether the request may have reached the server, and whether the server
    itself gave this status.
    """
    if by_gateway:
        return True, True
    if name == "UNAVAILABLE":
        sent = _NOT_CONNECTED.search(message) is None
        return sent, sent and was_not_handed_on(message)
    if name == "DEADLINE_EXCEEDED":
        return True, False
    if name == "CANCELLED":
        return True, False
    if name == "RESOURCE_EXHAUSTED":
        too_large = _TOO_LARGE.search(message)
        return too_large is None or too_large["local"] is None, _RESET.search(message) is None
    return message != _NOT_SERIALIZED, True


def _lasts(operation: str, message: str, sent: bool) -> bool:
    if not sent:
        return _NOT_RESOLVED.search(message) is not None or never_connects(message) is not None
    return FACTS.get(operation, _UNNAMED).by_key and is_unknown_partition(message)


#: An error that somebody translates by hand says nothing of its call: most have a key.
_UNNAMED = Facts(by_key=True)

# The problem document with which the REST API says the same; where it is not the class's own status
# and the code's own name.
_STATUS = {"RESOURCE_EXHAUSTED": 503, "UNIMPLEMENTED": 404}
_TITLE = {
    "CANCELLED": "",
    "DATA_LOSS": "UNKNOWN",
    "FAILED_PRECONDITION": "INVALID_STATE",
    "OUT_OF_RANGE": "INVALID_ARGUMENT",
    "PERMISSION_DENIED": "FORBIDDEN",
    "UNAUTHENTICATED": "Unauthorized",
    "UNIMPLEMENTED": "Not Found",
}


def _problem(name: str, message: str, *, answered: bool, http_status: int | None) -> Problem | None:
    if http_status is not None:
        return Problem(status=http_status, detail=message)  # like a page over REST it has no title
    too_large = name == "RESOURCE_EXHAUSTED" and _TOO_LARGE.search(message) is not None
    if not (answered or too_large):
        return None
    status = 413 if too_large else _STATUS.get(name, error_class(name).http_status)
    return Problem(status=status, title=_TITLE.get(name, name), detail=message, type="about:blank")
