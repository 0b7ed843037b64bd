"""How often elements and flows were run, counted from records."""

from __future__ import annotations

import base64
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from camunda_embedded._mocking import Rehearsing
from camunda_embedded._records import EVENT, Record

__all__ = ["Collector", "Played"]


@dataclass
class Played:
    """One process, as one file has it: how often each element and flow of it was run, and how many instances there were."""

    process_id: str
    resource: str
    content: bytes
    counts: Counter[str] = field(default_factory=Counter)
    instances: int = 0


class Collector:
    """Counts what gateways write. The same file, deployed again and elsewhere, is counted in one place."""

    def __init__(self) -> None:
        self.played: dict[tuple[str, str], Played] = {}
        self._lock = threading.Lock()
        self._seen: dict[Rehearsing, int] = {}
        self._names: dict[tuple[Rehearsing, int], tuple[str, str]] = {}

    def opened(self, gateway: Rehearsing) -> None:
        """A gateway to be counted from now on."""
        with self._lock:
            self._seen[gateway] = 0

    def closing(self, gateway: Rehearsing) -> None:
        """The last that is counted of a gateway."""
        self.count(gateway)
        with self._lock:
            self._seen.pop(gateway, None)
            for name in [name for name in self._names if name[0] is gateway]:
                del self._names[name]

    def count_all(self) -> None:
        """Counts what all gateways have written meanwhile; of their logs only the newest records are kept."""
        with self._lock:
            gateways = list(self._seen)
        for gateway in gateways:
            try:
                self.count(gateway)
            except RuntimeError:  # it was stopped meanwhile, and counted then
                continue

    def count(self, gateway: Rehearsing) -> None:
        """Counts what a gateway has written meanwhile."""
        log = gateway._known_engines()[0].kernel.log
        records = gateway.run(lambda: log.since(self._seen.get(gateway, 0)))
        with self._lock:
            seen = self._seen.get(gateway, 0)
            self._take(gateway, [record for record in records if record.position > seen])
            if records:
                self._seen[gateway] = max(seen, records[-1].position)

    def _take(self, gateway: Rehearsing, records: Iterable[Record]) -> None:
        for record in records:
            if record.record_type != EVENT:
                continue
            value = record.value
            if record.value_type == "PROCESS" and record.intent == "CREATED":
                name = value["bpmnProcessId"], value["checksum"]
                self._names[gateway, record.key] = name
                if name not in self.played:
                    content = base64.b64decode(value.get("resource", ""))
                    self.played[name] = Played(name[0], value["resourceName"], content)
            elif record.value_type == "PROCESS_INSTANCE":
                played = self.played.get(self._names.get((gateway, value["processDefinitionKey"]), ("", "")))
                if played is not None:
                    self._step(played, record.intent, value)

    @staticmethod
    def _step(played: Played, intent: str, value: dict[str, Any]) -> None:
        type_ = value["bpmnElementType"]
        if intent == "SEQUENCE_FLOW_TAKEN":
            played.counts[value["elementId"]] += 1
        elif intent == "ELEMENT_ACTIVATING" and type_ == "PROCESS":
            played.instances += 1
        elif intent == "ELEMENT_ACTIVATING" and type_ != "MULTI_INSTANCE_BODY":  # its runs count
            played.counts[value["elementId"]] += 1

    # Between the processes of a distributed run.

    def to_json(self) -> list[dict[str, Any]]:
        """What was counted, as JSON can carry it."""
        return [
            {
                "process": p.process_id,
                "checksum": checksum,
                "resource": p.resource,
                "content": base64.b64encode(p.content).decode(),
                "counts": dict(p.counts),
                "instances": p.instances,
            }
            for (_, checksum), p in self.played.items()
        ]

    def add_json(self, told: Iterable[dict[str, Any]]) -> None:
        """Adds what another collector has counted."""
        for each in told:
            name = each["process"], each["checksum"]
            if name not in self.played:
                content = base64.b64decode(each["content"])
                self.played[name] = Played(each["process"], each["resource"], content)
            self.played[name].counts.update(each["counts"])
            self.played[name].instances += each["instances"]
