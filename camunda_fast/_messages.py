"""gRPC's own framing on HTTP/2: messages, metadata and status, as bytes and headers."""

from __future__ import annotations

import binascii
import re
import zlib
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from httpunk import HeaderMap
from httpunk._httpunk import H2Codec

__all__ = [
    "CODES",
    "framed",
    "headers_of",
    "metadata_of",
    "reset_status",
    "size_of",
    "status_of",
    "timeout_text",
    "unpacked",
]

#: The names of gRPC's status codes, by their numbers.
CODES = (
    "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
    "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
    "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
)  # fmt: skip

#: What an answer's headers hold that are no metadata.
_OWN = frozenset(
    {"content-type", "te", "grpc-status", "grpc-message", "grpc-encoding", "grpc-accept-encoding"}
)
_KEY = re.compile(r"[0-9a-z_.\-]+")
_VALUE = re.compile(r"[ -~]*")
#: Says to zlib that there is a header, of gzip or its own.
_ANY_HEADER = 32 + zlib.MAX_WBITS

#: What an HTTP status without gRPC's own means.
_OF_HTTP = {
    400: "INTERNAL", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "UNIMPLEMENTED",
    429: "UNAVAILABLE", 502: "UNAVAILABLE", 503: "UNAVAILABLE", 504: "UNAVAILABLE",
}  # fmt: skip
#: What it means that a server ended a stream with one of HTTP/2's codes.
_OF_RESET = {7: "UNAVAILABLE", 8: "CANCELLED", 11: "RESOURCE_EXHAUSTED", 12: "PERMISSION_DENIED"}


def framed(message: bytes, compression: str | None = None) -> bytes:
    """A message with its length before it."""
    if compression is None:
        return b"\0" + len(message).to_bytes(4, "big") + message
    if compression == "gzip":
        import gzip  # which few programs need

        packed = gzip.compress(message)
    else:
        packed = zlib.compress(message)
    return b"\1" + len(packed).to_bytes(4, "big") + packed


def unpacked(packed: bytes, encoding: str, limit: int | None) -> bytes | None:
    """A compressed message, of which one byte more than ``limit`` is unpacked at most.

    None for what cannot be unpacked.
    """
    if encoding not in ("gzip", "deflate"):
        return None
    unpacker = zlib.decompressobj(_ANY_HEADER)
    try:
        made = unpacker.decompress(packed, 0 if limit is None else limit + 1)
    except zlib.error:
        return None
    return made if unpacker.eof or (limit is not None and len(made) > limit) else None


def timeout_text(seconds: float) -> str:
    """A time limit as ``grpc-timeout`` has it: at most eight digits and a unit."""
    milliseconds = -int(-seconds * 1000 // 1)
    if milliseconds <= 0:
        return "1n"
    return f"{milliseconds}m" if milliseconds < 10**8 else f"{min(-(-milliseconds // 1000), 10**8 - 1)}S"


def headers_of(own: Iterable[tuple[str, str]], metadata: Iterable[tuple[str, Any]]) -> HeaderMap:
    """The headers of a request: the engine's own, and the caller's metadata.

    Raises ValueError naming metadata that cannot be sent.
    """
    made = HeaderMap(tuple(own))
    for key, value in metadata:
        name = key.lower() if isinstance(key, str) else ""
        if not _KEY.fullmatch(name) or name.startswith("grpc-") or name in _OWN:
            raise ValueError(f"metadata: {key!r} is no name that can be sent")
        if name.endswith("-bin"):
            if not isinstance(value, bytes):
                raise ValueError(f"metadata: the value of {key} must be bytes")
            value = b64encode(value).rstrip(b"=").decode("ascii")
        else:
            value = value.decode("latin-1") if isinstance(value, bytes) else value
            if not isinstance(value, str) or not _VALUE.fullmatch(value):
                raise ValueError(f"metadata: the value of {key} must be printable ASCII")
        made.add(name, value)
    H2Codec.check_send_headers(made)
    return made


def metadata_of(headers: HeaderMap | None) -> tuple[tuple[str, str | bytes], ...]:
    """What is metadata in the headers of an answer."""
    if headers is None:
        return ()
    made: list[tuple[str, str | bytes]] = []
    for name, value in headers.items():
        if name in _OWN:
            continue
        if not name.endswith("-bin"):
            made.append((name, value.decode("latin-1")))
            continue
        for each in value.split(b","):
            try:
                made.append((name, b64decode(each.strip() + b"=" * (-len(each.strip()) % 4))))
            except (binascii.Error, ValueError):
                continue
    return tuple(made)


def size_of(headers: HeaderMap) -> int:
    """Bytes of headers, as HTTP/2 counts them."""
    return sum(len(name) + len(value) + 32 for name, value in headers.raw_items())


def status_of(status: int, headers: HeaderMap, *, ended: bool) -> tuple[str, str] | None:
    """What the headers of an answer, or its trailers, say: a code's name and a text; None for an
    answer that begins as it should.
    """
    said = headers.get("grpc-status")
    if said is not None and ended:
        number = int(said) if said.isdigit() and len(said) < 4 else 2
        code = CODES[number] if number < len(CODES) else "UNKNOWN"
        text = headers.get("grpc-message") or b""
        return code, unquote_to_bytes(text).decode("utf-8", "replace") if text else ""
    if status != 200:
        return _OF_HTTP.get(status, "UNKNOWN"), f"Received http2 header with status: {status}"
    if ended:
        return "UNKNOWN", "the answer ended without a status"
    kind = headers.get("content-type") or b""
    if not kind.startswith(b"application/grpc"):
        return "UNKNOWN", f"the answer is no gRPC: its content-type is {kind[:100].decode('latin-1')!r}"
    return None


def reset_status(code: int) -> tuple[str, str]:
    """What it means that the server ended a stream with ``code``."""
    return _OF_RESET.get(code, "INTERNAL"), f"Received RST_STREAM with error code {code}"
