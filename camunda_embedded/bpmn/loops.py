"""Loops that never wait for anything: the real engine refuses them at deployment."""

from __future__ import annotations

from camunda_embedded.bpmn.model import Element, Process

__all__ = ["endless_loop"]

_STARTS = frozenset({"TASK", "MANUAL_TASK", "INTERMEDIATE_THROW_EVENT"})
_PASSED = _STARTS | {"EXCLUSIVE_GATEWAY", "PARALLEL_GATEWAY"}


def _passes(element: Element) -> bool:
    kind = element.inner.type if element.inner is not None else element.type
    return kind in _PASSED and element.event != "MESSAGE"


def endless_loop(process: Process) -> list[str]:
    """The ids along a loop in which nothing waits, the first again at the end; empty when there is none.

    Only loops through tasks without work or throw events count; script tasks and calls do not, though they may loop too.
    """
    for start in reversed(list(process.elements.values())):
        kind = start.inner.type if start.inner is not None else start.type
        if kind not in _STARTS or not _passes(start):
            continue
        found = _back_to(start)
        if found:
            return found
    return []


def _back_to(start: Element) -> list[str]:
    seen: set[Element] = set()
    paths: list[list[Element]] = [[start]]
    while paths:
        path = paths.pop()
        for flow in path[-1].outgoing:
            if flow.target is start:
                return [element.id for element in [*path, start]]
            if flow.target not in seen and _passes(flow.target):
                seen.add(flow.target)
                paths.append([*path, flow.target])
    return []
