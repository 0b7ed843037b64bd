"""Reads the engine's records out of a broker's log, where the debug exporter writes them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.gateways.base import Record

_RECORD = re.compile(r'(\{.*"valueType":.*\})\s*$')


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
        record: Record = json.loads(match.group(1))
        partition, position = record["partitionId"], record["position"]
        # After a restart the exporter repeats what it had not confirmed.
        if position > self._seen.get(partition, 0):
            self._seen[partition] = position
            self._records.append(record)

    def all(self) -> list[Record]:
        """Every record so far."""
        return list(self._records)


class RecordFile(RecordLog):
    """The records in a log file."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._offset = 0

    def all(self) -> list[Record]:
        """Every record so far, the file's new lines included."""
        with open(self._path, "rb") as log:
            log.seek(self._offset)
            for line in log:
                if not line.endswith(b"\n"):
                    break  # still being written
                self._offset += len(line)
                self.feed(line.decode("utf-8", "replace"))
        return super().all()
