"""User tasks as elements: the native ones, and those that are jobs."""

from __future__ import annotations

from typing import Any

from camunda_embedded import _feel as feel
from camunda_embedded import _timing as timing
from camunda_embedded._bpmn.model import Expression
from camunda_embedded._engine.behaviors import JobBehavior
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.state import Instance
from camunda_embedded._engine.tasks import candidates, form_key, integer, short_time
from camunda_embedded._feel.values import type_name

__all__ = ["UserTaskBehavior"]

_PRIORITY = 50
_PRIORITIES = range(101)


class UserTaskBehavior(JobBehavior):
    """A user task; a job unless its definition says that the engine keeps it."""

    def activate(self, instance: Instance) -> None:
        if instance.element.user_task is None:
            super().activate(instance)
            return
        self.enter(instance)
        properties = self.properties(instance)
        self.events.subscribe(instance)
        self.means.user_tasks.create(instance, properties)
        self.tree.activated(instance)

    def properties(self, instance: Instance) -> dict[str, Any]:
        """What the record of the task says of it; Failure when an expression cannot be evaluated."""
        wanted = instance.element.user_task
        assert wanted is not None
        key = -1
        if wanted.form_id is not None:
            key = form_key(self.variables, self.means.repository, instance, wanted.form_id)
        return {
            "assignee": self._assignee(instance, wanted.assignee),
            "candidateGroupsList": candidates(self.variables, instance, wanted.candidate_groups),
            "candidateUsersList": candidates(self.variables, instance, wanted.candidate_users),
            "dueDate": self._date(instance, wanted.due_date),
            "externalFormReference": self._text(instance, wanted.external_form),
            "followUpDate": self._date(instance, wanted.follow_up_date),
            "formKey": key,
            "priority": self._priority(instance, wanted.priority),
            "customHeaders": dict(wanted.headers),
        }

    def _text(self, instance: Instance, expression: Expression | None, *others: str) -> str:
        if expression is None:
            return ""
        return self.variables.typed(instance, expression, "STRING", *others) or ""

    def _assignee(self, instance: Instance, expression: Expression | None) -> str:
        # Newer lines take null for nobody.
        return self._text(instance, expression, *(["NULL"] if self.means.kernel.line >= (8, 8) else []))

    def _date(self, instance: Instance, expression: Expression | None) -> str:
        if expression is None:
            return ""
        value = self.variables.typed(instance, expression, "NULL", "DATE_TIME", "STRING")
        if value is None or value == "":
            return ""
        text = value if type_name(value) == "STRING" else str(feel.to_json(value))
        try:
            timing.parse_date(text)
        except ValueError as error:
            raise Failure("EXTRACT_VALUE_ERROR", f"{error} for expression '{expression.text}'.") from None
        return short_time(text)

    def _priority(self, instance: Instance, expression: Expression | None) -> int:
        value = _PRIORITY if expression is None else integer(self.variables, instance, expression)
        if value not in _PRIORITIES:
            text = f"Expected priority to be in the range [0,100] but was '{value}'."
            raise Failure("EXTRACT_VALUE_ERROR", text)
        return value
