"""The life of an element instance: activating, activated, completing, completed, or terminating and terminated.

What an element does at each step is in ``behaviors``; here is what all have in common, and who has which behavior.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from camunda_embedded._bpmn.ad_hoc import INNER
from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.ad_hoc import AdHocBehavior, AdHocs, InnerBehavior, WatchingBehavior
from camunda_embedded._engine.behaviors import BEHAVIORS, Behavior, Means
from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.compensation import Compensation, CompensationThrowBehavior
from camunda_embedded._engine.incidents import Failure, Incidents
from camunda_embedded._engine.inclusive import InclusiveGatewayBehavior
from camunda_embedded._engine.listeners import Listeners
from camunda_embedded._engine.multi_instance import MultiInstanceBehavior
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.resources import TENANT
from camunda_embedded._engine.state import Instance
from camunda_embedded._engine.user_task_behavior import UserTaskBehavior
from camunda_embedded._feel import FeelEvaluationError

__all__ = ["Lifecycle"]


#: Terminated before their incident is closed, as the real engine does.
_TIDIED_LAST = frozenset({"INTERMEDIATE_THROW_EVENT"})


class Lifecycle:
    """Moves element instances on."""

    def __init__(
        self, means: Means, incidents: Incidents, compensation: Compensation, ad_hocs: AdHocs
    ) -> None:
        self._kernel = means.kernel
        self._incidents = incidents
        self._compensation = compensation
        self._variables = means.variables
        self._tree = means.tree
        self._triggers = means.triggers
        self._messages = means.messages
        self._events = means.events
        self._jobs = means.jobs
        self._user_tasks = means.user_tasks
        self._listeners = Listeners(means)
        self._loops = MultiInstanceBehavior(means)
        self._behaviors: dict[str, Behavior] = {name: make(means) for name, make in BEHAVIORS.items()}
        self._behaviors["MULTI_INSTANCE_BODY"] = self._loops
        self._behaviors["USER_TASK"] = UserTaskBehavior(means)
        self._behaviors["INCLUSIVE_GATEWAY"] = InclusiveGatewayBehavior(means)
        around = AdHocBehavior(means, ad_hocs)
        self._behaviors["AD_HOC_SUB_PROCESS"] = around
        self._behaviors[INNER] = InnerBehavior(means, around)
        throwing = CompensationThrowBehavior(means, compensation)
        self._behaviors["END_EVENT"] = self._behaviors["INTERMEDIATE_THROW_EVENT"] = throwing
        self._behaviors["EVENT_SUB_PROCESS"] = WatchingBehavior(means, around)
        self.handlers: Handlers = {
            "PROCESS_INSTANCE ACTIVATE_ELEMENT": self._activate_element,
            "PROCESS_INSTANCE COMPLETE_ELEMENT": self._complete_element,
            "PROCESS_INSTANCE COMPLETE_EXECUTION_LISTENER": self._complete_listener,
            "PROCESS_INSTANCE CONTINUE_TERMINATING_ELEMENT": self._go_on_terminating,
            "PROCESS_INSTANCE TERMINATE_ELEMENT": self._terminate_element,
            "PROCESS_INSTANCE_BATCH ACTIVATE": self._loops.batch,
            "PROCESS_INSTANCE_BATCH TERMINATE": self._terminate_children,
            "PROCESS_INSTANCE CANCEL": self._cancel,
        }

    # --- activating ---

    def _activate_element(self, command: Command[Instance]) -> None:
        instance = command.subject
        scope = instance.scope
        if scope is not None:
            if scope.state != "ACTIVATED" or scope.ending:
                raise reject("inactive", key=scope.key)
            if scope.interrupted and not instance.after_interruption:
                self._tree.path_ended(scope)
                raise reject("interrupted", key=scope.key)
            if instance.entered_by is not None and instance.element.joining:
                self._tree.join(instance, scope)
            else:
                scope.active_flows -= 1
            self._tree.add(instance, scope)
        self._activate(instance)

    def enter_scope(
        self, element: Element, scope: Instance, variables: Sequence[dict[str, Any]] = ()
    ) -> Instance:
        """Activates a sub-process without its start event; ``variables`` are documents of its own ones."""
        instance = self._tree.make(element, scope)
        self._tree.record(instance, "ELEMENT_ACTIVATING")
        for document in variables:
            self._variables.set_all_local(instance, document)
        self._tree.activated(instance)
        self.open_events(instance)
        return instance

    def open_events(self, scope: Instance) -> None:
        """Opens the waits of a scope that does not begin with its start event; again after an incident."""
        try:
            self._events.subscribe(scope)
        except Failure as failure:
            self._incidents.create(scope, failure)

    def _activate(self, instance: Instance) -> None:
        self._tree.record(instance, "ELEMENT_ACTIVATING")
        if limit := self._kernel.passed_limit:
            self._incidents.create(instance, _endless(limit))
            return
        self._go_on_activating(instance)

    def go_on_activating(self, instance: Instance) -> None:
        """What is between ACTIVATING and ACTIVATED and after it; again, from the first listener on, after an incident."""
        instance.asked, instance.entered = 0, False
        self._go_on_activating(instance)

    def _go_on_activating(self, instance: Instance) -> None:
        behavior = self._behaviors[instance.element.type]
        try:
            if instance.element.listeners:
                if not instance.entered:
                    behavior.before_listeners(instance)
                    instance.entered = True
                if self._listeners.ask(instance, "start"):
                    return
            behavior.activate(instance)
        except Failure as failure:
            self._incidents.create(instance, failure)
        except FeelEvaluationError as error:  # a result that is too large, or took too long to make
            self._incidents.create(instance, Failure("EXTRACT_VALUE_ERROR", str(error)))

    # --- completing ---

    def _complete_element(self, command: Command[Instance]) -> None:
        instance = command.subject
        if instance.state != "ACTIVATED":
            raise reject("inactive", key=instance.key)
        self._tree.record(instance, "ELEMENT_COMPLETING")
        instance.asked = 0
        self._go_on_completing(instance, heard=False)

    def go_on_completing(self, instance: Instance) -> None:
        """What is between COMPLETING and COMPLETED and after it; again after an incident."""
        instance.asked = 0
        self._go_on_completing(instance, heard=False)

    def _go_on_completing(self, instance: Instance, *, heard: bool) -> None:
        """``heard`` says that the element itself has done its part, and a listener after it."""
        element = instance.element
        behavior = self._behaviors[element.type]
        body = instance.scope if instance.loop_child else None
        try:
            if not heard:
                behavior.complete(instance)
            if element.listeners and self._listeners.ask(instance, "end"):
                return
            if body is not None:
                self._loops.run_completes(instance, body)
        except Failure as failure:
            self._incidents.create(instance, failure)
            return
        except FeelEvaluationError as error:
            self._incidents.create(instance, Failure("EXTRACT_VALUE_ERROR", str(error)))
            return
        if element.compensation is not None or self._compensation.in_use:
            self._compensation.completes(instance)
        self._tree.record(instance, "ELEMENT_COMPLETED")
        self._tree.forget(instance)
        if self._compensation.in_use:
            self._compensation.completed(instance)
        if body is not None:
            self._loops.run_completed(body)
        else:
            behavior.completed(instance)

    # --- listeners ---

    def _complete_listener(self, command: Command[Instance]) -> None:
        """An execution listener has done its job."""
        instance = command.subject
        if instance.key not in self._kernel.instances or instance.state not in ("ACTIVATING", "COMPLETING"):
            raise reject("inactive", key=instance.key)
        self._listeners.hear(instance)
        if instance.state == "ACTIVATING":
            self._go_on_activating(instance)
        else:
            self._go_on_completing(instance, heard=True)

    # --- terminating ---

    def _terminate_element(self, command: Command[Instance]) -> None:
        instance = command.subject
        if instance.key not in self._kernel.instances or instance.state == "TERMINATING":
            raise reject("inactive", key=instance.key)
        self._terminate(instance)

    def _terminate(self, instance: Instance) -> None:
        """ELEMENT_TERMINATING; ELEMENT_TERMINATED once nothing is left inside."""
        self._tree.record(instance, "ELEMENT_TERMINATING")
        self._release(instance)
        if instance.user_task is not None:
            return  # listeners are to be asked before it is cancelled
        if instance.called is not None:
            self._tree.send_terminate(instance.called)
        elif instance.children:
            self._tree.send_terminate_children(instance)
        else:
            self._end(instance)

    def _release(self, instance: Instance) -> None:
        """Ends the job and the subscriptions of an instance that is going away."""
        if instance.job is not None:
            self._jobs.cancel(instance.job)
        if instance.user_task is not None:
            self._incidents.close(instance.incident)
            self._user_tasks.cancel(instance.user_task)
        self._events.unsubscribe(instance)
        tidied = instance.user_task is None and instance.element.type not in _TIDIED_LAST
        if not instance.children and tidied:
            self._incidents.close(instance.incident)

    def _go_on_terminating(self, command: Command[Instance]) -> None:
        """The user task of an element that is going away is cancelled, and its listeners have been asked."""
        if command.subject.state == "TERMINATING":
            self._end(command.subject)

    def _terminate_children(self, command: Command[Instance]) -> None:
        scope = command.subject
        if scope.interrupter is not None:
            self._events.unsubscribe(scope, scope.element.event_starts)
        if scope.children:
            self._kernel.spread(tuple(scope.children.values()), self._tree.send_terminate)
        elif scope.state == "TERMINATING":  # the last one has completed before its turn came
            self._end(scope)
        else:
            self._tree.path_ended(scope)

    def _end(self, instance: Instance) -> None:
        """ELEMENT_TERMINATED, and what follows for the scopes and callers around it."""
        ended: Instance | None = instance
        while ended is not None:  # no recursion: callers may be many
            ended = self._terminated(ended)

    def _terminated(self, instance: Instance) -> Instance | None:
        """Ends one instance; returns what ends with it, the scope or the caller that waited for it alone."""
        if instance.element.type not in _TIDIED_LAST:
            self._incidents.close(instance.incident)
        if self._compensation.in_use:
            self._compensation.terminates(instance)
        self._tree.record(instance, "ELEMENT_TERMINATED")
        self._incidents.close(instance.incident)
        scope = self._tree.forget(instance)
        trigger, instance.trigger = instance.trigger, None
        if scope is None:
            return self._process_gone(instance)
        left = trigger is not None and trigger.target.type == "BOUNDARY_EVENT" and scope.interrupter is None
        if trigger is not None and left and scope.state == "ACTIVATED":
            self._triggers.activate_event(trigger, scope, instance)
        elif scope.state == "TERMINATING":
            return None if scope.children else scope
        elif instance.loop_child:
            scope.terminated += 1
            self._tree.path_ended(scope)
        else:
            self._tree.path_ended(scope)
        return None

    def _process_gone(self, instance: Instance) -> Instance | None:
        self._messages.process_ended(instance)
        caller = instance.caller
        if caller is None or caller.state != "TERMINATING":
            return None
        caller.called = None
        return caller

    # --- from outside ---

    def cancel(self, key: int) -> None:
        """The command PROCESS_INSTANCE CANCEL."""
        value = {
            "bpmnProcessId": "", "version": -1, "processDefinitionKey": -1, "processInstanceKey": key, "elementId": "",
            "flowScopeKey": -1, "bpmnElementType": "UNSPECIFIED", "bpmnEventType": "UNSPECIFIED",
            "parentProcessInstanceKey": -1, "parentElementInstanceKey": -1, "tenantId": TENANT,
        }  # fmt: skip
        self._kernel.execute("PROCESS_INSTANCE", "CANCEL", key, value)

    def _cancel(self, command: Command[None]) -> None:
        instance = self._tree.process_instance(command.key, "cancel.missing")
        if instance.caller is not None:
            root = instance.caller.root
            while root.caller is not None:
                root = root.caller.root
            raise reject("cancel.child", key=command.key, root=root.key)
        self._tree.send_terminate(instance)


def _endless(limit: int) -> Failure:
    return Failure(
        "UNKNOWN",
        f"More than {limit} steps followed from one event without waiting for anything: the process seems to loop endlessly. "
        "Resolve the incident to let it go on.",
    )
