"""Reads the engine's records out of a broker's log, where the debug exporter writes them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tests.gateways.base import Record

_RECORD = re.compile(r'(\{.*"valueType":.*\})\s*$')
_DECODER = json.JSONDecoder()


def _documents(text: str) -> Iterator[Record]:
    """The JSON objects in a text, whatever stands before, between and after them: two writers may share a line."""
    start = text.find("{")
    while start >= 0:
        try:
            found, end = _DECODER.raw_decode(text, start)
        except ValueError:
            end = start + 1
        else:
            yield found
        start = text.find("{", end)


class RecordLog:
    """The records in a growing log, each read once and kept."""

    def __init__(self) -> None:
        self._records: list[Record] = []
        self._seen: dict[int, int] = {}

    def feed(self, line: str) -> None:
        """Take a line of the log; lines without a record are passed over."""
        match = _RECORD.search(line)
        if match is None:
            return
        for record in _documents(match.group(1)):
            if "valueType" not in record:
                continue
            partition, position = record["partitionId"], record["position"]
            # After a restart the exporter repeats what it had not confirmed.
            if position > self._seen.get(partition, 0):
                self._seen[partition] = position
                self._records.append(record)

    def all(self) -> list[Record]:
        """Every record so far."""
        return list(self._records)
