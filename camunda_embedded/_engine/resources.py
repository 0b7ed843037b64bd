"""What can be deployed: processes, decision requirements graphs with their decisions, and forms, each in versions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from camunda_embedded import _dmn as dmn
from camunda_embedded._bpmn.model import Process

__all__ = [
    "KINDS",
    "TENANT",
    "Decision",
    "Definition",
    "Form",
    "Repository",
    "Requirements",
    "Resource",
    "Versions",
]

TENANT = "<default>"


@dataclass(eq=False, slots=True)
class Resource:
    """A deployed version of something; its versions share the ``id``, and ``model`` is what the file says."""

    #: What records call it, where the record of a deployment lists it, and what messages call its id.
    VALUE_TYPE: ClassVar[str]
    METADATA: ClassVar[str]
    ID: ClassVar[str]

    key: int
    id: str
    version: int
    model: Any
    resource_name: str
    checksum: str
    deployment_key: int
    #: The file that it came in.
    content: bytes

    @property
    def version_tag(self) -> str:
        """The tag that its file gives this version; ``""`` for none."""
        return str(self.model.version_tag)

    def value(self) -> dict[str, Any]:
        """Its record value."""
        raise NotImplementedError


@dataclass(eq=False, slots=True)
class Definition(Resource):
    """A process; ``running`` counts its instances."""

    VALUE_TYPE = "PROCESS"
    METADATA = "processesMetadata"
    ID = "process id"

    model: Process
    running: int = 0

    def value(self) -> dict[str, Any]:
        return {
            "bpmnProcessId": self.id,
            "version": self.version,
            "processDefinitionKey": self.key,
            "resourceName": self.resource_name,
            "checksum": self.checksum,
            "versionTag": self.model.version_tag,
            "deploymentKey": self.deployment_key,
            "duplicate": False,
            "tenantId": TENANT,
        }


@dataclass(eq=False, slots=True)
class Requirements(Resource):
    """A decision requirements graph."""

    VALUE_TYPE = "DECISION_REQUIREMENTS"
    METADATA = "decisionRequirementsMetadata"
    ID = "decision requirements id"

    model: dmn.DecisionRequirements

    def value(self) -> dict[str, Any]:
        return {
            "decisionRequirementsId": self.id,
            "decisionRequirementsName": self.model.name,
            "decisionRequirementsVersion": self.version,
            "decisionRequirementsKey": self.key,
            "namespace": self.model.namespace,
            "resourceName": self.resource_name,
            "checksum": self.checksum,
            "duplicate": False,
            "tenantId": TENANT,
        }


@dataclass(eq=False, slots=True)
class Decision(Resource):
    """A decision of a graph."""

    VALUE_TYPE = "DECISION"
    METADATA = "decisionsMetadata"
    ID = "decision id"

    model: dmn.Decision
    requirements: Requirements

    def value(self) -> dict[str, Any]:
        return {
            "decisionId": self.id,
            "decisionName": self.model.name,
            "version": self.version,
            "decisionKey": self.key,
            "decisionRequirementsId": self.requirements.id,
            "decisionRequirementsKey": self.requirements.key,
            "deploymentKey": self.deployment_key,
            "versionTag": self.version_tag,
            "duplicate": False,
            "tenantId": TENANT,
        }


@dataclass(eq=False, slots=True)
class Form(Resource):
    """A form; nothing but its id and its version tag is read, which is the ``model``."""

    VALUE_TYPE = "FORM"
    METADATA = "formMetadata"
    ID = "form id"

    model: str

    @property
    def version_tag(self) -> str:
        return self.model

    def value(self) -> dict[str, Any]:
        return {
            "formId": self.id,
            "version": self.version,
            "formKey": self.key,
            "resourceName": self.resource_name,
            "checksum": self.checksum,
            "deploymentKey": self.deployment_key,
            "versionTag": self.version_tag,
            "tenantId": TENANT,
        }


#: In the order in which deployments list them.
KINDS: tuple[type[Resource], ...] = (Definition, Decision, Requirements, Form)

R = TypeVar("R", bound=Resource)


class Versions(Generic[R]):
    """The versions of one kind of resource by id, newest last; a version number is never given twice."""

    def __init__(self) -> None:
        self.by_id: dict[str, list[R]] = {}
        self.by_key: dict[int, R] = {}
        self._last: dict[str, int] = {}

    def latest(self, id_: str) -> R | None:
        """The newest version."""
        versions = self.by_id.get(id_)
        return versions[-1] if versions else None

    def version(self, id_: str, version: int) -> R | None:
        """That version."""
        return next((found for found in self.by_id.get(id_, ()) if found.version == version), None)

    def next_version(self, id_: str) -> int:
        """A number for a new version."""
        self._last[id_] = self._last.get(id_, 0) + 1
        return self._last[id_]

    def add(self, found: R) -> None:
        """Takes a version in."""
        self.by_id.setdefault(found.id, []).append(found)
        self.by_key[found.key] = found

    def remove(self, found: R) -> None:
        """Forgets a version."""
        del self.by_key[found.key]
        versions = self.by_id[found.id]
        versions.remove(found)
        if not versions:
            del self.by_id[found.id]


class Repository:
    """Everything deployed."""

    def __init__(self) -> None:
        self.processes: Versions[Definition] = Versions()
        self.requirements: Versions[Requirements] = Versions()
        self.decisions: Versions[Decision] = Versions()
        self.forms: Versions[Form] = Versions()
        self._versions: dict[type[Resource], Versions[Any]] = {
            Definition: self.processes,
            Requirements: self.requirements,
            Decision: self.decisions,
            Form: self.forms,
        }

    def versions(self, kind: type[R]) -> Versions[R]:
        """Those of one kind."""
        return self._versions[kind]

    def deletable(self, key: int) -> Resource | None:
        """The resource of that key, of those that are deleted by themselves; None when there is none."""
        kinds: tuple[Versions[Any], ...] = (self.processes, self.requirements, self.forms)
        return next((versions.by_key[key] for versions in kinds if key in versions.by_key), None)
