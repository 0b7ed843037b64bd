"""Event sub-processes: begun by the event that their start event waits for, inside the scope that waits for it.

What belongs to them besides: ``triggers`` begins them, ``tree`` waits until an interrupted scope is empty, ``lifecycle`` ends
what is in it, ``events`` opens and closes the waits, ``catching`` finds those for errors and escalations.
"""

from __future__ import annotations

from camunda_embedded._engine.behaviors import SubProcessBehavior
from camunda_embedded._engine.state import Instance

__all__ = ["EventSubProcessBehavior"]


class EventSubProcessBehavior(SubProcessBehavior):
    """A scope that begins with the event that was triggered; or with its start event alone, when a modification begins it."""

    def activate(self, instance: Instance) -> None:
        self.enter(instance)
        self.tree.activated(instance)
        trigger, instance.trigger = instance.trigger, None
        scope = instance.scope
        if trigger is not None and scope is not None:
            self.triggers.activate_event(trigger, instance, scope)
            return
        for start in instance.element.children:
            if start.type == "START_EVENT":
                self.tree.send_activate(start, instance, keyed=False)
