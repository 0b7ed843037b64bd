"""The append-only log of what the engine was told, did and refused; values are named as the
exporters of the real engine do.
"""

from __future__ import annotations

import marshal
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from camunda_embedded._limits import KEPT_BYTES, KEPT_RECORDS

__all__ = ["COMMAND", "EVENT", "REJECTION", "Log", "Record"]

COMMAND = "COMMAND"
EVENT = "EVENT"
REJECTION = "COMMAND_REJECTION"


class Record(NamedTuple):
    """One entry. ``value`` is shared with later records of the same entity: copy it before changing it."""

    position: int
    source: int
    key: int
    record_type: str
    value_type: str
    intent: str
    value: dict[str, Any]
    timestamp: int
    rejection_type: str = "NULL_VAL"
    rejection_reason: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The record in the exporters' JSON form (an own copy)."""
        return {
            "partitionId": 1,
            "position": self.position,
            "sourceRecordPosition": self.source,
            "key": self.key,
            "timestamp": self.timestamp,
            "recordType": self.record_type,
            "valueType": self.value_type,
            "intent": self.intent,
            "rejectionType": self.rejection_type,
            "rejectionReason": self.rejection_reason,
            "value": marshal.loads(marshal.dumps(self.value)),  # copied fast, and however deep variables are
        }


_new = tuple.__new__

#: Characters of the value of a variable from which on it counts as a large one.
_LARGE = 1024


class Log:
    """The newest ``kept`` records, in order; fewer when large values of variables take up more than
    ``kept_bytes`` in them.
    """

    def __init__(self, kept: int = KEPT_RECORDS, kept_bytes: int = KEPT_BYTES) -> None:
        self._records: deque[Record] = deque(maxlen=kept)
        self._kept_bytes = kept_bytes
        self._large: deque[tuple[int, int]] = deque()  # position and size
        self._bytes = 0
        self.position = 0

    def append(self, source: int, key: int, record_type: str, value_type: str, intent: str, value: dict[str, Any],
               timestamp: int, rejection_type: str = "NULL_VAL", rejection_reason: str = "") -> int:  # fmt: skip
        """Writes a record and returns its position."""
        position = self.position = self.position + 1
        # Not Record(...), which costs twice as much: some 35 records are written for each job.
        self._records.append(_new(Record, (
            position, source, key, record_type, value_type, intent, value, timestamp, rejection_type, rejection_reason,
        )))  # fmt: skip
        return position

    def weigh(self, size: int) -> None:
        """Says how large the value of the last record is; the oldest records fall off while they
        are too large together.
        """
        if size < _LARGE:
            return
        self._large.append((self.position, size))
        self._bytes += size
        while self._bytes > self._kept_bytes and len(self._large) > 1:
            position, gone = self._large.popleft()
            self._bytes -= gone
            while self._records[0].position <= position:
                self._records.popleft()

    def since(self, position: int) -> list[Record]:
        """The records after a position that are still there, the oldest first."""
        count = min(max(self.position - position, 0), len(self._records))
        newest = list(islice(reversed(self._records), count))
        newest.reverse()
        return newest

    def __iter__(self) -> Iterator[Record]:
        return iter(tuple(self._records))

    def __len__(self) -> int:
        return len(self._records)
