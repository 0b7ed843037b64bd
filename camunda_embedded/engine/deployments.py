"""Deployments: processes, decisions and forms, each with versions; a deployment is carried out as a whole or not at all."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from camunda_embedded import dmn
from camunda_embedded.bpmn.loops import endless_loop
from camunda_embedded.bpmn.model import Process
from camunda_embedded.bpmn.parse import InvalidResource, read
from camunda_embedded.engine.incidents import Failure
from camunda_embedded.engine.rejections import reject
from camunda_embedded.engine.state import TENANT, Definition

if TYPE_CHECKING:
    from camunda_embedded.engine.core import Engine

__all__ = ["Decision", "Deployed", "Deployments", "Form", "Requirements"]


@dataclass(eq=False, slots=True)
class Requirements:
    """A deployed version of a decision requirements graph."""

    key: int
    id: str
    version: int
    graph: dmn.DecisionRequirements
    resource_name: str
    checksum: str


@dataclass(eq=False, slots=True)
class Decision:
    """A deployed version of a decision."""

    key: int
    version: int
    model: dmn.Decision
    requirements: Requirements
    deployment_key: int

    @property
    def id(self) -> str:
        """The decision id."""
        return self.model.id


@dataclass(eq=False, slots=True)
class Form:
    """A deployed version of a form; it is only stored."""

    key: int
    id: str
    version: int
    resource_name: str
    checksum: str
    content: bytes
    deployment_key: int


@dataclass(frozen=True)
class Deployed:
    """What a deployment consists of, what was there already included."""

    key: int
    processes: list[Definition]
    requirements: list[Requirements]
    decisions: list[Decision]
    forms: list[Form]


class _Versions:
    """Versions of one kind of thing by id, newest last; a version number is never given twice."""

    def __init__(self) -> None:
        self.by_id: dict[str, list[Any]] = {}
        self.by_key: dict[int, Any] = {}
        self._last: dict[str, int] = {}

    def latest(self, id_: str) -> Any:
        versions = self.by_id.get(id_)
        return versions[-1] if versions else None

    def next_version(self, id_: str) -> int:
        self._last[id_] = self._last.get(id_, 0) + 1
        return self._last[id_]

    def add(self, found: Any) -> None:
        self.by_id.setdefault(found.id, []).append(found)
        self.by_key[found.key] = found

    def remove(self, found: Any) -> None:
        del self.by_key[found.key]
        versions = self.by_id[found.id]
        versions.remove(found)
        if not versions:
            del self.by_id[found.id]


def _checksum(content: bytes) -> str:
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


Parsed = tuple[str, bytes, Any]


class Deployments:
    """Everything deployed."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._processes = _Versions()
        self._requirements = _Versions()
        self._decisions = _Versions()
        self._forms = _Versions()

    # --- finding ---

    def latest(self, process_id: str) -> Definition | None:
        """The newest version of a process."""
        found: Definition | None = self._processes.latest(process_id)
        return found

    def version(self, process_id: str, version: int) -> Definition | None:
        """That version of a process."""
        versions = self._processes.by_id.get(process_id, ())
        return next((found for found in versions if found.version == version), None)

    def by_key(self, key: int) -> Definition | None:
        """The process definition with that key."""
        return self._processes.by_key.get(key)

    def decision(self, decision_id: str) -> Decision | None:
        """The newest version of a decision."""
        found: Decision | None = self._decisions.latest(decision_id)
        return found

    def decision_by_key(self, key: int) -> Decision | None:
        """The decision with that key."""
        return self._decisions.by_key.get(key)

    def sibling(self, decision: Decision, decision_id: str) -> Decision:
        """Another decision of the same deployed graph."""
        versions: list[Decision] = self._decisions.by_id[decision_id]
        return next(found for found in versions if found.requirements is decision.requirements)

    def form_key(self, form_id: str) -> int | None:
        """The key of the newest version of a form."""
        found = self._forms.latest(form_id)
        return found.key if found is not None else None

    # --- deploying ---

    def deploy(self, resources: Sequence[tuple[str, bytes]]) -> Deployed:
        """The command DEPLOYMENT CREATE."""
        value = {
            "resources": [{"resourceName": n, "resource": base64.b64encode(c).decode()} for n, c in resources],
            "processesMetadata": [], "decisionsMetadata": [], "decisionRequirementsMetadata": [], "formMetadata": [],
            "deploymentKey": -1, "tenantId": TENANT,
        }  # fmt: skip
        return self._engine.execute("DEPLOYMENT", "CREATE", -1, value, lambda: self._deploy(resources))

    def _deploy(self, resources: Sequence[tuple[str, bytes]]) -> Deployed:
        if not resources:
            raise reject("deploy.nothing")
        deployed = Deployed(self._engine.next_key(), [], [], [], [])
        parsed = self._parse(resources)
        metadata: dict[str, list[dict[str, Any]]] = {
            "processesMetadata": [],
            "decisionsMetadata": [],
            "decisionRequirementsMetadata": [],
            "formMetadata": [],
        }
        fresh = []
        for name, content, model in parsed:
            if isinstance(model, list):
                fresh += self._add_processes(deployed, metadata, name, content, model)
            elif isinstance(model, dmn.DecisionRequirements):
                self._add_decisions(deployed, metadata, name, content, model)
            else:
                self._add_form(deployed, metadata, name, content, model)
        for definition in fresh:
            self._engine.timers.cancel_starts(definition.id)
            self._start_timers(definition)
        value = {"resources": [], **metadata, "deploymentKey": deployed.key, "tenantId": TENANT}
        self._engine.event("DEPLOYMENT", "CREATED", deployed.key, value)
        for definition in fresh:
            self._engine.messages.close_starts(definition.id)
            self._engine.signals.close_starts(definition.id)
            self._open_starts(definition)
        return deployed

    def _parse(self, resources: Sequence[tuple[str, bytes]]) -> list[Parsed]:
        errors, parsed = "", []
        seen: dict[tuple[str, str], str] = {}
        for name, content in resources:
            try:
                reader = next((read_ for end, read_ in _READERS.items() if name.endswith(end)), None)
                if reader is None:
                    errors += f"\n\n'{name}': unknown resource type"
                    continue
                model = reader(content)
                if isinstance(model, list):
                    self._check_names(model)
                    if loop := next(filter(None, map(endless_loop, model)), None):
                        errors += _loop_text(name, model, loop)
                        continue
            except InvalidResource as error:
                errors += f"\n'{name}': {error}"
                continue
            except _InvalidForm as error:
                errors += f"\n{error}"
                continue
            for what, id_ in _ids(model):
                other = seen.setdefault((what, id_), name)
                if other != name or sum(pair == (what, id_) for pair in _ids(model)) > 1:
                    errors += f"\nDuplicated {what} in resources '{other}' and '{name}'"
            parsed.append((name, content, model))
        if errors:
            raise reject("deploy.invalid", errors=errors)
        return parsed

    def _check_names(self, processes: list[Process]) -> None:
        """Start events have nothing to take variables from: their names and timers must be known now."""
        for process in processes:
            for start in process.starts:
                try:
                    if start.message is not None:
                        self._engine.variables.typed(None, start.message.name, "STRING")
                    if start.signal is not None:
                        self._engine.variables.typed(None, start.signal, "STRING")
                    if start.timer is not None:
                        self._engine.timers.wanted(None, start)
                except Failure as failure:
                    kind = start.timer.kind.lower() if start.timer is not None else ""
                    text = f"Invalid timer {kind} expression ({failure})" if kind else str(failure)
                    raise InvalidResource(f"- Element: {start.id}\n    - ERROR: {text}\n") from None

    def _add_processes(self, deployed: Deployed, metadata: dict[str, list[dict[str, Any]]], name: str, content: bytes,
                       models: list[Process]) -> list[Definition]:  # fmt: skip
        checksum, fresh = _checksum(content), []
        for model in models:
            known = self.latest(model.id)
            duplicate = known is not None and known.checksum == checksum and known.resource_name == name
            if known is not None and duplicate:
                definition = known
            else:
                version = self._processes.next_version(model.id)
                key = self._engine.next_key()
                definition = Definition(key, version, model, name, checksum, deployed.key, content)
            deployed.processes.append(definition)
            facts = self._process_value(definition) | {"duplicate": duplicate}
            metadata["processesMetadata"].append(facts)
            if not duplicate:
                self._processes.add(definition)
                resource = base64.b64encode(content).decode()
                self._engine.event("PROCESS", "CREATED", definition.key, {**facts, "resource": resource})
                fresh.append(definition)
        return fresh

    @staticmethod
    def _process_value(definition: Definition) -> dict[str, Any]:
        return {
            "bpmnProcessId": definition.id,
            "version": definition.version,
            "processDefinitionKey": definition.key,
            "resourceName": definition.resource_name,
            "checksum": definition.checksum,
            "versionTag": definition.model.version_tag,
            "deploymentKey": definition.deployment_key,
            "duplicate": False,
            "tenantId": TENANT,
        }

    def _open_starts(self, definition: Definition) -> None:
        engine = self._engine
        for start in definition.model.starts:
            if start.message is not None:
                engine.messages.open_start(definition, start)
            elif start.signal is not None:
                engine.signals.open_start(definition, start)

    def _start_timers(self, definition: Definition) -> None:
        for start in definition.model.starts:
            if start.timer is not None:
                due, repetitions, cycle = self._engine.timers.wanted(None, start)
                self._engine.timers.start(definition, start, due, repetitions, cycle, None)

    def _add_decisions(self, deployed: Deployed, metadata: dict[str, list[dict[str, Any]]], name: str, content: bytes,
                       graph: dmn.DecisionRequirements) -> None:  # fmt: skip
        checksum = _checksum(content)
        known: Requirements | None = self._requirements.latest(graph.id)
        duplicate = known is not None and known.checksum == checksum and known.resource_name == name
        if known is None or not duplicate:
            version = self._requirements.next_version(graph.id)
            known = Requirements(self._engine.next_key(), graph.id, version, graph, name, checksum)
            self._requirements.add(known)
        deployed.requirements.append(known)
        facts = self._requirements_value(known) | {"duplicate": duplicate}
        metadata["decisionRequirementsMetadata"].append(facts)
        if not duplicate:
            resource = base64.b64encode(content).decode()
            self._engine.event("DECISION_REQUIREMENTS", "CREATED", known.key, {**facts, "resource": resource})
        for model in graph.decisions:
            decision: Decision | None = self._decisions.latest(model.id)
            if decision is None or not duplicate:
                version = self._decisions.next_version(model.id)
                decision = Decision(self._engine.next_key(), version, model, known, deployed.key)
                self._decisions.add(decision)
            deployed.decisions.append(decision)
            facts = self.decision_value(decision) | {"duplicate": duplicate}
            metadata["decisionsMetadata"].append(facts)
            if not duplicate:
                self._engine.event("DECISION", "CREATED", decision.key, facts)

    @staticmethod
    def _requirements_value(found: Requirements) -> dict[str, Any]:
        return {
            "decisionRequirementsId": found.id,
            "decisionRequirementsName": found.graph.name,
            "decisionRequirementsVersion": found.version,
            "decisionRequirementsKey": found.key,
            "namespace": found.graph.namespace,
            "resourceName": found.resource_name,
            "checksum": found.checksum,
            "duplicate": False,
            "tenantId": TENANT,
        }

    @staticmethod
    def decision_value(found: Decision) -> dict[str, Any]:
        """The record value of a decision."""
        return {
            "decisionId": found.id,
            "decisionName": found.model.name,
            "version": found.version,
            "decisionKey": found.key,
            "decisionRequirementsId": found.requirements.id,
            "decisionRequirementsKey": found.requirements.key,
            "deploymentKey": found.deployment_key,
            "versionTag": "",
            "duplicate": False,
            "tenantId": TENANT,
        }

    def _add_form(self, deployed: Deployed, metadata: dict[str, list[dict[str, Any]]], name: str, content: bytes,
                  form_id: str) -> None:  # fmt: skip
        checksum = _checksum(content)
        known: Form | None = self._forms.latest(form_id)
        duplicate = known is not None and known.checksum == checksum and known.resource_name == name
        if known is None or not duplicate:
            version = self._forms.next_version(form_id)
            known = Form(self._engine.next_key(), form_id, version, name, checksum, content, deployed.key)
            self._forms.add(known)
        deployed.forms.append(known)
        facts = self._form_value(known) | {"duplicate": duplicate}
        metadata["formMetadata"].append(facts)
        if not duplicate:
            resource = base64.b64encode(content).decode()
            self._engine.event("FORM", "CREATED", known.key, {**facts, "resource": resource})

    @staticmethod
    def _form_value(found: Form) -> dict[str, Any]:
        return {
            "formId": found.id,
            "version": found.version,
            "formKey": found.key,
            "resourceName": found.resource_name,
            "checksum": found.checksum,
            "deploymentKey": found.deployment_key,
            "versionTag": "",
            "tenantId": TENANT,
        }

    # --- deleting ---

    def delete(self, key: int) -> None:
        """The command RESOURCE_DELETION DELETE."""
        value = {"resourceKey": key, "tenantId": TENANT}
        self._engine.execute("RESOURCE_DELETION", "DELETE", key, value, lambda: self._delete(key, value))

    def _delete(self, key: int, value: dict[str, Any]) -> None:
        engine = self._engine
        definition = self.by_key(key)
        requirements: Requirements | None = self._requirements.by_key.get(key)
        form: Form | None = self._forms.by_key.get(key)
        if definition is None and requirements is None and form is None:
            raise reject("delete.missing", key=key)
        if definition is not None and definition.running:
            raise reject("delete.running", key=key)
        deletion = engine.next_key()
        engine.event("RESOURCE_DELETION", "DELETING", deletion, value)
        if definition is not None:
            self._delete_process(definition)
        elif requirements is not None:
            for decision in [
                d for d in tuple(self._decisions.by_key.values()) if d.requirements is requirements
            ]:
                engine.event("DECISION", "DELETED", decision.key, self.decision_value(decision))
                self._decisions.remove(decision)
            facts = self._requirements_value(requirements)
            engine.event("DECISION_REQUIREMENTS", "DELETED", requirements.key, facts)
            self._requirements.remove(requirements)
        elif form is not None:
            engine.event("FORM", "DELETED", form.key, self._form_value(form))
            self._forms.remove(form)
        engine.event("RESOURCE_DELETION", "DELETED", deletion, value)

    def _delete_process(self, definition: Definition) -> None:
        engine = self._engine
        facts = self._process_value(definition)
        newest = self.latest(definition.id) is definition
        engine.event("PROCESS", "DELETING", engine.next_key(), facts)
        if newest:
            engine.timers.cancel_starts(definition.id)
            engine.messages.close_starts(definition.id)
            engine.signals.close_starts(definition.id)
        self._processes.remove(definition)
        engine.event("PROCESS", "DELETED", engine.next_key(), facts)
        previous = self.latest(definition.id)
        if newest and previous is not None:
            self._start_timers(previous)
            self._open_starts(previous)


def _loop_text(name: str, processes: list[Process], loop: list[str]) -> str:
    owner = next(process for process in processes if loop[0] in process.elements)
    text = "Processes are not allowed to contain a straight-through processing loop"
    return f"\n`{name}`: - Process: {owner.id}\n    - ERROR: {text}: {' > '.join(loop)}\n"


class _InvalidForm(ValueError):
    pass


def _read_form(content: bytes) -> str:
    try:
        form = json.loads(content)
    except ValueError as error:
        raise InvalidResource(f"Failed to parse the form: {error}") from None
    form_id = form.get("id") if isinstance(form, dict) else None
    if not isinstance(form_id, str) or not form_id.strip():
        raise _InvalidForm("Expected the form id to be present, but none given")
    return form_id


def _read_dmn(content: bytes) -> dmn.DecisionRequirements:
    try:
        return dmn.parse(content)
    except dmn.DmnError as error:
        raise InvalidResource(str(error)) from None


_READERS: dict[str, Callable[[bytes], Any]] = {
    ".bpmn": read,
    ".xml": read,
    ".dmn": _read_dmn,
    ".form": _read_form,
}


def _ids(model: Any) -> list[tuple[str, str]]:
    if isinstance(model, list):
        return [("process id", process.id) for process in model]
    if isinstance(model, dmn.DecisionRequirements):
        return [("decision requirements id", model.id), *(("decision id", d.id) for d in model.decisions)]
    return [("form id", str(model))]
