"""What each type of element does when it is activated and when it completes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from camunda_embedded import _feel as feel
from camunda_embedded._bpmn.model import Element, Flow
from camunda_embedded._engine.binding import bound
from camunda_embedded._engine.decisions import Decisions
from camunda_embedded._engine.escalations import Escalations
from camunda_embedded._engine.events import Events
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.jobs import Jobs
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.messages import Messages
from camunda_embedded._engine.resources import Repository
from camunda_embedded._engine.signals import Signals
from camunda_embedded._engine.state import Instance, Trigger
from camunda_embedded._engine.tasks import prepare
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.triggers import Triggers
from camunda_embedded._engine.user_tasks import UserTasks
from camunda_embedded._engine.variables import Scope, Variables
from camunda_embedded._limits import MAX_CALL_DEPTH

__all__ = ["BEHAVIORS", "Behavior", "Means"]


@dataclass(frozen=True, slots=True)
class Means:
    """What behaviors do their work with: the parts below them."""

    kernel: Kernel
    variables: Variables
    repository: Repository
    tree: Tree
    triggers: Triggers
    messages: Messages
    signals: Signals
    events: Events
    jobs: Jobs
    decisions: Decisions
    user_tasks: UserTasks
    escalations: Escalations


class Behavior:
    """The default: an activity that passes through, such as a manual task."""

    def __init__(self, means: Means) -> None:
        self.means = means
        self.variables = means.variables
        self.tree = means.tree
        self.triggers = means.triggers
        self.events = means.events

    def enter(self, instance: Instance) -> None:
        """The variables that an element starts with; Failure when one cannot be had. Its start listeners come after that."""
        if instance.entered:
            return
        self.enter_run(instance)
        if instance.element.inputs:
            self.variables.map_inputs(instance)

    def before_listeners(self, instance: Instance) -> None:
        """What comes before the start listeners of an element that has some; ``activate`` does it for the others."""
        self.enter(instance)

    def enter_run(self, instance: Instance) -> None:
        """The variables of one run of a multi-instance activity."""
        if instance.loop_child and instance.scope is not None and not instance.entered:
            self.variables.set_all_local(instance, run_variables(instance, instance.scope))

    def leave(self, instance: Instance) -> None:
        """Hands the results outwards: by output mappings if there are any, else as they are."""
        trigger, instance.trigger = instance.trigger, None
        if trigger is not None:
            self.triggers.triggered(trigger, instance, instance.key)
        found = trigger.variables if trigger is not None else {}
        if instance.element.outputs:
            self.variables.set_all_local(instance, found)
            self.variables.map_outputs(instance)
        else:
            self.variables.propagate(instance, found)

    def hand_on(self, instance: Instance) -> None:
        """Hands an event's variables, which are its own, outwards: by output mappings if there are any, else as they are."""
        if instance.element.outputs:
            self.variables.map_outputs(instance)
        elif instance.scope is not None:
            self.variables.propagate(instance.scope, instance.own())

    def pass_through(self, instance: Instance) -> None:
        """ELEMENT_ACTIVATED, and on without waiting."""
        self.tree.activated(instance)
        self.tree.send_complete(instance)

    def activate(self, instance: Instance) -> None:
        """From ACTIVATING on; Failure becomes an incident."""
        self.enter(instance)
        self.pass_through(instance)

    def complete(self, instance: Instance) -> None:
        """From COMPLETING up to COMPLETED; Failure becomes an incident."""
        self.leave(instance)
        self.events.unsubscribe(instance)

    def completed(self, instance: Instance) -> None:
        """From COMPLETED on."""
        self.tree.take_flows(instance)


def run_variables(child: Instance, body: Instance) -> dict[str, object]:
    """The local variables of one run of a multi-instance activity."""
    loop = body.element.loop
    assert loop is not None
    found: dict[str, object] = {}
    if loop.input_element is not None:
        found[loop.input_element] = body.items[child.index - 1]
    name = loop.output_element.text if loop.output_element is not None else ""
    if name.isidentifier() and name not in found and name not in child.variables:
        found[name] = None  # so that the result of a run stays in the run
    found["loopCounter"] = child.index
    return found


class ProcessBehavior(Behavior):
    def before_listeners(self, instance: Instance) -> None:
        pass

    def activate(self, instance: Instance) -> None:
        self.tree.activated(instance)
        trigger, instance.trigger = instance.trigger, None
        if trigger is not None:
            self.triggers.activate_event(trigger, instance, instance)
        else:
            start = instance.element.none_start
            if start is not None:
                self.tree.send_activate(start, instance, keyed=False)

    def complete(self, instance: Instance) -> None:
        if instance.waits:
            self.events.unsubscribe(instance)

    def completed(self, instance: Instance) -> None:
        if instance.on_completed is not None:
            instance.on_completed(instance)
        self.means.messages.process_ended(instance)
        caller = instance.caller
        if caller is not None and caller.state == "ACTIVATED":
            caller.called = None
            called = caller.element.called
            if caller.element.outputs or (called is not None and called.pass_child_variables):
                # The real engine gives this event the key of the call activity itself.
                caller.trigger = Trigger(caller.key, caller.element, instance.own())
            self.tree.send_complete(caller)


class SubProcessBehavior(Behavior):
    def activate(self, instance: Instance) -> None:
        self.enter(instance)
        self.tree.activated(instance)
        start = instance.element.none_start
        if start is not None:
            self.tree.send_activate(start, instance, keyed=False)


class StartEventBehavior(Behavior):
    """Start events open the waits of the scope that begins with them."""

    def complete(self, instance: Instance) -> None:
        # The variables of an error stay with the event, unless mappings hand them on.
        if instance.element.outputs or instance.element.event != "ERROR":
            self.hand_on(instance)
        scope = instance.scope if instance.element.type == "START_EVENT" else None
        if scope is not None and (scope.element.event_starts or scope.element.boundary):
            self.events.subscribe(scope)


class JobBehavior(Behavior):
    """A task that a job worker does; the other kinds of such tasks are split off where they are activated."""

    def activate(self, instance: Instance) -> None:
        self.enter(instance)
        job = prepare(
            self.means.kernel, self.variables, self.means.repository, instance, instance.element.job
        )
        self.events.subscribe(instance)
        self.means.jobs.create(job)
        self.tree.activated(instance)


class ComputingBehavior(JobBehavior):
    """Script tasks and business rule tasks, where they are not jobs."""

    def activate(self, instance: Instance) -> None:
        script, decision = instance.element.script, instance.element.decision
        value: Any
        if script is not None:
            self.enter(instance)
            found, _ = self.variables.evaluate(script.source, Scope(instance))
            name, value = script.result, feel.to_json(found)
        elif decision is not None:
            self.enter(instance)
            name, value = decision.result, self.means.decisions.evaluate_for(instance, decision.source)
        else:
            super().activate(instance)
            return
        self.triggers.raise_own(instance, {name: value})
        self.pass_through(instance)


class WaitBehavior(Behavior):
    """Receive tasks and intermediate catch events."""

    def before_listeners(self, instance: Instance) -> None:
        if instance.element.event != "LINK":
            self.enter(instance)

    def activate(self, instance: Instance) -> None:
        if instance.element.event == "LINK":  # its mappings are ignored, as the real engine does
            self.pass_through(instance)
            return
        self.enter(instance)
        self.events.subscribe(instance)
        self.tree.activated(instance)

    def complete(self, instance: Instance) -> None:
        if instance.element.event == "LINK":
            return
        if instance.trigger is None and instance.element.type == "INTERMEDIATE_CATCH_EVENT":
            self.hand_on(instance)  # the gateway before it waited for it
        else:
            self.leave(instance)
        self.events.unsubscribe(instance)


class EventGatewayBehavior(Behavior):
    def before_listeners(self, instance: Instance) -> None:
        pass

    def activate(self, instance: Instance) -> None:
        self.events.subscribe(instance)
        self.tree.activated(instance)

    def complete(self, instance: Instance) -> None:
        self.events.unsubscribe(instance)

    def completed(self, instance: Instance) -> None:
        trigger, scope = instance.trigger, instance.scope
        if scope is not None and scope.interrupter is not None:
            self.tree.path_ended(scope)
        elif trigger is not None and scope is not None:
            instance.trigger = None
            self.triggers.activate_event(trigger, scope, instance)


class ParallelGatewayBehavior(Behavior):
    """Gateways: passed within one step."""

    def before_listeners(self, instance: Instance) -> None:
        pass

    def activate(self, instance: Instance) -> None:
        chosen = self.choose(instance)
        self.tree.activated(instance)
        self.tree.record(instance, "ELEMENT_COMPLETING")
        self.tree.record(instance, "ELEMENT_COMPLETED")
        self.tree.forget(instance)
        self.tree.take_flows(instance, chosen)

    def choose(self, instance: Instance) -> list[Flow]:
        """The flows to leave it by; Failure when there is none."""
        return instance.element.outgoing

    def complete(self, instance: Instance) -> None:
        pass


class ExclusiveGatewayBehavior(ParallelGatewayBehavior):
    def choose(self, instance: Instance) -> list[Flow]:
        element = instance.element
        if not element.outgoing:
            return []
        if len(element.outgoing) == 1 and element.outgoing[0].condition is None:
            return element.outgoing
        for flow in element.outgoing:
            if flow is element.default or flow.condition is None:
                continue
            if self.variables.typed(instance, flow.condition, "BOOLEAN"):
                return [flow]
        if element.default is not None:
            return [element.default]
        raise Failure(
            "CONDITION_ERROR",
            "Expected at least one condition to evaluate to true, or to have a default flow",
        )


class ThrowEventBehavior(JobBehavior):
    """Intermediate throw events and end events."""

    def activate(self, instance: Instance) -> None:
        event = instance.element.event
        if event == "NONE":  # most of them, so asked first
            self.pass_through(instance)
            return
        if event == "MESSAGE":
            super().activate(instance)
            return
        if event == "COMPENSATION":
            self.throw_compensation(instance)
            return
        if event == "ERROR":
            self.throw_error(instance)
            return
        if event == "ESCALATION":
            self.enter(instance)
            self.means.escalations.throw(instance)
            return
        if event == "SIGNAL":
            self.enter(instance)
            self.means.signals.throw(instance)
        self.pass_through(instance)

    def throw_compensation(self, instance: Instance) -> None:
        raise NotImplementedError  # in ``compensation``, which is further up

    def throw_error(self, instance: Instance) -> None:
        error = instance.element.error
        code = self.variables.typed(instance, error, "STRING") if error is not None else ""
        catcher = self.triggers.find_catcher(instance, code)
        if isinstance(catcher, Failure):
            raise catcher
        self.tree.activated(instance)
        self.triggers.trigger(*catcher, {})

    def complete(self, instance: Instance) -> None:
        if instance.element.event != "TERMINATE":
            super().complete(instance)

    def completed(self, instance: Instance) -> None:
        scope, element = instance.scope, instance.element
        if scope is None:
            return
        if element.event == "TERMINATE":
            self.tree.end(scope)
        elif element.event == "LINK" and element.type == "INTERMEDIATE_THROW_EVENT":
            self.tree.send_activate(self.link_target(element), scope)
        else:
            super().completed(instance)

    @staticmethod
    def link_target(element: Element) -> Element:
        scope = element.scope
        siblings = scope.children if scope is not None else []
        return next(e for e in siblings if e.type == "INTERMEDIATE_CATCH_EVENT" and e.link == element.link)


class PassThroughBehavior(Behavior):
    """Manual and undefined tasks: their mappings are ignored, as the real engine does."""

    def before_listeners(self, instance: Instance) -> None:
        self.enter_run(instance)

    def activate(self, instance: Instance) -> None:
        self.enter_run(instance)
        self.pass_through(instance)

    def complete(self, instance: Instance) -> None:
        pass


class CallActivityBehavior(Behavior):
    def activate(self, instance: Instance) -> None:
        self.enter(instance)
        called = instance.element.called
        assert called is not None
        process_id = self.variables.typed(instance, called.process, "STRING")
        definition = bound(
            self.means.repository.processes,
            process_id,
            instance,
            "CALLED_ELEMENT_ERROR",
            "call process with BPMN process id",
        )
        if definition is None or definition.model.root.none_start is None:
            wanted = "to be deployed" if definition is None else "to have a none start event"
            text = f"Expected process with BPMN process id '{process_id}' {wanted}, but not found."
            raise Failure("CALLED_ELEMENT_ERROR", text)
        if instance.root.calls >= MAX_CALL_DEPTH:
            text = f"More than {MAX_CALL_DEPTH} processes called each other: '{process_id}' is not called any more."
            raise Failure("CALLED_ELEMENT_ERROR", text)
        self.events.subscribe(instance)
        self.tree.activated(instance)
        child = self.tree.make_process(definition, self.means.kernel.next_key(), instance)
        instance.called = child
        self.tree.send_activate_process(child)
        own = instance.own() if instance.element.inputs else {}
        variables = instance.visible() if called.pass_parent_variables else own
        self.variables.set_all_local(child, variables)


BEHAVIORS: dict[str, type[Behavior]] = {
    "PROCESS": ProcessBehavior,
    "SUB_PROCESS": SubProcessBehavior,
    "START_EVENT": StartEventBehavior,
    "END_EVENT": ThrowEventBehavior,
    "INTERMEDIATE_THROW_EVENT": ThrowEventBehavior,
    "INTERMEDIATE_CATCH_EVENT": WaitBehavior,
    # Activated by their trigger; they hand their variables outwards like start events.
    "BOUNDARY_EVENT": StartEventBehavior,
    "RECEIVE_TASK": WaitBehavior,
    "TASK": PassThroughBehavior,
    "MANUAL_TASK": PassThroughBehavior,
    "SERVICE_TASK": JobBehavior,
    "SEND_TASK": JobBehavior,
    "SCRIPT_TASK": ComputingBehavior,
    "BUSINESS_RULE_TASK": ComputingBehavior,
    "EXCLUSIVE_GATEWAY": ExclusiveGatewayBehavior,
    "PARALLEL_GATEWAY": ParallelGatewayBehavior,
    "EVENT_BASED_GATEWAY": EventGatewayBehavior,
    "CALL_ACTIVITY": CallActivityBehavior,
}
