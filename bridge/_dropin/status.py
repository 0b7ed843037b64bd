"""A CamundaError as gRPC shows it: the same object is a ``grpc.RpcError``, with the problem in
its trailing metadata.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable
from typing import Any, NamedTuple

import grpc
from google.rpc import error_details_pb2, status_pb2

from camunda_core.errors import CamundaError, InvalidRequest
from camunda_grpc._errors import STATUS_DETAILS_KEY, as_rpc_error

__all__ = ["Told", "fitting", "headers_of", "rpc_error"]

#: The domain of the ErrorInfo that carries the parts of a problem document.
PROBLEM_DOMAIN = "camunda.io/problem"


def rpc_error(error: CamundaError) -> CamundaError:
    """``error``, of its own class, as an object that ``except grpc.RpcError`` (and AioRpcError) catches too.

    Where the server answered, ``trailing_metadata()`` holds ``grpc-status-details-bin``: a
    google.rpc.Status with the code and the message, as a gRPC gateway sends it, and the parts of
    the problem document in an ErrorInfo (reason: the title).
    """
    return as_rpc_error(error, trailing_metadata=_trailing(error))


def _trailing(error: CamundaError) -> tuple[tuple[str, bytes], ...]:
    problem = error.problem
    if problem is None:
        return ()
    info = error_details_pb2.ErrorInfo(reason=problem.title, domain=PROBLEM_DOMAIN)
    parts = {"status": str(problem.status), "type": problem.type, "instance": problem.instance}
    info.metadata.update({name: value for name, value in parts.items() if value})
    code: int = grpc.StatusCode[error.grpc_code].value[0]
    status = status_pb2.Status(code=code, message=error.message)
    status.details.add().Pack(info)
    return ((STATUS_DETAILS_KEY, status.SerializeToString()),)


class Told(NamedTuple):
    """An error as a server of gRPC tells it; ``whole`` where nothing was cut off."""

    code: grpc.StatusCode
    details: str
    trailing: tuple[tuple[str, str | bytes], ...]
    whole: bool


def fitting(error: CamundaError, most: int) -> Told:
    """``error`` in at most ``most`` bytes (1000 or more) on the wire: a client that finds the trailers too large tells its
    program RESOURCE_EXHAUSTED, whatever the code was.

    The text is cut; of the problem document goes what is left when there is still too much. What the
    cluster has not said itself goes without the details that only a gateway sends: a client takes
    them as its word that nothing was done, and asks again.
    """
    shown: Any = rpc_error(error)
    details: str = shown.details() or ""
    metadata = (shown.trailing_metadata() or ()) if error.answered else ()
    trailing = tuple((name, value) for name, value in metadata)
    if _travelling(details) + sum(map(_in_base64, dict(trailing).values())) <= most:
        return Told(shown.code(), details, trailing, True)
    status = status_pb2.Status.FromString(dict(trailing).get(STATUS_DETAILS_KEY, b""))
    status.message = ""
    if _in_base64(status.SerializeToString()) > most // 4:
        del status.details[:]
    left = most - _in_base64(status.SerializeToString()) - 100
    kept = 0
    for character in details:
        left -= _travelling(character) + (_in_base64(character.encode(errors="replace")) if trailing else 0)
        if left < 0:
            break
        kept += 1
    if kept < len(details):
        details = f"{details[:kept]}... ({len(details)} characters)"
    status.message = details
    return Told(
        shown.code(), details, ((STATUS_DETAILS_KEY, status.SerializeToString()),) if trailing else (), False
    )


def _travelling(text: str) -> int:
    """Bytes of a status message: all that is not printable ASCII is three."""
    return sum(1 if 0x20 <= byte <= 0x7E and byte != 0x25 else 3 for byte in text.encode(errors="replace"))


def _in_base64(data: str | bytes) -> int:
    return (len(data) * 4 + 2) // 3


def headers_of(metadata: Iterable[Any] | None) -> dict[str, str]:
    """Call metadata as HTTP headers, so that what an interceptor or a caller adds
    (``authorization``, tracing) arrives.

    Binary values (keys ending in ``-bin``) travel in base64, as they do on gRPC's own wire. Keys of
    the protocol itself (``grpc-…``) stay here. Of two ``authorization`` the last is sent: unlike
    other headers it is no list.
    """
    if not metadata:
        return {}
    headers: dict[str, str] = {}
    for key, value in metadata:
        name = key.lower()
        if name.startswith(("grpc-", ":")):
            continue
        if isinstance(value, bytes):
            value = (base64.b64encode(value) if name.endswith("-bin") else value).decode("ascii")
        if not name.endswith("-bin") and any(c in value for c in "\r\n"):
            raise InvalidRequest(f"metadata {key}: a value of more than one line cannot be an HTTP header")
        alone = name not in headers or name == "authorization"
        headers[name] = value if alone else f"{headers[name]}, {value}"
    return headers
