"""What each type of element does when it is activated and when it completes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from camunda_embedded import feel
from camunda_embedded.bpmn.model import Element, Flow
from camunda_embedded.engine.incidents import Failure
from camunda_embedded.engine.state import Instance, Trigger

if TYPE_CHECKING:
    from camunda_embedded.engine.core import Engine
    from camunda_embedded.engine.lifecycle import Lifecycle

__all__ = ["BEHAVIORS", "Behavior"]


class Behavior:
    """The default: an activity that passes through, such as a manual task."""

    def __init__(self, engine: Engine, lifecycle: Lifecycle) -> None:
        self.engine = engine
        self.lifecycle = lifecycle

    def enter(self, instance: Instance) -> None:
        """The variables that an element starts with; Failure when one cannot be had."""
        self.enter_run(instance)
        if instance.element.inputs:
            self.engine.variables.map_inputs(instance)

    def enter_run(self, instance: Instance) -> None:
        """The variables of one run of a multi-instance activity."""
        if instance.loop_child and instance.scope is not None:
            self.engine.variables.set_all_local(instance, loop_variables(instance, instance.scope))

    def leave(self, instance: Instance) -> None:
        """Hands the results outwards: by output mappings if there are any, else as they are."""
        trigger, instance.trigger = instance.trigger, None
        variables = self.engine.variables
        if trigger is not None:
            self.engine.events.triggered(trigger, instance, instance.key)
        found = trigger.variables if trigger is not None else {}
        if instance.element.outputs:
            variables.set_all_local(instance, found)
            variables.map_outputs(instance)
        else:
            variables.propagate(instance, found)

    def activate(self, instance: Instance) -> None:
        """From ACTIVATING on; Failure becomes an incident."""
        self.enter(instance)
        self.lifecycle.activated(instance)
        self.lifecycle.send_complete(instance)

    def complete(self, instance: Instance) -> None:
        """From COMPLETING up to COMPLETED; Failure becomes an incident."""
        self.leave(instance)
        self.engine.events.unsubscribe(instance)

    def completed(self, instance: Instance) -> None:
        """From COMPLETED on."""
        self.lifecycle.take_flows(instance)

    def before_child_completed(self, child: Instance) -> None:
        """Only for multi-instance bodies."""

    def after_child_completed(self, child: Instance, body: Instance) -> None:
        """Only for multi-instance bodies."""


class ProcessBehavior(Behavior):
    def activate(self, instance: Instance) -> None:
        self.lifecycle.activated(instance)
        trigger, instance.trigger = instance.trigger, None
        if trigger is not None:
            self.lifecycle.activate_event(trigger, instance, instance)
        else:
            start = instance.element.none_start
            if start is not None:
                self.lifecycle.send_activate(start, instance, keyed=False)

    def complete(self, instance: Instance) -> None:
        pass

    def completed(self, instance: Instance) -> None:
        if instance.on_completed is not None:
            instance.on_completed(instance)
        self.engine.messages.process_ended(instance)
        caller = instance.caller
        if caller is not None and caller.state == "ACTIVATED":
            caller.called = None
            called = caller.element.called
            if caller.element.outputs or (called is not None and called.pass_child_variables):
                # The real engine gives this event the key of the call activity itself.
                caller.trigger = Trigger(caller.key, caller.element, instance.own())
            self.lifecycle.send_complete(caller)


class SubProcessBehavior(Behavior):
    def activate(self, instance: Instance) -> None:
        self.enter(instance)
        self.lifecycle.activated(instance)
        start = instance.element.none_start
        if start is not None:
            self.lifecycle.send_activate(start, instance, keyed=False)


class StartEventBehavior(Behavior):
    def complete(self, instance: Instance) -> None:
        variables = self.engine.variables
        if instance.element.outputs:
            variables.map_outputs(instance)
        elif instance.scope is not None:
            variables.propagate(instance.scope, instance.own())
        if instance.scope is not None and instance.scope.element.type == "SUB_PROCESS":
            self.engine.events.subscribe(instance.scope)


class JobBehavior(Behavior):
    """A task that a job worker does; the other kinds of such tasks are split off where they are activated."""

    def activate(self, instance: Instance) -> None:
        self.enter(instance)
        job = self.engine.jobs.prepare(instance)
        self.engine.events.subscribe(instance)
        self.engine.jobs.create(job)
        self.lifecycle.activated(instance)


class ScriptBehavior(JobBehavior):
    def activate(self, instance: Instance) -> None:
        script = instance.element.script
        if script is None:
            super().activate(instance)
            return
        self.enter(instance)
        scope = self.engine.variables.scope(instance)
        try:
            value, _ = self.engine.variables.evaluate(script.source, scope)
        except feel.FeelEvaluationError as error:
            raise Failure("EXTRACT_VALUE_ERROR", self.engine.variables.failed(error)) from None
        self.engine.events.raise_own(instance, {script.result: feel.to_json(value)})
        self.lifecycle.activated(instance)
        self.lifecycle.send_complete(instance)


class DecisionBehavior(JobBehavior):
    def activate(self, instance: Instance) -> None:
        called = instance.element.decision
        if called is None:
            super().activate(instance)
            return
        self.enter(instance)
        value = self.engine.decisions.evaluate_for(instance, called.source)
        self.engine.events.raise_own(instance, {called.result: value})
        self.lifecycle.activated(instance)
        self.lifecycle.send_complete(instance)


class WaitBehavior(Behavior):
    """Receive tasks and intermediate catch events."""

    def activate(self, instance: Instance) -> None:
        if instance.element.event == "LINK":  # its mappings are ignored, as the real engine does
            self.lifecycle.activated(instance)
            self.lifecycle.send_complete(instance)
            return
        self.enter(instance)
        self.engine.events.subscribe(instance)
        self.lifecycle.activated(instance)

    def complete(self, instance: Instance) -> None:
        if instance.element.event == "LINK":
            return
        behind_gateway = instance.trigger is None and instance.element.type == "INTERMEDIATE_CATCH_EVENT"
        if behind_gateway and not instance.element.outputs and instance.scope is not None:
            self.engine.variables.propagate(instance.scope, instance.own())
        else:
            self.leave(instance)
        self.engine.events.unsubscribe(instance)


class BoundaryBehavior(StartEventBehavior):
    """Boundary events are activated by their trigger; they hand their variables outwards like start events."""

    def complete(self, instance: Instance) -> None:
        # The variables of an error stay with the event, unless mappings hand them on.
        if instance.element.outputs or instance.element.event != "ERROR":
            super().complete(instance)


class EventGatewayBehavior(Behavior):
    def activate(self, instance: Instance) -> None:
        self.engine.events.subscribe(instance)
        self.lifecycle.activated(instance)

    def complete(self, instance: Instance) -> None:
        self.engine.events.unsubscribe(instance)

    def completed(self, instance: Instance) -> None:
        trigger, scope = instance.trigger, instance.scope
        if trigger is not None and scope is not None:
            instance.trigger = None
            self.lifecycle.activate_event(trigger, scope, instance)


class ParallelGatewayBehavior(Behavior):
    def activate(self, instance: Instance) -> None:
        self.lifecycle.activated(instance)
        self.lifecycle.complete(instance)

    def complete(self, instance: Instance) -> None:
        pass


class ExclusiveGatewayBehavior(ParallelGatewayBehavior):
    def activate(self, instance: Instance) -> None:
        chosen = self.choose(instance)
        self.lifecycle.activated(instance)
        self.lifecycle.record(instance, "ELEMENT_COMPLETING")
        self.lifecycle.record(instance, "ELEMENT_COMPLETED")
        self.lifecycle.forget(instance)
        self.lifecycle.take_flows(instance, chosen)

    def choose(self, instance: Instance) -> list[Flow]:
        element = instance.element
        if not element.outgoing:
            return []
        if len(element.outgoing) == 1 and element.outgoing[0].condition is None:
            return element.outgoing
        for flow in element.outgoing:
            if flow is element.default or flow.condition is None:
                continue
            if self.engine.variables.typed(instance, flow.condition, "BOOLEAN"):
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
        if event == "MESSAGE":
            super().activate(instance)
            return
        if event == "ERROR":
            self.throw_error(instance)
            return
        if event == "SIGNAL":
            self.enter(instance)
            self.engine.signals.throw(instance)
        self.lifecycle.activated(instance)
        self.lifecycle.send_complete(instance)

    def throw_error(self, instance: Instance) -> None:
        error = instance.element.error
        code = self.engine.variables.typed(instance, error, "STRING") if error is not None else ""
        catcher = self.engine.events.find_catcher(instance, code)
        if isinstance(catcher, Failure):
            raise catcher
        self.lifecycle.activated(instance)
        self.engine.events.trigger(*catcher, {})

    def complete(self, instance: Instance) -> None:
        if instance.element.event != "TERMINATE":
            super().complete(instance)

    def completed(self, instance: Instance) -> None:
        scope, element = instance.scope, instance.element
        if scope is None:
            return
        if element.event == "TERMINATE":
            scope.ending = True
            scope.active_flows = 0
            if scope.children:
                self.lifecycle.terminate_children(scope)
            else:
                self.lifecycle.path_ended(scope)
        elif element.event == "LINK" and element.type == "INTERMEDIATE_THROW_EVENT":
            self.lifecycle.send_activate(self.link_target(element), scope)
        else:
            super().completed(instance)

    @staticmethod
    def link_target(element: Element) -> Element:
        scope = element.scope
        siblings = scope.children if scope is not None else []
        return next(e for e in siblings if e.type == "INTERMEDIATE_CATCH_EVENT" and e.link == element.link)


class PassThroughBehavior(Behavior):
    """Manual and undefined tasks: their mappings are ignored, as the real engine does."""

    def activate(self, instance: Instance) -> None:
        self.enter_run(instance)
        self.lifecycle.activated(instance)
        self.lifecycle.send_complete(instance)

    def complete(self, instance: Instance) -> None:
        pass


class CallActivityBehavior(Behavior):
    def activate(self, instance: Instance) -> None:
        self.enter(instance)
        called = instance.element.called
        if called is None:
            return
        process_id = self.engine.variables.typed(instance, called.process, "STRING")
        definition = self.engine.deployments.processes.latest(process_id)
        if definition is None:
            text = f"Expected process with BPMN process id '{process_id}' to be deployed, but not found."
            raise Failure("CALLED_ELEMENT_ERROR", text)
        if definition.model.root.none_start is None:
            text = f"Expected process with BPMN process id '{process_id}' to have a none start event, but not found."
            raise Failure("CALLED_ELEMENT_ERROR", text)
        self.engine.events.subscribe(instance)
        self.lifecycle.activated(instance)
        child = self.lifecycle.make_process(definition, self.engine.next_key(), instance)
        instance.called = child
        self.lifecycle.send_activate_process(child)
        variables = instance.visible() if called.pass_parent_variables else instance.own()
        self.engine.variables.set_all_local(child, variables)


class MultiInstanceBehavior(Behavior):
    """The body of a multi-instance activity: starts the runs, gathers their results, completes after the last."""

    def activate(self, instance: Instance) -> None:
        loop, inner = instance.element.loop, instance.element.inner
        if loop is None or inner is None:
            return
        items = self.engine.variables.typed(instance, loop.input_collection, "ARRAY")
        instance.items = [feel.to_json(item) for item in items]
        self.engine.events.subscribe(instance)
        self.lifecycle.activated(instance)
        if loop.output_collection is not None:
            self.engine.variables.set_local(instance, loop.output_collection, [None] * len(instance.items))
        if not instance.items:
            self.lifecycle.send_complete(instance)
        elif loop.sequential:
            self.start_next(instance)
        else:
            self.start_all(instance)

    def start_next(self, body: Instance) -> None:
        body.started += 1
        if body.element.inner is not None:
            self.lifecycle.send_activate(body.element.inner, body, index=body.started)

    def start_all(self, body: Instance) -> None:
        value = {
            "batchElementInstanceKey": body.key,
            "processInstanceKey": body.root.key,
            "index": len(body.items),
        }
        body.active_flows += 1  # the batch to come keeps the body from completing

        def handle() -> None:
            body.active_flows -= 1
            for _ in body.items:
                self.start_next(body)

        self.engine.follow("PROCESS_INSTANCE_BATCH", "ACTIVATE", self.engine.next_key(), value, handle)

    def complete(self, instance: Instance) -> None:
        loop = instance.element.loop
        name = loop.output_collection if loop is not None else None
        if name is not None and instance.scope is not None:
            self.engine.variables.propagate(instance.scope, {name: instance.variables[name].value})
        self.engine.events.unsubscribe(instance)

    def before_child_completed(self, child: Instance) -> None:
        body = child.scope
        loop = body.element.loop if body is not None else None
        if body is None or loop is None:
            return
        variables = self.engine.variables
        if loop.output_collection is not None and loop.output_element is not None:
            try:
                value, _ = variables.evaluate(loop.output_element, variables.scope(child))
            except feel.FeelEvaluationError as error:
                raise Failure("EXTRACT_VALUE_ERROR", variables.failed(error)) from None
            results = body.variables[loop.output_collection].value
            if not isinstance(results, list) or len(results) < child.index:
                raise Failure(
                    "EXTRACT_VALUE_ERROR", _no_collection(loop.output_collection, results), body.key
                )
            changed = [*results[: child.index - 1], feel.to_json(value), *results[child.index :]]
            variables.set_local(body, loop.output_collection, changed)
        if loop.condition is not None:
            counts = {
                "numberOfInstances": len(body.items),
                "numberOfActiveInstances": len(body.children) - 1,
                "numberOfCompletedInstances": body.completed + 1,
                "numberOfTerminatedInstances": body.terminated,
            }
            scope = variables.scope(child, counts)
            body.ending = bool(variables.typed(child, loop.condition, "BOOLEAN", context=scope))

    def after_child_completed(self, child: Instance, body: Instance) -> None:
        loop = body.element.loop
        body.completed += 1
        if body.ending:
            body.active_flows = 0
            if body.children:
                self.lifecycle.terminate_children(body)
            else:
                self.lifecycle.path_ended(body)
        elif loop is not None and loop.sequential and body.started < len(body.items):
            self.start_next(body)
        else:
            self.lifecycle.path_ended(body)


_JSON_KINDS = {
    "bool": "BOOLEAN",
    "int": "INTEGER",
    "float": "FLOAT",
    "str": "STRING",
    "dict": "MAP",
    "NoneType": "NIL",
}


def _no_collection(name: str, value: object) -> str:
    kind = _JSON_KINDS.get(type(value).__name__)
    reason = f"the type of the output collection is: {kind}" if kind else "the index is out of its bounds"
    return (
        f"Unable to update an item in output collection '{name}' because {reason}. "
        "This may happen when multiple BPMN elements write to the same variable."
    )


def loop_variables(child: Instance, body: Instance) -> dict[str, object]:
    """The local variables of one run of a multi-instance activity."""
    loop = body.element.loop
    if loop is None:
        return {}
    found: dict[str, object] = {}
    if loop.input_element is not None:
        found[loop.input_element] = body.items[child.index - 1]
    name = loop.output_element.text if loop.output_element is not None else ""
    if name.isidentifier() and name not in found and name not in child.variables:
        found[name] = None  # so that the result of a run stays in the run
    found["loopCounter"] = child.index
    return found


BEHAVIORS: dict[str, type[Behavior]] = {
    "PROCESS": ProcessBehavior,
    "SUB_PROCESS": SubProcessBehavior,
    "START_EVENT": StartEventBehavior,
    "END_EVENT": ThrowEventBehavior,
    "INTERMEDIATE_THROW_EVENT": ThrowEventBehavior,
    "INTERMEDIATE_CATCH_EVENT": WaitBehavior,
    "BOUNDARY_EVENT": BoundaryBehavior,
    "RECEIVE_TASK": WaitBehavior,
    "TASK": PassThroughBehavior,
    "MANUAL_TASK": PassThroughBehavior,
    "SERVICE_TASK": JobBehavior,
    "SEND_TASK": JobBehavior,
    "USER_TASK": JobBehavior,
    "SCRIPT_TASK": ScriptBehavior,
    "BUSINESS_RULE_TASK": DecisionBehavior,
    "EXCLUSIVE_GATEWAY": ExclusiveGatewayBehavior,
    "PARALLEL_GATEWAY": ParallelGatewayBehavior,
    "EVENT_BASED_GATEWAY": EventGatewayBehavior,
    "CALL_ACTIVITY": CallActivityBehavior,
    "MULTI_INSTANCE_BODY": MultiInstanceBehavior,
}
