"""What is known of a process instance, whoever tells it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["DecisionFacts", "ElementFacts", "IncidentFacts", "InstanceFacts", "JobFacts", "UserTaskFacts"]


@dataclass(kw_only=True)
class ElementFacts:
    """One run of an element. ``state`` is ACTIVE, COMPLETED or TERMINATED."""

    key: str
    id: str
    type: str
    state: str = "ACTIVE"
    #: In which order elements were completed, as far as it is known.
    ended: int = 0


@dataclass(kw_only=True)
class IncidentFacts:
    """``state`` is ACTIVE or RESOLVED."""

    key: str
    element_id: str
    type: str
    message: str
    state: str = "ACTIVE"


@dataclass(kw_only=True)
class JobFacts:
    """``state`` in the words of the REST API, such as CREATED, COMPLETED or FAILED."""

    key: str
    type: str
    element_id: str
    element_key: str
    state: str
    retries: int
    worker: str = ""
    error: str = ""


@dataclass(kw_only=True)
class UserTaskFacts:
    """A native user task; ``state`` is CREATED, COMPLETED or CANCELED, or what comes between."""

    key: str
    element_id: str
    state: str
    assignee: str = ""
    candidate_groups: tuple[str, ...] = ()
    candidate_users: tuple[str, ...] = ()
    priority: int = 50
    due_date: str = ""
    follow_up_date: str = ""


@dataclass(kw_only=True)
class DecisionFacts:
    """A decision that was evaluated; ``failure`` says why it has no ``output``."""

    id: str
    output: Any = None
    failure: str = ""


@dataclass(kw_only=True)
class InstanceFacts:
    """A process instance: ``state`` is ACTIVE, COMPLETED or TERMINATED; ``elements`` are in the order of their beginning.

    ``variables`` are those of the instance itself; ``local`` those of elements, by the key of the element instance.
    ``flows`` are the ids of the sequence flows in the order in which they were taken, as far as that is known.
    """

    key: str
    process_id: str
    state: str = "ACTIVE"
    parent: str = ""
    elements: list[ElementFacts] = field(default_factory=list)
    flows: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    local: dict[str, dict[str, Any]] = field(default_factory=dict)
    incidents: list[IncidentFacts] = field(default_factory=list)
    jobs: list[JobFacts] = field(default_factory=list)
    user_tasks: list[UserTaskFacts] = field(default_factory=list)
    decisions: list[DecisionFacts] = field(default_factory=list)

    def runs(self, element_id: str, state: str = "") -> list[ElementFacts]:
        """The runs of an element, in one state where it is given.

        Of a multi-instance activity those of the activity count, and its body only while there are none.
        """
        found = [e for e in self.elements if e.id == element_id]
        inner = [e for e in found if e.type != "MULTI_INSTANCE_BODY"]
        return [e for e in inner or found if not state or e.state == state]

    def visible(self, element_id: str) -> Mapping[str, Any]:
        """The local variables of the newest run of an element."""
        runs = self.runs(element_id)
        return self.local.get(runs[-1].key, {}) if runs else {}
