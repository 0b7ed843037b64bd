"""Answers as they come off the wire: how much of one is read, and what it is when it was
compressed. Free of I/O.

Both shells read at most ``limit`` bytes (and one, to know that there is more) and give them to
``plain``. We ask for answers that are not compressed; a proxy may compress them all the same, and
then the limit is on what they are unpacked: a few hundred kilobytes can be made into gigabytes.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from typing import NamedTuple

from camunda_core._arguments import shown
from camunda_core.errors import ConfigurationError, Internal, Problem, ResourceExhausted
from camunda_rest.operations import Operation

__all__ = ["MAX_MESSAGE_SIZE", "HttpResponse", "message_size", "plain"]

#: Bytes of the largest answer that is read, as over gRPC.
MAX_MESSAGE_SIZE = 16 * 1024 * 1024

_GZIP, _ZLIB, _DEFLATE = 31, 15, -15


class HttpResponse(NamedTuple):
    """An HTTP answer; ``headers`` has lower-case or case-insensitive names. Of a body that is too
    large one byte more than is allowed was read.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


def message_size(value: int) -> int | None:
    """The limit that ``max_message_size`` means, None for -1.

    Raises ConfigurationError for what is no number of bytes.
    """
    if isinstance(value, bool) or not isinstance(value, int) or not (value == -1 or 0 < value < 2**31):
        raise ConfigurationError(
            f"max_message_size must be a number of bytes below 2 GiB, or -1 for no limit, not {shown(value)}"
        )
    return None if value == -1 else value


def plain(operation: Operation, answer: HttpResponse, limit: int | None) -> HttpResponse:
    """The answer with its body unpacked, of at most ``limit`` bytes.

    Raises ResourceExhausted for a success that is larger, and Internal for one that cannot be
    unpacked. Of a failure the status says enough: what is too much of its body is cut off, what
    cannot be unpacked left out.
    """
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        body: bytes | None = answer.body
    else:
        body = _unpacked(encoding, answer.body, limit)
    success = 200 <= answer.status < 300
    if body is None:
        if success:
            raise Internal(
                f"HTTP {answer.status} with a body that cannot be unpacked (content-encoding: {encoding[:40]})",
                problem=Problem(status=answer.status),
                operation=operation.id,
            )
        body = b""
    if limit is not None and len(body) > limit:
        if success:
            raise _too_large(operation, limit)
        body = body[:limit]
    return answer if body is answer.body else answer._replace(body=body)


def _too_large(operation: Operation, limit: int) -> ResourceExhausted:
    text = (
        f"received message larger than max: the answer has more than {limit} bytes; ask for less at a time "
        "(fewer jobs, fewer variables), or raise max_message_size"
    )
    # Status and title are those of the same failure over gRPC.
    problem = Problem(status=413, title="RESOURCE_EXHAUSTED", detail=text, type="about:blank")
    return ResourceExhausted(text, problem=problem, operation=operation.id)


def _unpacked(encoding: str, packed: bytes, limit: int | None) -> bytes | None:
    """At most one byte more than the limit; None for what cannot be unpacked."""
    if not packed:
        return b""
    if encoding in ("gzip", "x-gzip"):
        bits = _GZIP
    elif encoding == "deflate":
        # Some leave out the frame that the standard asks for.
        bits = _ZLIB if packed[0] & 0x0F == 8 else _DEFLATE
    else:
        return None
    inflating = zlib.decompressobj(bits)
    try:
        body = inflating.decompress(packed, 0 if limit is None else limit + 1)
    except zlib.error:
        return None
    whole = inflating.eof or (limit is not None and len(body) > limit)
    return body if whole and not inflating.unused_data else None
