"""The instructions that say what should be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from camunda_core.errors import InvalidRequest
from camunda_embedded import _feel
from camunda_embedded.testing._cases.finding import Finder, worded
from camunda_embedded.testing._cases.kinds import moment_of
from camunda_embedded.testing._cases.models import Models
from camunda_embedded.testing._instance import InstanceAssert, _same, assert_that

__all__ = ["Assertions"]

_MANY = {
    "IS_ACTIVE": InstanceAssert.is_waiting_at,
    "IS_COMPLETED": InstanceAssert.has_completed,
    "IS_TERMINATED": InstanceAssert.has_terminated,
    "IS_NOT_ACTIVE": InstanceAssert.is_not_waiting_at,
    "IS_NOT_ACTIVATED": InstanceAssert.has_not_reached,
    "IS_ACTIVE_EXACTLY": InstanceAssert.is_waiting_only_at,
    "IS_COMPLETED_IN_ORDER": InstanceAssert.has_completed_in_order,
}
_INSTANCE = {
    "IS_ACTIVE": InstanceAssert.is_active,
    "IS_COMPLETED": InstanceAssert.is_completed,
    "IS_TERMINATED": InstanceAssert.is_terminated,
}
_SUBSCRIBED = {"IS_WAITING": ("CREATED", "MIGRATED"), "IS_CORRELATED": ("CORRELATED",)}


class Assertions:
    """Each method is an instruction, by its type in small letters."""

    def __init__(self, client: Any, on: object, find: Finder, models: Models) -> None:
        self._client, self._on, self._find, self._models = client, on, find, models

    def _instance(self, values: Mapping[str, Any]) -> InstanceAssert:
        __tracebackhide__ = True
        return assert_that(self._find.instance(values["processInstanceSelector"]), on=self._on)

    def _id(self, values: Mapping[str, Any], selector: dict[str, str]) -> str:
        return self._models.id_of(values["processInstanceSelector"]["processDefinitionId"], selector)

    def assert_process_instance(self, values: Mapping[str, Any]) -> None:
        """State and incidents."""
        __tracebackhide__ = True
        instance = self._instance(values)
        if values.get("state") in _INSTANCE:  # else it is enough that it is there
            _INSTANCE[values["state"]](instance)
        if "hasActiveIncidents" in values:
            if values["hasActiveIncidents"]:
                instance.has_incident()
            else:
                instance.has_no_incident()

    def assert_element_instance(self, values: Mapping[str, Any]) -> None:
        """How often an element is in a state, once where nothing is said."""
        __tracebackhide__ = True
        state, element = values["state"].removeprefix("IS_"), self._id(values, values["elementSelector"])
        self._instance(values)._ran(state, (element,), values.get("amount", 1))

    def assert_element_instances(self, values: Mapping[str, Any]) -> None:
        """States of several elements."""
        __tracebackhide__ = True
        instance = self._instance(values)
        _MANY[values["state"]](instance, *(self._id(values, each) for each in values["elementSelectors"]))

    def assert_variables(self, values: Mapping[str, Any]) -> None:
        """Names and values."""
        __tracebackhide__ = True
        instance, at = self._instance(values), ""
        if "elementSelector" in values:
            at = self._id(values, values["elementSelector"])
        for name in values.get("variableNames", ()):
            instance.has_variable(name, at=at)
        instance.has_variables(values.get("variables", {}), at=at)

    def assert_variable(self, values: Mapping[str, Any]) -> None:
        """A FEEL expression on one variable."""
        __tracebackhide__ = True
        instance, at, name = self._instance(values), "", values["variableName"]
        if "elementSelector" in values:
            at = self._id(values, values["elementSelector"])
        text = values.get("satisfiesExpression")
        if text is None:
            instance.has_variable(name, at=at)
            return
        try:
            expression = _feel.compile(text.removeprefix("="))
        except _feel.FeelError as error:
            raise InvalidRequest(f"satisfiesExpression: {error}") from error
        instance.has_variable_that(name, lambda value: expression.evaluate({name: value}) is True, at=at)

    def assert_process_instance_message_subscription(self, values: Mapping[str, Any]) -> None:
        """Whether it waits for a message, or has got it."""
        __tracebackhide__ = True
        key, selector = self._find.instance(values["processInstanceSelector"]), values["messageSelector"]
        wanted = {"message_name": selector["messageName"]}
        if "correlationKey" in selector:
            wanted["correlation_key"] = selector["correlationKey"]

        def problem() -> tuple[str | None, str]:
            found = self._client.search_message_subscriptions(process_instance_key=key, **wanted)
            states = {each.message_subscription_state for each in found}
            # A subscription that stays has no state for what it got before.
            if values["state"] == "IS_CORRELATED" and list(
                self._client.search_correlated_message_subscriptions(process_instance_key=key, **wanted)
            ):
                return None, key
            if values["state"] == "IS_NOT_WAITING":
                good = not states.intersection(_SUBSCRIBED["IS_WAITING"])
            else:
                good = bool(states.intersection(_SUBSCRIBED[values["state"]]))
            seen = ", ".join(sorted(states)) or "none"
            said = f"the subscription with {worded(selector)} should be {values['state']}; there is {seen}"
            return (None if good else said), key

        self._find.wait(problem)

    def assert_user_task(self, values: Mapping[str, Any]) -> None:
        """State and attributes of a user task."""
        __tracebackhide__ = True
        selector = values["userTaskSelector"]

        def problem() -> tuple[str | None, str]:
            tasks = self._find.tasks(selector)
            if not tasks:
                return f"there is no user task with {worded(selector)}", ""
            # The first one that fits; where none does, the first is shown.
            wrong = [_differences(task, values) for task in tasks]
            if not all(wrong):
                return None, ""
            said = f"the user task with {worded(selector)} {'; '.join(wrong[0])}"
            return said, str(tasks[0].process_instance_key)

        self._find.wait(problem)

    def assert_decision(self, values: Mapping[str, Any]) -> None:
        """Output and rules of a decision."""
        __tracebackhide__ = True
        selector = values["decisionSelector"]
        names = {
            "decisionDefinitionId": "decision_definition_id",
            "decisionDefinitionName": "decision_definition_name",
        }
        wanted = {names[name]: value for name, value in selector.items()}

        def problem() -> tuple[str | None, str]:
            found = list(self._client.search_decision_instances(**wanted))
            if not found:
                return f"there is no evaluation of the decision with {worded(selector)}", ""
            wrong = [
                _decided(
                    self._client.get_decision_instance(each.decision_evaluation_instance_key)
                    if _RULES & values.keys()
                    else each,
                    values,
                )
                for each in found
            ]
            if not all(wrong):
                return None, ""
            about = found[0].process_instance_key
            said = f"the decision with {worded(selector)} {'; '.join(wrong[0])}"
            return said, str(about) if about and int(about) > 0 else ""

        self._find.wait(problem)


_RULES = frozenset({"matchedRules", "notMatchedRules", "noMatchedRules"})


def _decided(decision: Any, values: Mapping[str, Any]) -> list[str]:
    wrong: list[str] = []
    if decision.state == "FAILED":
        wrong.append(f"should be evaluated, and failed: {decision.evaluation_failure}")
    elif "output" in values:
        try:
            output = json.loads(decision.result)
        except (TypeError, ValueError):
            output = decision.result
        if not _same(output, values["output"]):
            wrong.append(f"should have output {values['output']!r}, and has {output!r}")
    if _RULES & values.keys():
        matched = {rule.rule_index for rule in decision.matched_rules}
        seen = ", ".join(map(str, sorted(matched))) or "none"
        if missing := [rule for rule in values.get("matchedRules", ()) if rule not in matched]:
            wrong.append(f"should match rules {missing}, and matches {seen}")
        if extra := [rule for rule in values.get("notMatchedRules", ()) if rule in matched]:
            wrong.append(f"should not match rules {extra}, and matches {seen}")
        if values.get("noMatchedRules") and matched:
            wrong.append(f"should match no rule, and matches {seen}")
    return wrong


def _differences(task: Any, values: Mapping[str, Any]) -> list[str]:
    wrong: list[str] = []

    def check(name: str, good: bool, seen: object) -> None:
        if not good:
            wrong.append(f"should have {name} {values[name]!r}, and has {seen!r}")

    if "state" in values:
        check("state", task.state == values["state"].removeprefix("IS_"), task.state)
    for name, seen in (
        ("assignee", task.assignee),
        ("priority", task.priority),
        ("elementId", task.element_id),
        ("name", task.name),
    ):
        if name in values:
            check(name, seen == values[name], seen)
    if "candidateGroups" in values:
        groups = task.candidate_groups
        check("candidateGroups", set(values["candidateGroups"]) <= set(groups), groups)
    for name, date in (("dueDate", task.due_date), ("followUpDate", task.follow_up_date)):
        if name in values:
            check(name, date == moment_of(values[name]), date and date.isoformat())
    return wrong
