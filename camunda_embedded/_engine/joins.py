"""Tokens that wait at joining gateways: which flows that lead to one were taken, and when that is enough.

A parallel gateway needs a token on each flow. An inclusive one needs no more than can still come: it is enough when no path
leads from anything that runs in its scope to a flow on which none has arrived, as the documentation of 8.6 defines it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from camunda_embedded._bpmn.model import Element, Flow
from camunda_embedded._engine.state import Instance

__all__ = ["arrived", "complete", "note", "ready", "use_up"]

#: Gives the elements in a scope that are about to be activated.
Pending = Callable[[], Iterable[Element]]


def note(flow: Flow, scope: Instance) -> None:
    """A token is on the flow, which leads to a joining gateway."""
    taken = scope.joins.setdefault(flow.target.id, {})
    taken[flow.id] = taken.get(flow.id, 0) + 1


def arrived(gateway: Element, scope: Instance) -> list[Flow]:
    """The flows to the gateway on which tokens wait."""
    taken = scope.joins.get(gateway.id, {})
    return [flow for flow in gateway.incoming if taken.get(flow.id)]


def use_up(flows: Iterable[Flow], scope: Instance) -> None:
    """Takes one token off each of these flows."""
    for flow in flows:
        scope.joins[flow.target.id][flow.id] -= 1
        scope.active_flows -= 1


def complete(gateway: Element, scope: Instance, pending: Pending) -> bool:
    """Whether the gateway has all the tokens that it waits for."""
    flows = arrived(gateway, scope)
    if len(flows) == len(gateway.incoming):
        return True
    if gateway.type != "INCLUSIVE_GATEWAY" or not flows:
        return False
    open_flows = {flow for flow in gateway.incoming if flow not in flows}
    return not _reaches(_running(scope, pending()), gateway, open_flows)


def ready(scope: Instance, pending: Pending) -> list[Element]:
    """The inclusive gateways of a scope that can go on now though no further token comes.

    One that waits may still let its token go to another, which is left to wait then. Gateways that wait for each other in a
    circle would do so for ever; the first of them goes on.
    """
    waiting = [e for e in scope.element.inclusive if arrived(e, scope)]
    about = list(pending()) if waiting else []
    found = [e for e in waiting if e not in about and complete(e, scope, lambda: about)]
    first = [
        e
        for e in found
        if not _reaches(
            [other for other in waiting if other is not e], e, set(e.incoming) - set(arrived(e, scope))
        )
    ]
    return first or found[:1]


def _running(scope: Instance, pending: Iterable[Element]) -> Iterator[Element]:
    """Where tokens are in a scope, those that wait at gateways left out."""
    for child in scope.children.values():
        if child.state != "TERMINATING":
            yield child.element
        elif child.trigger is not None:
            yield child.trigger.target
    yield from pending


def _reaches(starts: Iterable[Element], gateway: Element, flows: set[Flow]) -> bool:
    """Whether a path leads from one of the elements to one of these flows without passing the gateway."""
    left = list(starts)
    seen: set[Element] = {gateway}
    while left:
        element = left.pop()
        if element in seen:
            continue
        seen.add(element)
        if not flows.isdisjoint(element.outgoing):
            return True
        left += (flow.target for flow in element.outgoing)
        left += element.boundary
        if element.event == "LINK" and element.scope is not None:
            left += (e for e in element.scope.children if e.link == element.link and e is not element)
    return False
