"""What a client tells of its calls while it makes them: to hooks, to logs, to OpenTelemetry.

    client = Client(observers=[Hooks(on_response=lambda call, result: print(call.operation, result.seconds))])

Every client and channel takes ``observers``. Each attempt of a call is told, on either wire, from where the call is made: a
thread, the event loop, or for a few calls over gRPC a thread of grpcio's, so an observer must return soon and be safe for threads.
One that raises is logged once and asked no more; the call does not notice. No observer is given a body, an answer, or a header that
says who is calling. Without observers nothing of this is imported.
"""

from __future__ import annotations

import inspect
import logging
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

from camunda_core._arguments import header, instance, items
from camunda_core.errors import CamundaError, ConfigurationError, InvalidRequest

__all__ = [
    "CallLog",
    "CallObserver",
    "CallRequest",
    "CallResult",
    "CorrelationFilter",
    "CorrelationHeader",
    "Hooks",
    "correlated",
    "correlation_id",
    "is_name",
    "may_be_added",
    "observers_of",
    "type_of",
]

_current: ContextVar[str | None] = ContextVar("camunda_correlation_id", default=None)


@dataclass(frozen=True)
class CallRequest:
    """One attempt of a call, before it is sent.

    ``operation``       the RPC (``CompleteJob``), or over REST the operation (``completeJob``)
    ``wire``            "grpc" or "rest"
    ``method``          the HTTP method, or the full name of the RPC: ``gateway_protocol.Gateway/CompleteJob``
    ``path``            over REST the template of the path, ``/jobs/{jobKey}/completion``; "" over gRPC
    ``server``, ``port``  whom it goes to; 0 where the address has no port, as a socket's path
    ``attempt``         1, and more where the call is repeated
    ``correlation_id``  the same for all attempts of a call; see ``correlated``
    ``headers``         starts empty: what an observer puts in is sent with the attempt, as a header or as metadata. Names
                        are lower-case; a caller's own headers win, and those that this library sets cannot be set
    """

    operation: str
    wire: Literal["rest", "grpc"]
    method: str
    path: str
    server: str
    port: int
    attempt: int
    correlation_id: str
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CallResult:
    """How an attempt ended.

    ``seconds``  from when it was about to be sent to its end; of a stream, to the end of the stream
    ``status``   the HTTP status, or the name of the gRPC code: "OK"; None where nothing was answered
    ``error``    what it failed with, None for a success; another attempt may follow
    """

    seconds: float
    status: int | str | None
    error: BaseException | None


@runtime_checkable
class CallObserver(Protocol):
    """What is told of each attempt. Every ``began`` has one ``ended``, of a call that was refused before it was sent too."""

    def began(self, request: CallRequest) -> Any:
        """An attempt is about to be sent. What it returns is handed to ``ended``."""

    def ended(self, request: CallRequest, begun: Any, result: CallResult) -> None:
        """It is over. ``begun`` is what ``began`` gave."""


class Hooks:
    """An observer of functions.

    ``on_request``   called with a ``CallRequest`` before each attempt; it may add to its ``headers``
    ``on_response``  called with the ``CallRequest`` and its ``CallResult`` after it

    Both are plain functions: nothing is awaited. Raises ConfigurationError for anything else.
    """

    def __init__(
        self,
        *,
        on_request: Callable[[CallRequest], object] | None = None,
        on_response: Callable[[CallRequest, CallResult], object] | None = None,
    ) -> None:
        self._on_request = _plain_function(on_request, "on_request")
        self._on_response = _plain_function(on_response, "on_response")

    def began(self, request: CallRequest) -> None:
        """Calls ``on_request``."""
        if self._on_request is not None:
            self._on_request(request)

    def ended(self, request: CallRequest, begun: Any, result: CallResult) -> None:
        """Calls ``on_response``."""
        if self._on_response is not None:
            self._on_response(request, result)


class CorrelationHeader:
    """An observer that sends each call's correlation id as a header (REST) or as metadata (gRPC).

    ``name`` is that header's. Raises ConfigurationError for what cannot be one.
    """

    def __init__(self, name: str = "x-correlation-id") -> None:
        lower = instance(str, name, "name", "the name of a header").lower()
        if not is_name(lower) or not may_be_added(lower):
            raise ConfigurationError(f"name: {name!r} is not a header that can be added to a call")
        self._name = lower

    def began(self, request: CallRequest) -> None:
        """Adds the header."""
        request.headers[self._name] = request.correlation_id

    def ended(self, request: CallRequest, begun: Any, result: CallResult) -> None:
        """Nothing."""


class CallLog:
    """An observer that writes a log record for each attempt, what matters in its attributes (as those of ``extra=``).

    ``logger``  where to; None is "camunda_core.calls"
    ``level``   of successes; a failure is a warning

    The attributes: ``camunda_operation``, ``camunda_wire``, ``camunda_attempt``, ``camunda_correlation_id``,
    ``camunda_seconds``, ``camunda_status``, ``camunda_error`` (the error's class, "" for none).
    """

    def __init__(self, logger: logging.Logger | None = None, *, level: int = logging.DEBUG) -> None:
        self._logger = logger or logging.getLogger("camunda_core.calls")
        self._level = level

    def began(self, request: CallRequest) -> None:
        """Nothing."""

    def ended(self, request: CallRequest, begun: Any, result: CallResult) -> None:
        """Writes the record."""
        level = self._level if result.error is None else max(self._level, logging.WARNING)
        if self._logger.isEnabledFor(level):
            said = "" if result.error is None else type_of(result.error)
            context = {
                "camunda_operation": request.operation,
                "camunda_wire": request.wire,
                "camunda_attempt": request.attempt,
                "camunda_correlation_id": request.correlation_id,
                "camunda_seconds": result.seconds,
                "camunda_status": result.status,
                "camunda_error": said,
            }
            outcome = said or result.status
            self._logger.log(
                level, "%s: %s in %.3f s", request.operation, outcome, result.seconds, extra=context
            )


class CorrelationFilter(logging.Filter):
    """A filter for handlers: puts ``camunda_correlation_id`` on every record, "" outside of ``correlated``."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Adds it; every record passes."""
        if not hasattr(record, "camunda_correlation_id"):
            record.camunda_correlation_id = _current.get() or ""
        return True


@contextmanager
def correlated(identifier: str | None = None) -> Iterator[str]:
    """All calls of this block, in this thread or task, have this correlation id; None makes one.

    Outside of such a block each call has one of its own. It is visible ASCII, as it may be sent. Raises
    InvalidRequest for anything else.
    """
    if identifier is None:
        identifier = uuid.uuid4().hex
    try:
        header(identifier, "correlation id")
    except ConfigurationError as error:
        raise InvalidRequest(str(error)) from None
    token = _current.set(identifier)
    try:
        yield identifier
    finally:
        _current.reset(token)


def correlation_id() -> str | None:
    """The id of the ``correlated`` block that runs here, None outside of one."""
    return _current.get()


def type_of(error: BaseException) -> str:
    """The class whose meaning an error has: on surfaces shaped like gRPC the object is of a subclass that says nothing more."""
    for cls in type(error).__mro__:
        if cls.__module__ == CamundaError.__module__:
            return cls.__name__
    return type(error).__name__


def observers_of(given: Iterable[CallObserver]) -> tuple[CallObserver, ...]:
    """The observers that a client was given. Raises ConfigurationError for what is none."""
    return tuple(items(given, "observers", "call observers (with began and ended)", _is_observer))


def may_be_added(name: str) -> bool:
    """Whether an observer may add this header: it must not change who is calling or what is sent."""
    return name not in _OURS and not name.startswith((":", "grpc-", "proxy-")) and not name.endswith("-bin")


_OURS = frozenset(
    {"accept", "accept-encoding", "authorization", "camunda-physical-tenant", "connection", "content-encoding",
     "content-length", "content-type", "cookie", "expect", "host", "te", "trailer", "transfer-encoding", "upgrade",
     "user-agent"}
)  # fmt: skip


def is_name(name: str) -> bool:
    """Whether this can be the name of a header."""
    return name.isascii() and name.replace("-", "").replace("_", "").isalnum()


def _is_observer(given: Any) -> bool:
    return not isinstance(given, type) and isinstance(given, CallObserver)


def _plain_function(given: Any, name: str) -> Any:
    if given is None:
        return None
    if not callable(given) or inspect.iscoroutinefunction(given):
        raise ConfigurationError(f"{name} must be a plain function: a coroutine would not be awaited")
    return given
