"""Who may catch what is thrown inside an instance: an error or an escalation goes outwards, from scope to scope and to callers."""

from __future__ import annotations

from collections.abc import Iterator

from camunda_embedded._bpmn.model import Element
from camunda_embedded._engine.state import Instance

__all__ = ["catching"]


def catching(thrower: Instance, event: str) -> Iterator[tuple[Instance, list[Element]]]:
    """The instances that wait for events of a type around the thrower, nearest first, each with these events.

    A scope is met twice: with its event sub-processes, which are inside it, then with its boundary events. What is thrown
    in an event sub-process is not caught by its own start event.
    """
    at: Instance | None = thrower
    inside: Element | None = None
    while at is not None:
        element = at.element
        if element.event_starts and at.startable:
            starts = [e for e in element.event_starts if e.event == event and e.scope is not inside]
            if starts:
                yield at, starts
        if element.boundary and at.state != "TERMINATING" and at.trigger is None:
            yield at, [e for e in element.boundary if e.event == event]
        inside = element
        at = at.scope if at.scope is not None else at.caller
