"""What the client takes beside plain values: frozen dataclasses in the vocabulary of the REST API.

None is "not given".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from camunda_core.errors import InvalidRequest
from camunda_rest._commands.kinds import Content, Key, Number, Resource, Text, Variables

__all__ = [
    "ActivateElement",
    "ActivateInstruction",
    "AdHocSubProcessResult",
    "ByElementId",
    "ByElementInstanceKey",
    "Corrections",
    "DirectAncestor",
    "InferredAncestor",
    "JobResult",
    "Key",
    "MappingInstruction",
    "MoveInstruction",
    "Resource",
    "SourceParentAncestor",
    "StartInstruction",
    "TerminateAfter",
    "TerminateInstruction",
    "UserTaskResult",
    "VariableInstruction",
    "Variables",
]


@dataclass(frozen=True)
class StartInstruction:
    """Start the process instance at this element."""

    element_id: Text


@dataclass(frozen=True)
class TerminateAfter:
    """Terminate the process instance after this element (clusters from 8.8)."""

    after_element_id: Text
    type: Literal["TERMINATE_PROCESS_INSTANCE"] = field(default="TERMINATE_PROCESS_INSTANCE", init=False)


@dataclass(frozen=True)
class VariableInstruction:
    """Variables to set on activation; ``scope_id`` is the element whose scope they are
    for, else the process.
    """

    variables: Content
    scope_id: str | None = None


@dataclass(frozen=True)
class ActivateInstruction:
    """Activate this element, inside the given ancestor where there are several."""

    element_id: Text
    variable_instructions: Iterable[VariableInstruction] = ()
    ancestor_element_instance_key: Key | None = None


@dataclass(frozen=True)
class TerminateInstruction:
    """Terminate one element instance, or every instance of an element (clusters from 8.9).

    Exactly one is given.
    """

    element_instance_key: Key | None = None
    element_id: Text | None = None

    def __post_init__(self) -> None:
        if (self.element_instance_key is None) is (self.element_id is None):
            raise InvalidRequest(
                "TerminateInstruction: set exactly one of element_instance_key and element_id"
            )


@dataclass(frozen=True)
class ByElementId:
    """Move every active instance of this element."""

    source_element_id: Text
    source_type: Literal["byId"] = field(default="byId", init=False)


@dataclass(frozen=True)
class ByElementInstanceKey:
    """Move this element instance."""

    source_element_instance_key: Key
    source_type: Literal["byKey"] = field(default="byKey", init=False)


@dataclass(frozen=True)
class DirectAncestor:
    """Activate the target inside this element instance."""

    ancestor_element_instance_key: Key
    ancestor_scope_type: Literal["direct"] = field(default="direct", init=False)


@dataclass(frozen=True)
class InferredAncestor:
    """Find the target's ancestor in the hierarchy of the source."""

    ancestor_scope_type: Literal["inferred"] = field(default="inferred", init=False)


@dataclass(frozen=True)
class SourceParentAncestor:
    """The source's direct parent is the target's ancestor."""

    ancestor_scope_type: Literal["sourceParent"] = field(default="sourceParent", init=False)


@dataclass(frozen=True)
class MoveInstruction:
    """Terminate the source and activate the target in its place (clusters from 8.9)."""

    source_element_instruction: ByElementId | ByElementInstanceKey
    target_element_id: Text
    variable_instructions: Iterable[VariableInstruction] = ()
    ancestor_scope_instruction: DirectAncestor | InferredAncestor | SourceParentAncestor | None = None


@dataclass(frozen=True)
class MappingInstruction:
    """What is active at the source element goes on at the target element."""

    source_element_id: Text
    target_element_id: Text


@dataclass(frozen=True)
class Corrections:
    """What a task listener changes in its user task: None keeps a value, ``""`` and ``()`` clear it.

    ``due_date`` and ``follow_up_date`` are ISO 8601 text; ``priority`` is 0 to 100.
    """

    assignee: str | None = None
    due_date: str | None = None
    follow_up_date: str | None = None
    candidate_users: Iterable[str] | None = None
    candidate_groups: Iterable[str] | None = None
    priority: Number | None = None


@dataclass(frozen=True)
class UserTaskResult:
    """The result of a task listener's job: lets the transition of the user task happen, or denies it."""

    denied: bool | None = None
    denied_reason: str | None = None
    corrections: Corrections | None = None
    type: Literal["userTask"] = field(default="userTask", init=False)


@dataclass(frozen=True)
class ActivateElement:
    """Activate this element of the ad-hoc sub-process, with these variables."""

    element_id: Text
    variables: Variables | None = None


@dataclass(frozen=True)
class AdHocSubProcessResult:
    """The result of an ad-hoc sub-process's job."""

    activate_elements: Iterable[ActivateElement] = ()
    is_completion_condition_fulfilled: bool | None = None
    is_cancel_remaining_instances: bool | None = None
    type: Literal["adHocSubProcess"] = field(default="adHocSubProcess", init=False)


JobResult = UserTaskResult | AdHocSubProcessResult
