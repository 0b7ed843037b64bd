"""Jobs that were encoded one by one, as messages of ActivateJobs that clients can take. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

__all__ = ["next_message"]

#: Bytes of one message of jobs: clients take 4 MiB, and one whose message is too large loses the jobs in it.
_CHUNK = 1024 * 1024
#: The jobs are encoded one by one, so that one that cannot be read costs no other; this stands before each.
_JOBS_FIELD = b"\x0a"


def next_message(jobs: Iterable[tuple[bytes, Any]]) -> tuple[int, bytes]:
    """The first of ``jobs``, as many as one message should have: their number, and the ActivateJobsResponse."""
    count, message = 0, bytearray()
    for encoded, _ in jobs:
        if count and len(message) + len(encoded) > _CHUNK:
            break
        message += _JOBS_FIELD + _varint(len(encoded)) + encoded
        count += 1
    return count, bytes(message)


def _varint(number: int) -> bytes:
    encoded = bytearray()
    while number > 0x7F:
        encoded.append(number & 0x7F | 0x80)
        number >>= 7
    encoded.append(number)
    return bytes(encoded)
