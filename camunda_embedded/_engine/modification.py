"""Modifying process instances: activating chosen elements, terminating chosen element instances, variables on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.compensation import Compensation
from camunda_embedded._engine.creation import ACTIVATABLE, ACTIVATABLE_TEXT
from camunda_embedded._engine.events import Events
from camunda_embedded._engine.incidents import Incidents
from camunda_embedded._engine.jobs import Jobs
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.lifecycle import Lifecycle
from camunda_embedded._engine.messages import Messages
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.state import TENANT, Instance
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.user_tasks import UserTasks
from camunda_embedded._engine.variables import Variables

__all__ = ["Activation", "Modification"]


@dataclass(frozen=True)
class Activation:
    """An element to activate; ``ancestor`` is the key of the scope instance to do it in (0 or less: found by itself).

    ``variables`` are pairs of a scope's element id (``""``: the process instance) and a document.
    """

    element_id: str
    ancestor: int
    variables: Sequence[tuple[str, dict[str, Any]]]

    def documents(self, *element_ids: str) -> list[dict[str, Any]]:
        """The documents for scopes of these elements."""
        return [document for element_id, document in self.variables if element_id in element_ids]


class Modification:
    """The command PROCESS_INSTANCE_MODIFICATION MODIFY."""

    def __init__(
        self,
        kernel: Kernel,
        incidents: Incidents,
        variables: Variables,
        tree: Tree,
        messages: Messages,
        events: Events,
        jobs: Jobs,
        user_tasks: UserTasks,
        lifecycle: Lifecycle,
        compensation: Compensation,
    ) -> None:
        self._kernel = kernel
        self._incidents = incidents
        self._variables = variables
        self._tree = tree
        self._messages = messages
        self._events = events
        self._jobs = jobs
        self._user_tasks = user_tasks
        self._compensation = compensation
        self._lifecycle = lifecycle
        self.handlers: Handlers = {"PROCESS_INSTANCE_MODIFICATION MODIFY": self._modify}

    def modify(self, key: int, activations: Sequence[Activation], terminations: Sequence[int]) -> None:
        """Carries out all instructions, or none when one is rejected."""
        value: dict[str, Any] = {
            "processInstanceKey": key,
            "activateInstructions": [
                {
                    "elementId": a.element_id,
                    "ancestorScopeKey": a.ancestor,
                    "variableInstructions": [{"elementId": e, "variables": v} for e, v in a.variables],
                    "ancestorScopeKeys": [],
                }
                for a in activations
            ],
            "terminateInstructions": [{"elementInstanceKey": k} for k in terminations],
            "ancestorScopeKeys": [],
            "tenantId": TENANT,
        }
        subject = activations, terminations
        self._kernel.execute("PROCESS_INSTANCE_MODIFICATION", "MODIFY", key, value, subject)

    def _modify(self, command: Command[tuple[Sequence[Activation], Sequence[int]]]) -> None:
        key, value, (activations, terminations) = command.key, command.value, command.subject
        instance = self._tree.process_instance(key, "modify.missing")
        self._check(instance, activations, terminations)
        involved: list[int] = []
        instructions = []
        for activation, facts in zip(activations, value["activateInstructions"], strict=True):
            keys = self._activate(instance, activation)
            instructions.append({**facts, "ancestorScopeKeys": keys})
            involved += [k for k in keys if k not in involved]
        for wanted in terminations:
            found = self._kernel.instances.get(wanted)
            if found is not None:  # it may have gone with another one
                self._terminate(found)
        modified = {**value, "activateInstructions": instructions, "ancestorScopeKeys": involved}
        self._kernel.event("PROCESS_INSTANCE_MODIFICATION", "MODIFIED", key, modified)

    # --- checking ---

    def _check(
        self, instance: Instance, activations: Sequence[Activation], terminations: Sequence[int]
    ) -> None:
        process, elements, known = (
            instance.definition.id,
            instance.definition.model.elements,
            self._kernel.instances,
        )
        missing = [a.element_id for a in activations if a.element_id not in elements]
        if missing:
            raise reject("modify.element", process=process, ids="', '".join(missing))
        self._check_types(process, [elements[a.element_id] for a in activations])
        for root in {known[k].root for k in terminations if k in known}:
            ends = set(terminations) >= set(root.children) or root.key in terminations
            if ends and root.caller is not None and not (activations and root is instance):
                raise reject("modify.child", process=root.definition.id)
        gone = [k for k in terminations if k not in known or known[k].root is not instance]
        if gone:
            raise reject("modify.terminate", process=process, ids="', '".join(map(str, gone)))
        scopes = [e for a in activations for e, _ in a.variables if e and e not in elements]
        if scopes:
            raise reject("modify.scope", process=process, ids="', '".join(scopes))
        for activation in activations:
            outer = {scope.id for scope in elements[activation.element_id].ancestors()}
            if any(e and e not in outer and e != activation.element_id for e, _ in activation.variables):
                raise reject("modify.not_scope", process=process)
        lost = [
            str(a.ancestor)
            for a in activations
            if a.ancestor > 0 and (a.ancestor not in known or known[a.ancestor].root is not instance)
        ]
        if lost:
            raise reject("modify.ancestor", process=process, ids="', '".join(lost))
        for activation in activations:
            self._check_ancestor(instance, activation, elements[activation.element_id])

    @staticmethod
    def _check_types(process: str, elements: list[Element]) -> None:
        refused: dict[str, str] = {}
        for element in elements:
            if element.type not in ACTIVATABLE or element.type == "PROCESS":
                reason = f"The activation of elements with type '{element.type}' is not supported. "
                reason += f"Supported element types are: {ACTIVATABLE_TEXT}"
            elif any(
                scope.type == "MULTI_INSTANCE_BODY" and scope is not element for scope in element.ancestors()
            ):
                continue
            elif any(flow.source.type == "EVENT_BASED_GATEWAY" for flow in element.incoming):
                reason = "The activation of events belonging to an event-based gateway is not supported"
            else:
                continue
            refused[element.id] = reason
        if refused:
            reasons = ". ".join(dict.fromkeys(refused.values()))
            raise reject("modify.unsupported", process=process, ids="', '".join(refused), reasons=reasons)

    def _check_ancestor(self, instance: Instance, activation: Activation, element: Element) -> None:
        outer = list(element.ancestors())
        if activation.ancestor > 0:
            found = self._kernel.instances[activation.ancestor]
            if found.element not in outer:
                text = f"- instance '{found.key}' of element '{found.element.id}' is not an ancestor of element '{element.id}'"
                raise reject("modify.flow_scope", process=instance.definition.id, ids=text)
            return
        for scope in outer:
            if len(_running(instance, scope)) > 1:
                raise reject("modify.several", process=instance.definition.id, ids=scope.id)

    # --- doing ---

    def _activate(self, instance: Instance, activation: Activation) -> list[int]:
        element = instance.definition.model.elements[activation.element_id]
        scope, keys = instance, [instance.key]
        self._set(instance, activation.documents("", instance.element.id))
        chosen = self._kernel.instances.get(activation.ancestor)
        line = list(chosen.scopes()) if chosen is not None else []
        for outer in list(element.ancestors())[-2::-1]:
            on_line = next((i for i in line if i.element is outer), None)
            existing = [on_line] if on_line is not None else _running(instance, outer)
            if chosen is not None and on_line is None:
                existing = []  # below the chosen ancestor, new scopes are made
            given = activation.documents(outer.id)
            if existing:
                scope = existing[0]
                self._set(scope, given)
            else:
                scope = self._lifecycle.enter_scope(outer, scope, given)
            keys.append(scope.key)
        scope.started += scope.element.inner is element
        tokens = scope.joins.get(element.id, {})
        for flow in [
            flow for flow, count in tokens.items() if count
        ]:  # used up, whether or not all have come
            tokens[flow] -= 1
            scope.active_flows -= 1
        own = {name: v for document in activation.documents(element.id) for name, v in document.items()}
        new = self._tree.send_activate(element, scope, index=scope.started)
        self._variables.set_all_local(new, own)
        return keys

    def _set(self, scope: Instance, documents: list[dict[str, Any]]) -> None:
        for document in documents:
            self._variables.set_all_local(scope, document)

    def _terminate(self, instance: Instance) -> None:
        pending, ended = [instance], []
        while pending:
            current = pending.pop()
            self._tree.record(current, "ELEMENT_TERMINATING")
            if current.called is not None:
                pending.append(current.called)
                current.called.caller = None
            children, current.active_flows = list(current.children.values()), 0
            if current.job is not None:
                self._jobs.cancel(current.job)
            if current.user_task is not None:
                self._user_tasks.cancel(current.user_task, at_once=True)
            self._events.unsubscribe(current)
            self._incidents.close(current.incident)
            ended.append(current)
            pending += children
        for current in reversed(ended):
            self._compensation.terminates(current)
            self._tree.record(current, "ELEMENT_TERMINATED")
            self._tree.forget(current)
            if current.scope is None:
                self._messages.process_ended(current)
        scope = instance.scope
        while (
            scope is not None
            and not (scope.children or scope.active_flows or scope.stays)
            and scope.state == "ACTIVATED"
        ):
            outer = scope.scope
            self._terminate(scope)
            scope = outer
        if scope is not None:
            self._tree.let_join(scope)


def _running(instance: Instance, element: Element) -> list[Instance]:
    return [found for found in instance.tree() if found.element is element and found.state == "ACTIVATED"]
