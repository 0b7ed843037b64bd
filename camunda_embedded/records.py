"""The append-only log of what the engine was told, did and refused; values are named as the exporters of the real engine do."""

from __future__ import annotations

import marshal
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from camunda_embedded.limits import KEPT_RECORDS

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


class Log:
    """The newest ``kept`` records, in order."""

    def __init__(self, kept: int = KEPT_RECORDS) -> None:
        self._records: deque[Record] = deque(maxlen=kept)
        self.position = 0

    def append(self, source: int, key: int, record_type: str, value_type: str, intent: str, value: dict[str, Any],
               timestamp: int, rejection_type: str = "NULL_VAL", rejection_reason: str = "") -> int:  # fmt: skip
        """Writes a record and returns its position."""
        self.position += 1
        # Not Record(...), which costs twice as much: some 35 records are written for each job.
        self._records.append(tuple.__new__(Record, (
            self.position, source, key, record_type, value_type, intent, value, timestamp, rejection_type, rejection_reason,
        )))  # fmt: skip
        return self.position

    def __iter__(self) -> Iterator[Record]:
        return iter(tuple(self._records))

    def __len__(self) -> int:
        return len(self._records)
