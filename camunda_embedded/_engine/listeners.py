"""Execution listeners: jobs that are done before an element does what it is for, and before it is left."""

from __future__ import annotations

from camunda_embedded._engine.behaviors import Means
from camunda_embedded._engine.state import Instance, Job
from camunda_embedded._engine.tasks import prepare

__all__ = ["KIND", "Listeners"]

KIND = "EXECUTION_LISTENER"


class Listeners:
    """Makes the jobs of an element's listeners, one after the other, and takes what they give."""

    def __init__(self, means: Means) -> None:
        self._means = means

    def ask(self, instance: Instance, event: str) -> bool:
        """Makes the job of the next listener for ``start`` or ``end``; False when all have been asked.

        Failure when the type or the retries of its job cannot be had.
        """
        listeners = [each for each in instance.element.listeners if each.event == event]
        if instance.asked >= len(listeners):
            instance.asked = 0
            return False
        means, wanted = self._means, listeners[instance.asked].job
        job: Job = prepare(means.kernel, means.variables, means.repository, instance, wanted)
        job.kind, job.event = KIND, event.upper()
        # Older lines hand it no headers.
        job.headers = {**self._headers(instance), **wanted.headers} if means.kernel.line >= (8, 8) else {}
        means.jobs.create(job)
        return True

    @staticmethod
    def _headers(instance: Instance) -> dict[str, str]:
        element = instance.element
        if element.user_task is not None:
            return dict(element.user_task.headers)
        return dict(element.job.headers) if element.job is not None else {}

    def hear(self, instance: Instance) -> None:
        """Takes the variables that the last listener has given: its own for a start listener, else its parent's."""
        trigger, instance.heard = instance.heard, None
        instance.asked += 1
        if trigger is None:
            return
        variables = self._means.variables
        if instance.state == "ACTIVATING":
            variables.set_all_local(instance, trigger.variables)
        else:
            outer = instance if instance.loop_child else instance.scope or instance
            variables.propagate(outer, trigger.variables)
        self._means.triggers.triggered(trigger, instance, instance.key)
