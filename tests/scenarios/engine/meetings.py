"""Which features meet in the corpus: what happened to which kind of element, read from the traces of the real 8.6.0.

A meeting counts when a trace shows it at work: a timer of a boundary event that never fires shows nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

__all__ = ["COLUMNS", "ROWS", "meetings"]

#: Kinds of elements: a name, and how a record shows their type and event.
ROWS: dict[str, str] = {
    "service task": "SERVICE_TASK/UNSPECIFIED",
    "user task": "USER_TASK/UNSPECIFIED",
    "send task": "SEND_TASK/UNSPECIFIED",
    "script task": "SCRIPT_TASK/UNSPECIFIED",
    "business rule task": "BUSINESS_RULE_TASK/UNSPECIFIED",
    "receive task": "RECEIVE_TASK/MESSAGE",
    "manual task": "MANUAL_TASK/UNSPECIFIED",
    "undefined task": "TASK/UNSPECIFIED",
    "call activity": "CALL_ACTIVITY/UNSPECIFIED",
    "sub-process": "SUB_PROCESS/UNSPECIFIED",
    "multi-instance": "MULTI_INSTANCE_BODY/UNSPECIFIED",
    "exclusive gateway": "EXCLUSIVE_GATEWAY/UNSPECIFIED",
    "parallel gateway": "PARALLEL_GATEWAY/UNSPECIFIED",
    "event-based gateway": "EVENT_BASED_GATEWAY/UNSPECIFIED",
    "timer catch": "INTERMEDIATE_CATCH_EVENT/TIMER",
    "message catch": "INTERMEDIATE_CATCH_EVENT/MESSAGE",
    "signal catch": "INTERMEDIATE_CATCH_EVENT/SIGNAL",
    "link catch": "INTERMEDIATE_CATCH_EVENT/LINK",
    "none throw": "INTERMEDIATE_THROW_EVENT/NONE",
    "message throw": "INTERMEDIATE_THROW_EVENT/MESSAGE",
    "signal throw": "INTERMEDIATE_THROW_EVENT/SIGNAL",
    "link throw": "INTERMEDIATE_THROW_EVENT/LINK",
    "none end": "END_EVENT/NONE",
    "message end": "END_EVENT/MESSAGE",
    "signal end": "END_EVENT/SIGNAL",
    "error end": "END_EVENT/ERROR",
    "terminate end": "END_EVENT/TERMINATE",
    "timer boundary": "BOUNDARY_EVENT/TIMER",
    "message boundary": "BOUNDARY_EVENT/MESSAGE",
    "signal boundary": "BOUNDARY_EVENT/SIGNAL",
    "error boundary": "BOUNDARY_EVENT/ERROR",
    "none start": "START_EVENT/NONE",
    "timer start": "START_EVENT/TIMER",
    "message start": "START_EVENT/MESSAGE",
    "signal start": "START_EVENT/SIGNAL",
}
#: Where an element can stand and what can happen to it.
COLUMNS: dict[str, str] = {
    "sub": "inside a sub-process",
    "called": "inside a called process",
    "run": "a run of a multi-instance activity, or inside one",
    "in": "has variables of its own from input mappings, or of its event",
    "out": "output mappings, or an output collection",
    "error": "left by an error boundary event",
    "timer": "left by a timer boundary event",
    "timer+": "has a non-interrupting timer",
    "message": "left by a message boundary event",
    "message+": "has a non-interrupting message boundary event",
    "signal": "left by a signal boundary event",
    "signal+": "has a non-interrupting signal boundary event",
    "ended": "terminated while it waited, or with an incident",
    "incident": "raises an incident",
    "resolved": "its incident is resolved",
    "set": "variables are set in its scope from outside",
    "start": "an instance is created at it",
    "moved": "activated by a modification",
    "taken": "terminated by a modification",
    "migrated": "goes to another definition",
}
_NAMES = {shown: name for name, shown in ROWS.items()}
_LINE = re.compile(r"^  ([> X]) (\S+) (\S+) (\S+) (.*)$")
_ELEMENT = re.compile(r"^(\S+) (\S+/\S+) in (\S+)")


class _Record(NamedTuple):
    mark: str
    kind: str
    intent: str
    key: str
    shown: str

    @property
    def value(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.shown)
        return found


@dataclass
class _Instance:
    """An element instance of a trace."""

    id: str
    name: str
    scope: str
    phase: str = ""
    own: set[str] = field(default_factory=set)
    wrote: bool = False


def meetings(lines: Iterable[str]) -> set[tuple[str, str]]:
    """The pairs (row, column) that a trace shows."""
    records = [_Record(*match.groups()) for line in lines if (match := _LINE.match(line))]
    return {pair for pair in _Reading(records).pairs() if pair[0] in ROWS}


class _Reading:
    def __init__(self, records: list[_Record]) -> None:
        self.records = [record for record in records if record.mark == " "]
        self.resolved = {r.key for r in records if (r.mark, r.kind, r.intent) == (">", "INCIDENT", "RESOLVE")}
        self.instances: dict[str, _Instance] = {}
        self.by_id: dict[str, _Instance] = {}
        self.called: set[str] = set()
        self.triggering: dict[str, tuple[str, str]] = {}
        for record in self.records:
            if (record.kind, record.intent) == ("PROCESS_INSTANCE", "ELEMENT_ACTIVATING"):
                id_, kind, scope = self._element(record)
                found = _Instance(id_, _NAMES.get(kind, kind), scope)
                self.instances[record.key] = found
                self.by_id.setdefault(id_, found)
                if found.name == "none start":
                    self.called.add(scope)
        for record in self.records:
            if (record.kind, record.intent) == ("PROCESS_INSTANCE_CREATION", "CREATED"):
                self.called.discard(record.value["processInstanceKey"])

    @staticmethod
    def _element(record: _Record) -> tuple[str, str, str]:
        match = _ELEMENT.match(record.shown)
        return (match[1], match[2], match[3]) if match else ("", "", "")

    def pairs(self) -> Iterator[tuple[str, str]]:
        """What is seen, record by record."""
        for record in self.records:
            see = getattr(self, f"_see_{record.kind.lower()}", None)
            if see is not None:
                yield from see(record)

    def _see_process_instance(self, record: _Record) -> Iterator[tuple[str, str]]:
        found = self.instances.get(record.key)
        if found is None:
            return
        found.phase = record.intent
        if record.intent in ("ELEMENT_ACTIVATED", "ELEMENT_COMPLETED"):
            yield from ((found.name, place) for place in self._places(found))
        elif record.intent == "ELEMENT_TERMINATING":
            event = self.triggering.pop(record.key, ("", ""))[1]
            if event:
                yield found.name, event
        elif record.intent == "ELEMENT_TERMINATED":
            yield found.name, "ended"
        elif record.intent == "ELEMENT_MIGRATED":
            yield found.name, "migrated"

    def _places(self, found: _Instance) -> Iterator[str]:
        scope = found.scope
        while (outer := self.instances.get(scope)) is not None:
            if outer.name == "sub-process":
                yield "sub"
            elif outer.name == "multi-instance":
                yield "run"
            elif scope in self.called:
                yield "called"
            scope = outer.scope

    def _see_variable(self, record: _Record) -> Iterator[tuple[str, str]]:
        value = record.value
        own = self.instances.get(value["scopeKey"])
        if own is not None and own.phase == "ELEMENT_ACTIVATING":
            run = self.instances.get(own.scope)
            if run is None or run.name != "multi-instance":
                yield own.name, "in"
        if own is not None:
            own.own.add(value["name"])
        completing = [each for each in self.instances.values() if each.phase == "ELEMENT_COMPLETING"]
        for found in completing:
            if found is own:
                found.wrote = True
            elif (
                found.wrote
                or found.name == "multi-instance"
                or (found.name in _SILENT and value["name"] not in found.own)
            ):
                yield found.name, "out"

    def _see_process_event(self, record: _Record) -> Iterator[tuple[str, str]]:
        value = record.value
        host, event = value.get("scopeKey", ""), self.by_id.get(value["targetElementId"])
        if event is None or not event.name.endswith(" boundary") or host not in self.instances:
            return
        name = event.name.removesuffix(" boundary")
        if record.intent == "TRIGGERING":
            self.triggering[host] = record.key, name
        elif self.triggering.get(host, ("", ""))[0] == record.key:
            del self.triggering[host]
            yield self.instances[host].name, f"{name}+"

    def _see_incident(self, record: _Record) -> Iterator[tuple[str, str]]:
        found = self.instances.get(record.value["elementInstanceKey"])
        if found is not None and record.intent == "CREATED":
            yield found.name, "incident"
        elif found is not None and record.intent == "RESOLVED" and record.key in self.resolved:
            yield found.name, "resolved"

    def _see_variable_document(self, record: _Record) -> Iterator[tuple[str, str]]:
        found = self.instances.get(record.value["scopeKey"])
        if found is not None:
            yield found.name, "set"

    def _see_process_instance_creation(self, record: _Record) -> Iterator[tuple[str, str]]:
        if record.intent == "CREATED":
            for start in record.value.get("startInstructions", ()):
                yield self.by_id[start["elementId"]].name, "start"

    def _see_process_instance_modification(self, record: _Record) -> Iterator[tuple[str, str]]:
        value = record.value
        for activation in value.get("activateInstructions", ()):
            if activation["elementId"] in self.by_id:
                yield self.by_id[activation["elementId"]].name, "moved"
        for termination in value.get("terminateInstructions", ()):
            if termination["elementInstanceKey"] in self.instances:
                yield self.instances[termination["elementInstanceKey"]].name, "taken"


#: Elements that hand nothing outwards of their own accord, or only what is theirs: other variables come from output mappings.
_SILENT = {
    "sub-process", "none end", "message end", "signal end", "none throw", "message throw", "signal throw",
    "timer catch", "timer boundary", "message boundary", "signal boundary", "error boundary", "none start", "timer start",
    "message start", "signal start",
}  # fmt: skip
