"""Creating process instances: from the start, or at chosen elements; with or without waiting for the result."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.lifecycle import Lifecycle
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.resources import TENANT, Definition, Repository
from camunda_embedded._engine.state import Instance
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.variables import Variables

__all__ = ["ACTIVATABLE", "ACTIVATABLE_TEXT", "Creation"]

#: The types of elements that can be activated from outside, in the words and order of the real engine.
ACTIVATABLE_TEXT = (
    "[PROCESS, SUB_PROCESS, EVENT_SUB_PROCESS, INTERMEDIATE_CATCH_EVENT, INTERMEDIATE_THROW_EVENT, "
    "END_EVENT, SERVICE_TASK, RECEIVE_TASK, USER_TASK, MANUAL_TASK, TASK, EXCLUSIVE_GATEWAY, "
    "PARALLEL_GATEWAY, EVENT_BASED_GATEWAY, INCLUSIVE_GATEWAY, MULTI_INSTANCE_BODY, CALL_ACTIVITY, "
    "BUSINESS_RULE_TASK, SCRIPT_TASK, SEND_TASK]"
)
ACTIVATABLE = frozenset(ACTIVATABLE_TEXT.strip("[]").split(", "))

#: How many tags an instance may have, and what each looks like.
MAX_TAGS = 10
_TAG = re.compile(r"[A-Za-z][A-Za-z0-9_\-:.]{0,99}")


class Creation:
    """The command PROCESS_INSTANCE_CREATION."""

    def __init__(
        self, kernel: Kernel, variables: Variables, repository: Repository, tree: Tree, lifecycle: Lifecycle
    ) -> None:
        self._kernel = kernel
        self._variables = variables
        self._repository = repository
        self._tree = tree
        self._lifecycle = lifecycle
        self.handlers: Handlers = {
            "PROCESS_INSTANCE_CREATION CREATE": self._create,
            "PROCESS_INSTANCE_CREATION CREATE_WITH_AWAITING_RESULT": self._create,
        }

    def create(
        self,
        process_id: str,
        key: int,
        version: int,
        variables: dict[str, Any],
        starts: Sequence[str],
        on_completed: Callable[[Instance], None] | None = None,
        tags: Sequence[str] = (),
        business_id: str = "",
    ) -> Instance:
        """Creates an instance; ``on_completed`` is called with it when it completes (not when it is cancelled).

        ``tags`` stand on it and on its jobs, ``business_id`` on it; what it calls has none.
        """
        value: dict[str, Any] = {
            "bpmnProcessId": process_id,
            "processDefinitionKey": key,
            "version": version,
            "variables": variables,
            "startInstructions": [{"elementId": start} for start in starts],
            "processInstanceKey": -1,
            "fetchVariables": [],
            "tenantId": TENANT,
        }
        tags = list(dict.fromkeys(tags))
        if tags:
            value["tags"] = tags
        if business_id:
            value["businessId"] = business_id

        intent = "CREATE" if on_completed is None else "CREATE_WITH_AWAITING_RESULT"
        instance: Instance
        instance = self._kernel.execute("PROCESS_INSTANCE_CREATION", intent, -1, value, on_completed)
        return instance

    def _create(self, command: Command[Callable[[Instance], None] | None]) -> Instance:
        value = command.value
        tags: Sequence[str] = value.get("tags", ())
        definition = self._definition(value["bpmnProcessId"], value["processDefinitionKey"], value["version"])
        self._check_tags(tags)
        elements = [self._start_element(definition, s["elementId"]) for s in value["startInstructions"]]
        if not elements and definition.model.root.none_start is None:
            raise reject("create.start")
        instance = self._tree.make_process(definition, self._kernel.next_key())
        instance.on_completed = command.subject
        instance.tags = tags
        instance.business_id = value.get("businessId", "")
        self._variables.set_all_local(instance, value["variables"])
        if elements:
            self._start_at(instance, elements)
        else:
            self._tree.send_activate_process(instance)
        created = value | {
            "bpmnProcessId": definition.id,
            "processDefinitionKey": definition.key,
            "version": definition.version,
            "processInstanceKey": instance.key,
        }
        self._kernel.event("PROCESS_INSTANCE_CREATION", "CREATED", self._kernel.next_key(), created)
        return instance

    @staticmethod
    def _check_tags(tags: Sequence[str]) -> None:
        if len(tags) > MAX_TAGS:
            raise reject("create.tags_number", limit=MAX_TAGS)
        wrong = [f"'{tag}'" for tag in tags if not _TAG.fullmatch(tag)]
        if wrong:
            raise reject("create.tags", tags=", ".join(wrong))

    def _definition(self, process_id: str, key: int, version: int) -> Definition:
        processes = self._repository.processes
        if process_id:
            if version < 0:
                found = processes.latest(process_id)
                if found is None:
                    raise reject("create.id", id=process_id)
            else:
                found = processes.version(process_id, version)
                if found is None:
                    raise reject("create.version", id=process_id, version=version)
        elif key >= 0:
            found = processes.by_key.get(key)
            if found is None:
                raise reject("create.key", key=key)
        else:
            raise reject("create.nothing")
        return found

    @staticmethod
    def _start_element(definition: Definition, element_id: str) -> Element:
        element = definition.model.elements.get(element_id)
        if element is None and element_id in definition.model.flows:
            raise reject("create.unsupported", id=element_id, type="SEQUENCE_FLOW", types=ACTIVATABLE_TEXT)
        if element is None:
            raise reject("create.element", id=element_id)
        if element.type not in ACTIVATABLE or element.type == "PROCESS":
            raise reject("create.unsupported", id=element_id, type=element.type, types=ACTIVATABLE_TEXT)
        if any(scope.type == "MULTI_INSTANCE_BODY" for scope in element.ancestors()):
            raise reject("create.loop", id=element_id)
        if any(flow.source.type == "EVENT_BASED_GATEWAY" for flow in element.incoming):
            raise reject("create.gateway", id=element_id)
        return element

    def _start_at(self, instance: Instance, elements: Sequence[Element]) -> None:
        """Activates chosen elements, with the scopes around them, in a new process instance."""
        self._tree.record(instance, "ELEMENT_ACTIVATING")
        self._tree.activated(instance)
        self._lifecycle.open_events(instance)
        scopes: dict[Element, Instance] = {instance.element: instance}
        for element in elements:
            scope = instance
            for outer in reversed(list(element.ancestors())):
                if outer not in scopes:
                    scopes[outer] = self._lifecycle.enter_scope(outer, scope)
                scope = scopes[outer]
            self._tree.send_activate(element, scope)
