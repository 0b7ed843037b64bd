"""The tree of element instances: how they come into it, the commands that move them on, and how they leave it.

Nothing in here waits for an event or does what an element is for; those who do that call this.
"""

from __future__ import annotations

from typing import Any

from camunda_embedded._bpmn.model import Element, Flow
from camunda_embedded._engine import joins
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.resources import TENANT, Definition
from camunda_embedded._engine.state import Instance, Trigger

__all__ = ["Tree"]


class Tree:
    """Makes, records and forgets element instances, and puts into the queue what is to happen to them."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    # --- the instances ---

    def record(self, instance: Instance, intent: str) -> None:
        """Writes the event ``ELEMENT_...`` and moves the instance's state along."""
        instance.state = intent[8:]
        self._kernel.event("PROCESS_INSTANCE", intent, instance.key, instance.value)

    def activated(self, instance: Instance) -> None:
        """ELEMENT_ACTIVATED."""
        self.record(instance, "ELEMENT_ACTIVATED")

    @staticmethod
    def _value(element: Element, definition: Definition, scope: Instance | None, root_key: int,
               caller: Instance | None = None) -> dict[str, Any]:  # fmt: skip
        return {
            "bpmnProcessId": definition.id,
            "version": definition.version,
            "processDefinitionKey": definition.key,
            "processInstanceKey": root_key,
            "elementId": element.id,
            "flowScopeKey": scope.key if scope is not None else -1,
            "bpmnElementType": element.type,
            "bpmnEventType": element.event,
            "parentProcessInstanceKey": caller.root.key if caller is not None else -1,
            "parentElementInstanceKey": caller.key if caller is not None else -1,
            "tenantId": TENANT,
        }

    def _build(self, element: Element, scope: Instance, key: int) -> Instance:
        root = scope.root
        value = self._value(element, scope.definition, scope, root.key)
        late = scope.interrupted and scope.trigger is None
        return Instance(key, element, scope.definition, scope, root, value=value, after_interruption=late)

    def add(self, instance: Instance, scope: Instance) -> None:
        """Takes an instance in, of which nothing is recorded yet."""
        if instance.key < 0:
            instance.key = self._kernel.next_key()
        scope.children[instance.key] = instance
        self._kernel.instances[instance.key] = instance

    def make(self, element: Element, scope: Instance) -> Instance:
        """A new instance in a scope; nothing is recorded yet."""
        instance = self._build(element, scope, self._kernel.next_key())
        self.add(instance, scope)
        return instance

    def make_process(self, definition: Definition, key: int, caller: Instance | None = None) -> Instance:
        """A new process instance; nothing is recorded yet."""
        root = definition.model.root
        calls = caller.root.calls + 1 if caller is not None else 0
        value = self._value(root, definition, None, key, caller)
        instance = Instance(key, root, definition, None, value=value, caller=caller, calls=calls)
        instance.root = instance
        definition.running += 1
        self._kernel.instances[key] = instance
        return instance

    def forget(self, instance: Instance) -> Instance | None:
        """Takes a finished instance out of the state; returns its scope."""
        self._kernel.instances.pop(instance.key, None)
        scope = instance.scope
        if scope is not None:
            scope.children.pop(instance.key, None)
        else:
            instance.definition.running -= 1
        return scope

    def process_instance(self, key: int, refusal: str) -> Instance:
        """The process instance that a command is for; its refusal when there is none, or it is on its way out."""
        instance = self._kernel.instances.get(key)
        if instance is None or instance.scope is not None or instance.state == "TERMINATING":
            raise reject(refusal, key=key)
        return instance

    # --- what is to happen to them ---

    def _send(self, intent: str, instance: Instance) -> None:
        self._kernel.send("PROCESS_INSTANCE", intent, instance.key, instance.value, instance)

    def send_activate(
        self,
        element: Element,
        scope: Instance,
        flow: Flow | None = None,
        *,
        index: int = 0,
        keyed: bool = True,
    ) -> Instance:
        """Puts ACTIVATE_ELEMENT into the queue and returns the instance to be, which has no key yet when not ``keyed``."""
        instance = self._build(element, scope, self._kernel.next_key() if keyed else -1)
        instance.entered_by, instance.index = flow, index
        scope.active_flows += flow is None  # a flow was counted when it was taken
        self._send("ACTIVATE_ELEMENT", instance)
        return instance

    def send_activate_triggered(self, trigger: Trigger, scope: Instance) -> None:
        """Puts ACTIVATE_ELEMENT of the event sub-process into the queue whose start event was triggered."""
        element = trigger.target.scope
        assert element is not None
        self.send_activate(element, scope).trigger = trigger

    def send_activate_process(self, instance: Instance) -> None:
        """Puts ACTIVATE_ELEMENT of a process instance into the queue."""
        self._send("ACTIVATE_ELEMENT", instance)

    def send_complete(self, instance: Instance) -> None:
        """Puts COMPLETE_ELEMENT into the queue."""
        self._send("COMPLETE_ELEMENT", instance)

    def send_complete_listener(self, instance: Instance) -> None:
        """Puts COMPLETE_EXECUTION_LISTENER into the queue."""
        self._send("COMPLETE_EXECUTION_LISTENER", instance)

    def send_go_on_terminating(self, instance: Instance) -> None:
        """Puts CONTINUE_TERMINATING_ELEMENT into the queue."""
        self._send("CONTINUE_TERMINATING_ELEMENT", instance)

    def send_terminate(self, instance: Instance) -> None:
        """Puts TERMINATE_ELEMENT into the queue."""
        self._send("TERMINATE_ELEMENT", instance)

    def send_terminate_children(self, scope: Instance) -> None:
        """Puts the termination of everything inside a scope into the queue."""
        self._send_batch("TERMINATE", scope, -1)

    def send_activate_runs(self, body: Instance) -> None:
        """Puts the activation of all runs of a multi-instance activity into the queue."""
        self._send_batch("ACTIVATE", body, len(body.items))

    def _send_batch(self, intent: str, scope: Instance, index: int) -> None:
        value = {"batchElementInstanceKey": scope.key, "processInstanceKey": scope.root.key, "index": index}
        self._kernel.send("PROCESS_INSTANCE_BATCH", intent, self._kernel.next_key(), value, scope)

    # --- the paths in a scope ---

    def take_flows(self, instance: Instance, flows: list[Flow] | None = None) -> None:
        """Leaves an element by its outgoing flows; without any, this path has ended."""
        scope = instance.scope
        if scope is None:
            return
        flows = instance.element.outgoing if flows is None else flows
        if scope.interrupted and scope.interrupter is not None:
            flows = []  # everything here is being ended
        for flow in flows:
            value = {
                **instance.value,
                "elementId": flow.id,
                "bpmnElementType": "SEQUENCE_FLOW",
                "bpmnEventType": "UNSPECIFIED",
            }
            self._kernel.event("PROCESS_INSTANCE", "SEQUENCE_FLOW_TAKEN", self._kernel.next_key(), value)
            scope.active_flows += 1
            if flow.target.joining:
                joins.note(flow, scope)
            self.send_activate(flow.target, scope, flow)
        if not flows:
            self.path_ended(scope)
        elif scope.element.inclusive:
            self.let_join(scope)

    def join(self, gateway: Instance, scope: Instance) -> None:
        """Uses up a token of each flow that leads to a joining gateway; rejected while it waits for more."""
        element = gateway.element
        if not joins.complete(element, scope, lambda: self._pending(scope)):
            kind = element.type.split("_")[0].lower()
            raise reject("join", kind=kind, id=element.id)
        joins.use_up(joins.arrived(element, scope), scope)

    def _pending(self, scope: Instance) -> list[Element]:
        """The elements in a scope whose activation waits in the queue."""
        return [
            command.subject.element
            for command in self._kernel.waiting
            if command.intent == "ACTIVATE_ELEMENT" and command.subject.scope is scope
        ]

    def let_join(self, scope: Instance) -> None:
        """Lets inclusive gateways go on to which nothing comes any more."""
        if scope.state == "ACTIVATED" and not scope.ending:
            for element in joins.ready(scope, lambda: self._pending(scope)):
                self.send_activate(element, scope, joins.arrived(element, scope)[0])

    def path_ended(self, scope: Instance) -> None:
        """Completes a scope in which nothing runs any more, or begins the event sub-process that has interrupted it."""
        interrupter = scope.interrupter if scope.interrupted else None
        if interrupter is not None and not scope.ending:
            if scope.state == "ACTIVATED" and not scope.children:
                scope.trigger, scope.active_flows = None, 0
                scope.joins.clear()
                self.send_activate_triggered(interrupter, scope)
            return
        if scope.element.inclusive:
            self.let_join(scope)
        if scope.stays or scope.state != "ACTIVATED" or scope.children:
            return
        if scope.ending or scope.active_flows == 0:
            self.send_complete(scope)

    def end(self, scope: Instance) -> None:
        """Completes a scope whatever still runs in it."""
        scope.ending, scope.stays = True, False
        scope.active_flows = 0
        if scope.children:
            self.send_terminate_children(scope)
        else:
            self.path_ended(scope)
