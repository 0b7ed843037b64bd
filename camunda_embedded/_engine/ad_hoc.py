"""Ad-hoc sub-processes: elements that are activated by their ids, each in an inner instance of its own.

What is done next says an expression, a command from outside, or a job worker with the result of its job. The sub-process
gathers the results of its inner instances, and is done when its condition holds, or when nothing runs in it any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from camunda_embedded import _feel as feel
from camunda_embedded._bpmn.ad_hoc import activatable
from camunda_embedded._bpmn.model import AdHoc, Element
from camunda_embedded._documents import loads
from camunda_embedded._engine.behaviors import Behavior, Means
from camunda_embedded._engine.command import Command, Handlers
from camunda_embedded._engine.event_subprocesses import EventSubProcessBehavior
from camunda_embedded._engine.incidents import Failure
from camunda_embedded._engine.jobs import Jobs
from camunda_embedded._engine.kernel import Kernel
from camunda_embedded._engine.rejections import reject
from camunda_embedded._engine.resources import TENANT
from camunda_embedded._engine.state import Instance, Job
from camunda_embedded._engine.tasks import prepare
from camunda_embedded._engine.tree import Tree
from camunda_embedded._engine.variables import Scope, Variables
from camunda_embedded._feel.values import type_name

__all__ = ["JOB_KIND", "AdHocBehavior", "AdHocs", "InnerBehavior", "WatchingBehavior"]

JOB_KIND = "AD_HOC_SUB_PROCESS"
_TYPE = "AD_HOC_SUB_PROCESS"
_VARIABLE = "adHocSubProcessElements"

Wanted = Sequence[tuple[str, dict[str, Any]]]


def _ad_hoc(instance: Instance) -> AdHoc:
    found = instance.element.ad_hoc
    assert found is not None
    return found


def _targets(instance: Instance) -> dict[str, Element]:
    """The elements of an ad-hoc sub-process that can be activated, by id."""
    return {each.id: each for each in _ad_hoc(instance).inner.children if activatable(each)}


class AdHocs:
    """The commands AD_HOC_SUB_PROCESS_INSTRUCTION ACTIVATE and COMPLETE, and what the results of jobs say."""

    def __init__(self, kernel: Kernel, variables: Variables, tree: Tree, jobs: Jobs) -> None:
        self._kernel = kernel
        self._variables = variables
        self._tree = tree
        self._jobs = jobs
        self.handlers: Handlers = {
            "AD_HOC_SUB_PROCESS_INSTRUCTION ACTIVATE": self._activate,
            "AD_HOC_SUB_PROCESS_INSTRUCTION COMPLETE": self._complete,
        }

    @staticmethod
    def _value(key: int, elements: Wanted, *, cancel_rest: bool, fulfilled: bool) -> dict[str, Any]:
        return {
            "adHocSubProcessInstanceKey": key,
            "activateElements": [{"elementId": id_, "variables": variables} for id_, variables in elements],
            "cancelRemainingInstances": cancel_rest,
            "completionConditionFulfilled": fulfilled,
            "tenantId": TENANT,
        }

    # --- activating ---

    def activate(self, key: int, elements: Wanted, *, cancel_rest: bool) -> None:
        """Activates elements, each with variables of its own; with ``cancel_rest`` what runs is terminated before."""
        value = self._value(key, elements, cancel_rest=cancel_rest, fulfilled=False)
        self._kernel.execute("AD_HOC_SUB_PROCESS_INSTRUCTION", "ACTIVATE", key, value)

    def _activate(self, command: Command[None]) -> None:
        key, value = command.key, command.value
        instance = self._running(key)
        wanted = [(each["elementId"], each["variables"]) for each in value["activateElements"]]
        self._check(instance, wanted)
        if value["cancelRemainingInstances"]:
            for child in tuple(instance.children.values()):
                self._tree.send_terminate(child)
        self.begin(instance, wanted)  # of very many, the rest follows what is recorded here
        self._kernel.event("AD_HOC_SUB_PROCESS_INSTRUCTION", "ACTIVATED", key, value)

    def _running(self, key: int) -> Instance:
        instance = self._kernel.instances.get(key)
        if instance is None or instance.element.type != _TYPE or not self._takes(instance):
            raise reject("ad_hoc.missing", key=key)
        return instance

    @staticmethod
    def _takes(instance: Instance) -> bool:
        return instance.state == "ACTIVATED" and not instance.interrupted

    @staticmethod
    def _check(instance: Instance, wanted: Wanted) -> None:
        known = _targets(instance)
        missing = [id_ for id_, _ in wanted if id_ not in known]
        if missing:
            raise reject("ad_hoc.elements", key=instance.key, ids=", ".join(missing))

    def begin(self, instance: Instance, wanted: Wanted) -> None:
        """Activates an inner instance for each of the elements, as the last thing that a command does."""
        targets, inner = _targets(instance), _ad_hoc(instance).inner

        def begin(each: tuple[str, dict[str, Any]]) -> None:
            id_, variables = each
            new = self._tree.send_activate(inner, instance)
            new.wanted = targets[id_]
            self._variables.set_all_local(new, variables)

        self._kernel.spread(wanted, begin)

    # --- jobs ---

    def ask(self, job: Job) -> None:
        """Makes a job for the worker that controls a sub-process; there is one at a time."""
        if job.instance.job is not None:
            self._jobs.cancel(job.instance.job)
        job.kind = JOB_KIND
        self._jobs.create(job)

    def accept(self, job: Job, variables: dict[str, Any], result: Any) -> None:
        """Raises the refusal of a result."""
        if result is None or result.type != "adHocSubProcess":
            return
        if result.activateElements and result.isCompletionConditionFulfilled:
            raise reject("ad_hoc.both", key=job.key)
        self._check(job.instance, [(each.elementId, {}) for each in result.activateElements])

    def completed(self, job: Job, variables: dict[str, Any], result: Any) -> None:
        """Keeps the variables in the sub-process, and does what the result says."""
        instance = job.instance
        self._variables.set_all_local(instance, variables)
        if result is None or result.type != "adHocSubProcess":
            return
        wanted = [
            (each.elementId, loads(each.variables) if each.variables else {})
            for each in result.activateElements
        ]
        fulfilled = result.isCompletionConditionFulfilled
        if wanted or fulfilled:
            cancel = result.isCancelRemainingInstances
            value = self._value(instance.key, wanted, cancel_rest=cancel, fulfilled=fulfilled)
            intent = "COMPLETE" if fulfilled else "ACTIVATE"
            self._kernel.send("AD_HOC_SUB_PROCESS_INSTRUCTION", intent, instance.key, value)

    def _complete(self, command: Command[None]) -> None:
        instance = self._running(command.key)
        self._kernel.event("AD_HOC_SUB_PROCESS_INSTRUCTION", "COMPLETED", command.key, command.value)
        self.fulfil(instance, cancel_rest=command.value["cancelRemainingInstances"])

    def fulfil(self, instance: Instance, *, cancel_rest: bool) -> None:
        """Completes a sub-process: at once, or when nothing runs in it any more."""
        instance.stays = False
        if instance.job is not None:
            self._jobs.cancel(instance.job)
        if cancel_rest:
            self._tree.end(instance)
        else:
            self._tree.path_ended(instance)


class AdHocBehavior(Behavior):
    """The ad-hoc sub-process itself."""

    def __init__(self, means: Means, ad_hocs: AdHocs) -> None:
        super().__init__(means)
        self._ad_hocs = ad_hocs

    def activate(self, instance: Instance) -> None:
        ad_hoc = _ad_hoc(instance)
        self.enter(instance)
        self.variables.set_local(instance, _VARIABLE, ad_hoc.elements)
        if ad_hoc.output_collection is not None:
            self.variables.set_local(instance, ad_hoc.output_collection, [])
        wanted, means = instance.element.job, self.means
        job = None
        if wanted is not None:
            job = prepare(means.kernel, self.variables, means.repository, instance, wanted)
        chosen = self._chosen(instance)
        self.events.subscribe(instance)
        instance.stays = job is not None or ad_hoc.condition is not None
        self.tree.activated(instance)
        if job is not None:
            instance.items = [job.type, job.retries, job.headers]  # for those to come
            self._ad_hocs.ask(job)
        self._ad_hocs.begin(instance, [(id_, {}) for id_ in chosen])

    def _chosen(self, instance: Instance) -> list[str]:
        """The ids of the elements to begin with; Failure when the expression gives others."""
        expression = _ad_hoc(instance).active
        if expression is None:
            return []
        found = self.variables.typed(instance, expression, "ARRAY")
        if any(type_name(item) != "STRING" for item in found):
            text = f"Expected result of the expression '{expression.text}' to be 'ARRAY' containing 'STRING' items, "
            text += "but was 'ARRAY' containing at least one non-'STRING' item."
            raise Failure("EXTRACT_VALUE_ERROR", text)
        targets = _targets(instance)
        missing = [id_ for id_ in found if id_ not in targets]
        if missing:
            ids = ", ".join(f"'{id_}'" for id_ in missing)
            text = f"Failed to activate ad-hoc elements. No BPMN elements found with ids: {ids}."
            raise Failure("EXTRACT_VALUE_ERROR", text)
        return list(found)

    def complete(self, instance: Instance) -> None:
        name = _ad_hoc(instance).output_collection
        if name is not None and instance.scope is not None:
            target = instance if instance.loop_child else instance.scope
            self.variables.propagate(target, {name: instance.variables[name].value})
        super().complete(instance)

    # --- its inner instances ---

    def gather(self, inner: Instance, instance: Instance) -> None:
        """Adds the result of an inner instance that completes, and asks whether that was all; Failure is its incident."""
        ad_hoc = _ad_hoc(instance)
        name = ad_hoc.output_collection
        if name is not None and ad_hoc.output_element is not None:
            value, _ = self.variables.evaluate(ad_hoc.output_element, Scope(inner))
            results = instance.variables[name].value if name in instance.variables else None
            if not isinstance(results, list):
                text = f"The output collection has the wrong type. Expected {name} to be 'ARRAY'."
                raise Failure("EXTRACT_VALUE_ERROR", text, instance.key)
            self.variables.set_local(instance, name, [*results, feel.to_json(value)])
        if ad_hoc.condition is not None and instance.stays:
            instance.stays = not self.variables.typed(instance, ad_hoc.condition, "BOOLEAN")

    def go_on(self, instance: Instance) -> None:
        """An inner instance, or an event sub-process, has completed."""
        if instance.state != "ACTIVATED" or instance.ending:
            return
        if instance.interrupted:  # by an event sub-process, after which nothing else is begun
            self._ad_hocs.fulfil(instance, cancel_rest=False)
            return
        ad_hoc = _ad_hoc(instance)
        if instance.element.job is not None and instance.stays:
            type_, retries, headers = instance.items
            self._ad_hocs.ask(Job(self.means.kernel.next_key(), type_, retries, headers, instance))
        elif ad_hoc.condition is not None and not instance.stays and ad_hoc.cancels_rest:
            self._ad_hocs.fulfil(instance, cancel_rest=True)
        else:
            self.tree.path_ended(instance)


class WatchingBehavior(EventSubProcessBehavior):
    """Event sub-processes, which tell an ad-hoc sub-process around them that they have completed."""

    def __init__(self, means: Means, around: AdHocBehavior) -> None:
        super().__init__(means)
        self._around = around

    def completed(self, instance: Instance) -> None:
        super().completed(instance)
        if instance.scope is not None and instance.scope.element.type == _TYPE:
            self._around.go_on(instance.scope)


class InnerBehavior(Behavior):
    """The scope of one activated element and what follows it."""

    def __init__(self, means: Means, around: AdHocBehavior) -> None:
        super().__init__(means)
        self._around = around

    def activate(self, instance: Instance) -> None:
        self.tree.activated(instance)
        if instance.wanted is not None:
            self.tree.send_activate(instance.wanted, instance)

    def complete(self, instance: Instance) -> None:
        assert instance.scope is not None
        self._around.gather(instance, instance.scope)

    def completed(self, instance: Instance) -> None:
        assert instance.scope is not None
        self._around.go_on(instance.scope)
