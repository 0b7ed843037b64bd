"""The jobs that a mock gateway hands out, made once as bytes and read by it from a file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from benchmarks.gateway import INSTANCE, job

__all__ = ["Ring", "most_open", "read", "written"]

#: Jobs of so many keys are made; then their keys come again.
_COUNT = 8192
_BYTES = 1 << 26


class Ring(NamedTuple):
    """``messages`` are answers to ActivateJobs with one job, ``texts`` jobs in JSON; keys count on from ``first_key``."""

    first_key: int
    created_message: bytes
    created_text: bytes
    messages: list[bytes]
    texts: list[bytes]


def most_open(payload: int) -> int:
    """How many jobs with so many bytes of variables may be open: half of the ring, so that no key is there twice."""
    return _length(payload) // 2


def _length(payload: int) -> int:
    return min(_COUNT, max(64, _BYTES // max(1, payload)))


def _jobs(payload: int) -> Iterator[dict[str, Any]]:
    for number in range(_length(payload)):
        found = job(number)
        variables = {**found["variables"], "order": number}
        if payload:
            variables = {"order": number, "text": "x" * max(0, payload - 30)}
        yield {**found, "variables": variables}


@contextmanager
def written(payload: int = 0) -> Iterator[Path]:
    """A file with jobs that have so many bytes of variables; 0: about 290, of several kinds."""
    from bridge._table.transcode import exchange

    create, activate = exchange("CreateProcessInstance"), exchange("ActivateJobs")
    first = job(0)["jobKey"]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "jobs"
        with path.open("wb") as file:

            def put(blob: bytes) -> None:
                file.write(len(blob).to_bytes(4, "big") + blob)

            put(first.encode())
            put(create.answer_from_rest(INSTANCE).SerializeToString())
            put(json.dumps(INSTANCE, separators=(",", ":")).encode())
            for one in _jobs(payload):
                put(activate.answer_from_rest({"jobs": [one]}).SerializeToString())
                put(json.dumps(one, separators=(",", ":")).encode())
        yield path


def read(path: str) -> Ring:
    """What ``written`` wrote."""
    data, at, blobs = Path(path).read_bytes(), 0, []
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        blobs.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    return Ring(int(blobs[0]), blobs[1], blobs[2], blobs[3::2], blobs[4::2])
