"""The life of an element instance: activating, activated, completing, completed, or terminating and terminated.

What an element does at each step is in ``behaviors``; here is what all have in common: the records, the scopes, the flows.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from camunda_embedded._bpmn.model import Element, Flow
from camunda_embedded._engine.behaviors import BEHAVIORS, Behavior
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.multi_instance import MultiInstanceBehavior
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.resources import TENANT, Definition
from camunda_embedded._engine.state import Instance, Trigger
from camunda_embedded._feel import FeelEvaluationError

if TYPE_CHECKING:
    from camunda_embedded._engine.core import Engine

__all__ = ["Lifecycle"]


#: Terminated before their incident is closed, as the real engine does.
_TIDIED_LAST = frozenset({"INTERMEDIATE_THROW_EVENT"})


class Lifecycle:
    """Moves element instances on."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._loops = MultiInstanceBehavior(engine, self)
        self._behaviors: dict[str, Behavior] = {name: cls(engine, self) for name, cls in BEHAVIORS.items()}
        self._behaviors["MULTI_INSTANCE_BODY"] = self._loops

    def record(self, instance: Instance, intent: str) -> None:
        """Writes a PROCESS_INSTANCE event and moves the instance's state along."""
        if intent.startswith("ELEMENT_"):
            instance.state = intent[8:]
        self._engine.event("PROCESS_INSTANCE", intent, instance.key, instance.value)

    @staticmethod
    def value(element: Element, definition: Definition, scope: Instance | None, root_key: int,
              caller: Instance | None = None) -> dict[str, Any]:  # fmt: skip
        """The record value of an element instance."""
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

    # --- activating ---

    def make(self, element: Element, scope: Instance) -> Instance:
        """A new instance in a scope; nothing is recorded yet."""
        instance = self._build(element, scope, self._engine.next_key())
        self._add(instance, scope)
        return instance

    def _build(self, element: Element, scope: Instance, key: int) -> Instance:
        instance = Instance(key, element, scope.definition, scope, scope.root)
        instance.value = self.value(element, scope.definition, scope, scope.root.key)
        return instance

    def _add(self, instance: Instance, scope: Instance) -> None:
        scope.children[instance.key] = instance
        self._engine.instances[instance.key] = instance

    def make_process(self, definition: Definition, key: int, caller: Instance | None = None) -> Instance:
        """A new process instance; nothing is recorded yet."""
        root = definition.model.root
        calls = caller.root.calls + 1 if caller is not None else 0
        instance = Instance(key, root, definition, None, caller=caller, calls=calls)
        instance.root = instance
        instance.value = self.value(root, definition, None, key, caller)
        definition.running += 1
        self._engine.instances[key] = instance
        return instance

    def send_activate(self, element: Element, scope: Instance, flow: Flow | None = None, *, index: int = 0,
                      keyed: bool = True, variables: dict[str, Any] | None = None) -> int:  # fmt: skip
        """Puts ACTIVATE_ELEMENT into the queue and returns the key of the instance to be (-1 when not ``keyed``)."""
        key = self._engine.next_key() if keyed else -1
        instance = self._build(element, scope, key) if keyed else None
        value = self.value(element, scope.definition, scope, scope.root.key)
        scope.active_flows += flow is None  # a flow was counted when it was taken

        def handle() -> None:
            if scope.state != "ACTIVATED" or scope.ending:
                raise reject("inactive", key=scope.key)
            if element.type == "PARALLEL_GATEWAY" and flow is not None:
                self._join(element, scope)
            else:
                scope.active_flows -= 1
            new = instance or self._build(element, scope, self._engine.next_key())
            self._add(new, scope)
            new.index = index
            self.activate(new)

        self._engine.follow("PROCESS_INSTANCE", "ACTIVATE_ELEMENT", key, value, handle)
        if instance is not None and variables:
            self._engine.variables.set_all_local(instance, variables)
        return key

    def _join(self, element: Element, scope: Instance) -> None:
        taken = scope.joins.get(element.id, {})
        if any(not taken.get(flow.id) for flow in element.incoming):
            raise reject("join", id=element.id)
        for flow in element.incoming:
            taken[flow.id] -= 1
        scope.active_flows -= len(element.incoming)

    def _send(self, intent: str, instance: Instance, handle: Callable[[], None]) -> None:
        self._engine.follow("PROCESS_INSTANCE", intent, instance.key, instance.value, handle)

    def send_activate_process(self, instance: Instance) -> None:
        """Puts ACTIVATE_ELEMENT of a process instance into the queue."""
        self._send("ACTIVATE_ELEMENT", instance, lambda: self.activate(instance))

    def enter_scope(
        self, element: Element, scope: Instance, variables: Sequence[dict[str, Any]] = ()
    ) -> Instance:
        """Activates a sub-process without its start event; ``variables`` are documents of its own ones."""
        instance = self.make(element, scope)
        self.record(instance, "ELEMENT_ACTIVATING")
        for document in variables:
            self._engine.variables.set_all_local(instance, document)
        self.activated(instance)
        self._engine.events.subscribe(instance)
        return instance

    def activate(self, instance: Instance) -> None:
        """ELEMENT_ACTIVATING, and on as far as it goes."""
        self.record(instance, "ELEMENT_ACTIVATING")
        if limit := self._engine.passed_limit:
            self._engine.incidents.create(instance, _endless(limit))
            return
        self.go_on_activating(instance)

    def go_on_activating(self, instance: Instance) -> None:
        """What is between ACTIVATING and ACTIVATED and after it; again after an incident."""
        try:
            self._behaviors[instance.element.type].activate(instance)
        except Failure as failure:
            self._engine.incidents.create(instance, failure)
        except FeelEvaluationError as error:  # a result that is too large, or took too long to make
            self._engine.incidents.create(instance, Failure("EXTRACT_VALUE_ERROR", str(error)))

    def activated(self, instance: Instance) -> None:
        """ELEMENT_ACTIVATED."""
        self.record(instance, "ELEMENT_ACTIVATED")

    def activate_event(self, trigger: Trigger, scope: Instance, host: Instance) -> None:
        """Activates the event that was triggered (a boundary or start event, an event behind a gateway) with its variables.

        ``host`` is what was waiting for it: an activity, a gateway, or the process instance itself.
        """
        scope_key = host.definition.key if host.scope is None else host.key
        self._engine.events.triggered(trigger, host, scope_key)
        instance = self.make(trigger.target, scope)
        self.record(instance, "ELEMENT_ACTIVATING")
        self.activated(instance)
        self._engine.variables.set_all_local(instance, trigger.variables)
        self.send_complete(instance)

    # --- completing ---

    def send_complete(self, instance: Instance) -> None:
        """Puts COMPLETE_ELEMENT into the queue."""

        def handle() -> None:
            if instance.state != "ACTIVATED":
                raise reject("inactive", key=instance.key)
            self.complete(instance)

        self._send("COMPLETE_ELEMENT", instance, handle)

    def complete(self, instance: Instance) -> None:
        """ELEMENT_COMPLETING, and on as far as it goes."""
        self.record(instance, "ELEMENT_COMPLETING")
        self.go_on_completing(instance)

    def go_on_completing(self, instance: Instance) -> None:
        """What is between COMPLETING and COMPLETED and after it; again after an incident."""
        behavior = self._behaviors[instance.element.type]
        body = instance.scope if instance.loop_child else None
        try:
            behavior.complete(instance)
            if body is not None:
                self._loops.run_completes(instance, body)
        except Failure as failure:
            self._engine.incidents.create(instance, failure)
            return
        except FeelEvaluationError as error:
            self._engine.incidents.create(instance, Failure("EXTRACT_VALUE_ERROR", str(error)))
            return
        self.record(instance, "ELEMENT_COMPLETED")
        self.forget(instance)
        if body is not None:
            self._loops.run_completed(body)
        else:
            behavior.completed(instance)

    def forget(self, instance: Instance) -> Instance | None:
        """Takes a finished instance out of the state; returns its scope."""
        self._engine.instances.pop(instance.key, None)
        scope = instance.scope
        if scope is not None:
            scope.children.pop(instance.key, None)
        else:
            instance.definition.running -= 1
        return scope

    def take_flows(self, instance: Instance, flows: list[Flow] | None = None) -> None:
        """Leaves an element by its outgoing flows; without any, this path has ended."""
        scope = instance.scope
        if scope is None:
            return
        flows = instance.element.outgoing if flows is None else flows
        for flow in flows:
            value = {
                **instance.value,
                "elementId": flow.id,
                "bpmnElementType": "SEQUENCE_FLOW",
                "bpmnEventType": "UNSPECIFIED",
            }
            self._engine.event("PROCESS_INSTANCE", "SEQUENCE_FLOW_TAKEN", self._engine.next_key(), value)
            scope.active_flows += 1
            if flow.target.type == "PARALLEL_GATEWAY":
                taken = scope.joins.setdefault(flow.target.id, {})
                taken[flow.id] = taken.get(flow.id, 0) + 1
            self.send_activate(flow.target, scope, flow)
        if not flows:
            self.path_ended(scope)

    def path_ended(self, scope: Instance) -> None:
        """Completes a scope in which nothing runs any more."""
        if scope.state == "ACTIVATED" and not scope.children and (scope.ending or scope.active_flows == 0):
            self.send_complete(scope)

    def end(self, scope: Instance) -> None:
        """Completes a scope whatever still runs in it."""
        scope.ending = True
        scope.active_flows = 0
        if scope.children:
            self.terminate_children(scope)
        else:
            self.path_ended(scope)

    # --- terminating ---

    def send_terminate(self, instance: Instance) -> None:
        """Puts TERMINATE_ELEMENT into the queue."""

        def handle() -> None:
            if instance.key not in self._engine.instances or instance.state == "TERMINATING":
                raise reject("inactive", key=instance.key)
            self.terminate(instance)

        self._send("TERMINATE_ELEMENT", instance, handle)

    def terminate(self, instance: Instance) -> None:
        """ELEMENT_TERMINATING; ELEMENT_TERMINATED once nothing is left inside."""
        self.record(instance, "ELEMENT_TERMINATING")
        self.release(instance)
        if instance.called is not None:
            self.send_terminate(instance.called)
        elif instance.children:
            self.terminate_children(instance)
        else:
            self.terminated(instance)

    def release(self, instance: Instance) -> None:
        """Ends the job and the subscriptions of an instance that is going away."""
        if instance.job is not None:
            self._engine.jobs.cancel(instance.job)
        self._engine.events.unsubscribe(instance)
        if not instance.children and instance.element.type not in _TIDIED_LAST:
            self._engine.incidents.close(instance.incident)

    def terminate_children(self, scope: Instance) -> None:
        """Terminates everything inside a scope."""
        value = {"batchElementInstanceKey": scope.key, "processInstanceKey": scope.root.key, "index": -1}

        def handle() -> None:
            self._engine.spread(tuple(scope.children.values()), self.send_terminate)

        self._engine.follow("PROCESS_INSTANCE_BATCH", "TERMINATE", self._engine.next_key(), value, handle)

    def terminated(self, instance: Instance) -> None:
        """ELEMENT_TERMINATED, and what follows for the scopes and callers around it."""
        ended: Instance | None = instance
        while ended is not None:  # no recursion: callers may be many
            ended = self._terminated(ended)

    def _terminated(self, instance: Instance) -> Instance | None:
        """Ends one instance; returns what ends with it, the scope or the caller that waited for it alone."""
        if instance.element.type not in _TIDIED_LAST:
            self._engine.incidents.close(instance.incident)
        self.record(instance, "ELEMENT_TERMINATED")
        self._engine.incidents.close(instance.incident)
        scope = self.forget(instance)
        trigger, instance.trigger = instance.trigger, None
        if scope is None:
            return self._process_gone(instance)
        if trigger is not None and scope.state == "ACTIVATED":
            self.activate_event(trigger, scope, instance)
        elif scope.state == "TERMINATING":
            return None if scope.children else scope
        elif instance.loop_child:
            scope.terminated += 1
            self.path_ended(scope)
        else:
            self.path_ended(scope)
        return None

    def _process_gone(self, instance: Instance) -> Instance | None:
        self._engine.messages.process_ended(instance)
        caller = instance.caller
        if caller is None or caller.state != "TERMINATING":
            return None
        caller.called = None
        return caller

    # --- commands ---

    def process_instance(self, key: int, refusal: str) -> Instance:
        """The process instance that a command is for; its refusal when there is none, or it is on its way out."""
        instance = self._engine.instances.get(key)
        if instance is None or instance.scope is not None or instance.state == "TERMINATING":
            raise reject(refusal, key=key)
        return instance

    def cancel(self, key: int) -> None:
        """The command PROCESS_INSTANCE CANCEL."""
        engine = self._engine
        value = {
            "bpmnProcessId": "", "version": -1, "processDefinitionKey": -1, "processInstanceKey": key, "elementId": "",
            "flowScopeKey": -1, "bpmnElementType": "UNSPECIFIED", "bpmnEventType": "UNSPECIFIED",
            "parentProcessInstanceKey": -1, "parentElementInstanceKey": -1, "tenantId": TENANT,
        }  # fmt: skip

        def handle() -> None:
            instance = self.process_instance(key, "cancel.missing")
            if instance.caller is not None:
                root = instance.caller.root
                while root.caller is not None:
                    root = root.caller.root
                raise reject("cancel.child", key=key, root=root.key)
            self.send_terminate(instance)

        engine.execute("PROCESS_INSTANCE", "CANCEL", key, value, handle)


def _endless(limit: int) -> Failure:
    return Failure(
        "UNKNOWN",
        f"More than {limit} steps followed from one event without waiting for anything: the process seems to loop endlessly. "
        "Resolve the incident to let it go on.",
    )
