"""One error tree by meaning, the same on both wires.

    CamundaError
    ├── InvalidArgument          400  INVALID_ARGUMENT     the request can never succeed as it is
    │   ├── InvalidRequest                                 found by us, before anything was sent
    │   └── OutOfRange           400  OUT_OF_RANGE
    ├── Unauthenticated          401  UNAUTHENTICATED      no credentials, or rejected ones
    │   └── AuthenticationError                            the token endpoint refused to give a token
    ├── PermissionDenied         403  PERMISSION_DENIED
    ├── NotFound                 404  NOT_FOUND            the entity does not exist, or no longer
    ├── AlreadyExists            409  ALREADY_EXISTS
    ├── FailedPrecondition       409  FAILED_PRECONDITION  the entity is in a state that forbids the command
    ├── ResourceExhausted        429  RESOURCE_EXHAUSTED   back-pressure, or a message that is too large
    ├── Cancelled                499  CANCELLED
    ├── Internal                 500  INTERNAL
    ├── Unknown                  500  UNKNOWN
    ├── DataLoss                 500  DATA_LOSS
    ├── Unimplemented            501  UNIMPLEMENTED        this server does not know the operation
    │   └── UnsupportedField                               found by us: the target cannot carry a field that was set
    ├── Aborted                  502  ABORTED              may have been executed: the answer was lost
    ├── Unavailable              503  UNAVAILABLE
    └── DeadlineExceeded         504  DEADLINE_EXCEEDED    may have been executed

    ConfigurationError (a ValueError)                      a client that cannot work, found when it is made

A class is a meaning; ``http_status`` and ``grpc_code`` are how the wires spell it. On a surface
that is shaped like gRPC the object raised is of a subclass that is a ``grpc.RpcError`` as well, so
that ``except NotFound`` and ``except grpc.RpcError`` both catch it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from camunda_core._patterns import pattern

__all__ = [
    "Aborted",
    "AlreadyExists",
    "AuthenticationError",
    "CamundaError",
    "Cancelled",
    "ConfigurationError",
    "DataLoss",
    "DeadlineExceeded",
    "FailedPrecondition",
    "Internal",
    "InvalidArgument",
    "InvalidRequest",
    "MissingExtra",
    "NotFound",
    "OutOfRange",
    "PermissionDenied",
    "Problem",
    "ResourceExhausted",
    "Unauthenticated",
    "Unavailable",
    "Unimplemented",
    "Unknown",
    "UnsupportedField",
    "code_of_status",
    "error_class",
    "error_classes",
    "is_unknown_partition",
]


@dataclass(frozen=True)
class Problem:
    """The parts of an RFC 9457 problem document; ``""`` and 0 stand for what the answer did not have.

    ``extra`` keeps every member that has no place of its own (``error``, ``path`` and ``timestamp``
    of a servlet's answer, for instance).
    """

    status: int = 0
    title: str = ""
    detail: str = ""
    type: str = ""
    instance: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)


class CamundaError(Exception):
    """Anything that went wrong with a call.

    ``message``    the server's own text where there is one
    ``problem``    the problem document (REST), or its equivalent built from the status (gRPC); None if nothing was answered
    ``status_details``  the ``google.rpc`` messages inside a gRPC answer's status (one Status per partition tried, for instance)
    ``operation``  the RPC or REST operation, where known
    ``sent``       False when certainly nothing reached the server: repeating the call is safe for any operation
    ``answered``   True when the server itself said this; False when the answer was lost on the way, so that nobody knows
    ``retry_after``  seconds the server asked us to wait, if it did
    ``lasting``    True for an Unavailable that another attempt would meet again, so that none is made: a host name that does not
                   resolve, a server that is not trusted, a key whose partition does not exist
    ``attempts``   how often the call was tried, this failure included
    ``elapsed``    seconds from the beginning of the call to this failure, pauses between attempts included; 0 before the first
    ``correlation_id``  the id of the call where it has one: of a client with ``observers``; else ""
    """

    http_status: ClassVar[int] = 500
    grpc_code: ClassVar[str] = "UNKNOWN"

    def __init__(
        self,
        message: str = "",
        *,
        problem: Problem | None = None,
        status_details: tuple[Any, ...] = (),
        operation: str = "",
        sent: bool = True,
        answered: bool = True,
        retry_after: float | None = None,
        lasting: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.problem = problem
        self.status_details = status_details
        self.operation = operation
        self.sent = sent
        self.answered = answered and sent
        self.retry_after = retry_after
        self.lasting = lasting
        self.attempts = 1
        self.elapsed = 0.0
        self.correlation_id = ""

    def __str__(self) -> str:
        where = f"{self.operation}: " if self.operation else ""
        tried = f" (tried {self.attempts} times in {self.elapsed:.1f} s)" if self.attempts > 1 else ""
        called = f" [correlation id {self.correlation_id}]" if self.correlation_id else ""
        return f"{where}{self.message}{tried}{called}"


class InvalidArgument(CamundaError):
    """The request can never succeed as it is."""

    http_status = 400
    grpc_code = "INVALID_ARGUMENT"


class InvalidRequest(InvalidArgument, ValueError):
    """The request was refused by this library before anything was sent; the message names the
    field and the way out.
    """

    def __init__(self, message: str = "", *, operation: str = "") -> None:
        super().__init__(message, operation=operation, sent=False)


class OutOfRange(InvalidArgument):
    """A value lies outside what the server accepts."""

    grpc_code = "OUT_OF_RANGE"


class Unauthenticated(CamundaError):
    """Credentials are missing, or the server rejected them."""

    http_status = 401
    grpc_code = "UNAUTHENTICATED"


class AuthenticationError(Unauthenticated):
    """The authorization server gave no token: wrong client id or secret, unknown scope, or an
    answer that is not a token.
    """


class PermissionDenied(CamundaError):
    """The caller is known and may not do this."""

    http_status = 403
    grpc_code = "PERMISSION_DENIED"


class NotFound(CamundaError):
    """The entity does not exist, or no longer."""

    http_status = 404
    grpc_code = "NOT_FOUND"


class AlreadyExists(CamundaError):
    """The entity is there already: a message id within its time to live, a business id."""

    http_status = 409
    grpc_code = "ALREADY_EXISTS"


class FailedPrecondition(CamundaError):
    """The entity is in a state that forbids the command (INVALID_STATE of the engine)."""

    http_status = 409
    grpc_code = "FAILED_PRECONDITION"


class ResourceExhausted(CamundaError):
    """Back-pressure (the command was not executed), or a message that is too large."""

    http_status = 429
    grpc_code = "RESOURCE_EXHAUSTED"


class Cancelled(CamundaError):
    """The caller cancelled, or the gateway went away while a stream was open."""

    http_status = 499
    grpc_code = "CANCELLED"


class Internal(CamundaError):
    """The server failed, or answered something that cannot be read."""

    http_status = 500
    grpc_code = "INTERNAL"


class Unknown(CamundaError):
    """The server failed in a way that has no code of its own."""

    http_status = 500
    grpc_code = "UNKNOWN"


class DataLoss(CamundaError):
    """Unrecoverable loss or corruption of data."""

    http_status = 500
    grpc_code = "DATA_LOSS"


class Unimplemented(CamundaError):
    """This server does not know the operation: too old, or the base address is wrong."""

    http_status = 501
    grpc_code = "UNIMPLEMENTED"


class UnsupportedField(Unimplemented):
    """A field was set that the target cannot carry; refused by this library before anything was sent."""

    def __init__(self, message: str = "", *, operation: str = "", field: str = "", needs: str = "") -> None:
        super().__init__(message, operation=operation, sent=False)
        self.field = field
        self.needs = needs


class Aborted(CamundaError):
    """The answer was lost on the way: the command may have been executed."""

    http_status = 502
    grpc_code = "ABORTED"


class Unavailable(CamundaError):
    """The server cannot be reached or does not serve this now.

    Not always transient: see ``lasting``.
    """

    http_status = 503
    grpc_code = "UNAVAILABLE"


class DeadlineExceeded(CamundaError):
    """The time was over before the answer came: the command may have been executed.

    ``last``  what was seen last by a call that waited for a condition (``until=``); None otherwise
    """

    http_status = 504
    grpc_code = "DEADLINE_EXCEEDED"

    def __init__(self, message: str = "", *, last: Any = None, **more: Any) -> None:
        super().__init__(message, **more)
        self.last = last


class ConfigurationError(ValueError):
    """A client was asked for that cannot work; raised when it is made, naming the setting and the way out."""


class MissingExtra(ConfigurationError, ImportError):
    """A library is missing that what was asked for needs; the message names the extra that brings it."""

    def __init__(self, message: str, *, name: str | None = None) -> None:
        ImportError.__init__(self, message, name=name)


def error_classes() -> Iterator[type[CamundaError]]:
    """Every class of the tree, parents first."""
    pending: list[type[CamundaError]] = [CamundaError]
    while pending:
        cls = pending.pop(0)
        yield cls
        pending.extend(child for child in cls.__subclasses__() if child.__module__ == __name__)


_NO_PARTITION = pattern(r"on partition -?\d+, but (?:either it|this partition|it) does not exist")


def is_unknown_partition(text: str) -> bool:
    """Whether a gateway says that the partition of a key does not exist: it says
    UNAVAILABLE, and so for ever.
    """
    return _NO_PARTITION.search(text) is not None


_BY_CODE: dict[str, type[CamundaError]] = {}
for _cls in error_classes():
    if _cls is not CamundaError:
        _BY_CODE.setdefault(_cls.grpc_code, _cls)


def error_class(grpc_code: str) -> type[CamundaError]:
    """The class that stands for a gRPC code name; ``Unknown`` for a name that is none (``OK`` included)."""
    return _BY_CODE.get(grpc_code, Unknown)


_BY_STATUS = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "UNIMPLEMENTED",
    405: "UNIMPLEMENTED",
    406: "INTERNAL",
    408: "DEADLINE_EXCEEDED",
    409: "FAILED_PRECONDITION",
    412: "FAILED_PRECONDITION",
    413: "RESOURCE_EXHAUSTED",
    415: "INTERNAL",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def code_of_status(status: int) -> str:
    """The gRPC code name for an HTTP status that nobody explained: a proxy's, or a web server's
    that does not know the path.
    """
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if 300 <= status < 400:
        return "INTERNAL"
    return "FAILED_PRECONDITION" if 400 <= status < 500 else "UNKNOWN"
