"""Reads native user tasks: those that the engine keeps itself, without a job."""

from __future__ import annotations

from collections.abc import Mapping

from camunda_embedded._bpmn.extensions import extension, says_one
from camunda_embedded._bpmn.file import File
from camunda_embedded._bpmn.listeners import task_listeners
from camunda_embedded._bpmn.model import Expression, UserTask
from camunda_embedded._bpmn.xml import Node

__all__ = ["native"]

#: Where each property stands: the extension and its attribute.
_PROPERTIES = {
    "assignee": ("assignmentDefinition", "assignee"),
    "candidate_groups": ("assignmentDefinition", "candidateGroups"),
    "candidate_users": ("assignmentDefinition", "candidateUsers"),
    "due_date": ("taskSchedule", "dueDate"),
    "follow_up_date": ("taskSchedule", "followUpDate"),
    "priority": ("priorityDefinition", "priority"),
}
_FORMS = ("formId", "externalReference")


def native(file: File, node: Node, headers: Mapping[str, str]) -> UserTask:
    """The user task of an element that has the extension ``zeebe:userTask``."""
    found: dict[str, Expression] = {}
    for name, (place, attribute) in _PROPERTIES.items():
        own = extension(node, place)
        if own is not None and own.get(attribute):
            found[name] = file.attribute(own, attribute)
    form = extension(node, "formDefinition")
    if form is not None and not says_one(form, _FORMS):
        names = ", ".join(_FORMS)
        file.report(form, f"Exactly one of the attributes '{names}' must be present and not blank")
    elif form is not None and form.get("formId").strip():
        found["form_id"] = file.attribute(form, "formId")
    elif form is not None:
        found["external_form"] = file.attribute(form, "externalReference")
    return UserTask(headers, **found, listeners=task_listeners(file, node))
