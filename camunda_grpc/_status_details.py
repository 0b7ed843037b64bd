"""What a gateway puts beside the status of a call: a serialized ``google.rpc.Status``.

Its published messages are read where they are installed. With ``engine="fast"`` and without grpcio
they need not be, and then those two are described here that a meaning of ours depends on, for this
module alone: others may still register the published ones in their process.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

__all__ = ["decoded"]

_PACKAGE = "google.rpc"
#: What is described here where the published messages are not installed.
_OWN = ("Status", "RetryInfo")


def decoded(status: Any) -> tuple[tuple[Any, ...], float | None]:
    """The messages inside a serialized ``google.rpc.Status``, and the pause in seconds that a
    RetryInfo among them asks for.

    Messages of unknown types stay ``Any``; what is no Status at all has none.
    """
    if not isinstance(status, bytes):
        return (), None
    # Only needed for a failure, and worth 5 ms of everybody's start.
    from google.protobuf import any_pb2, descriptor_pool, message_factory
    from google.protobuf.message import DecodeError

    try:
        from google.rpc import error_details_pb2, status_pb2  # noqa: F401  (registers its messages)

        own: dict[str, Any] = {f"{_PACKAGE}.Status": status_pb2.Status}
    except ModuleNotFoundError:
        own = _described()
    try:
        packed = own[f"{_PACKAGE}.Status"].FromString(status).details
    except DecodeError:
        return (), None
    pool = descriptor_pool.Default()
    details: list[Any] = []
    retry_after: float | None = None
    for item in packed:
        name = item.type_url.rpartition("/")[2]
        try:
            kind = own.get(name) or message_factory.GetMessageClass(pool.FindMessageTypeByName(name))
            detail: Any = kind.FromString(item.value)
        except (KeyError, DecodeError):
            detail = any_pb2.Any(type_url=item.type_url, value=item.value)
        details.append(detail)
        if detail.DESCRIPTOR.full_name == f"{_PACKAGE}.RetryInfo" and detail.HasField("retry_delay"):
            retry_after = max(0.0, detail.retry_delay.seconds + detail.retry_delay.nanos / 1e9)
    return tuple(details), retry_after


@lru_cache(maxsize=1)
def _described() -> dict[str, Any]:
    """Status and RetryInfo by their full names, in a pool of their own."""
    from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, duration_pb2, message_factory

    fields = descriptor_pb2.FieldDescriptorProto
    one, many, message = fields.LABEL_OPTIONAL, fields.LABEL_REPEATED, fields.TYPE_MESSAGE
    file = descriptor_pb2.FileDescriptorProto(
        name="camunda_bridge/status_details.proto", package=_PACKAGE, syntax="proto3"
    )
    pool = descriptor_pool.DescriptorPool()
    for known in (any_pb2, duration_pb2):
        pool.AddSerializedFile(known.DESCRIPTOR.serialized_pb)
        file.dependency.append(known.DESCRIPTOR.name)
    status = file.message_type.add(name="Status")
    status.field.add(name="code", number=1, label=one, type=fields.TYPE_INT32)
    status.field.add(name="message", number=2, label=one, type=fields.TYPE_STRING)
    status.field.add(name="details", number=3, label=many, type=message, type_name=".google.protobuf.Any")
    pause = file.message_type.add(name="RetryInfo")
    pause.field.add(
        name="retry_delay", number=1, label=one, type=message, type_name=".google.protobuf.Duration"
    )
    pool.AddSerializedFile(file.SerializeToString())
    made: dict[str, Any] = {}
    for word in _OWN:
        kind: Any = message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{_PACKAGE}.{word}"))
        kind.__module__ = __name__  # where pickle finds it
        made[f"{_PACKAGE}.{word}"] = kind
    return made


def __getattr__(name: str) -> Any:
    if name in _OWN:
        return _described()[f"{_PACKAGE}.{name}"]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
