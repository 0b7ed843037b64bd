"""Deployments: a deployment is carried out as a whole or not at all."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from camunda_embedded._bpmn.file import InvalidResource
from camunda_embedded._bpmn.model import Process
from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.events import Events
from camunda_embedded._engine.files import File, invalid
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.resources import (
    KINDS,
    TENANT,
    Decision,
    Definition,
    Form,
    R,
    Repository,
    Requirements,
    Resource,
)

__all__ = ["Deployed", "Deployments"]


@dataclass(frozen=True)
class Deployed:
    """What a deployment consists of, what was there already included."""

    key: int
    resources: list[Resource]

    def of(self, kind: type[R]) -> list[R]:
        """Its resources of one kind."""
        return [found for found in self.resources if isinstance(found, kind)]


class Deployments:
    """The commands DEPLOYMENT CREATE and RESOURCE_DELETION DELETE."""

    def __init__(self, kernel: Kernel, repository: Repository, events: Events) -> None:
        self._kernel = kernel
        self._repository = repository
        self._events = events
        self.handlers: Handlers = {
            "DEPLOYMENT CREATE": self._deploy,
            "RESOURCE_DELETION DELETE": self._delete,
        }

    # --- deploying ---

    def deploy(self, files: Sequence[File]) -> Deployed:
        """The command DEPLOYMENT CREATE."""
        value = {
            "resources": [
                {"resourceName": file.name, "resource": base64.b64encode(file.content).decode()} for file in files
            ],
            "processesMetadata": [], "decisionsMetadata": [], "decisionRequirementsMetadata": [], "formMetadata": [],
            "deploymentKey": -1, "tenantId": TENANT,
        }  # fmt: skip
        deployed: Deployed = self._kernel.execute("DEPLOYMENT", "CREATE", -1, value, files)
        return deployed

    def _deploy(self, command: Command[Sequence[File]]) -> Deployed:
        kernel, events, files = self._kernel, self._events, command.subject
        if not files:
            raise reject("deploy.nothing")
        deployed = Deployed(kernel.next_key(), [])
        metadata: dict[str, list[dict[str, Any]]] = {kind.METADATA: [] for kind in KINDS}
        fresh: list[Definition] = []
        self._check(files)
        for file in files:
            for found, duplicate in self._add(file, deployed.key):
                deployed.resources.append(found)
                facts = found.value() | {"duplicate": duplicate}
                metadata[found.METADATA].append(facts)
                if duplicate:
                    continue
                if not isinstance(found, Decision):
                    facts = {**facts, "resource": base64.b64encode(file.content).decode()}
                kernel.event(found.VALUE_TYPE, "CREATED", found.key, facts)
                if isinstance(found, Definition):
                    fresh.append(found)
        for definition in fresh:
            events.close_starts(definition.id, "TIMER")
            events.open_starts(definition, "TIMER")
        value = {"resources": [], **metadata, "deploymentKey": deployed.key, "tenantId": TENANT}
        kernel.event("DEPLOYMENT", "CREATED", deployed.key, value)
        for definition in fresh:
            events.close_starts(definition.id, "MESSAGE", "SIGNAL", "CONDITIONAL")
            events.open_starts(definition, "MESSAGE", "SIGNAL", "CONDITIONAL")
        return deployed

    def _add(self, file: File, deployment_key: int) -> Iterator[tuple[Resource, bool]]:
        """The resources of a file, new versions or the newest ones, and whether these were the same already."""
        checksum = base64.b64encode(hashlib.md5(file.content, usedforsecurity=False).digest()).decode()
        own, graph, duplicate = (file.name, checksum), None, False
        for kind, id_, model in file.parts:
            versions = self._repository.versions(kind)
            found = versions.latest(id_)
            if kind is not Decision:  # which is new whenever its graph is
                duplicate = found is not None and (found.resource_name, found.checksum) == own
            if found is None or not duplicate:
                version, key = versions.next_version(id_), self._kernel.next_key()
                more = (graph,) if kind is Decision else ()  # the graph comes first in its file
                found = kind(key, id_, version, model, *own, deployment_key, file.content, *more)
                versions.add(found)
            if kind is Requirements:
                graph = found
            yield found, duplicate

    def _check(self, files: Sequence[File]) -> None:
        """Rejects the deployment when something is wrong with one of its files, or they do not go together."""
        errors = ""
        seen: dict[tuple[str, str], str] = {}
        for file in files:
            if file.error:
                errors += file.error
                continue
            try:
                self._check_starts(file.processes)
            except InvalidResource as error:
                errors += invalid(file.name, error)
                continue
            if file.loop:
                errors += _loop_text(file.name, file.processes, list(file.loop))
                continue
            ids = [(part.kind.ID, part.id) for part in file.parts]
            times = Counter(ids)
            for what, id_ in ids:
                other = seen.setdefault((what, id_), file.name)
                if other != file.name or times[what, id_] > 1:
                    errors += _duplicated(what, id_, other, file.name)
        if errors:
            raise reject("deploy.invalid", errors=errors)

    def _check_starts(self, processes: list[Process]) -> None:
        """Start events have nothing to take variables from: their names and timers must be known now."""
        for process in processes:
            for start in process.starts:
                try:
                    self._events.start_wanted(start)
                except Failure as failure:
                    kind = start.timer.kind.lower() if start.timer is not None else ""
                    text = f"Invalid timer {kind} expression ({failure})" if kind else str(failure)
                    raise InvalidResource(f"- Element: {start.id}\n    - ERROR: {text}\n") from None

    # --- deleting ---

    def delete(self, key: int) -> None:
        """The command RESOURCE_DELETION DELETE."""
        value = {"resourceKey": key, "tenantId": TENANT}
        self._kernel.execute("RESOURCE_DELETION", "DELETE", key, value)

    def _delete(self, command: Command[None]) -> None:
        kernel, key, value = self._kernel, command.key, command.value
        found = self._repository.deletable(key)
        if found is None:
            raise reject("delete.missing", key=key)
        if isinstance(found, Definition) and found.running:
            raise reject("delete.running", key=key)
        deletion = kernel.next_key()
        kernel.event("RESOURCE_DELETION", "DELETING", deletion, value)
        if isinstance(found, Definition):
            self._delete_process(found)
        else:
            gone = [d for d in self._repository.decisions.by_key.values() if d.requirements is found]
            for resource in (*gone, found):
                kernel.event(
                    resource.VALUE_TYPE, "DELETED", kernel.next_key(), resource.value() | {"namespace": ""}
                )
                self._repository.versions(type(resource)).remove(resource)
        kernel.event("RESOURCE_DELETION", "DELETED", deletion, value)

    def _delete_process(self, definition: Definition) -> None:
        kernel, events, facts = self._kernel, self._events, definition.value()
        newest = self._repository.processes.latest(definition.id) is definition
        kernel.event("PROCESS", "DELETING", kernel.next_key(), facts)
        if newest:
            events.close_starts(definition.id, "TIMER", "MESSAGE", "SIGNAL", "CONDITIONAL")
        self._repository.processes.remove(definition)
        previous = self._repository.processes.latest(definition.id)
        if newest and previous is not None:
            events.open_starts(previous, "TIMER")
            events.open_starts(previous, "MESSAGE", "SIGNAL", "CONDITIONAL")
        kernel.event("PROCESS", "DELETED", kernel.next_key(), facts)


def _loop_text(name: str, processes: list[Process], loop: list[str]) -> str:
    owner = next(process for process in processes if loop[0] in process.elements)
    text = "Processes are not allowed to contain a straight-through processing loop"
    return f"\n`{name}`: - Process: {owner.id}\n    - ERROR: {text}: {' > '.join(loop)}\n"


def _duplicated(what: str, id: str, first: str, second: str) -> str:
    if what == Form.ID:
        text = f"Expected the form ids to be unique within a deployment but found a duplicated id '{id}'"
        return f"\n{text} in the resources '{first}' and '{second}'."
    return f"\nDuplicated {what} in resources '{first}' and '{second}'"
